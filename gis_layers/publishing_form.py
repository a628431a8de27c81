"""What the page of an edition does with it: publish now or on a day, discard, bring back."""

from collections.abc import Callable
from datetime import date
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import StaffRequest
from gis_layers import editions, scheduling
from gis_layers.errors import DayPassed, ReasonMissing
from gis_layers.models import Edition, Layer

REASON_MAX = 300


class ReasonForm(forms.Form):
    """Why the map changes."""

    reason = forms.CharField(
        label=gettext_lazy("Why does the map change?"),
        help_text=gettext_lazy("One sentence for the history: “Resolution XII/3, new estate”."),
        max_length=REASON_MAX,
    )


class DayForm(forms.Form):
    """From when on. In one form with the reason: "publish now" needs no day."""

    use_required_attribute = False
    publish_on = forms.DateField(
        label=gettext_lazy("From which day?"),
        help_text=gettext_lazy("The map changes at midnight, when that day begins in Poland."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


def section(request: StaffRequest, edition: Edition) -> dict[str, Any]:
    return {"reason_form": ReasonForm(initial={"reason": edition.reason}), "day_form": DayForm()}


def publish(request: StaffRequest, edition: Edition) -> str:
    editions.publish(edition, request.user, reason=_reason(request))
    return _("Published. The map, the tiles and the search show it now.")


def schedule(request: StaffRequest, edition: Edition) -> str:
    day = _day(request)
    scheduling.schedule(edition, day, by=request.user, reason=_reason(request))
    return _("It will be published when %(day)s begins.") % {"day": date_format(day, "j E Y")}


def unschedule(request: StaffRequest, edition: Edition) -> str:
    scheduling.unschedule(edition, by=request.user)
    return _("It will not be published by itself any more. The changes are kept.")


def discard(request: StaffRequest, edition: Edition) -> str:
    editions.discard(edition, request.user)
    return _("The changes are thrown away. The map stays as it was.")


def roll_back(request: StaffRequest, layer: Layer) -> str:
    """POST's `number` is the edition whose state comes back; 0 is the empty layer."""
    asked = request.POST.get("number", "")
    number = int(asked) if asked.isdecimal() and len(asked) < 10 else -1
    back = editions.roll_back(layer, number, request.user)
    at = date_format(timezone.localtime(back.published_at), "H:i")
    return _("Brought back at %(time)s. What was shown until now stays in the history.") % {
        "time": at
    }


def _day(request: StaffRequest) -> date:
    form = DayForm(request.POST)
    if not form.is_valid():
        raise DayPassed(field="publish_on")
    return cast(date, form.cleaned_data["publish_on"])


def _reason(request: StaffRequest) -> str:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise ReasonMissing(field="reason", details={"limit": REASON_MAX})
    return str(form.cleaned_data["reason"])


ACTS: dict[str, Callable[[StaffRequest, Edition], str]] = {
    "publish": publish,
    "schedule": schedule,
    "unschedule": unschedule,
    "discard": discard,
}
