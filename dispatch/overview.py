"""What the staff pages list: alerts as rows in words, and the filters of the history."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from accounts.models import Gmina, User
from dispatch import plan_words
from dispatch.masking import NOT_TOLD, Count, Told
from dispatch.models import Alert, Category, Message, Severity
from dispatch.parts import name_of
from dispatch.states import RUNNING

State = Alert.State

STATE_NAMES = {
    State.DRAFT: gettext_lazy("Draft"),
    State.AWAITING_APPROVAL: gettext_lazy("Awaiting approval"),
    State.SCHEDULED: gettext_lazy("Planned"),
    State.SENDING: gettext_lazy("Running"),
    State.ACTIVE: gettext_lazy("Running"),
}
END_NAMES = {
    Alert.EndReason.ALL_CLEAR: gettext_lazy("Ended"),
    Alert.EndReason.EXPIRED: gettext_lazy("Expired"),
    Alert.EndReason.WITHDRAWN: gettext_lazy("Withdrawn"),
    Alert.EndReason.CANCELLED: gettext_lazy("Called off"),
    Alert.EndReason.MISSED: gettext_lazy("Not sent: its time was missed"),
    Alert.EndReason.COMPLETED: gettext_lazy("Series completed"),
}
CATEGORY_NAMES = {
    Category.FAILURE: gettext_lazy("Failure"),
    Category.EVENT: gettext_lazy("Event"),
    Category.WARNING: gettext_lazy("Warning"),
}
# States in which what matters of an alert is when it will go out.
PLANNED = frozenset({State.DRAFT, State.AWAITING_APPROVAL, State.SCHEDULED})
STATE_ICONS = {
    State.DRAFT: "pencil",
    State.AWAITING_APPROVAL: "clock",
    State.SCHEDULED: "clock",
    State.SENDING: "send",
    State.ACTIVE: "check",
    State.ENDED: "stop",
}
# Groups of states that the history can be narrowed to.
STATE_GROUPS: dict[str, frozenset[str]] = {
    "running": frozenset(RUNNING),
    "awaiting": frozenset({State.AWAITING_APPROVAL}),
    "planned": frozenset({State.SCHEDULED}),
    "draft": frozenset({State.DRAFT}),
    "ended": frozenset({State.ENDED}),
}


@dataclass(frozen=True)
class Row:
    """One alert as a list shows it."""

    alert: Alert

    @property
    def title(self) -> str:
        return title(self.alert)

    @property
    def where(self) -> str:
        return where(self.alert)

    @property
    def audience(self) -> str:
        """How many people it is for, in words."""
        return people(audience(self.alert))

    @property
    def moment(self) -> str:
        return moment(self.alert)

    @property
    def plan(self) -> str:
        """When it is to go out, in words; "" once it has, or where it goes when approved."""
        return plan(self.alert)

    @property
    def category(self) -> str:
        return self.alert.kind.category

    @property
    def category_name(self) -> str:
        return str(CATEGORY_NAMES[Category(self.category)])

    @property
    def is_emergency(self) -> bool:
        return self.alert.severity == Severity.EMERGENCY

    @property
    def is_drill(self) -> bool:
        return self.alert.is_drill

    @property
    def state_name(self) -> str:
        if self.alert.state == State.ENDED:
            return str(END_NAMES[Alert.EndReason(self.alert.end_reason)])
        return str(STATE_NAMES[State(self.alert.state)])

    @property
    def state_icon(self) -> str:
        return STATE_ICONS[State(self.alert.state)]

    @property
    def is_overdue(self) -> bool:
        """Past its expected end without an all-clear: it stays, marked."""
        ends = self.alert.event_ends_at
        return self.alert.state in RUNNING and ends is not None and ends < timezone.now()

    @property
    def url(self) -> str:
        name = "staff:edit" if self.alert.state == State.DRAFT else "staff:alert"
        return reverse(name, args=[self.alert.gmina.slug, self.alert.ref])


def alerts_of(gmina: Gmina) -> QuerySet[Alert]:
    """The gmina's alerts, newest first, with all that a row shows."""
    found = Alert.objects.filter(gmina=gmina).select_related("gmina", "kind")
    return found.prefetch_related("texts", "parts", "messages").order_by("-created_at", "-id")


def rows(alerts: Iterable[Alert]) -> list[Row]:
    return [Row(alert) for alert in alerts]


def title(alert: Alert) -> str:
    """In the reader's language where it was written in it, else in Polish."""
    texts = {text.lang: text.title for text in alert.texts.all()}
    return texts.get(get_language() or "") or texts.get("pl") or _("Untitled")


def audience(alert: Alert) -> Count:
    """Whom the alert was sent to; before that, what the submitting officer saw (0: nobody yet)."""
    sent = [message for message in alert.messages.all() if message.kind == Message.Kind.ALERT]
    if not sent and alert.seen_residents is None:
        return Count(0)
    return Told.from_json(sent[0].told if sent else alert.seen_told).residents


def people(count: Count) -> str:
    """ "340 people with the app", "fewer than 5 people with the app"; "" where neither is told."""
    if count == NOT_TOLD:
        return ""
    if count.count is None:
        return _("fewer than %(n)s people with the app") % {"n": _grouped(count.below or 0)}
    return ngettext("%(n)s person with the app", "%(n)s people with the app", count.count) % {
        "n": _grouped(count.count)
    }


def _grouped(n: int) -> str:
    return number_format(n, use_l10n=True, force_grouping=True)


def planned_at(alert: Alert) -> datetime | None:
    """When it is to be sent, of a series the next time; None: at once, or it was sent."""
    is_over = alert.started_at is not None or alert.state == State.ENDED
    return None if is_over else alert.send_at


def moment(alert: Alert) -> str:
    """The last thing that happened to it and when."""
    moments = (
        (alert.ended_at, _("ended on %(when)s")),
        (alert.started_at, _("sent on %(when)s")),
        (alert.submitted_at, _("handed over on %(when)s")),
        (alert.created_at, _("made on %(when)s")),
    )
    at, words = next((at, words) for at, words in moments if at)
    return words % {"when": date_format(timezone.localtime(at), "j E Y, H:i")}


def plan(alert: Alert) -> str:
    """ "goes out on 25 November 2026, 07:00", "repeats every day at 07:00, next on …"."""
    if alert.state not in PLANNED or alert.send_at is None:
        return ""
    when = plan_words.moment(alert.send_at, alert.send_zone)
    if not alert.rrule:
        return _("goes out on %(when)s") % {"when": when}
    words = {"plan": plan_words.series(alert), "when": when}
    return _("repeats %(plan)s; next on %(when)s") % words


SHOWN_PARTS = 3


def where(alert: Alert) -> str:
    """ "ul. Główna, ul. Kresowa", of long lists the start."""
    labels = [name_of(part, alert.gmina) for part in alert.parts.all()]
    more = len(labels) - SHOWN_PARTS
    shown = ", ".join(labels[:SHOWN_PARTS])
    if more <= 0:
        return shown
    return ngettext("%(shown)s and %(n)d more", "%(shown)s and %(n)d more", more) % {
        "shown": shown,
        "n": more,
    }


def desk(gmina: Gmina, user: User) -> dict[str, Any]:
    """What is running, planned, or waits for approval, and one's own drafts."""
    found = alerts_of(gmina)
    return {
        "running": rows(found.filter(state__in=RUNNING)),
        "planned": rows(found.filter(state=State.SCHEDULED).order_by("send_at")),
        "awaiting": rows(found.filter(state=State.AWAITING_APPROVAL)),
        "drafts": rows(found.filter(state=State.DRAFT, author_id=user.pk)),
        "is_empty": not found.exists(),
    }


class HistoryForm(forms.Form):
    """Filters of the history; what cannot be read filters nothing."""

    q = forms.CharField(label=gettext_lazy("In the title or text"), required=False, max_length=100)
    category = forms.ChoiceField(
        label=gettext_lazy("Category"),
        required=False,
        choices=[("", gettext_lazy("all")), *CATEGORY_NAMES.items()],
    )
    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[
            ("", gettext_lazy("all")),
            ("running", gettext_lazy("running")),
            ("awaiting", gettext_lazy("awaiting approval")),
            ("planned", gettext_lazy("planned")),
            ("draft", gettext_lazy("drafts")),
            ("ended", gettext_lazy("ended")),
        ],
    )
    drill = forms.ChoiceField(
        label=gettext_lazy("Exercises"),
        required=False,
        choices=[
            ("", gettext_lazy("all")),
            ("no", gettext_lazy("without exercises")),
            ("only", gettext_lazy("exercises only")),
        ],
    )


def history(gmina: Gmina, form: HistoryForm) -> QuerySet[Alert]:
    """The gmina's alerts that match the filters, newest first."""
    found = alerts_of(gmina)
    wanted = form.cleaned_data if form.is_valid() else {}
    if words := wanted.get("q"):
        found = found.filter(texts__title__icontains=words) | found.filter(
            texts__body__icontains=words
        )
    if category := wanted.get("category"):
        found = found.filter(kind__category=category)
    if state := wanted.get("state"):
        found = found.filter(state__in=STATE_GROUPS[state])
    if drill := wanted.get("drill"):
        found = found.filter(is_drill=drill == "only")
    return found.distinct()
