"""What a phone may know of alerts, and what it may mute."""

import json

import pytest
from django.contrib.gis.geos import GEOSGeometry
from django.test import Client

from dispatch.models import Alert, Kind, Message
from residents.models import Mute
from teryt.models import Locality
from tests.builders import (
    aim,
    at,
    line,
    make_alert,
    make_device,
    make_gmina,
    make_kind,
    make_message,
    make_piece,
    make_place,
    make_street,
    square,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def gmina():
    return make_gmina(
        office="Urząd Gminy", contact_name="Wodociągi", contact_phone="+48 32 1234567"
    )


@pytest.fixture
def street(gmina):
    return make_street(gmina, "Główna", geom=line((0, 0), (100, 0)))


def on_street(gmina, street, **alert):
    """An alert to the street's addresses, frozen, so far told to nobody."""
    part = {"kind": "feature", "fid": street.fid, "reach": "addresses"}
    message = make_message(aim(make_alert(gmina, **alert), part), [])
    make_piece(message, street.geom, None)
    return message


def refs(phone):
    answer = phone.get("alerts/active")
    assert answer.status_code == 200
    return [alert["ref"] for alert in answer.json()]


# ── Active alerts ───────────────────────────────────────────────────────────────────────────────


def test_an_alert_that_was_delivered_is_shown_in_full(gmina, phone):
    device = make_device()
    message = make_message(make_alert(gmina), [device])
    message.texts.update(instruction="Przegotuj wodę.")
    [alert] = phone(device).get("alerts/active").json()
    assert alert.pop("sent_at").startswith("20")
    assert alert == {
        "ref": message.alert.ref,
        "message_id": str(message.pk),
        "is_drill": False,
        "message_kind": "alert",
        "kind": "woda",
        "category": "awaria",
        "severity": "important",
        "lang": "pl",
        "title": "Brak wody",
        "body": "Do 18:00 nie ma wody.",
        "instruction": "Przegotuj wodę.",
        "office": "Urząd Gminy",
        "contact": {"name": "Wodociągi", "phone": "+48 32 1234567"},
        "event_ends_at": None,
        "ended": False,
        "end_reason": "",
        "why": [],
        "area": None,
    }


def test_an_alert_elsewhere_concerns_nobody_here(gmina, street, phone):
    other = make_street(gmina, "Boczna", geom=line((0, 500), (100, 500)))
    device = make_device()
    make_place(device.resident, gmina, at=at(50, 505), street=other)
    on_street(gmina, street)
    assert refs(phone(device)) == []


def test_a_place_on_the_street_is_the_reason(gmina, street, phone):
    device = make_device()
    place = make_place(device.resident, gmina, at=at(50, 5), street=street, kind="work")
    message = on_street(gmina, street)
    [alert] = phone(device).get("alerts/active").json()
    assert alert["ref"] == message.alert.ref
    assert alert["why"] == [{"place_id": str(place.public_id), "kind": "work"}]


@pytest.mark.parametrize(("severity", "shown"), [("emergency", True), ("important", False)])
def test_a_second_candidate_street_counts_in_emergencies_only(
    gmina, street, phone, severity, shown
):
    device = make_device()
    make_place(device.resident, gmina, at=at(50, 5), street_fid_2=street.fid)
    on_street(gmina, street, severity=severity)
    assert bool(refs(phone(device))) == shown


@pytest.mark.parametrize(("x", "shown"), [(5, True), (14, True), (16, False)])
def test_a_place_within_the_reach_of_a_piece_is_inside(gmina, phone, x, shown):
    device = make_device()
    make_place(device.resident, gmina, at=at(x, 5))
    message = make_message(aim(make_alert(gmina), {"kind": "drawn"}), [])
    make_piece(message, square(0, 0, 10), 5)
    assert bool(refs(phone(device))) == shown


def test_a_village_is_told_with_its_parts_unless_they_were_unticked(gmina, phone):
    for simc, parent in (("0000002", "0000002"), ("0000003", "0000002")):
        Locality.objects.create(
            simc=simc, terc6=gmina.terc6, rodz="2", rm="01", name=simc, parent_simc=parent,
            search_name=simc, state_on="2026-01-01",
        )  # fmt: skip
    device = make_device()
    make_place(device.resident, gmina, at=at(50, 5), simc="0000003")
    village = {"kind": "locality", "simc": "0000002"}
    alone = make_message(aim(make_alert(gmina), village | {"include_parts": False}), [])
    assert refs(phone(device)) == []
    whole = make_message(aim(make_alert(gmina), village | {"include_parts": True}), [])
    assert refs(phone(device)) == [whole.alert.ref]
    assert alone.alert.ref != whole.alert.ref


def test_the_whole_gmina_is_its_own_places_and_no_others(gmina, phone):
    neighbour = make_gmina("obok")
    inside, outside = make_device(), make_device()
    make_place(inside.resident, gmina, at=at(50, 5))
    make_place(outside.resident, neighbour, at=at(50, 5))
    make_message(aim(make_alert(gmina), {"kind": "gmina"}), [])
    assert len(refs(phone(inside))) == 1
    assert refs(phone(outside)) == []


def test_a_resident_sees_on_each_phone_what_one_of_them_got(gmina, phone):
    first = make_device()
    second = make_device(first.resident)
    make_message(make_alert(gmina), [first])
    assert len(refs(phone(second))) == 1


@pytest.mark.parametrize(
    ("state", "shown"),
    [("sending", True), ("active", True), ("draft", False), ("awaiting_approval", False)],
)
def test_only_running_alerts_are_active(gmina, phone, state, shown):
    device = make_device()
    make_message(make_alert(gmina, state=state), [device])
    assert bool(refs(phone(device))) == shown


def test_the_newest_message_of_an_alert_is_the_one_shown(gmina, phone):
    device = make_device()
    alert = make_alert(gmina)
    make_message(alert, [device])
    update = make_message(alert, [device], kind="update", texts={"pl": ("Woda wraca", "Od 16.")})
    [shown] = phone(device).get("alerts/active").json()
    assert (shown["message_id"], shown["title"]) == (str(update.pk), "Woda wraca")


def test_the_text_is_in_the_devices_language_or_polish(gmina, phone):
    english, german = make_device(lang="en"), make_device(lang="de")
    texts = {"pl": ("Brak wody", "Do 18."), "en": ("No water", "Until 6 pm.")}
    make_message(make_alert(gmina), [english, german], texts=texts)
    titles = [phone(d).get("alerts/active").json()[0]["title"] for d in (english, german)]
    assert titles == ["No water", "Brak wody"]


def test_the_area_is_simplified_geojson_with_its_reach(gmina, phone):
    device = make_device()
    message = make_message(make_alert(gmina), [device])
    make_piece(message, line((0, 0), (100, 0))[0], 50)
    [alert] = phone(device).get("alerts/active").json()
    shape = GEOSGeometry(json.dumps(alert["area"]), srid=4326)
    assert 18 < shape.centroid.x < 20
    shape.transform(2180)
    assert shape.area == pytest.approx(100 * 100 + 3.14 * 50**2, rel=0.1)  # m²
    assert shape.buffer(5).contains(at(50, 49))
    assert not shape.buffer(5).contains(at(50, 60))


def test_an_area_of_lines_and_polygons_is_one_geometry(gmina, phone):
    device = make_device()
    message = make_message(make_alert(gmina), [device])
    make_piece(message, line((0, 0), (100, 0))[0], None)
    make_piece(message, square(200, 0, 50), 0)
    [alert] = phone(device).get("alerts/active").json()
    assert alert["area"]["type"] == "GeometryCollection"


def test_signed_out_is_401_everywhere():
    for path in ("alerts/active", "alerts/x-2026-1", "mutes", "kinds"):
        assert Client().get(f"/api/v1/{path}").status_code == 401


# ── One alert ───────────────────────────────────────────────────────────────────────────────────


def test_an_alert_is_read_by_its_ref_after_its_end_too(gmina, phone):
    device = make_device()
    alert = make_alert(gmina)
    message = make_message(alert, [device])
    make_piece(message, square(0, 0, 10), 0)
    Alert.objects.update(state="ended", end_reason="all_clear")
    make_message(alert, [device], kind=Message.Kind.ALL_CLEAR, texts={"pl": ("Woda jest", "Już.")})
    shown = phone(device).get(f"alerts/{alert.ref}").json()
    assert (shown["ended"], shown["end_reason"]) == (True, "all_clear")
    assert (shown["title"], shown["message_kind"]) == ("Woda jest", "all_clear")
    assert shown["area"]["type"] == "Polygon"
    assert refs(phone(device)) == []


def test_an_alert_that_does_not_concern_one_is_not_there(gmina, phone):
    told, stranger = make_device(), make_device()
    message = make_message(make_alert(gmina), [told])
    assert phone(stranger).get(f"alerts/{message.alert.ref}").status_code == 404
    assert phone(stranger).get("alerts/nothing-2026-1").status_code == 404


# ── Mutes and kinds ─────────────────────────────────────────────────────────────────────────────


def test_mutes_are_replaced_as_a_whole(gmina, phone):
    for code in ("woda", "prad", "kultura"):
        make_kind(gmina, code)
    app = phone(make_device())
    assert app.get("mutes").json() == {"kinds": []}
    assert app.put("mutes", {"kinds": ["woda", "kultura", "woda"]}).json() == {
        "kinds": ["kultura", "woda"]
    }
    app.put("mutes", {"kinds": ["prad"]})
    assert app.get("mutes").json() == {"kinds": ["prad"]}


def test_an_unknown_kind_is_named_and_changes_nothing(gmina, phone):
    make_kind(gmina, "woda")
    app = phone(make_device())
    app.put("mutes", {"kinds": ["woda"]})
    answer = app.put("mutes", {"kinds": ["woda", "pogoda"]})
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_kind")
    assert answer.json()["field"] == "kinds.1"
    assert app.get("mutes").json() == {"kinds": ["woda"]}


def test_a_kind_that_its_gmina_gave_up_may_stay_muted(gmina, phone):
    make_kind(gmina, "woda")
    app = phone(make_device())
    app.put("mutes", {"kinds": ["woda"]})
    Kind.objects.all().delete()
    assert app.put("mutes", {"kinds": ["woda"]}).status_code == 200


@pytest.mark.parametrize("body", [{}, {"kinds": "woda"}, {"kinds": [""]}, {"kinds": ["a b"]}, []])
def test_mutes_in_no_form_are_refused(phone, body):
    assert phone(make_device()).put("mutes", body).status_code == 400


def test_mutes_belong_to_the_resident_and_not_the_device(gmina, phone):
    make_kind(gmina, "woda")
    first = make_device()
    second = make_device(first.resident)
    phone(first).put("mutes", {"kinds": ["woda"]})
    assert phone(second).get("mutes").json() == {"kinds": ["woda"]}
    assert Mute.objects.count() == 1


def test_kinds_are_those_of_the_gminas_of_ones_places(gmina, phone):
    elsewhere = make_gmina("obok")
    make_kind(gmina, "woda", title_pl="Woda", title_en="Water")
    make_kind(gmina, "gaz", active=False)
    make_kind(elsewhere, "sport")
    device = make_device()
    assert phone(device).get("kinds").json() == []
    make_place(device.resident, gmina, at=at(5, 5))
    assert phone(device).get("kinds").json() == [
        {
            "gmina": "testowo",
            "code": "woda",
            "category": "awaria",
            "title_pl": "Woda",
            "title_en": "Water",
        }
    ]
