"""manage.py messages: brings both catalogues up to date with the sources."""

import subprocess
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

# Folders whose texts are not shown to people, or have catalogues of their own.
NOT_OURS = [".venv", ".local", "node_modules", "dist", "tests", "bench", "locale"]
TIDY = ["--no-obsolete", "--clear-fuzzy", "--empty", "--no-location", "--no-wrap", "--sort-output"]

NO_NEWS = ('"POT-Creation', '"PO-Revision', '"Report-Msgid')


class Command(BaseCommand):
    help = "Updates the Polish and English catalogues, compiles them, and lists what lacks Polish."

    def handle(self, *args: Any, **options: Any) -> None:
        langs = [lang for lang, _name in settings.LANGUAGES]
        call_command("makemessages", locale=langs, ignore_patterns=NOT_OURS, verbosity=0)
        for lang in langs:
            self.tidy(catalogue(lang))
        english = catalogue("en")  # msgids are English: the catalogue says so itself
        run("msgen", "--lang=en", "--no-wrap", "-o", english, english)
        for lang in langs:
            source = catalogue(lang)
            run("msgfmt", "--check-format", "-o", source.with_suffix(".mo"), source)
        if missing := run("msgattrib", "--untranslated", "--no-wrap", catalogue("pl")):
            raise CommandError(f"without Polish in {catalogue('pl')}:\n{missing}")

    def tidy(self, path: Path) -> None:
        """No guesses, line numbers or dates: a diff shows the texts that changed."""
        run("msgattrib", *TIDY, "-o", path, path)
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith(NO_NEWS)]
        path.write_text("".join(kept), encoding="utf-8")


def catalogue(lang: str) -> Path:
    return Path(settings.LOCALE_PATHS[0]) / lang / "LC_MESSAGES" / "django.po"


def run(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise CommandError(done.stderr)
    return done.stdout
