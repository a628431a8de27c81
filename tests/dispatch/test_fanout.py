"""Freezing: who gets a delivery, in what order, and that it is all or nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone as django_timezone

from dispatch import alert_page, areas, audiences, drafts, fanout, jobs
from dispatch.errors import AudienceChanged, FcmNotConfigured
from dispatch.fanout import Text
from dispatch.models import Alert, AreaPiece, Batch, Delivery, Message, MessageText
from gis_layers import editions
from gis_layers.models import Feature, FeatureChange, Layer
from residents.models import Device, Mute, Place
from tests.builders import (
    aim,
    at,
    line,
    make_alert,
    make_device,
    make_district,
    make_gmina,
    make_locality,
    make_place,
    make_resident,
    make_street,
    make_user,
    publish,
    square,
    told,
)

pytestmark = pytest.mark.django_db

TEXTS = [Text("pl", "Brak wody", "Do 18:00."), Text("en", "No water", "Until 6 p.m.")]


@pytest.fixture(autouse=True)
def emulator_is_set(settings):
    settings.FCM_EMULATOR_URL = "http://127.0.0.1:1"
    settings.FCM_CREDENTIALS = ""


@pytest.fixture
def woken(monkeypatch):
    calls: list[int] = []
    monkeypatch.setattr(jobs, "wake", calls.append)
    return calls


@pytest.fixture
def anna():
    return make_user("anna@a.pl")


def inhabitant(gmina, *, street=None, phones=1, **place):
    resident = make_resident()
    make_place(resident, gmina, **{"at": at(10, 10), "street": street, **place})
    return [make_device(resident) for _n in range(phones)]


def street_alert(gmina, street, **fields):
    """An alert aimed at the street and seen as it is now."""
    alert = aim(make_alert(gmina, **fields), {"kind": "feature", "fid": street.fid})
    return see(alert)


def see(alert):
    area = areas.resolve(alert.gmina, areas.chosen_parts(alert))
    seen = audiences.preview(alert.gmina, area, alert.kind, alert.severity)
    alert.seen_residents, alert.seen_hash = seen.residents, seen.hash
    alert.seen_editions = fanout.by_layer(area)
    alert.save()
    return alert


def endpoints(message):
    """Device ids in sending order."""
    rows = Delivery.objects.filter(message_id=message.pk).order_by("batch_no", "pos")
    return list(rows.values_list("endpoint_id", flat=True))


# ── What is written ────────────────────────────────────────────────────────────────────────────


def test_every_phone_of_the_street_gets_one_delivery_and_nobody_else(anna, woken):
    gmina = make_gmina()
    glowna = make_street(gmina, "Główna", geom=line((0, 0), (100, 0)))
    aleja = make_street(gmina, "Aleja Główna", geom=line((0, 9), (100, 9)))
    told = inhabitant(gmina, street=glowna, phones=2) + inhabitant(gmina, street=glowna)
    make_place(told[0].resident, gmina, at=at(20, 0), street=glowna, kind="work")
    inhabitant(gmina, street=aleja)
    message = fanout.freeze(street_alert(gmina, glowna), by=anna, texts=TEXTS).message
    assert sorted(endpoints(message)) == sorted(device.pk for device in told)
    assert (message.residents, message.devices) == (2, 3)
    assert (message.transport, message.kind, message.frozen_by_id) == ("emulator", "alert", anna.pk)


def test_the_message_keeps_words_area_and_editions(anna, woken):
    gmina = make_gmina()
    street = make_street(gmina, "Główna", geom=line((0, 0), (100, 0)))
    district = make_district(gmina, "Klimzowiec", geom=square(0, 0, 100))
    inhabitant(gmina, street=street)
    alert = aim(
        make_alert(gmina),
        {"kind": "feature", "fid": street.fid},
        {"kind": "feature", "fid": district.fid},
    )
    message = fanout.freeze(see(alert), by=anna, texts=TEXTS).message
    message.refresh_from_db()
    assert message.editions == {str(street.layer_id): 1, str(district.layer_id): 1}
    assert message.area_hash == areas.resolve(gmina, areas.chosen_parts(alert)).hash
    texts = MessageText.objects.filter(message=message).values_list("lang", "title")
    assert set(texts) == {("pl", "Brak wody"), ("en", "No water")}
    pieces = AreaPiece.objects.filter(message=message).order_by("part_position")
    assert [(piece.geom.geom_type, piece.reach_m) for piece in pieces] == [
        ("LineString", None),
        ("Polygon", 0),
    ]


def test_a_sent_alert_keeps_the_map_it_was_aimed_with(anna, woken):
    """Another line, another name, the street gone: what was sent stays, drawn as it was."""
    gmina = make_gmina()
    street = make_street(gmina, "Główna", geom=line((0, 0), (100, 0)))
    inhabitant(gmina, street=street)
    alert = aim(make_alert(gmina), {"kind": "feature", "fid": street.fid})
    drafts.keep_editions(alert, areas.resolve(gmina, areas.chosen_parts(alert)))
    message = fanout.freeze(see(alert), by=anna, texts=TEXTS).message
    pieces = set(AreaPiece.objects.filter(message=message).values_list("geom", flat=True))
    drawn = alert_page.shapes(alert)
    for change in (
        FeatureChange(op="replace", fid=street.fid, name="Inna", geom=line((0, 500), (100, 500))),
        FeatureChange(op="remove", fid=street.fid),
    ):
        publish(editions.stage(street.layer, [change], None, "test"))
        message.refresh_from_db()
        assert message.editions == {str(street.layer_id): 1}
        assert alert_page.shapes(alert) == drawn
        assert set(AreaPiece.objects.filter(message=message).values_list("geom", flat=True)) == (
            pieces
        )
    assert drawn[0]["geometry"] is not None


def test_batches_hold_as_many_as_the_setting_says_and_wait_for_a_sender(anna, settings, woken):
    settings.SEND_BATCH = 2
    gmina = make_gmina()
    street = make_street(gmina, "Główna", geom=line((0, 0), (100, 0)))
    inhabitant(gmina, street=street, phones=5)
    message = fanout.freeze(street_alert(gmina, street), by=anna, texts=TEXTS).message
    batches = Batch.objects.filter(message_id=message.pk).order_by("pk")
    assert [(batch.no, batch.n, batch.codes, batch.fcm_ids) for batch in batches] == [
        (1, 2, [0, 0], [None, None]),
        (2, 2, [0, 0], [None, None]),
        (3, 1, [0], [None]),
    ]
    assert {(batch.state, batch.attempt, batch.priority) for batch in batches} == {(0, 0, 1)}
    rows = Delivery.objects.filter(message_id=message.pk).order_by("batch_no", "pos")
    positions = [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1)]
    assert list(rows.values_list("batch_no", "pos")) == positions
    assert woken == [1]


def test_the_nearest_to_the_middle_go_first_and_phones_silent_for_a_month_last(anna, woken):
    gmina = make_gmina()
    district = make_district(gmina, "Klimzowiec", geom=square(0, 0, 1000))
    now = django_timezone.now()
    made = {}
    for metres, days in [(400, 31), (200, 1), (1, 31), (400, 1), (1, 29), (200, 31)]:
        [device] = inhabitant(gmina, at=at(500 + metres, 500))
        Device.objects.filter(pk=device.pk).update(last_seen_at=now - timedelta(days=days))
        made[device.pk] = (days > 30, metres)
    order = sorted(made, key=made.__getitem__)
    alert = aim(make_alert(gmina), {"kind": "feature", "fid": district.fid, "reach": "metres"})
    assert endpoints(fanout.freeze(see(alert), by=anna, texts=TEXTS).message) == order


def test_an_area_without_a_shape_goes_out_from_the_middle_of_its_people(anna, woken):
    gmina = make_gmina()
    make_locality(gmina, "Kowale", "0000100")
    far, *near = (
        inhabitant(gmina, at=at(x, 100), simc="0000100")[0].pk for x in (900, 100, 110, 120)
    )
    alert = aim(make_alert(gmina), {"kind": "locality", "simc": "0000100"})
    sent = endpoints(fanout.freeze(see(alert), by=anna, texts=TEXTS).message)
    assert sorted(sent) == sorted([far, *near])
    assert sent[-1] == far


def test_the_reason_is_home_before_work_before_other(anna, woken):
    gmina = make_gmina()
    street = make_street(gmina, "Główna", geom=line((0, 0), (100, 0)))
    expected = {}
    for kinds in [("work", "home"), ("other", "work"), ("other",)]:
        [device] = inhabitant(gmina, street=street, kind=kinds[0])
        for kind in kinds[1:]:
            make_place(device.resident, gmina, at=at(1, 1), street=street, kind=kind)
        expected[device.pk] = min(kinds, key=["home", "work", "other"].index)
    message = fanout.freeze(street_alert(gmina, street), by=anna, texts=TEXTS).message
    rows = Delivery.objects.filter(message_id=message.pk)
    assert dict(rows.values_list("endpoint_id", "place_kind")) == expected


def test_somebody_who_is_here_by_one_place_and_elsewhere_by_another_is_told_once(anna, woken):
    gmina, neighbour = make_gmina("a"), make_gmina("b")
    [both] = inhabitant(gmina)
    make_place(both.resident, neighbour, at=at(1, 1), kind="work")
    [only_there] = inhabitant(neighbour)
    alert = see(aim(make_alert(gmina), {"kind": "gmina"}))
    message = fanout.freeze(alert, by=anna, texts=TEXTS).message
    assert endpoints(message) == [both.pk]
    assert set(Delivery.objects.values_list("gmina_id", flat=True)) == {gmina.pk}
    assert only_there.pk not in endpoints(message)


def test_muted_and_unreachable_get_nothing_and_are_counted(anna, woken):
    gmina = make_gmina()
    [told] = inhabitant(gmina)
    [muted] = inhabitant(gmina)
    Mute.objects.create(resident=muted.resident, kind="woda")
    make_place(make_device(token="").resident, gmina, at=at(1, 1))
    alert = see(aim(make_alert(gmina), {"kind": "gmina"}))
    message = fanout.freeze(alert, by=anna, texts=TEXTS).message
    assert endpoints(message) == [told.pk]
    assert (message.unreachable, message.muted) == (1, 1)


def test_everything_carries_the_first_day_of_the_freezing_month_in_utc(anna, woken, monkeypatch):
    gmina = make_gmina()
    inhabitant(gmina)
    alert = see(aim(make_alert(gmina), {"kind": "gmina"}))
    # In Poland it is December already.
    moment = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    monkeypatch.setattr(django_timezone, "now", lambda: moment)
    message = fanout.freeze(alert, by=anna, texts=TEXTS).message
    months = {message.month, *Batch.objects.values_list("month", flat=True)}
    months |= set(Delivery.objects.values_list("month", flat=True))
    assert {month.isoformat() for month in months} == {"2026-11-01"}


def test_freezing_takes_no_query_per_phone(anna, woken, django_assert_max_num_queries):
    gmina = make_gmina()
    for _n in range(30):
        inhabitant(gmina, phones=2)
    alert = see(aim(make_alert(gmina), {"kind": "gmina"}))
    with django_assert_max_num_queries(14):
        message = fanout.freeze(alert, by=anna, texts=TEXTS).message
    assert message.devices == 60


# ── All or nothing ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("broken", ["pieces", "texts", "wake"])
def test_an_error_in_the_middle_leaves_nothing(anna, woken, monkeypatch, broken):
    def fail(*_args, **_more):
        raise IntegrityError("in the middle")

    gmina = make_gmina()
    inhabitant(gmina)
    alert = see(aim(make_alert(gmina), {"kind": "gmina"}))
    manager = {"pieces": AreaPiece.objects, "texts": MessageText.objects}.get(broken)
    if manager is None:
        monkeypatch.setattr(jobs, "wake", fail)
    else:
        monkeypatch.setattr(manager, "bulk_create", fail)
    with pytest.raises(IntegrityError):
        fanout.freeze(alert, by=anna, texts=TEXTS)
    for model in (Message, MessageText, AreaPiece, Batch, Delivery):
        assert not model.objects.exists(), model


@pytest.mark.parametrize(("credentials", "emulator"), [("", ""), ("/key.json", "http://e")])
def test_neither_or_both_transports_freeze_nothing(anna, settings, woken, credentials, emulator):
    settings.FCM_CREDENTIALS, settings.FCM_EMULATOR_URL = credentials, emulator
    gmina = make_gmina()
    inhabitant(gmina)
    alert = see(aim(make_alert(gmina), {"kind": "gmina"}))
    with pytest.raises(FcmNotConfigured):
        fanout.freeze(alert, by=anna, texts=TEXTS)
    assert not Message.objects.exists()
    assert woken == []


# ── Fail closed ────────────────────────────────────────────────────────────────────────────────


def seen_alert(gmina, seen, *, severity="important"):
    alert = see(aim(make_alert(gmina, severity=severity), {"kind": "gmina"}))
    alert.seen_residents, alert.seen_told = seen, told(seen, seen)
    return alert


@pytest.mark.parametrize(
    ("seen", "now", "is_refused"),
    [
        (25, 5, False),  # 20 fewer: as many as allowed
        (26, 5, True),
        (0, 20, False),
        (0, 21, True),
        (400, 440, False),  # a tenth
        (400, 441, True),
        (400, 360, False),
        (400, 359, True),
        (7, 0, True),  # nobody, however few there were
    ],
)
def test_an_audience_that_changed_much_is_refused(seen, now, is_refused):
    alert = Alert(seen_residents=seen)
    counted = audiences.Preview((audiences.Group(residents=now),), (), hash="")
    area = areas.Area((), (), (), (), {})
    assert bool(fanout.difference(alert, area, counted)) is is_refused


def test_a_refusal_says_what_was_seen_and_what_is_now_and_writes_nothing(anna, woken):
    gmina = make_gmina()
    for _n in range(6):
        inhabitant(gmina)
    with pytest.raises(AudienceChanged) as refusal:
        fanout.freeze(seen_alert(gmina, 30), by=anna, texts=TEXTS)
    assert refusal.value.details == {
        "reason": "count",
        "seen": {"count": 30, "masked": False, "below": None},
        "now": {"count": 6, "masked": False, "below": None},
    }
    assert not Message.objects.exists()
    assert not Delivery.objects.exists()


def test_an_emergency_is_sent_all_the_same_and_flagged(anna, woken):
    gmina = make_gmina()
    inhabitant(gmina)
    alert = seen_alert(gmina, 500, severity="emergency")
    frozen = fanout.freeze(alert, by=anna, texts=TEXTS)
    assert frozen.changed == "count"
    assert frozen.message.devices == 1
    assert woken == [0]


def test_an_emergency_to_nobody_is_refused(anna, woken):
    alert = seen_alert(make_gmina(), 5, severity="emergency")
    with pytest.raises(AudienceChanged) as refusal:
        fanout.freeze(alert, by=anna, texts=TEXTS)
    assert refusal.value.details["reason"] == "nobody"


def test_other_people_after_a_new_edition_are_refused_and_without_one_allowed(anna, woken):
    gmina = make_gmina()
    street = make_street(gmina, "Główna", geom=line((0, 0), (100, 0)))
    inhabitant(gmina, street=street)
    alert = street_alert(gmina, street)
    Place.objects.all().update(street_fid=None)
    inhabitant(gmina, street=street)  # one for one
    area = areas.resolve(gmina, areas.chosen_parts(alert))
    now = audiences.preview(gmina, area, alert.kind, alert.severity)
    assert fanout.difference(alert, area, now) == ""
    Layer.objects.filter(pk=street.layer_id).update(edition_number=2)
    with pytest.raises(AudienceChanged) as refusal:
        fanout.freeze(alert, by=anna, texts=TEXTS)
    assert refusal.value.details["reason"] == "map"


def test_a_new_edition_with_the_same_people_is_sent(anna, woken):
    gmina = make_gmina()
    street = make_street(gmina, "Główna", geom=line((0, 0), (100, 0)))
    inhabitant(gmina, street=street)
    alert = street_alert(gmina, street)
    Layer.objects.filter(pk=street.layer_id).update(edition_number=2)
    Feature.objects.filter(pk=street.pk).update(geom=line((0, 1), (100, 1)))
    assert fanout.freeze(alert, by=anna, texts=TEXTS).message.editions == {str(street.layer_id): 2}


def test_a_street_that_is_gone_from_the_map_is_refused(anna, woken):
    gmina = make_gmina()
    street = make_street(gmina, "Główna", geom=line((0, 0), (100, 0)))
    inhabitant(gmina, street=street)
    alert = street_alert(gmina, street)
    Feature.objects.filter(pk=street.pk).update(until=2)
    with pytest.raises(AudienceChanged) as refusal:
        fanout.freeze(alert, by=anna, texts=TEXTS)
    assert refusal.value.details == {
        "reason": "area",
        "refused": "unknown_feature",
        "field": "parts.0.fid",
    }
