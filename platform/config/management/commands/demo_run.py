"""The main job of the demo, its figures, and whether they are right."""

import json
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.demo.gate import require_emulator
from config.demo.main_job import Done, main_job
from config.demo.officer import Refused
from config.demo.towns import CHORZOW, QUOTAS
from config.demo.verdict import faults

FIGURES_FILE = settings.ROOT / ".local" / "demo.json"
ROWS = {
    "residents": gettext_lazy("People with the app on ul. Główna"),
    "devices": gettext_lazy("Their phones"),
    "accepted": gettext_lazy("Messages handed over and accepted"),
    "received": gettext_lazy("Phones that reported receiving it"),
    "wrong": gettext_lazy("Phones told by mistake"),
    "missed": gettext_lazy("Phones left out"),
    "duplicates": gettext_lazy("Messages twice to one phone"),
    "seconds": gettext_lazy("Seconds from sending to the last acceptance"),
}


class Command(BaseCommand):
    help = "Sends one alert through the web as officers do and checks whom it reached."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, default=FIGURES_FILE, help="file for the figures")

    def handle(self, *args: Any, to: Path, **options: Any) -> None:
        require_emulator()
        # The old figures must not stand for a run that broke off.
        to.unlink(missing_ok=True)
        try:
            done = main_job()
        except (Refused, httpx.HTTPError) as broken:
            raise CommandError(str(broken)) from broken
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(json.dumps(done.verdict.figures(), indent=2) + "\n")
        self.stdout.write("\n".join(table(done)))
        told = QUOTAS[CHORZOW.slug].told
        found = faults(done.verdict, done.expected, told=told, reports=done.reports_due)
        if found:
            raise CommandError(
                _("The alert did not go right: %(codes)s") % {"codes": ", ".join(found)}
            )
        self.stdout.write(self.style.SUCCESS(_("The alert reached exactly those it should.")))


def table(done: Done) -> list[str]:
    figures = done.verdict.figures()
    width = max(len(str(label)) for label in ROWS.values())
    title = _("Alert %(ref)s") % {"ref": done.ref}
    rows = [f"  {label!s:{width}}  {figures[name]:>8}" for name, label in ROWS.items()]
    if done.expected.guests:
        text = _("  Among them %(count)d who registered by themselves")
        rows.append(text % {"count": len(done.expected.guests)})
    return ["", title, *rows, ""]
