"""Pages of one's own account, and of the people of a gmina."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import PasswordResetConfirmView
from django.db import transaction
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from accounts import actions, language
from accounts.access import StaffRequest, gminas_of, own_view, staff_view
from accounts.confirm import confirmed_view, mark_confirmed
from accounts.errors import AccountsError
from accounts.invitations import invitation_url, tokens
from accounts.models import Gmina, Membership, User
from accounts.second_factor import backup_codes_left, code_form, make_backup_codes


@own_view
def account(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    context = {"codes_left": backup_codes_left(user), "gminas": gminas_of(user)}
    return render(request, "accounts/account.html", context)


@own_view
def change_password(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    form = PasswordChangeForm(user, request.POST or None)
    if not form.is_valid():
        return render(request, "accounts/password.html", {"form": form})
    with transaction.atomic():
        form.save()
        actions.announce("password_changed", user, by=user, gmina=None)
    update_session_auth_hash(request, user)  # other browsers are signed out, this one stays
    messages.success(request, _("The password is changed. Other browsers were signed out."))
    return redirect("account")


@never_cache
@own_view
@confirmed_view
def backup_codes(request: HttpRequest) -> HttpResponse:
    """GET explains; POST makes ten codes and shows them, this once."""
    user = cast(User, request.user)
    codes: list[str] = []
    if request.method == "POST":
        with transaction.atomic():
            codes = make_backup_codes(user)
            actions.announce("backup_codes_made", user, by=user, gmina=None)
    context = {
        "codes": codes,
        "codes_left": backup_codes_left(user),
        "next": language.own_page(request),
    }
    return render(request, "two_factor/core/backup_tokens.html", context)


@own_view
def confirm(request: HttpRequest) -> HttpResponse:
    """Takes a fresh code and goes on to `next`."""
    form = code_form(cast(User, request.user), request.POST or None)
    if form.is_valid():
        mark_confirmed(request)
        return redirect(language.own_page(request))
    return render(request, "accounts/confirm.html", {"form": form})


class InvitationView(PasswordResetConfirmView):
    """Sets the first password; the second factor is set up at the first sign-in."""

    template_name = "accounts/invitation.html"
    token_generator = tokens
    success_url = reverse_lazy("two_factor:login")

    user: User

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            response = super().form_valid(form)
            actions.announce("password_changed", self.user, by=self.user, gmina=None)
        messages.success(self.request, _("The password is set. Sign in with it now."))
        return response


class RolesForm(forms.Form):
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Roles"),
        choices=Membership.Role.choices,
        widget=forms.CheckboxSelectMultiple,
    )


class InviteForm(RolesForm):
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254)
    name = forms.CharField(label=gettext_lazy("Name and surname"), max_length=150)
    field_order = ["email", "name", "roles"]


@staff_view("people.manage", writes=True)
@confirmed_view
def people(request: StaffRequest, gmina: Gmina) -> HttpResponse:
    """Who works here; POST invites one more."""
    form = InviteForm(request.POST or None)
    if form.is_valid():
        new = {**form.cleaned_data, "roles": set(form.cleaned_data["roles"])}
        try:
            return handed_over(request, actions.invite(**new, gmina=gmina, by=request.user))
        except AccountsError as refusal:
            form.add_error("email", refusal.text)
    return render(request, "accounts/people.html", {"people": people_of(gmina), "form": form})


def people_of(gmina: Gmina) -> list[User]:
    here = Prefetch("memberships", Membership.objects.filter(gmina=gmina), to_attr="here")
    found = User.objects.filter(memberships__gmina=gmina).distinct()
    return list(found.prefetch_related(here).order_by("name", "email"))


def handed_over(request: HttpRequest, user: User) -> HttpResponse:
    """The page with the one-time link; an account that has a password needs none."""
    link = None if user.has_usable_password() else invitation_url(user)
    return render(request, "accounts/invited.html", {"person": user, "link": link})


@staff_view("people.manage", writes=True)
@confirmed_view
def person(request: StaffRequest, gmina: Gmina, pk: int) -> HttpResponse:
    """One person's roles here. POST with `act`: roles, remove or reset."""
    user = get_object_or_404(User.objects.filter(memberships__gmina=gmina).distinct(), pk=pk)
    form = RolesForm(request.POST if request.POST.get("act") == "roles" else None)
    form.initial = {"roles": sorted(actions.held_roles(user, gmina))}
    act = ACTS.get(request.POST.get("act", ""))
    if act and (not form.is_bound or form.is_valid()):
        try:
            return act(request, gmina, user, form)
        except AccountsError as refusal:
            messages.error(request, refusal.text)
    return render(request, "accounts/person.html", {"person": user, "form": form})


def change_roles(request: StaffRequest, gmina: Gmina, user: User, form: RolesForm) -> HttpResponse:
    roles = form.cleaned_data["roles"]
    actions.set_roles(user=user, gmina=gmina, roles=roles, by=request.user)
    messages.success(request, _("The roles are changed."))
    return redirect("people", slug=gmina.slug)


def remove(request: StaffRequest, gmina: Gmina, user: User, form: RolesForm) -> HttpResponse:
    actions.remove(user=user, gmina=gmina, by=request.user)
    messages.success(request, _("%(name)s no longer works here.") % {"name": user.name})
    return redirect("people", slug=gmina.slug)


def reset(request: StaffRequest, gmina: Gmina, user: User, form: RolesForm) -> HttpResponse:
    actions.reset_sign_in(user=user, gmina=gmina, by=request.user)
    return handed_over(request, user)


ACTS = {"roles": change_roles, "remove": remove, "reset": reset}
