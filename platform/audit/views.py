"""The log of one gmina, for auditors and administrators: read-only, with filters."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import StaffRequest, staff_view
from accounts.models import Gmina, User
from audit.models import Event
from audit.verbs import Verb

PAGE_SIZE = 50
ID_SHOWN = 24  # characters: an audience's is a hash of 64
# What an act can be about, in the words of staff; people go by their e-mail.
TARGETS = {
    "alert": _("alert"),
    "audience": _("audience"),
    "edition": _("edition"),
    "gmina": _("gmina"),
    "layer": _("layer"),
    "register": _("register"),
    "resident": _("resident"),
}
# Python's own first and last days have no midnight in UTC: asked for, they mean "from ever on".
FIRST_DAY, LAST_DAY = date(2, 1, 1), date(9998, 12, 31)
EVENT_ID = re.compile(r"[0-9]{1,18}")


# Entries of the data that count people or their phones.
COUNTS = frozenset({"residents", "devices"})


class FilterForm(forms.Form):
    verb = forms.ChoiceField(
        label=_("What"), required=False, choices=[("", _("everything")), *Verb.choices]
    )
    actor = forms.CharField(label=_("Who (e-mail)"), required=False, max_length=254)
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


@dataclass(frozen=True)
class Row:
    """One act as people read it; `target` is an e-mail for people, else kind and id."""

    event: Event
    verb: str
    target: str

    @property
    def details(self) -> list[tuple[str, object]]:
        """What else was recorded; counts of people as they may be told."""
        data = dict(self.event.data)
        for name in COUNTS & data.keys():
            data[name] = figure(data[name], data.pop(f"{name}_below", None))
        return sorted(data.items())

    @property
    def hash(self) -> str:
        return bytes(self.event.hash or b"").hex()[:16]


@staff_view("audit.read")
def log(request: StaffRequest, gmina: Gmina) -> HttpResponse:
    """Newest first; `before` is the id from which the next, older page goes on."""
    form = FilterForm(request.GET)
    found = matching(gmina, form.cleaned_data) if form.is_valid() else Event.objects.none()
    if EVENT_ID.fullmatch(before := request.GET.get("before", "")):
        found = found.filter(id__lt=int(before))
    events = list(found.order_by("-id")[: PAGE_SIZE + 1])
    page, more = events[:PAGE_SIZE], len(events) > PAGE_SIZE
    context = {
        "form": form,
        "rows": rows(page),
        "older": older(request, page[-1]) if more else None,
    }
    return render(request, "audit/log.html", context)


def matching(gmina: Gmina, wanted: dict[str, Any]) -> QuerySet[Event]:
    found = Event.objects.filter(gmina_id=gmina.pk)
    if wanted["verb"]:
        found = found.filter(verb=wanted["verb"])
    if wanted["actor"]:
        found = found.filter(actor__icontains=wanted["actor"])
    if wanted["since"]:
        found = found.filter(at__gte=midnight(wanted["since"]))
    if wanted["until"]:
        found = found.filter(at__lt=midnight(wanted["until"]) + timedelta(days=1))
    return found


def midnight(day: date) -> datetime:
    """The start of a day in Europe/Warsaw."""
    known = min(max(day, FIRST_DAY), LAST_DAY)
    return timezone.make_aware(datetime.combine(known, time.min))


def rows(events: list[Event]) -> list[Row]:
    ids = [event.target_id for event in events if event.target_kind == "user"]
    emails = {str(user.pk): user.email for user in User.objects.filter(pk__in=ids)}
    return [Row(event, words(event.verb), target(event, emails)) for event in events]


def figure(count: int | None, below: int | None) -> object:
    """A count as its officer was told it; one that should not be in the log is masked here too."""
    if count is not None and 0 < count < settings.MASK_BELOW:
        count, below = None, settings.MASK_BELOW
    if count is None:
        return _("fewer than %(n)d") % {"n": below} if below else _("not told")
    return count


def target(event: Event, emails: dict[str, str]) -> str:
    if event.target_kind == "user" and event.target_id in emails:
        return emails[event.target_id]
    kind = TARGETS.get(event.target_kind, event.target_kind)
    return f"{kind} {event.target_id[:ID_SHOWN]}".strip()


def words(verb: str) -> str:
    """The verb as staff read it; the bare name of one that later versions no longer write."""
    return str(Verb(verb).label) if verb in Verb else verb


def older(request: StaffRequest, last: Event) -> str:
    query = request.GET.copy()
    query["before"] = str(last.pk)
    return query.urlencode()
