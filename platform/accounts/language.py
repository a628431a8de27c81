"""The language of pages and messages: the reader's own choice, else Polish.

Accept-Language is not asked: an office's browsers are often English, its officers are not. The
choice is in a cookie; signing in sets it from User.lang, so that no page needs a query for it.
The phone app has no cookies and sends the language of its own page: `follow`.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_POST
from rest_framework.request import Request

ONE_YEAR_S = 365 * 24 * 3600


class LanguageMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with translation.override(chosen(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME))):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "")
        return response


def chosen(lang: str | None) -> str:
    """`lang` if we speak it, else Polish."""
    return lang if lang in dict(settings.LANGUAGES) and lang else settings.LANGUAGE_CODE


def follow(request: Request | HttpRequest, otherwise: str = "") -> None:
    """Speak to the app in the first language of Accept-Language that we know, or `otherwise`."""
    wanted = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    langs = [tag.partition("-")[0] for tag, _weight in wanted]
    known = [lang for lang in [*langs, otherwise] if lang in dict(settings.LANGUAGES)]
    if known:
        translation.activate(known[0])  # LanguageMiddleware's override ends it


def remember(response: HttpResponseBase, lang: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        chosen(lang),
        max_age=ONE_YEAR_S,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Signed in or not; goes back to `next` where that is ours."""
    lang = chosen(request.POST.get("language"))
    if request.user.is_authenticated:
        request.user.lang = lang
        request.user.save(update_fields=["lang"])
    response = redirect(own_page(request))
    remember(response, lang)
    return response


def own_page(request: HttpRequest) -> str:
    """`next` of the request if it is a page of this site, else the first page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # From the root: `redirect` takes anything without a slash for the name of a view.
    is_path = wanted.startswith("/")
    return wanted if ours and is_path else resolve_url(settings.LOGIN_REDIRECT_URL)
