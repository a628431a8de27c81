"""Words prepared on a calm day: their blanks, and whether an alert still says what was approved.

A blank is written {{where}}. Letters, digits and spaces; the name is what the officer is asked for.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Gmina, User
from audit.record import record
from audit.verbs import Verb
from dispatch.errors import BlanksLeft, OwnTemplate, TemplateChanged, UnknownTemplate
from dispatch.models import Alert, Kind, Template, TemplateText

BLANK = re.compile(r"\{\{\s*([^{}\s](?:[^{}\n]{0,38}[^{}\s])?)\s*\}\}")
# What stands in a blank is one line of so many characters: a street, a time, a telephone number.
# More would be a text of its own under somebody else's approval.
VALUE_MAX = 80
BLANKS_MAX = 20  # different ones in a template
FIELDS = ("title", "body", "instruction")

Words = Mapping[str, str]  # {title, body, instruction}
Texts = Mapping[str, Words]  # by language


@dataclass(frozen=True)
class Piece:
    """A run of letters, or a blank."""

    text: str
    is_blank: bool


def in_use(gmina: Gmina) -> QuerySet[Template]:
    """The gmina's templates that officers can start from, approved or not, by name."""
    found = Template.objects.filter(gmina=gmina, active=True, kind__active=True)
    return found.select_related("kind").prefetch_related("texts")


def apply(alert: Alert, data: Mapping[str, Any]) -> None:
    """Note what `data` says the alert was written from: `template`, an id or null.

    What counts at approval is whether its words still are the template's. One that went out of use
    since it was chosen may stay. Raises UnknownTemplate.
    """
    pk = data.get("template", alert.template_id)
    if pk not in (None, alert.template_id) and not in_use(alert.gmina).filter(pk=pk).exists():
        raise UnknownTemplate(field="template")
    alert.template_id = pk


def words_of(template: Template) -> dict[str, dict[str, str]]:
    """The template's texts as {lang: {title, body, instruction}}."""
    return {
        text.lang: {field: getattr(text, field) for field in FIELDS}
        for text in template.texts.all()
    }


def blanks(texts: Texts) -> list[str]:
    """Names of the blanks in order of their first appearance, each once."""
    found = (name for _path, name in _blanks_at(texts))
    return list(dict.fromkeys(found))


def fill(template: Template, values: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The template's texts with these values; a blank without one stays as it is."""

    def filled(match: re.Match[str]) -> str:
        return values.get(match[1], "").strip() or match[0]

    return {
        lang: {field: BLANK.sub(filled, words[field]) for field in FIELDS}
        for lang, words in words_of(template).items()
    }


def check_blanks(texts: Texts) -> None:
    """Raises BlanksLeft for the first blank nobody filled: `field` is where, `blank` its name."""
    for path, name in _blanks_at(texts):
        raise BlanksLeft(field=path, details={"blank": name})


def is_unchanged(template: Template, texts: Texts) -> bool:
    """Whether the texts are the template's, in all its languages, with only the blanks filled."""
    approved = words_of(template)
    return approved.keys() == texts.keys() and all(
        _fits(pieces(words[field]), texts[lang].get(field, ""))
        for lang, words in approved.items()
        for field in FIELDS
    )


def pieces(text: str) -> list[Piece]:
    """A template's text cut into letters and blanks."""
    found: list[Piece] = []
    end = 0
    for match in BLANK.finditer(text):
        found += [Piece(text[end : match.start()], False), Piece(match[1], True)]
        end = match.end()
    return [*found, Piece(text[end:], False)]


def _fits(pattern: list[Piece], text: str) -> bool:
    """Whether a text can be read as the pattern, by all the places at which each piece may end.

    No regular expression is made of the template: two blanks with a space between could keep one
    busy for years.
    """
    ends = {0}
    for piece in pattern:
        step = _after_blank if piece.is_blank else _after_letters
        ends = step(piece, text, ends)
    return len(text) in ends


def _after_letters(piece: Piece, text: str, ends: set[int]) -> set[int]:
    return {end + len(piece.text) for end in ends if text.startswith(piece.text, end)}


def _after_blank(_piece: Piece, text: str, ends: set[int]) -> set[int]:
    reached: set[int] = set()
    for start in ends:
        line = text[start : start + VALUE_MAX].split("\n", 1)[0]
        reached.update(range(start + 1, start + len(line) + 1))
    return reached


def _blanks_at(texts: Texts) -> Iterator[tuple[str, str]]:
    """("texts.pl.body", "where") for each blank, Polish first."""
    for lang in sorted(texts, key=lambda lang: (lang != "pl", lang)):
        for field in FIELDS:
            for match in BLANK.finditer(texts[lang].get(field, "")):
                yield f"texts.{lang}.{field}", match[1]


@dataclass(frozen=True)
class Wording:
    """What makes a template: a change of any of it takes the approval away."""

    title: str
    kind: Kind
    severity: str
    texts: Texts


@transaction.atomic
def create(gmina: Gmina, wording: Wording, *, by: User) -> Template:
    """A new template, not approved yet."""
    template = Template.objects.create(
        gmina=gmina,
        title=wording.title,
        kind=wording.kind,
        severity=wording.severity,
        changed_by_id=by.pk,
    )
    _write(template, wording.texts)
    _record(Verb.TEMPLATE_ADDED, template, by=by)
    return template


@transaction.atomic
def change(template: Template, wording: Wording, *, by: User) -> Template:
    """Change a template; what was approved is so no longer, unless nothing changed."""
    kept = Template.objects.select_for_update(of=("self",)).get(pk=template.pk)
    before = Wording(kept.title, kept.kind, kept.severity, words_of(kept))
    if before == wording:
        return kept
    kept.title, kept.kind, kept.severity = wording.title, wording.kind, wording.severity
    kept.approved_by_id, kept.approved_at = None, None
    kept.changed_by_id, kept.changed_at = by.pk, timezone.now()
    kept.save()
    kept.texts.all().delete()
    _write(kept, wording.texts)
    _record(Verb.TEMPLATE_CHANGED, kept, by=by)
    return kept


@transaction.atomic
def approve(template: Template, *, by: User, changed_at: str) -> Template:
    """A second person's word for it, as it was when `changed_at` (ISO 8601) was read.

    Raises OwnTemplate for whoever changed it last, TemplateChanged where it is another by now.
    """
    kept = Template.objects.select_for_update().get(pk=template.pk)
    if kept.changed_by_id == by.pk:
        raise OwnTemplate
    if kept.changed_at.isoformat() != changed_at:
        raise TemplateChanged
    kept.approved_by_id, kept.approved_at = by.pk, timezone.now()
    kept.save(update_fields=["approved_by_id", "approved_at"])
    _record(Verb.TEMPLATE_APPROVED, kept, by=by)
    return kept


@transaction.atomic
def retire(template: Template, *, by: User) -> None:
    """Take a template out of the officers' choice; alerts written from it keep knowing it."""
    if Template.objects.filter(pk=template.pk, active=True).update(active=False):
        _record(Verb.TEMPLATE_RETIRED, template, by=by)


def _write(template: Template, texts: Texts) -> None:
    TemplateText.objects.bulk_create(
        TemplateText(template=template, lang=lang, **words) for lang, words in texts.items()
    )


def _record(verb: Verb, template: Template, *, by: User) -> None:
    record(verb, by=by, gmina=template.gmina, target_kind="template", target_id=template.pk)
