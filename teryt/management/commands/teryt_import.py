"""manage.py teryt_import: official TERC, SIMC and ULIC files into the database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from teryt.load import Loaded, load_files


class Command(BaseCommand):
    help = "Take in whole register files of GUS (CSV or XML, also zipped): all of them or none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument(
            "--force",
            action="store_true",
            help="take an older file than the one held, or one that lacks many rows",
        )

    def handle(self, *_args: Any, **said: Any) -> None:
        try:
            for loaded in load_files(said["files"], by=None, force=said["force"]):
                self.stdout.write(told(loaded))
        except DomainError as error:
            raise CommandError(f"{error.text} [{error.code}]") from error


def told(loaded: Loaded) -> str:
    return _(
        "%(register)s of %(state_on)s: %(rows)d rows, %(added)d added, %(changed)d changed, "
        "%(closed)d closed"
    ) % vars(loaded)
