"""manage.py teryt_import: official TERC, SIMC and ULIC files into the database."""

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from teryt.load import Loaded, load_files
from teryt.models import Difference, RegisterName

SHOWN = 5  # differences of one kind


class Command(BaseCommand):
    help = "Take in register files of GUS (CSV or XML, also zipped), whole or of changes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument(
            "--expect",
            choices=RegisterName.values,
            default="",
            help="refuse the files of another register; else they say which they are",
        )
        parser.add_argument(
            "--force",
            action="store_true",
            help="take an older file than the one held, or one that lacks many rows",
        )

    def handle(self, *_args: Any, **said: Any) -> None:
        try:
            done = load_files(said["files"], by=None, force=said["force"], expected=said["expect"])
        except DomainError as error:
            raise CommandError(f"{error.text} [{error.code}]") from error
        for loaded in done:
            for line in told(loaded):
                self.stdout.write(line)


def told(loaded: Loaded) -> Iterator[str]:
    """What a file did, with the first differences of each kind."""
    release = loaded.release
    yield _("%(register)s of %(state_on)s: %(rows)d rows, %(added)d added, %(removed)d removed") % {
        "register": release.register,
        "state_on": release.state_on,
        "rows": release.rows,
        "added": loaded.added,
        "removed": loaded.removed,
    }
    for op in Difference.Op:
        if count := loaded.counts.get(op, 0):
            yield f"  {op.label}: {count}"
            for difference in release.differences.filter(op=op).order_by("key")[:SHOWN]:
                yield f"    {described(difference)}"
    yield from (f"  {warning}" for warning in loaded.warnings)


def described(difference: Difference) -> str:
    """A difference in a line: its key and what it is called, before and after."""
    keys = filter(None, [difference.key_before, difference.key])
    names = dict.fromkeys(
        name_of(row) for row in (difference.before, difference.after) if row is not None
    )
    return f"{' → '.join(keys)}  {' → '.join(names)}"


def name_of(row: dict[str, str]) -> str:
    """The name in a row of any register, as the register's own order of words has it."""
    street = (row.get("cecha"), row.get("name_2"), row.get("name_1"))
    return row.get("name") or " ".join(filter(None, street))
