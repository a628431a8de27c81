"""The page of the duty roster: whose turn it is, who stands in for whom, what reaches them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import StaffRequest, holders, staff_view
from accounts.confirm import confirmed_view
from accounts.models import Gmina, User
from dispatch import approval, roster
from dispatch.form_fields import MomentField, PersonField


class SpanForm(forms.Form):
    """From when until when; over before it begins, or already over, is refused."""

    since = MomentField(label=gettext_lazy("From"))
    until = MomentField(label=gettext_lazy("Until"))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until and until <= since:
            self.add_error("until", _("The end must come after the beginning."))
        elif until and until <= timezone.now():
            self.add_error("until", _("This is over already."))
        return given


class DutyForm(SpanForm):
    def __init__(self, request: StaffRequest, *args: Any) -> None:
        super().__init__(*args)
        at_work = holders(request.gmina, approval.READ)
        self.fields["person"] = PersonField(at_work, label=_("Who"))
        self.order_fields(["person"])


class DeputyForm(SpanForm):
    def __init__(self, request: StaffRequest, *args: Any) -> None:
        super().__init__(*args)
        approvers = holders(request.gmina, approval.APPROVE)
        # Not oneself: one's own rights are another administrator's to widen.
        others = holders(request.gmina, approval.READ).exclude(pk=request.user.pk)
        hint = _("Editors too; never alerts that they wrote themselves.")
        self.fields["absent"] = PersonField(approvers, label=_("Who is away"))
        self.fields["deputy"] = PersonField(others, label=_("Who approves instead"), help_text=hint)
        self.order_fields(["absent", "deputy"])

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get("deputy") and given.get("deputy") == given.get("absent"):
            self.add_error("deputy", _("Choose somebody else than the person who is away."))
        return given


@dataclass(frozen=True)
class Turn:
    """A line of either list."""

    pk: int
    name: str
    absent: str
    since: datetime
    until: datetime

    @property
    def is_now(self) -> bool:
        return self.since <= timezone.now() < self.until


@staff_view("gmina.settings", writes=True)
@confirmed_view
def page(request: StaffRequest, gmina: Gmina) -> HttpResponse:
    """POST with `act`: duty, deputy, end_duty, end_deputy (these with `turn`)."""
    act = request.POST.get("act", "")
    duty = DutyForm(request, request.POST if act == "duty" else None)
    deputy = DeputyForm(request, request.POST if act == "deputy" else None)
    form = duty if act == "duty" else deputy
    if act in ACTS and ACTS[act](request, gmina, form):
        return redirect("staff:roster", slug=gmina.slug)
    context = {
        "duty_form": duty,
        "deputy_form": deputy,
        "duties": duties(gmina),
        "deputies": deputies(gmina),
        "mail_is_on": bool(settings.EMAIL_URL),
        "asked_after_min": settings.APPROVAL_ESCALATION_S // 60,
    }
    return render(request, "staff/roster.html", context)


def duties(gmina: Gmina) -> list[Turn]:
    """What is not over, soonest first."""
    found = list(gmina.duties.filter(until__gt=timezone.now()).order_by("since", "pk"))
    names = _names(duty.user_id for duty in found)
    return [Turn(d.pk, names.get(d.user_id, "–"), "", d.since, d.until) for d in found]


def deputies(gmina: Gmina) -> list[Turn]:
    """What is not over, soonest first."""
    found = list(gmina.deputies.filter(until__gt=timezone.now()).order_by("since", "pk"))
    names = _names(pk for one in found for pk in (one.user_id, one.for_user_id))
    return [
        Turn(d.pk, names.get(d.user_id, "–"), names.get(d.for_user_id, "–"), d.since, d.until)
        for d in found
    ]


def _names(ids: Iterable[int]) -> dict[int, str]:
    return dict(User.objects.filter(pk__in=set(ids)).values_list("pk", "name"))


def add_duty(request: StaffRequest, gmina: Gmina, form: SpanForm) -> bool:
    if not form.is_valid():
        return False
    given = form.cleaned_data
    roster.add_duty(gmina, given["person"], given["since"], given["until"], by=request.user)
    messages.success(request, _("The duty is in the roster."))
    return True


def name_deputy(request: StaffRequest, gmina: Gmina, form: SpanForm) -> bool:
    if not form.is_valid():
        return False
    given = form.cleaned_data
    span = given["since"], given["until"]
    roster.name_deputy(gmina, given["absent"], given["deputy"], *span, by=request.user)
    messages.success(request, _("The deputy is named."))
    return True


def end_duty(request: StaffRequest, gmina: Gmina, _form: SpanForm) -> bool:
    roster.remove_duty(gmina, _asked_turn(request), by=request.user)
    return True


def end_deputy(request: StaffRequest, gmina: Gmina, _form: SpanForm) -> bool:
    roster.remove_deputy(gmina, _asked_turn(request), by=request.user)
    return True


def _asked_turn(request: StaffRequest) -> int:
    asked = request.POST.get("turn", "")
    return int(asked) if asked.isdecimal() else 0


ACTS: dict[str, Callable[[StaffRequest, Gmina, SpanForm], bool]] = {
    "duty": add_duty,
    "deputy": name_deputy,
    "end_duty": end_duty,
    "end_deputy": end_deputy,
}
