"""What the page of one alert shows beside the live figures: area, buttons, course of events."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.gis.db.models.functions import AsGeoJSON, Transform
from django.contrib.gis.geos import GEOSGeometry
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.models import User
from audit.models import Event
from audit.verbs import Verb
from dispatch import approval, overview, shown, updates
from dispatch.masking import Told
from dispatch.models import Alert, AreaPart, Message, MessageText
from dispatch.parts import name_of
from dispatch.states import RUNNING
from gis_layers.models import AddressPoint, Feature
from gis_layers.outlines import gmina_outline

DECIMALS = 6  # of degrees: a decimetre
COURSE_MAX = 100

# What happened, as a sentence; a verb that is not here is not part of an alert's course.
COURSE = {
    Verb.ALERT_DRAFTED: gettext_lazy("Draft made"),
    Verb.ALERT_EDITED: gettext_lazy("Draft changed"),
    Verb.ALERT_SUBMITTED: gettext_lazy("Handed over for approval"),
    Verb.ALERT_RECALLED: gettext_lazy("Taken back from approval"),
    Verb.ALERT_RETURNED: gettext_lazy("Returned for correction"),
    Verb.ALERT_SENT_BACK: gettext_lazy("Sent back: its audience has changed"),
    Verb.ALERT_APPROVED: gettext_lazy("Approved"),
    Verb.ALERT_RELEASED: gettext_lazy("Released: the rules ask for no second person"),
    Verb.ALERT_BYPASSED: gettext_lazy("Released without a second person"),
    Verb.ALERT_CANCELLED: gettext_lazy("Called off, nothing was sent"),
    Verb.ALERT_OCCURRED: gettext_lazy("A date of its series has come"),
    Verb.ALERT_MISSED: gettext_lazy("Not sent: its time was missed"),
    Verb.ALERT_COMPLETED: gettext_lazy("The last date of the series has come"),
    Verb.ALERT_SENDING: gettext_lazy("Sending started"),
    Verb.ALERT_SENT: gettext_lazy("Handed over to all phones"),
    Verb.UPDATE_PROPOSED: gettext_lazy("Update handed over for approval"),
    Verb.UPDATE_APPROVED: gettext_lazy("Update approved and sent"),
    Verb.UPDATE_DROPPED: gettext_lazy("Update dropped"),
    Verb.UPDATE_SENT: gettext_lazy("Update sent"),
    Verb.ALERT_EXTENDED: gettext_lazy("Extended, those who had it were told"),
    Verb.ALERT_ALL_CLEAR: gettext_lazy("Ended, those who had it were told"),
    Verb.ALERT_WITHDRAWN: gettext_lazy("Withdrawn, those who had it were told"),
    Verb.ALERT_EXPIRED: gettext_lazy("Expired"),
}


@dataclass(frozen=True)
class Happening:
    """One line of the course: `who` is empty for what the system did."""

    at: datetime
    what: str
    who: str


def course(alert: Alert) -> list[Happening]:
    """What happened to the alert, newest first; of changes in a row only the last."""
    events = Event.objects.filter(
        gmina_id=alert.gmina_id, target_kind="alert", target_id=alert.ref, verb__in=COURSE
    ).order_by("-id")[:COURSE_MAX]
    names = dict(User.objects.filter(pk__in={e.actor_id for e in events}).values_list("pk", "name"))
    told: list[Happening] = []
    previous = ""
    for event in events:
        if event.verb != previous or event.verb != Verb.ALERT_EDITED:
            who = names.get(event.actor_id or 0, "")
            told.append(Happening(event.at, str(COURSE[Verb(event.verb)]), who))
        previous = event.verb
    return told


# The buttons in the order they stand, the primary one last; names as in the REST API.
BUTTONS = (
    "delete",
    "recall",
    "return",
    "cancel",
    "bypass",
    "withdraw",
    "update",
    "update-send",
    "update-drop",
    "update-approve",
    "extend",
    "submit",
    "send",
    "all-clear",
    "approve",
)
# So long before the expected end the page asks whether the event goes on, asked by notice or not.
ASK_BEFORE = timedelta(minutes=30)


def moves(alert: Alert, user: User, actions: frozenset[str]) -> dict[str, Any]:
    """What the island of buttons needs: the moves open to this person, to how many they speak."""
    able = approval.rights(user, alert.gmina, actions)
    [told] = shown.many([alert], alert.gmina, user, actions)
    allowed = told["allowed_moves"]
    is_waiting = alert.state == Alert.State.AWAITING_APPROVAL and approval.APPROVE in able
    return {
        "gmina": alert.gmina.slug,
        "ref": alert.ref,
        "version": alert.version,
        # As text: JavaScript keeps no microseconds, and approval compares exactly.
        "submitted_at": _text(alert.submitted_at),
        "moves": [name for name in BUTTONS if name in allowed],
        "residents": overview.audience(alert).to_json(),
        "waits_for_other": is_waiting and "approve" not in allowed,
        "texts": told["texts"],
        "event_ends_at": _text(alert.event_ends_at),
        "expires_at": _text(alert.expires_at),
        "planned_at": _text(overview.planned_at(alert)),
        "is_end_asked": _is_end_asked(alert),
        "update": told["waiting_update"],
        "update_needs_reason": not approval.may_send(updates.decision_on(alert), able),
        "may_word_end": updates.may_word_end(alert, able),
        "edit_url": reverse("staff:edit", args=[alert.gmina.slug, alert.ref]),
    }


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _is_end_asked(alert: Alert) -> bool:
    """Whether somebody has to say if a running event goes on."""
    if alert.state not in RUNNING or alert.event_ends_at is None:
        return False
    is_near = alert.event_ends_at <= timezone.now() + ASK_BEFORE
    return is_near or alert.end_asked_at is not None


@dataclass(frozen=True)
class Sent:
    """One message of an alert as it was sent: its sort in words, to how many, and its texts."""

    message: Message
    what: str
    people: str
    texts: list[MessageText]


MESSAGE_NAMES = {
    Message.Kind.ALERT: gettext_lazy("Alert"),
    Message.Kind.UPDATE: gettext_lazy("Update"),
    Message.Kind.EXTENSION: gettext_lazy("Extension"),
    Message.Kind.ALL_CLEAR: gettext_lazy("All-clear"),
    Message.Kind.WITHDRAWAL: gettext_lazy("Withdrawal"),
}


def sent(alert: Alert) -> list[Sent]:
    """Everything that people were sent of it, newest first."""
    return [
        Sent(
            message,
            str(MESSAGE_NAMES[Message.Kind(message.kind)]),
            overview.people(Told.from_json(message.told).residents),
            list(message.texts.all()),
        )
        for message in alert.messages.prefetch_related("texts").order_by("-pk")
    ]


def shapes(alert: Alert) -> list[dict[str, Any]]:
    """The parts as the map shows them: label, fid, reach in metres, GeoJSON in 4326.

    Features are drawn as they were in the edition the alert was aimed with; a locality has no
    shape (geometry null).
    """
    return [
        {
            "label": name_of(part, alert.gmina),
            "fid": part.fid,
            "reach_m": part.reach_m,
            "geometry": _SHAPE_OF[part.kind](alert, part),
        }
        for part in alert.parts.all()
    ]


def _feature_shape(_alert: Alert, part: AreaPart) -> Any:
    number = part.edition_number or 0
    then = Q(until=None) | Q(until__gt=number)
    for model in (Feature, AddressPoint):
        rows = model.objects.filter(then, layer=part.layer_id, fid=part.fid or 0, since__lte=number)
        shape = AsGeoJSON(Transform("geom", 4326), precision=DECIMALS)
        if row := rows.values_list(shape, flat=True).first():
            return json.loads(row)
    return None


def _drawn_shape(_alert: Alert, part: AreaPart) -> Any:
    return _degrees(part.geom) if part.geom else None


def _gmina_shape(alert: Alert, _part: AreaPart) -> Any:
    outline = gmina_outline(alert.gmina)
    return _degrees(outline.geom) if outline else None


def _degrees(geom: GEOSGeometry) -> Any:
    return json.loads(geom.transform(4326, clone=True).geojson)


_SHAPE_OF: dict[str, Callable[[Alert, AreaPart], Any]] = {
    AreaPart.Kind.FEATURE: _feature_shape,
    AreaPart.Kind.DRAWN: _drawn_shape,
    AreaPart.Kind.LOCALITY: lambda _alert, _part: None,
    AreaPart.Kind.GMINA: _gmina_shape,
}


def people_of(alert: Alert) -> dict[str, str]:
    """Names of who wrote, handed over and approved it; "" for nobody."""
    ids = {
        "author": alert.author_id,
        "submitted_by": alert.submitted_by_id,
        "approved_by": alert.approved_by_id,
    }
    names = dict(User.objects.filter(pk__in=filter(None, ids.values())).values_list("pk", "name"))
    return {role: names.get(pk or 0, "") for role, pk in ids.items()}
