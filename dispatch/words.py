"""What messages say: the officer's words, and ours where the officer writes none."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.utils import translation
from django.utils.translation import gettext as _

from dispatch.models import Alert, AlertText, Message
from dispatch.payload import DRILL_MARKS

TITLE_MAX = AlertText._meta.get_field("title").max_length


@dataclass(frozen=True)
class Text:
    """What a message says in one language."""

    lang: str
    title: str
    body: str
    instruction: str = ""


def of_alert(alert: Alert) -> list[Text]:
    """The alert's own words, as they stand now."""
    return [Text(text.lang, text.title, text.body, text.instruction) for text in alert.texts.all()]


def by_lang(texts: Iterable[Text]) -> dict[str, dict[str, str]]:
    """As the alert's JSON has them: {lang: {title, body, instruction}}."""
    return {
        text.lang: {"title": text.title, "body": text.body, "instruction": text.instruction}
        for text in texts
    }


def marked(text: Text, *, is_drill: bool) -> Text:
    """As phones get it: an exercise says so before anything else."""
    return replace(text, title=DRILL_MARKS[text.lang] + text.title) if is_drill else text


def ending(text: AlertText, kind: Message.Kind, given: Mapping[str, Mapping[str, str]]) -> Text:
    """The officer's words in the text's language, else ours, which say no more than is certain."""
    own = given.get(text.lang, {})
    with translation.override(text.lang):
        if kind == Message.Kind.ALL_CLEAR:
            title, body = _("Over: {title}"), _("What we wrote about is over.")
        else:
            title, body = _("Withdrawn: {title}"), _("We sent this by mistake. Disregard it.")
    return Text(
        text.lang,
        (own.get("title") or title.format(title=text.title))[:TITLE_MAX],
        own.get("body") or body,
    )
