"""The page of one's own keys for programs, beside the account."""

from typing import Any, cast

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from django.views.decorators.cache import never_cache

from accounts.access import own_view
from accounts.api_keys import make_key, revoke_own
from accounts.confirm import confirmed_view
from accounts.errors import TooManyKeys
from accounts.models import Gmina, User

DAYS = (30, 90, 365)


class KeyForm(forms.Form):
    name = forms.CharField(
        label=_("What it is for"), max_length=60, help_text=_("For example: QGIS at the office")
    )
    gmina = forms.ModelChoiceField(
        label=_("Municipality"),
        queryset=Gmina.objects.none(),
        required=False,
        empty_label=_("all of mine"),
    )
    days = forms.TypedChoiceField(
        label=_("Valid for"),
        coerce=int,
        initial=90,
        choices=[(days, ngettext_lazy("%d day", "%d days", days) % days) for days in DAYS],
    )
    may_write = forms.BooleanField(
        label=_("May also prepare changes to layers"),
        required=False,
        help_text=_("Nothing is published with a key: that is done here, by a person."),
    )

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(data)
        field = cast(forms.ModelChoiceField, self.fields["gmina"])
        field.queryset = Gmina.objects.filter(memberships__user=user).distinct()


@never_cache
@own_view
@confirmed_view
def keys(request: HttpRequest) -> HttpResponse:
    """GET lists; POST `revoke`, an id, ends a key; any other POST makes one and shows it, once."""
    user = cast(User, request.user)
    if request.method == "POST" and (pk := request.POST.get("revoke", "")).isdecimal():
        revoke_own(user, int(pk))
        return redirect("keys")
    form = KeyForm(user, request.POST or None)
    context: dict[str, Any] = {"form": form, "now": timezone.now()}
    if form.is_valid():
        context |= made(user, form)
    context["keys"] = user.app_keys.select_related("gmina").order_by("-pk")
    context["ogc_url"] = request.build_absolute_uri("/ogc/")
    return render(request, "accounts/keys.html", context)


def made(user: User, form: KeyForm) -> dict[str, Any]:
    """What the page shows of a key just made, with an empty form; nothing where it was refused."""
    try:
        key, secret = make_key(user=user, **form.cleaned_data)
    except TooManyKeys as refusal:
        form.add_error(None, refusal.text)
        return {}
    return {"key": key, "secret": secret, "form": KeyForm(user)}
