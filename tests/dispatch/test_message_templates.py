"""Templates: blanks, what counts as unchanged, and whose word makes one approved."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.models import Event
from dispatch import message_templates
from dispatch.errors import BlanksLeft, OwnTemplate, TemplateChanged
from dispatch.message_templates import Wording, blanks, check_blanks, fill, is_unchanged, pieces
from dispatch.models import Template
from tests.builders import make_gmina, make_kind, make_user

pytestmark = pytest.mark.django_db

PL = {
    "title": "Brak wody: {{ulica}}",
    "body": "Do godz. {{godzina}} nie ma wody. Ulica: {{ ulica }}.",
    "instruction": "Beczkowóz: {{miejsce}}",
}
VALUES = {"ulica": "Główna", "godzina": "18:00", "miejsce": "Rynek"}


@pytest.fixture
def gmina():
    return make_gmina()


@pytest.fixture
def anna(gmina):
    return make_user("anna@example.pl", "approver", gmina=gmina)


@pytest.fixture
def bartek(gmina):
    return make_user("bartek@example.pl", "approver", gmina=gmina)


def wording(gmina, title="Awaria wody", severity="important", **texts):
    return Wording(title, make_kind(gmina), severity, texts or {"pl": PL})


@pytest.fixture
def template(gmina, anna):
    return message_templates.create(gmina, wording(gmina), by=anna)


def approved(template, by):
    return message_templates.approve(template, by=by, changed_at=template.changed_at.isoformat())


# ── Blanks ──────────────────────────────────────────────────────────────────────────────────────


def test_blanks_are_named_once_in_order():
    assert blanks({"pl": PL}) == ["ulica", "godzina", "miejsce"]


@pytest.mark.parametrize("text", ["{{}}", "{{ }}", "{{a{b}}", "{ {a} }", "{{a\nb}}", "}}a{{", "{{"])
def test_what_is_no_blank(text):
    assert blanks({"pl": {"title": text}}) == []


def test_filling_puts_the_value_wherever_the_blank_stands(template):
    assert fill(template, VALUES)["pl"] == {
        "title": "Brak wody: Główna",
        "body": "Do godz. 18:00 nie ma wody. Ulica: Główna.",
        "instruction": "Beczkowóz: Rynek",
    }


def test_a_blank_without_a_value_stays_and_is_refused_by_name(template):
    texts = fill(template, {**VALUES, "godzina": "  "})
    with pytest.raises(BlanksLeft) as refusal:
        check_blanks(texts)
    assert refusal.value.field == "texts.pl.body"
    assert refusal.value.details == {"blank": "godzina"}


def test_a_value_that_is_a_blank_is_refused(template):
    with pytest.raises(BlanksLeft):
        check_blanks(fill(template, {**VALUES, "ulica": "{{ulica}}"}))


def test_filled_texts_have_no_blanks_left(template):
    check_blanks(fill(template, VALUES))


# ── Unchanged ───────────────────────────────────────────────────────────────────────────────────


def test_filled_is_unchanged(template):
    assert is_unchanged(template, fill(template, VALUES))


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("title", "Brak wody: "),
        ("title", "Brak prądu: Główna"),
        ("title", "Brak wody: Główna i więcej\nwierszy"),
        ("title", "Brak wody: " + "x" * 81),
        ("title", "Uwaga! Brak wody: Główna"),
        ("body", "Do godz. 18:00 nie ma wody. Ulica: Główna"),
        ("body", "Do godz. 18:00 nie ma wody! Ulica: Główna."),
        ("instruction", ""),
    ],
)
def test_other_words_are_a_change(template, field, text):
    texts = fill(template, VALUES)
    texts["pl"][field] = text
    assert not is_unchanged(template, texts)


def test_another_language_or_one_less_is_a_change(gmina, anna):
    template = message_templates.create(gmina, wording(gmina, pl=PL, en=PL), by=anna)
    texts = fill(template, VALUES)
    assert is_unchanged(template, texts)
    assert not is_unchanged(template, {"pl": texts["pl"]})
    assert not is_unchanged(template, {**texts, "uk": texts["pl"]})


words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
names = st.text("abcżó 1", min_size=1, max_size=8).map(str.strip).filter(bool)
values = st.text("abc .*+?()[]{}\\^$|ż", min_size=1, max_size=80).filter(str.strip)


@st.composite
def templates(draw):
    """Letters and blanks in turn, and a value for each blank."""
    letters = draw(st.lists(words, min_size=1, max_size=5))
    found = draw(st.lists(names, min_size=len(letters) - 1, max_size=len(letters) - 1))
    text = letters[0] + "".join(
        f"{{{{{name}}}}}{after}" for name, after in zip(found, letters[1:], strict=True)
    )
    return text, {name: draw(values) for name in blanks({"pl": {"title": text}})}


def reference(text, filled):
    """The same question to a regular expression, whose names and letters are escaped."""
    pattern = "".join(
        rf"[^\n]{{1,{message_templates.VALUE_MAX}}}" if piece.is_blank else re.escape(piece.text)
        for piece in pieces(text)
    )
    return re.fullmatch(pattern, filled, re.DOTALL) is not None


@settings(max_examples=50)
@given(templates())
def test_whatever_fills_the_blanks_the_text_stays_unchanged(template):
    text, given_values = template
    filled = message_templates.BLANK.sub(lambda match: given_values[match[1]].strip(), text)
    assert message_templates._fits(pieces(text), filled)


@settings(max_examples=50)
@given(templates(), words)
def test_only_what_fits_the_letters_between_the_blanks_is_unchanged(template, other):
    text, _values = template
    assert message_templates._fits(pieces(text), other) == reference(text, other)


def test_a_hostile_template_keeps_nobody_waiting():
    text = " ".join(f"{{{{b{n}}}}}" for n in range(message_templates.BLANKS_MAX))
    started = time.process_time()
    assert not message_templates._fits(pieces(text), " " * 3999 + "\n")
    assert time.process_time() - started < 10, "seconds of CPU; a backtracking match takes years"


# ── Approval ────────────────────────────────────────────────────────────────────────────────────


def test_another_person_approves_a_template(template, anna, bartek):
    with pytest.raises(OwnTemplate):
        approved(template, by=anna)
    assert approved(template, by=bartek).approved_by_id == bartek.pk
    assert Event.objects.filter(verb="template_approved", target_id=template.pk).count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Inna nazwa"},
        {"severity": "info"},
        {"pl": {**PL, "body": "Woda będzie jutro."}},
        {"pl": PL, "en": PL},
    ],
)
def test_any_change_takes_the_approval_away(gmina, template, bartek, anna, change):
    approved(template, by=bartek)
    message_templates.change(template, wording(gmina, **change), by=bartek)
    changed = Template.objects.get()
    assert changed.approved_at is None
    with pytest.raises(OwnTemplate):
        approved(changed, by=bartek)
    assert approved(changed, by=anna).approved_at is not None


def test_saving_it_unchanged_keeps_the_approval(gmina, template, bartek, anna):
    approved(template, by=bartek)
    message_templates.change(template, wording(gmina), by=anna)
    assert Template.objects.get().approved_by_id == bartek.pk
    assert not Event.objects.filter(verb="template_changed").exists()


def test_what_was_changed_since_it_was_read_is_not_approved(gmina, template, anna, bartek):
    read_at = template.changed_at.isoformat()
    message_templates.change(template, wording(gmina, severity="emergency"), by=anna)
    with pytest.raises(TemplateChanged):
        message_templates.approve(template, by=bartek, changed_at=read_at)
    assert Template.objects.get().approved_at is None


def test_a_retired_template_is_out_of_use_once(template, bartek):
    for _time in range(2):
        message_templates.retire(template, by=bartek)
    assert not Template.objects.get().active
    assert Event.objects.filter(verb="template_retired").count() == 1
