"""Both catalogues hold the msgids of the sources and no others; manage.py messages updates them."""

import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import translation

from config.management.commands.messages import NOT_OURS

ROOT = Path(settings.ROOT)
CATALOGUES = ROOT / "platform" / "config" / "locale"


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """The msgids that the sources hold now, as makemessages finds them."""
    folder = tmp_path_factory.mktemp("locale")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        patch.setattr(settings, "LOCALE_PATHS", [str(folder)])
        call_command(
            "makemessages", locale=["pl"], keep_pot=True, ignore_patterns=NOT_OURS, verbosity=0
        )
    return folder / "django.pot"


@pytest.mark.parametrize("lang", ["pl", "en"])
def test_every_msgid_is_translated_and_none_is_left_over(template, lang):
    catalogue = CATALOGUES / lang / "LC_MESSAGES" / "django.po"
    compared = subprocess.run(
        ["msgcmp", catalogue, template], capture_output=True, text=True, check=False
    )
    assert compared.stderr == ""


@pytest.mark.parametrize("lang", ["pl", "en"])
def test_placeholders_and_plural_forms_are_right(tmp_path, lang):
    catalogue = CATALOGUES / lang / "LC_MESSAGES" / "django.po"
    command = ["msgfmt", "--check-format", "--check-domain", "-o", tmp_path / "mo", catalogue]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "Masz 1 nieużyty kod."),
        (2, "Masz 2 nieużyte kody."),
        (5, "Masz 5 nieużytych kodów."),
        (12, "Masz 12 nieużytych kodów."),
        (22, "Masz 22 nieużyte kody."),
    ],
)
def test_polish_counts_in_three_forms(count, words):
    with translation.override("pl"):
        text = translation.ngettext(
            "You have %(left)s unused code.", "You have %(left)s unused codes.", count
        )
    assert text % {"left": count} == words


@pytest.fixture
def catalogues(tmp_path, monkeypatch):
    """A copy of the catalogues without Polish for one msgid."""
    copy = tmp_path / "locale"
    shutil.copytree(CATALOGUES, copy)
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(settings, "LOCALE_PATHS", [str(copy)])
    polish = copy / "pl" / "LC_MESSAGES" / "django.po"
    polish.write_text(polish.read_text().replace('msgstr "Zaloguj się"', 'msgstr ""'))
    return copy


def test_the_command_names_what_lacks_polish_and_changes_nothing_else(catalogues):
    with pytest.raises(CommandError, match='msgid "Sign in"') as missing:
        call_command("messages")
    assert str(missing.value).count("msgid") == 2  # the header and "Sign in"
    english = Path("en") / "LC_MESSAGES" / "django.po"
    assert (catalogues / english).read_text() == (CATALOGUES / english).read_text()
