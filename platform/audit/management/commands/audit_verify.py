"""manage.py audit_verify: is the audit log whole? The exit code names the first fault found."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from audit import anchors
from audit.models import Event
from audit.verify import verify


class Command(BaseCommand):
    help = "Checks the audit log: changed rows, gaps, a cut end, a rewritten chain, unlinked rows."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--heads",
            type=Path,
            default=Path(settings.AUDIT_HEADS_FILE),
            help="file of head hashes kept outside the database (default: AUDIT_HEADS_FILE)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        heads = anchors.read(options["heads"])
        found = verify(heads)
        for finding in found:
            self.stderr.write(str(finding))
        if found:
            message = _("{count} faults found").format(count=len(found))
            raise CommandError(message, returncode=min(finding.fault for finding in found))
        rows = Event.objects.filter(seq__isnull=False).count()
        text = _("The log is whole: {rows} linked rows, {anchors} anchors.")
        self.stdout.write(text.format(rows=rows, anchors=len(heads.anchors)))
