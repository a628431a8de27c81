"""Staff pages of alerts: thin; what is alive on them is an island that talks to the REST API."""

from typing import Any, cast

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import StaffRequest, actions_of, gminas_of, staff_view, verified_view
from accounts.models import Gmina, User
from dispatch import alert_page, notices, overview, payload, watch
from dispatch import lookup as addresses
from dispatch.models import Alert

PAGE_SIZE = 20


@verified_view
def start(request: HttpRequest) -> HttpResponse:
    """The first page of the only gmina one works for, or a choice of them."""
    user = cast(User, request.user)
    choices = [{"name": gmina.name, "url": first_page(user, gmina)} for gmina in gminas_of(user)]
    if user.is_operator:
        choices.append({"name": _("The installation"), "url": reverse("operator")})
    if len(choices) == 1:
        return redirect(choices[0]["url"])
    return render(request, "staff/choose.html", {"choices": choices})


def first_page(user: User, gmina: Gmina) -> str:
    """The desk; of GIS officers the layers; else what the hotline has, the address look-up."""
    actions = actions_of(user, gmina)
    pages = {"alert.read": "staff:desk", "layer.write": "layers:list"}
    name = next((page for action, page in pages.items() if action in actions), "staff:lookup")
    return reverse(name, args=[gmina.slug])


@staff_view("alert.read")
def desk(request: StaffRequest, gmina: Gmina) -> HttpResponse:
    troubles = [
        {"row": overview.Row(incident.message.alert), "incident": incident}
        for incident in watch.of_gmina(gmina)
    ]
    context = overview.desk(gmina, request.user) | {"troubles": troubles}
    return render(request, "staff/desk.html", context)


@staff_view("alert.read")
def history(request: StaffRequest, gmina: Gmina) -> HttpResponse:
    form = overview.HistoryForm(request.GET)
    page = Paginator(overview.history(gmina, form), PAGE_SIZE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {"form": form, "page": page, "rows": overview.rows(page), "query": query.urlencode()}
    return render(request, "staff/history.html", context)


def composer(request: StaffRequest, ref: str | None) -> dict[str, Any]:
    """What the composer's island is told about the gmina, the person and the limits."""
    gmina = request.gmina
    return {
        "gmina": gmina.slug,
        "office": gmina.office,
        "is_town": gmina.kind == Gmina.Kind.TOWN,
        "is_demo": gmina.is_demo,
        "ref": ref,
        "may_approve": "alert.approve" in request.actions,
        "may_send_alone": "alert.send_alone" in request.actions,
        "two_person_rule": gmina.two_person_rule,
        "text_overhead": payload.overhead(),
        "text_limit": settings.FCM_PAYLOAD_MAX_BYTES,
        "reach_limit_m": settings.AREA_MAX_REACH_M,
    }


@staff_view("alert.write")
def new(request: StaffRequest, gmina: Gmina) -> HttpResponse:
    return render(request, "staff/compose.html", {"island": composer(request, None)})


@staff_view("alert.write")
def edit(request: StaffRequest, gmina: Gmina, ref: str) -> HttpResponse:
    alert = get_object_or_404(Alert, gmina=gmina, ref=ref)
    if alert.state != Alert.State.DRAFT:
        return redirect("staff:alert", slug=gmina.slug, ref=ref)
    return render(request, "staff/compose.html", {"island": composer(request, ref), "alert": alert})


@staff_view("alert.read")
def alert(request: StaffRequest, gmina: Gmina, ref: str) -> HttpResponse:
    found = get_object_or_404(overview.alerts_of(gmina), ref=ref)
    context = {
        "row": overview.Row(found),
        "alert": found,
        "texts": found.texts.all(),
        "people": alert_page.people_of(found),
        "dates": overview.rows(overview.alerts_of(gmina).filter(series=found)),
        "course": alert_page.course(found),
        "asked": notices.asked(found),
        "messages_sent": alert_page.sent(found),
        "moves": alert_page.moves(found, request.user, request.actions),
        "live": {"gmina": gmina.slug, "ref": ref, "state": found.state},
        "area": {"gmina": gmina.slug, "parts": alert_page.shapes(found)},
    }
    return render(request, "staff/alert.html", context)


@staff_view("address.lookup")
def lookup(request: StaffRequest, gmina: Gmina) -> HttpResponse:
    """Addresses and, for those who may read running alerts, which of them reach people there."""
    form = addresses.LookupForm(request.GET or None)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    reads_alerts = "alert.read_active" in request.actions
    context = {
        "form": form,
        "words": words,
        "reads_alerts": reads_alerts,
        "found": addresses.look_up(gmina, words) if words else [],
        "running": addresses.running(gmina) if reads_alerts else [],
    }
    return render(request, "staff/lookup.html", context)
