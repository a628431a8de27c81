"""Who may do what in which gmina: the only place that asks, for pages and for REST alike.

The same answers everywhere: signed out or no second factor: 401 (pages: the sign-in or set-up
page); no role in the gmina, or no such gmina: 404, so that a stranger learns nothing; a role
without the action: 403.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
)
from django.shortcuts import resolve_url
from django_otp import user_has_device
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.authentication import VerifiedSessionAuthentication
from accounts.models import Gmina, Membership, User

EDITOR = frozenset(
    {
        "alert.read",
        "alert.read_active",
        "alert.write",
        "alert.end",
        "audience.preview",
        "layer.read",
        "address.lookup",
    }
)
APPROVER = EDITOR | {"alert.approve"}
ROLE_ACTIONS: Mapping[str, frozenset[str]] = {
    Membership.Role.EDITOR: EDITOR,
    Membership.Role.APPROVER: APPROVER,
    # A crisis officer may send an emergency without a second person.
    Membership.Role.CRISIS: APPROVER | {"alert.send_alone"},
    Membership.Role.GIS: frozenset({"layer.read", "layer.write", "address.lookup"}),
    Membership.Role.ADMIN: frozenset(
        {
            "people.manage",
            "gmina.settings",
            "audit.read",
            "alert.read",
            "alert.read_active",
            "layer.read",
        }
    ),
    Membership.Role.HOTLINE: frozenset({"alert.read_active", "address.lookup"}),
    Membership.Role.AUDITOR: frozenset({"alert.read", "alert.read_active", "audit.read"}),
}
ACTIONS = frozenset().union(*ROLE_ACTIONS.values())


class StaffRequest(HttpRequest):
    """What a `staff_view` gets: a verified user, the gmina, and what the user may do in it."""

    user: User
    gmina: Gmina
    actions: frozenset[str]


class OwnRequest(HttpRequest):
    """What an `own_view` gets; no gmina where the user works in several."""

    user: User
    gmina: Gmina | None
    actions: frozenset[str]


def actions_of(user: User, gmina: Gmina) -> frozenset[str]:
    """Everything this user's roles allow in this gmina; empty for strangers."""
    if not user.is_active:
        return frozenset()
    roles = Membership.objects.filter(user=user, gmina=gmina).values_list("role", flat=True)
    return frozenset().union(*(ROLE_ACTIONS[role] for role in roles))


def may(user: User, action: str, gmina: Gmina) -> bool:
    """Whether one of the user's roles in this gmina allows the action."""
    if action not in ACTIONS:
        raise ValueError(f"unknown action {action!r}")
    return action in actions_of(user, gmina)


def gminas_of(user: User) -> list[Gmina]:
    """The gminas in which the user has any role, by name."""
    return list(Gmina.objects.filter(memberships__user=user).distinct())


def holders(gmina: Gmina, action: str) -> QuerySet[User]:
    """Everyone at work whose roles in this gmina allow the action."""
    roles = [role for role, actions in ROLE_ACTIONS.items() if action in actions]
    held = Membership.objects.filter(gmina=gmina, role__in=roles)
    return User.objects.filter(is_active=True, pk__in=held.values("user_id"))


def menu_of(user: User, slug: str | None) -> tuple[Gmina | None, frozenset[str]]:
    """Whose menu a page shows that belongs to no gmina, and what the user may do there.

    The gmina of `slug` if the user works in it, else their only one; None where they must choose.
    """
    own = gminas_of(user)
    only = own[0] if len(own) == 1 else None
    gmina = next((one for one in own if one.slug == slug), only)
    return gmina, actions_of(user, gmina) if gmina else frozenset()


def enter(user: User, slug: str, *any_of: str) -> tuple[Gmina, frozenset[str]]:
    """The gmina of `slug` and the user's actions in it, of which one must be in `any_of`.

    Raises Http404 for strangers and PermissionDenied.
    """
    if unknown := set(any_of) - ACTIONS:
        raise ValueError(f"unknown actions {unknown}")
    gmina = Gmina.objects.filter(slug=slug).first()
    actions = actions_of(user, gmina) if gmina else frozenset()
    if gmina is None or not actions:
        raise Http404
    if actions.isdisjoint(any_of):
        raise PermissionDenied
    return gmina, actions


def refuse_unverified(request: HttpRequest) -> HttpResponse | None:
    """A redirect to sign-in, or to setting the second factor up; None for a verified user."""
    user = request.user
    if user.is_authenticated and user.is_verified():
        return None
    set_up = user.is_authenticated and not user_has_device(user)
    page = "two_factor:setup" if set_up else "two_factor:login"
    return redirect_to_login(request.get_full_path(), resolve_url(page))


def verified_view(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page for any signed-in member of staff with a second factor, of whatever gmina."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return refuse_unverified(request) or view(request, *args, **kwargs)

    return guarded


def operator_view(*, writes: bool = False) -> Callable[[Callable[..., HttpResponseBase]], Any]:
    """A page of the installation for its operators; to everybody else there is nothing (404).

    Only a view that `writes` is called with POST.
    """
    methods = ["GET", "HEAD", "POST"] if writes else ["GET", "HEAD"]

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @verified_view
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not (request.user.is_active and request.user.is_operator):
                raise Http404
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def own_view(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page of one's own account, of no gmina: with the menu of the only one, if there is one."""

    @verified_view
    @functools.wraps(view)
    def framed(request: OwnRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.gmina, request.actions = menu_of(request.user, None)
        return view(request, *args, **kwargs)

    return framed


def staff_view(
    *any_of: str, writes: bool = False
) -> Callable[[Callable[..., HttpResponseBase]], Any]:
    """A page of one gmina for whoever may do one of these: `view(request, gmina, …)`, with `slug`.

    Sets request.gmina and request.actions, which the templates' menu reads. Only a view that
    `writes` is called with POST.
    """
    methods = ["GET", "HEAD", "POST"] if writes else ["GET", "HEAD"]

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @verified_view
        @functools.wraps(view)
        def guarded(request: StaffRequest, *, slug: str, **kwargs: Any) -> HttpResponseBase:
            request.gmina, request.actions = enter(request.user, slug, *any_of)
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            return view(request, request.gmina, **kwargs)

        return guarded

    return decorate


class StaffGminaView(APIView):
    """REST of one gmina: sets `self.gmina` from the URL's `slug` and asks for `needs`.

    `needs` is one action, several of which one will do, or one a method:
    {"GET": "alert.read", "POST": "alert.write"}.
    """

    authentication_classes = [VerifiedSessionAuthentication]
    # Not `action`: DRF and OpenAPI take that for the name of a viewset's method.
    needs: ClassVar[str | tuple[str, ...] | Mapping[str, str]]
    gmina: Gmina
    actions: frozenset[str]

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        user = cast(User, request.user)  # VerifiedSessionAuthentication gives no other
        self.gmina, self.actions = enter(user, self.kwargs["slug"], *self.any_of(request))

    def any_of(self, request: Request) -> tuple[str, ...]:
        """The actions of which one is needed for the request's method."""
        if not isinstance(self.needs, Mapping):
            return (self.needs,) if isinstance(self.needs, str) else self.needs
        method = "GET" if request.method == "HEAD" else request.method
        if method not in self.needs:
            self.http_method_not_allowed(request)
        return (self.needs[str(method)],)


def template_context(request: HttpRequest) -> dict[str, object]:
    """Context processor: `gmina` and `actions` of a staff page, None and empty elsewhere."""
    return {
        "gmina": getattr(request, "gmina", None),
        "actions": getattr(request, "actions", frozenset()),
    }
