"""manage.py teryt_fetch: the registers' newest state from GUS's web service into the database."""

import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from teryt.fetching import fetch
from teryt.load import load_files
from teryt.management.commands.teryt_import import told
from teryt.models import RegisterName
from teryt.ws1 import connect


class Command(BaseCommand):
    help = "Ask GUS's web service (TERYT_WS1_…) for what is newer than what is held, and load it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "registers", nargs="*", metavar="REGISTER", help="TERC, SIMC, ULIC; all if none is said"
        )
        parser.add_argument(
            "--whole", action="store_true", help="whole registers instead of their changes"
        )

    def handle(self, *_args: Any, **said: Any) -> None:
        registers = said["registers"] or RegisterName.values
        if unknown := set(registers) - set(RegisterName.values):
            raise CommandError(_("There is no register %(name)s.") % {"name": min(unknown)})
        try:
            with tempfile.TemporaryDirectory() as folder:
                files = fetch(connect(), Path(folder), registers=registers, whole=said["whole"])
                done = load_files(list(files), by=None)
        except DomainError as error:
            raise CommandError(f"{error.text} [{error.code}]") from error
        for loaded in done:
            for line in told(loaded):
                self.stdout.write(line)
        if not done:
            self.stdout.write(_("Nothing is newer than what is held."))
