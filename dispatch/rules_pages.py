"""The page of a gmina's approval rules."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import StaffRequest, staff_view
from accounts.confirm import confirmed_view
from accounts.models import Gmina
from dispatch import approval_rules
from dispatch.approval_rules import Condition
from dispatch.form_fields import KindField

RULES_MAX = 50
SECOND_PERSON = {"yes": True, "no": False}


class RuleForm(forms.Form):
    """One rule; what is left open fits every alert."""

    severity = forms.ChoiceField(
        label=gettext_lazy("How serious"),
        required=False,
        choices=[("", gettext_lazy("any severity")), *approval_rules.SEVERITY_NAMES.items()],
    )
    below_residents = forms.IntegerField(
        label=gettext_lazy("To fewer than … people"),
        help_text=gettext_lazy("Leave it empty for any number."),
        required=False,
        min_value=1,
        max_value=10_000_000,
    )
    template_only = forms.BooleanField(
        label=gettext_lazy("Only from an approved template, with nothing but its blanks filled"),
        required=False,
    )
    second_person = forms.ChoiceField(
        label=gettext_lazy("Then"),
        choices=[
            ("no", gettext_lazy("it needs nobody else")),
            ("yes", gettext_lazy("a second person approves")),
        ],
        widget=forms.RadioSelect,
        initial="yes",
    )

    def __init__(self, gmina: Gmina, *args: Any) -> None:
        super().__init__(*args)
        self.fields["kind"] = KindField(gmina, empty=_("any"), required=False)
        self.order_fields(["kind"])

    @property
    def condition(self) -> Condition:
        given = self.cleaned_data
        return Condition(
            given["kind"],
            given["severity"] or None,
            given["template_only"],
            given["below_residents"],
        )


@staff_view("gmina.settings", writes=True)
@confirmed_view
def page(request: StaffRequest, gmina: Gmina) -> HttpResponse:
    """The rules in order. POST with `act`: add, up, remove (with `rule`) or default."""
    act = request.POST.get("act", "")
    form = RuleForm(gmina, request.POST if act == "add" else None)
    if act in ACTS and ACTS[act](request, gmina, form):
        return redirect("staff:rules", slug=gmina.slug)
    context = {"rows": rows(gmina), "form": form, "default": default_words(gmina)}
    return render(request, "staff/rules.html", context)


def rows(gmina: Gmina) -> list[dict[str, Any]]:
    return [
        {
            "rule": rule,
            "condition": approval_rules.condition_words(rule),
            "verdict": approval_rules.verdict_words(rule.second_person),
            "is_sweeping": approval_rules.is_sweeping(rule),
        }
        for rule in gmina.approval_rules.select_related("kind")
    ]


def default_words(gmina: Gmina) -> str:
    return approval_rules.verdict_words(gmina.two_person_rule)


def add(request: StaffRequest, gmina: Gmina, form: RuleForm) -> bool:
    if not form.is_valid():
        return False
    if gmina.approval_rules.count() >= RULES_MAX:
        form.add_error(None, _("There are enough rules. Remove one to add another."))
        return False
    second_person = SECOND_PERSON[form.cleaned_data["second_person"]]
    approval_rules.add(gmina, form.condition, second_person=second_person, by=request.user)
    messages.success(request, _("The rule is added, at the top."))
    return True


def up(request: StaffRequest, gmina: Gmina, _form: RuleForm) -> bool:
    approval_rules.move_up(gmina, _asked_rule(request), by=request.user)
    return True


def remove(request: StaffRequest, gmina: Gmina, _form: RuleForm) -> bool:
    approval_rules.remove(gmina, _asked_rule(request), by=request.user)
    return True


def set_default(request: StaffRequest, gmina: Gmina, _form: RuleForm) -> bool:
    wanted = SECOND_PERSON.get(request.POST.get("second_person", ""))
    if wanted is not None:
        approval_rules.set_default(gmina, second_person=wanted, by=request.user)
    return True


def _asked_rule(request: StaffRequest) -> int:
    asked = request.POST.get("rule", "")
    return int(asked) if asked.isdecimal() else 0


ACTS: dict[str, Callable[[StaffRequest, Gmina, RuleForm], bool]] = {
    "add": add,
    "up": up,
    "remove": remove,
    "default": set_default,
}
