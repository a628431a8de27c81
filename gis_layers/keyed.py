"""Views for the gmina's staff that programs reach too, by a key (accounts/api_keys.py)."""

import functools
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.access import actions_of, staff_view
from accounts.api_keys import KeyAuthentication, allows
from accounts.models import AppKey, Gmina, User


def keyed_view(action: str) -> Callable[[Callable[..., HttpResponseBase]], Any]:
    """As `staff_view(action)`, and for whoever shows a key that allows the action.

    A key that is none: 401 with the way to show one. Strangers learn nothing: 404.
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        by_session = staff_view(action)(view)

        @functools.wraps(view)
        def guarded(request: HttpRequest, *, slug: str, **kwargs: Any) -> HttpResponseBase:
            try:
                shown = KeyAuthentication().authenticate(Request(request))
            except AuthenticationFailed:
                return _unknown_key(request)
            if shown is None:
                return by_session(request, slug=slug, **kwargs)
            return view(request, _entered(*shown, action, slug), **kwargs)

        return guarded

    return decorate


def _entered(user: User, key: AppKey, action: str, slug: str) -> Gmina:
    gmina = Gmina.objects.filter(slug=slug).first()
    if gmina is None or not actions_of(user, gmina):
        raise Http404
    if not allows(user, key, action, gmina):
        raise PermissionDenied
    return gmina


def _unknown_key(request: HttpRequest) -> HttpResponse:
    how = KeyAuthentication().authenticate_header(Request(request))
    return HttpResponse(status=HTTPStatus.UNAUTHORIZED, headers={"WWW-Authenticate": how})
