"""What messages say: the officer's words, and ours where the officer writes none."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from dispatch import payload
from dispatch.models import Alert, AlertText, Message

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
    return replace(text, title=payload.DRILL_MARKS[text.lang] + text.title) if is_drill else text


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


def extension(
    text: Text, until: datetime, given: Mapping[str, Mapping[str, str]], *, is_drill: bool
) -> Text:
    """The alert's words with the new end before them: whoever reads them needs no earlier message.

    The officer's words come instead of ours. Of the alert's, as much is repeated as fits.
    """
    own = given.get(text.lang, {})
    with translation.override(text.lang):
        when = _moment(until)
        title = _("Longer, until {when}: {title}").format(when=when, title=text.title)
        news = own.get("body") or _("It will take longer, until {when}.").format(when=when)
    title = (own.get("title") or title)[:TITLE_MAX]
    return _fitting(replace(text, title=title, body=f"{news}\n\n{text.body}"), news, is_drill)


def _moment(moment: datetime) -> str:
    """ "18:00" today, "25 listopada, 18:00" on other days."""
    local = timezone.localtime(moment)
    is_today = local.date() == timezone.localdate()
    return date_format(local, "H:i" if is_today else _("j E, H:i"))


def _fitting(text: Text, least: str, is_drill: bool) -> Text:
    """The text with its body cut at the end to what a phone can take, `least` left whole."""
    while text.body != least:
        beyond = payload.over(text.lang, by_lang([text])[text.lang], is_drill=is_drill)
        if beyond <= 0:
            break
        body = text.body.removesuffix("…").encode()[: -beyond - len("…".encode())]
        cut = body.decode(errors="ignore").rstrip() + "…"
        text = replace(text, body=cut if len(cut) > len(least) + 2 else least)
    return text
