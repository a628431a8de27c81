"""Late arrivals: who comes into a running alert's area gets its current message, once."""

from datetime import timedelta

import pytest
import shapely
from django.db import connection
from django.utils import timezone
from django_rq import get_queue
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts import work_queue
from dispatch import areas, audiences, clock, fanout, late
from dispatch.fanout import Text
from dispatch.models import Alert, Arrival, Batch, Delivery, Message
from dispatch.outcomes import Outcome
from dispatch.phone_api import set_mutes
from gis_layers import editions
from gis_layers.models import FeatureChange
from residents import enrolment, privacy, reattachment, whereabouts
from residents.models import Device, Mute, Place, Reattachment, Resident
from residents.signals import place_changed
from tests.builders import (
    ORIGIN,
    aim,
    at,
    line,
    make_address,
    make_alert,
    make_device,
    make_district,
    make_gmina,
    make_kind,
    make_locality,
    make_place,
    make_resident,
    make_street,
    make_user,
    square,
)

pytestmark = pytest.mark.django_db
TEXTS = [Text("pl", "Brak wody", "Do 18:00.")]


@pytest.fixture(autouse=True)
def emulator_is_set(settings, queue_server):
    settings.FCM_EMULATOR_URL = "http://127.0.0.1:1"
    settings.FCM_CREDENTIALS = ""


@pytest.fixture
def anna():
    return make_user("anna@a.pl")


@pytest.fixture
def gmina():
    return make_gmina()


def resident_at(gmina, x, y, *, phones=1, **place):
    """A resident as the app makes one: the place is told of like any other."""
    resident = make_resident()
    for _phone in range(phones):
        make_device(resident)
    appear(resident, gmina, x, y, **place)
    return resident


def appear(resident, gmina, x, y, **place):
    row = make_place(resident, gmina, at=at(x, y), **place)
    place_changed.send(sender=Place, place_ids=[row.pk])
    return row


def move(place, x, y):
    Place.objects.filter(pk=place.pk).update(geom=at(x, y))
    place_changed.send(sender=Place, place_ids=[place.pk])


def begin(alert, *parts, by):
    """Aim and send the alert, seen as it is now."""
    aim(alert, *parts)
    area = areas.resolve(alert.gmina, areas.chosen_parts(alert))
    seen = audiences.preview(alert.gmina, area, alert.kind, alert.severity)
    alert.seen_residents, alert.seen_editions = seen.residents, fanout.by_layer(area)
    alert.save()
    return fanout.freeze(alert, by=by, texts=TEXTS).message


def within(district):
    return {"kind": "feature", "fid": district.fid, "reach": "metres"}


def district_alert(gmina, anna, *, size=100, **fields):
    """A running alert to the square with its corner at the origin, which one person had."""
    district = make_district(gmina, "Klimzowiec", geom=square(0, 0, size))
    resident_at(gmina, 50, 50)
    alert = make_alert(gmina, **fields)
    begin(alert, within(district), by=anna)
    late.work()
    return alert


def messages_of(resident):
    """Ids of the messages that the resident's phones were or will be told, one a delivery."""
    return sorted(
        Delivery.objects.filter(resident_id=resident.pk).values_list("message_id", flat=True)
    )


def newest(alert):
    return alert.messages.order_by("pk").last()


# ── Who is told ────────────────────────────────────────────────────────────────────────────────


def test_a_place_that_appears_gets_the_message_on_every_phone_once(gmina, anna):
    alert = district_alert(gmina, anna)
    newcomer = resident_at(gmina, 10, 10, phones=2)
    assert late.work() == 2
    assert messages_of(newcomer) == [newest(alert).pk] * 2
    assert not Arrival.objects.exists()
    appear(newcomer, gmina, 20, 20, kind="work")
    assert late.work() == 0


def test_a_place_that_moves_in_gets_it_and_out_and_in_again_not_twice(gmina, anna):
    alert = district_alert(gmina, anna)
    mover = resident_at(gmina, 500, 500)
    assert late.work() == 0
    place = mover.places.get()
    for x in (50, 500, 60):
        move(place, x, 50)
        late.work()
    assert messages_of(mover) == [newest(alert).pk]


def test_late_ones_go_into_batches_of_their_own_with_the_next_numbers(gmina, anna, settings):
    settings.SEND_BATCH = 2
    alert = district_alert(gmina, anna)
    resident_at(gmina, 10, 10, phones=3)
    late.work()
    batches = Batch.objects.filter(message_id=newest(alert).pk).order_by("no")
    assert [(batch.no, batch.n, batch.codes) for batch in batches] == [
        (1, 1, [0]),
        (2, 2, [0, 0]),
        (3, 1, [0]),
    ]


def test_late_ones_are_counted_apart(gmina, anna):
    alert = district_alert(gmina, anna)
    newcomer = resident_at(gmina, 10, 10, phones=2)
    late.work()
    make_device(newcomer)  # a third phone of somebody who is counted already
    place_changed.send(sender=Place, place_ids=[newcomer.places.get().pk])
    late.work()
    message = newest(alert)
    assert (message.residents, message.devices) == (1, 1)
    assert (message.late_residents, message.late_devices) == (1, 3)


def test_a_street_is_joined_by_attachment_and_a_village_by_its_number(gmina, anna):
    street = make_street(gmina, "Główna", geom=line((0, 0), (100, 0)))
    make_locality(gmina, "Kowale", "0000100")
    make_locality(gmina, "Kowale Dolne", "0000101", parent_simc="0000100")
    resident_at(gmina, 1, 1, street=street)
    parts = {"kind": "feature", "fid": street.fid}, {"kind": "locality", "simc": "0000100"}
    begin(make_alert(gmina), *parts, by=anna)
    on_street = resident_at(gmina, 900, 900, street=street)
    in_village = resident_at(gmina, 900, 900, simc="0000101")
    elsewhere = resident_at(gmina, 50, 0, simc="0000200")
    late.work()
    told = [bool(messages_of(person)) for person in (on_street, in_village, elsewhere)]
    assert told == [True, True, False]


def test_a_whole_gmina_is_joined_by_its_own_places_only(gmina, anna):
    resident_at(gmina, 1, 1)
    begin(make_alert(gmina), {"kind": "gmina"}, by=anna)
    inside, outside = resident_at(gmina, 2, 2), resident_at(make_gmina("b"), 3, 3)
    late.work()
    assert (bool(messages_of(inside)), bool(messages_of(outside))) == (True, False)


@pytest.mark.parametrize(("severity", "told"), [("info", False), ("emergency", True)])
def test_mutes_are_obeyed_except_in_emergencies(gmina, anna, severity, told):
    district_alert(gmina, anna, severity=severity)
    newcomer = resident_at(gmina, 10, 10)
    Mute.objects.create(resident=newcomer, kind="woda")
    late.work()
    assert bool(messages_of(newcomer)) is told


def test_who_unmutes_a_kind_gets_what_runs_of_it_once(gmina, anna):
    alert = district_alert(gmina, anna)
    make_kind(gmina, "prad")
    newcomer = resident_at(gmina, 10, 10, phones=2)
    set_mutes(newcomer, ["woda", "prad"])
    late.work()
    set_mutes(newcomer, ["woda"])
    assert late.work() == 0
    set_mutes(newcomer, [])
    assert late.work() == 2
    assert messages_of(newcomer) == [newest(alert).pk] * 2
    set_mutes(newcomer, ["woda"])
    set_mutes(newcomer, [])
    assert late.work() == 0


def test_who_sleeps_is_held_until_they_wake(gmina, anna):
    alert = district_alert(gmina, anna)
    sleeper = resident_at(gmina, 10, 10)
    hours = {"quiet_from": "00:00", "quiet_until": "23:59:59"}
    free = {f"quiet_free_{end}": hours[f"quiet_{end}"] for end in ("from", "until")}
    Alert.objects.update(expires_at=timezone.now() + timedelta(days=3))
    Message.objects.update(expires_at=timezone.now() + timedelta(days=3))
    Resident.objects.filter(pk=sleeper.pk).update(quiet_on=True, **hours, **free)
    late.work()
    [batch] = Batch.objects.filter(message_id=newest(alert).pk, no__gt=1)
    assert batch.not_before > timezone.now()


@pytest.mark.parametrize("end", ["expired", "ended", "halted"])
def test_what_is_over_tells_nobody(gmina, anna, end):
    alert = district_alert(gmina, anna)
    if end == "expired":
        Message.objects.update(expires_at=timezone.now())
    elif end == "ended":
        Alert.objects.filter(pk=alert.pk).update(state="ended", end_reason="all_clear")
    else:
        Message.objects.update(halted_reason="payload_refused")
    newcomer = resident_at(gmina, 10, 10)
    assert late.work() == 0
    assert messages_of(newcomer) == []
    assert not Arrival.objects.exists()


def test_the_current_message_is_the_newest_and_the_all_clear_reaches_all_who_had_any(gmina, anna):
    alert = district_alert(gmina, anna)
    first = resident_at(gmina, 10, 10)
    late.work()
    Batch.objects.update(codes=[Outcome.ACCEPTED], state=Batch.State.DONE)
    again = {"by": anna, "texts": TEXTS, "expires_at": alert.expires_at}
    update = fanout.freeze_again(alert, "update", **again)
    second = resident_at(gmina, 20, 20)
    late.work()
    assert len(messages_of(first)) == 2
    assert messages_of(second) == [update.pk]
    Batch.objects.update(codes=[Outcome.ACCEPTED, Outcome.ACCEPTED], state=Batch.State.DONE)
    move(second.places.get(), 900, 900)
    late.work()
    clear = fanout.freeze_again(alert, "all_clear", **again)
    assert clear.devices == 3
    assert clear.pk in messages_of(second)


def test_an_erased_resident_is_skipped_and_leaves_no_trace(gmina, anna):
    district_alert(gmina, anna)
    newcomer = resident_at(gmina, 10, 10)
    privacy.erase(newcomer)
    assert not Arrival.objects.exists()
    assert late.work() == 0


FLOOD = """
WITH person AS (
    INSERT INTO residents_resident (public_id, created_at)
    SELECT gen_random_uuid(), now() FROM generate_series(1, %(people)s)
    RETURNING id
), phone AS (
    INSERT INTO residents_device (
        public_id, resident_id, secret_hash, platform, lang, push_kind, push_value_encrypted,
        push_hash, last_seen_at, created_at)
    SELECT gen_random_uuid(), id, '', 'web', 'pl', 'token', 'x', id::text::bytea, now(), now()
    FROM person
)
INSERT INTO residents_place (
    public_id, resident_id, gmina_id, kind, geom, accuracy_m, simc, method, created_at)
SELECT gen_random_uuid(), id, %(gmina)s, 'home',
    ST_Translate(%(corner)s::geometry, id %% 100, id %% 90), 0, '', 'none', now()
FROM person
RETURNING id
"""


def flood(gmina, people):
    """So many residents with a phone, all of whom get a place in the square at the origin."""
    with connection.cursor() as cursor:
        corner = {"corner": at(0, 0).hexewkb.decode()}
        cursor.execute(FLOOD, {"people": people, "gmina": gmina.pk, **corner})
        places = [row[0] for row in cursor.fetchall()]
    place_changed.send(sender=Place, place_ids=places)


@pytest.mark.parametrize(("people", "pieces"), [(1000, 1), (5000, 3)])
def test_a_flood_of_places_is_told_in_pieces_with_as_many_queries_each_as_for_one(
    gmina, anna, monkeypatch, django_assert_max_num_queries, people, pieces
):
    monkeypatch.setattr(late, "AT_ONCE", 2000)
    alert = district_alert(gmina, anna)
    flood(gmina, people)
    with django_assert_max_num_queries(1 + 22 * pieces):
        assert late.work() == people
    message = newest(alert)
    assert (message.late_residents, message.late_devices) == (people, people)
    late_batches = Batch.objects.filter(message_id=message.pk, no__gt=1).order_by("no")
    assert [batch.no for batch in late_batches] == list(range(2, 2 + people // 100))
    assert not Arrival.objects.exists()


def test_who_a_publication_moves_to_the_street_of_an_alert_is_told_once(gmina, anna):
    street = make_street(gmina, "Główna", geom=line((0, 0), (100, 0)))
    other = make_street(gmina, "Boczna", geom=line((0, 50), (100, 50)))
    address = make_address(gmina, "7", at=at(50, 25), street=other)
    newcomer = make_resident()
    make_device(newcomer)
    whereabouts.add_place(newcomer, kind="home", where=whereabouts.Declared(address.fid))
    resident_at(gmina, 1, 1, street=street)
    begin(make_alert(gmina), {"kind": "feature", "fid": street.fid}, by=anna)
    assert late.work() == 0
    attrs = {"street_fid": street.fid, "number": "7"}
    hung_anew = FeatureChange(
        op="replace", fid=address.fid, simc="0000001", geom=address.geom, attrs=attrs
    )
    editions.publish(editions.stage(address.layer, [hung_anew], None, "test"), None)
    assert messages_of(newcomer) == []
    assert reattachment.run_pending() == 1
    assert late.work() == 1
    assert len(messages_of(newcomer)) == 1
    Reattachment.objects.update(done_at=None)  # its job was lost after its work
    reattachment.run_pending()
    assert late.work() == 0


# ── Phones ─────────────────────────────────────────────────────────────────────────────────────


def push(value):
    return enrolment.PushTarget("token", value)


def test_a_second_phone_gets_the_current_message(gmina, anna):
    alert = district_alert(gmina, anna)
    owner = resident_at(gmina, 10, 10)
    late.work()
    code, _until = enrolment.offer_join_code(owner)
    enrolment.register(platform="ios", lang="pl", push=push("second"), join_code=code)
    assert late.work() == 1
    assert messages_of(owner) == [newest(alert).pk] * 2
    assert newest(alert).late_residents == 1


def test_a_phone_that_reports_its_target_after_its_place_is_told_then(gmina, anna):
    alert = district_alert(gmina, anna)
    newcomer = make_resident()
    device = make_device(newcomer, token="")
    appear(newcomer, gmina, 10, 10)
    assert late.work() == 0
    enrolment.report_push(device, push("new"))
    assert late.work() == 1
    enrolment.report_push(device, push("new"))
    assert not Arrival.objects.exists()
    assert messages_of(newcomer) == [newest(alert).pk]


@pytest.mark.parametrize("outcome", [Outcome.TOKEN_DEAD, Outcome.UNREACHABLE])
def test_a_phone_whose_target_was_dead_gets_it_again_at_its_new_one(gmina, anna, outcome):
    alert = district_alert(gmina, anna)
    newcomer = resident_at(gmina, 10, 10, phones=2)
    late.work()
    done_at = timezone.now()
    batch = Batch.objects.get(message_id=newest(alert).pk, no=2)
    codes = [Outcome.ACCEPTED, outcome]
    Batch.objects.filter(pk=batch.pk).update(codes=codes, state=2, done_at=done_at)
    lost = Delivery.objects.get(message_id=batch.message_id, batch_no=2, pos=2).endpoint_id
    enrolment.report_push(Device.objects.get(pk=lost), push("other"))
    assert late.work() == 1
    batch.refresh_from_db()
    assert (batch.state, batch.codes) == (0, [Outcome.ACCEPTED, Outcome.WAITING])
    assert batch.done_at == done_at
    assert len(messages_of(newcomer)) == 2
    assert (newest(alert).late_residents, newest(alert).late_devices) == (1, 2)


def test_a_batch_that_a_sender_has_is_opened_again_later(gmina, anna):
    alert = district_alert(gmina, anna)
    newcomer = resident_at(gmina, 10, 10)
    late.work()
    batch = Batch.objects.filter(message_id=newest(alert).pk, no=2)
    batch.update(codes=[Outcome.TOKEN_DEAD], state=Batch.State.CLAIMED)
    enrolment.report_push(newcomer.devices.get(), push("other"))
    assert late.work() == 0
    assert Arrival.objects.exists()
    batch.update(state=Batch.State.DONE)
    assert late.work() == 1


# ── Seeing to it ───────────────────────────────────────────────────────────────────────────────


def test_a_move_of_the_resident_is_noted_with_it_and_a_rolled_back_one_is_not(gmina, anna):
    district_alert(gmina, anna)
    mover = resident_at(gmina, 500, 500)
    late.work()
    whereabouts.change_place(mover.places.get(), kind="work")
    assert Arrival.objects.get().resident_id == mover.pk


def test_the_clock_has_arrivals_worked_off(gmina, anna, queue_server):
    assert late.catch_up in clock.Clock().duties
    district_alert(gmina, anna)
    resident_at(gmina, 10, 10)
    late.catch_up()
    [job] = get_queue("maintenance").jobs
    assert job.func_name == "dispatch.late.work"
    assert Arrival.objects.exists()


def test_without_redis_the_clock_tells_them_itself(gmina, anna, monkeypatch):
    district_alert(gmina, anna)
    resident_at(gmina, 10, 10)
    monkeypatch.setattr(work_queue, "put", lambda _job: False)
    late.catch_up()
    assert not Arrival.objects.exists()


def test_arrivals_where_nothing_runs_are_let_go(gmina):
    resident_at(gmina, 10, 10)
    assert late.work() == 0
    assert not Arrival.objects.exists()


# ── Against brute force ────────────────────────────────────────────────────────────────────────

SIDE = 40
PEOPLE = 4
person = st.integers(min_value=0, max_value=PEOPLE - 1)
coordinate = st.integers(min_value=0, max_value=2 * SIDE)
shape = st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=6, unique=True).map(
    lambda corners: shapely.MultiPoint(corners).convex_hull.buffer(3.3)
)
events = st.lists(
    st.one_of(
        st.tuples(st.just("place"), person, st.tuples(coordinate, coordinate)),
        st.tuples(st.just("move"), person, st.tuples(coordinate, coordinate)),
        st.tuples(st.just("mute"), person, st.none()),
        st.tuples(st.just("unmute"), person, st.none()),
        st.tuples(st.just("start"), shape, st.none()),
        st.tuples(st.just("end"), st.none(), st.none()),
        st.tuples(st.just("update"), st.none(), st.none()),
    ),
    min_size=4,
    max_size=14,
)


class Town:
    """People who come and go while one alert after another runs, here and as it should be."""

    def __init__(self, gmina, anna):
        self.gmina, self.anna = gmina, anna
        self.people = [make_resident() for _person in range(PEOPLE)]
        self.phones = [make_device(resident) for resident in self.people]
        self.alert = self.shape = self.message = None
        self.muted, self.noted, self.wanted = set(), set(), set()

    def act(self, what, who, where):
        getattr(self, what)(who, where)
        late.work()
        self.expect()

    def expect(self):
        """Everybody unmuted with a place in the area is told the current message by now."""
        if self.message is None:
            return
        for place in Place.objects.all():
            inside = self.shape.covers(shapely.Point(place.geom.x, place.geom.y))
            number = next(n for n, row in enumerate(self.people) if row.pk == place.resident_id)
            if inside and number not in self.muted and number in self.noted:
                self.wanted.add((self.message.pk, self.phones[number].pk))

    def place(self, who, where):
        if self.people[who].places.count() < 3:
            appear(self.people[who], self.gmina, *where)
            self.noted = {who}

    def move(self, who, where):
        place = self.people[who].places.order_by("pk").first()
        if place:
            move(place, *where)
            self.noted = {who}

    def mute(self, who, _where):
        Mute.objects.get_or_create(resident=self.people[who], kind="woda")
        self.muted.add(who)
        self.noted = set()

    def unmute(self, who, _where):
        set_mutes(self.people[who], [])
        self.noted = {who} if who in self.muted else set()
        self.muted.discard(who)

    def start(self, shape, _where):
        self.noted = set(range(PEOPLE))
        if self.alert:
            return self.update(None, None)
        moved = shapely.transform(shape, lambda xy: xy + ORIGIN)
        district = make_district(self.gmina, "x", geom=shapely.to_wkt(moved, rounding_precision=-1))
        alert = make_alert(self.gmina)
        try:
            self.message = begin(alert, within(district), by=self.anna)
        except fanout.AudienceChanged:  # nobody lives there yet
            return None
        self.alert, self.shape = alert, moved
        return None

    def update(self, _who, _where):
        self.noted = set()
        if self.alert:
            had = {phone for message, phone in self.wanted if message in self.ids()}
            again = {"by": self.anna, "texts": TEXTS, "expires_at": self.alert.expires_at}
            self.message = fanout.freeze_again(self.alert, "update", **again)
            self.wanted |= {(self.message.pk, phone) for phone in had}
            self.noted = set(range(PEOPLE))

    def end(self, _who, _where):
        self.noted = set()
        if self.alert:
            Alert.objects.filter(pk=self.alert.pk).update(state="ended", end_reason="expired")
        self.alert = self.shape = self.message = None

    def ids(self):
        return set(self.alert.messages.values_list("pk", flat=True))


@hypothesis_settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(events=events)
def test_whoever_came_into_the_area_has_the_message_of_then_once_and_nobody_else(
    gmina, anna, events
):
    Resident.objects.all().delete()
    Alert.objects.update(state="ended", end_reason="expired")
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE dispatch_delivery, dispatch_batch, dispatch_arrival")
    town = Town(gmina, anna)
    for event in events:
        town.act(*event)
    deliveries = list(Delivery.objects.values_list("message_id", "endpoint_id"))
    assert sorted(deliveries) == sorted(town.wanted)
    assert not Arrival.objects.exists()
