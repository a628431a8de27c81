"""What a notice says: a headline and a sentence that tells what to do, in the reader's language."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from dispatch import overview
from dispatch.models import StaffNotice

Notice = StaffNotice.Kind


class Words(NamedTuple):
    headline: str | Promise
    sentence: str | Promise


# {title} of the alert, or of the layer; {when}: the instant that the notice is about.
WORDS: Mapping[Notice, Words] = {
    Notice.APPROVAL_WANTED: Words(
        _("An alert waits for your decision"),
        _("“{title}” was handed over for approval. Read it, then send it or return it."),
    ),
    Notice.APPROVAL_ESCALATED: Words(
        _("Nobody has decided on an alert yet"),
        _("“{title}” still waits. Everybody who may approve was asked now, deputies too."),
    ),
    Notice.UPDATE_WANTED: Words(
        _("An update waits for your decision"),
        _("New words for “{title}” were handed over. Read them, then send or return them."),
    ),
    Notice.EVENT_ENDING: Words(
        _("Extend it or end it?"),
        _("The expected end of “{title}” is {when}. Say whether it goes on or is over."),
    ),
    Notice.START_MISSED: Words(
        _("An alert was not sent"),
        _("“{title}” was to go out on {when}; the system was down then. It will not go out now."),
    ),
    Notice.STARTED_LATE: Words(
        _("An alert was sent late"),
        _("“{title}” was to go out on {when}; the system was down then. It goes out now."),
    ),
    Notice.SENT_BACK: Words(
        _("An alert came back: its audience has changed"),
        _("“{title}” was not sent. Check whom it reaches and hand it over again."),
    ),
    Notice.BYPASSED: Words(
        _("An emergency was released without a second person"),
        _("“{title}” could not wait for your approval. Read it, and why."),
    ),
    Notice.MESSAGE_HALTED: Words(
        _("Sending was stopped"),
        _("Phones cannot take the text of “{title}”. Tell the administrator of the system."),
    ),
    Notice.CREDENTIALS_FAILED: Words(
        _("Sending is held: the system's key is refused"),
        _("Nothing is lost; it goes on by itself once the administrator has put the key right."),
    ),
    Notice.ALERT_STALLED: Words(
        _("Sending stands still"),
        _("For a minute nothing of “{title}” has gone out. Tell the administrator of the system."),
    ),
    Notice.FAILURES_HIGH: Words(
        _("Many phones cannot be reached"),
        _("More than {share} of the phones that “{title}” is for were not reached."),
    ),
    Notice.EDITION_REFUSED: Words(
        _("A planned change of the map was not published"),
        _("“{title}” was to change on {when}. The map stayed as it was. See why."),
    ),
}
FAILURES_PERCENT = 5  # what a notice says where its caller gave no figure


def headline(notice: StaffNotice) -> str:
    return str(WORDS[Notice(notice.kind)].headline)


def sentence(notice: StaffNotice) -> str:
    words = str(WORDS[Notice(notice.kind)].sentence)
    return words.format(
        title=_title(notice),
        when=_when(notice),
        share=f"{notice.data.get('percent', FAILURES_PERCENT)} %",
    )


def path(notice: StaffNotice) -> str:
    """Where the notice leads: the alert or the edition it is about, else the list of notices."""
    slug = notice.gmina.slug
    if notice.alert:
        return reverse("staff:alert", args=[slug, notice.alert.ref])
    if "edition" in notice.data:
        return reverse("layers:edition", args=[slug, notice.data["edition"]])
    return reverse("staff:notices", args=[slug])


def url(notice: StaffNotice) -> str:
    return settings.BASE_URL + path(notice)


def _title(notice: StaffNotice) -> str:
    if notice.alert:
        return overview.title(notice.alert)
    titles: Mapping[str, str] = notice.data.get("titles", {})
    return titles.get(get_language() or "", "")


def _when(notice: StaffNotice) -> str:
    """`data.when`, else the alert's own instant that this kind is about; "" without one."""
    given = notice.data.get("when")
    at = parse_datetime(given) if isinstance(given, str) else None
    at = at or _of_alert(notice)
    return date_format(timezone.localtime(at), "j E Y, H:i") if at else ""


def _of_alert(notice: StaffNotice) -> datetime | None:
    if notice.alert is None:
        return None
    is_end = notice.kind == Notice.EVENT_ENDING
    return notice.alert.event_ends_at if is_end else notice.alert.send_at
