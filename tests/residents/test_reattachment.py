"""Places after a publication: who is carried over, who is reported, and who works it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import redis
from django.conf import settings as django_settings
from django.db import transaction
from django_rq import get_queue
from django_rq.workers import get_worker
from rq import SimpleWorker

from accounts import work_queue
from gis_layers import editions
from gis_layers.models import AddressPoint, Feature, FeatureChange, Layer
from residents import jobs, reattachment, tokens, whereabouts
from residents.models import Device, Place, Reattachment
from residents.signals import place_changed
from residents.whereabouts import Declared
from tests.builders import (
    at,
    line,
    make_address,
    make_device,
    make_district,
    make_gmina,
    make_place,
    make_resident,
    make_street,
    next_fid,
    square,
)

pytestmark = pytest.mark.django_db
Op = FeatureChange.Op


def publish(layer: Layer, *changes: FeatureChange) -> None:
    editions.publish(editions.stage(layer, changes, None, "test"), None)


def removed(row: Feature | AddressPoint) -> FeatureChange:
    return FeatureChange(op=Op.REMOVE, fid=row.fid)


def street_change(name: str, geom, *, fid: int | None = None, code: str = "") -> FeatureChange:
    return FeatureChange(
        op=Op.REPLACE if fid else Op.ADD,
        fid=fid or next_fid(),
        name=name,
        search_name=name.lower(),
        code=code,
        simc="0000001",
        geom=geom,
    )


def address_change(
    number: str, geom, *, fid: int | None = None, street_fid: int | None = None, ulic: str = ""
) -> FeatureChange:
    return FeatureChange(
        op=Op.REPLACE if fid else Op.ADD,
        fid=fid or next_fid(),
        simc="0000001",
        geom=geom,
        attrs={"street_fid": street_fid, "ulic": ulic, "number": number},
    )


def live_at(address: AddressPoint) -> Place:
    return whereabouts.add_place(make_resident(), kind="home", where=Declared(address.fid))[0]


def run() -> dict[str, int]:
    """Work what waits; the counts of the last publication, the zeros left out."""
    assert reattachment.run_pending() >= 1
    report = Reattachment.objects.latest("pk").report
    return {step: count for step, count in report.items() if count}


@pytest.fixture
def gmina():
    return make_gmina()


@pytest.fixture
def street(gmina):
    return make_street(gmina, "Główna", geom=line((0, 0), (200, 0)), code="0000001/00001")


@pytest.fixture
def address(gmina, street):
    return make_address(gmina, "1", at=at(50, 10), street=street)


def test_a_declared_place_follows_its_address_point(gmina, street, address):
    place = live_at(address)
    other = make_street(gmina, "Boczna", geom=line((60, 0), (60, 200)))
    publish(address.layer, address_change("1", at(55, 12), fid=address.fid, street_fid=other.fid))
    assert run() == {"address_kept": 1}
    place.refresh_from_db()
    assert (place.street_fid, place.geom.coords) == (other.fid, at(55, 12).coords)
    assert tokens.decrypt_text(place.address_encrypted) == "Boczna 1"


def test_a_renamed_street_carries_its_people_over_by_its_line(gmina, street, address):
    """Its code and fid gone, a new one on the same line; the address register is not told yet."""
    place = live_at(address)
    second = make_place(
        make_resident(), gmina, at=at(3_000, 0), method="declared", street_fid_2=street.fid
    )
    new = street_change("Nowa", line((0, 1), (210, 1)), code="0000001/00009")
    publish(street.layer, removed(street), new)
    assert run() == {"street_by_line": 2}
    place.refresh_from_db()
    second.refresh_from_db()
    assert (place.street_fid, second.street_fid_2) == (new.fid, new.fid)
    assert tokens.decrypt_text(place.address_encrypted) == "Nowa 1"


def test_a_street_back_under_its_code_has_its_people_whatever_its_line(gmina, street, address):
    place = live_at(address)
    new = street_change("Główna", line((0, 900), (200, 900)), code=street.code)
    publish(street.layer, removed(street), new)
    assert run() == {"street_by_code": 1}
    place.refresh_from_db()
    assert place.street_fid == new.fid


def test_without_codes_the_same_name_in_the_same_locality_is_the_same_street(gmina):
    old = make_street(gmina, "Polna", geom=line((0, 0), (100, 0)))
    place = live_at(make_address(gmina, "1", at=at(5, 5), street=old))
    twin = street_change("Polna", line((0, 800), (100, 800)))
    twin.simc = "0000002"
    new = street_change("Polna", line((0, 900), (100, 900)))
    publish(old.layer, removed(old), twin, new)
    run()
    place.refresh_from_db()
    assert place.street_fid == new.fid


def test_a_street_that_moved_carries_over_those_whose_addresses_moved_with_it(
    gmina, street, address
):
    """No common line; most of the old street's addresses belong to the new one."""
    place = live_at(address)
    stay = make_place(make_resident(), gmina, at=at(0, 0), street=street)
    new = street_change("Nowa", line((0, 900), (200, 900)))
    publish(address.layer, address_change("1", at(50, 10), fid=address.fid, street_fid=new.fid))
    publish(street.layer, removed(street), new)
    run()
    for row in (place, stay):
        row.refresh_from_db()
        assert row.street_fid == new.fid


def test_a_street_split_in_three_has_no_heir_by_addresses(gmina, street, address):
    stay = make_place(make_resident(), gmina, at=at(0, 0), street=street)
    points = [make_address(gmina, str(n), at=at(60 + n, 10), street=street) for n in (2, 3)]
    parts = [street_change(f"Nowa {n}", line((0, 900 + n), (9, 900 + n))) for n in range(3)]
    changes = [
        address_change(point.number, point.geom, fid=point.fid, street_fid=part.fid)
        for point, part in zip([address, *points], parts, strict=True)
    ]
    publish(address.layer, *changes)
    publish(street.layer, removed(street), *parts)
    assert run() == {"lost_street": 1}
    stay.refresh_from_db()
    assert stay.street_fid == street.fid


def test_a_street_that_only_crosses_is_no_heir(gmina, street, address):
    place = live_at(address)
    publish(street.layer, removed(street), street_change("W poprzek", line((50, -90), (50, 90))))
    assert run() == {"lost_street": 1}
    place.refresh_from_db()
    assert place.street_fid == street.fid


def test_a_street_that_was_there_all_along_is_no_heir(gmina, street, address):
    """A parallel path did not take the street's place: it did not change when the street went."""
    make_street(gmina, "Alejka", geom=line((0, 2), (200, 2)))
    place = live_at(address)
    publish(street.layer, removed(street))
    assert run() == {"lost_street": 1}
    place.refresh_from_db()
    assert place.street_fid == street.fid


def test_an_address_with_a_new_fid_is_found_by_its_code(gmina, street):
    old = make_address(gmina, "1", at=at(50, 10), street=street)
    AddressPoint.objects.filter(pk=old.pk).update(ulic="00001")
    place = live_at(old)
    new = address_change("1", at(51, 11), street_fid=street.fid, ulic="00001")
    decoy = address_change("1", at(90, 90), ulic="00002")
    publish(old.layer, removed(old), decoy, new)
    assert run() == {"address_by_code": 1}
    place.refresh_from_db()
    assert (place.address_point_fid, place.geom.coords) == (new.fid, at(51, 11).coords)


def test_without_a_code_it_is_found_by_street_and_number(gmina, street, address):
    place = live_at(address)
    new = address_change("1", at(51, 11), street_fid=street.fid)
    publish(address.layer, removed(address), address_change("1", at(0, 500)), new)
    assert run() == {"address_by_address": 1}
    place.refresh_from_db()
    assert place.address_point_fid == new.fid


def test_in_a_village_without_streets_it_is_found_by_number(gmina):
    old = make_address(gmina, "7", at=at(50, 10), simc="0000001")
    place = live_at(old)
    new = address_change("7", at(51, 11))
    publish(old.layer, removed(old), new)
    assert run() == {"address_by_address": 1}
    place.refresh_from_db()
    assert (place.address_point_fid, place.street_fid) == (new.fid, None)


def test_street_and_address_renamed_together_are_both_found(gmina, street, address):
    place = live_at(address)
    new_street = street_change("Nowa", line((0, 0), (200, 0)), code="0000001/00009")
    new_address = address_change("1", at(50, 10), street_fid=new_street.fid, ulic="00009")
    publish(street.layer, removed(street), new_street)
    publish(address.layer, removed(address), new_address)
    run()
    place.refresh_from_db()
    assert (place.street_fid, place.address_point_fid) == (new_street.fid, new_address.fid)


def test_an_address_that_is_gone_is_reported_and_keeps_street_and_words(gmina, street, address):
    place = live_at(address)
    publish(address.layer, removed(address))
    assert run() == {"lost_address": 1}
    place.refresh_from_db()
    assert (place.street_fid, place.method) == (street.fid, "declared")
    assert tokens.decrypt_text(place.address_encrypted) == "Główna 1"


def test_a_position_is_attached_to_the_address_that_is_nearest_now(gmina, street, address):
    place = make_place(
        make_resident(), gmina, at=at(150, 5), street=street, method="nearest_street"
    )
    new = address_change("9", at(151, 6), street_fid=street.fid)
    publish(address.layer, new)
    assert run() == {"position": 1}
    place.refresh_from_db()
    assert (place.method, place.address_point_fid) == ("nearest_address", new.fid)
    assert place.geom.coords == at(150, 5).coords


def test_a_position_near_an_address_of_a_renamed_street_is_carried_too(gmina, street, address):
    """The nearest address still names the street that is gone."""
    place = make_place(make_resident(), gmina, at=at(52, 10), method="none")
    new = street_change("Nowa", line((0, 0), (200, 0)))
    publish(street.layer, removed(street), new)
    assert run() == {"position": 1, "street_by_line": 1}
    place.refresh_from_db()
    assert (place.address_point_fid, place.street_fid) == (address.fid, new.fid)


def test_places_of_other_gminas_are_left_alone(gmina, street, address):
    other = make_gmina("obca", outline=square(0, 0, 10_000))
    place = make_place(make_resident(), other, at=at(50, 10), street=street)
    publish(street.layer, removed(street), street_change("Nowa", line((0, 0), (200, 0))))
    assert run() == {}
    place.refresh_from_db()
    assert place.street_fid == street.fid


def test_a_second_run_changes_nothing(gmina, street, address):
    live_at(address)
    publish(street.layer, removed(street), street_change("Nowa", line((0, 0), (200, 0))))
    run()
    again = reattachment.reattach(gmina, street.layer)
    assert {step: count for step, count in again.items() if count} == {}


def test_a_gmina_that_joins_takes_in_the_places_inside_its_outline(gmina):
    inside = make_place(make_resident(), None, at=at(20_500, 500))
    outside = make_place(make_resident(), None, at=at(40_000, 500))
    theirs = make_place(make_resident(), gmina, at=at(20_600, 500))
    joining = make_gmina("nowa", outline=square(20_000, 0, 1_500))
    outline = Layer.objects.get(gmina=joining, slug="granica")
    feature = Feature.objects.get(layer=outline)
    change = street_change("Nowa", square(20_000, 0, 2_000), fid=feature.fid)
    publish(outline, change)
    assert run() == {"gmina": 2}
    for place in (inside, outside, theirs):
        place.refresh_from_db()
    assert (inside.gmina, outside.gmina, theirs.gmina) == (joining, None, joining)
    assert inside.method == "boundary"


def test_a_gmina_that_shrinks_lets_places_go(gmina):
    left = make_place(make_resident(), gmina, at=at(9_000, 500), method="boundary")
    kept = make_place(make_resident(), gmina, at=at(500, 500), method="boundary")
    outline = Layer.objects.get(gmina=gmina, slug="granica")
    feature = Feature.objects.get(layer=outline)
    publish(outline, street_change("Testowo", square(0, 0, 5_000), fid=feature.fid))
    assert run() == {"gmina": 1}
    left.refresh_from_db()
    kept.refresh_from_db()
    assert (left.gmina, left.method, kept.gmina) == (None, "none", gmina)


def test_the_resident_who_chose_a_gmina_near_an_edge_keeps_it(gmina):
    neighbour = make_gmina("sasiad", outline=square(10_000, 0, 10_000))
    chosen = make_place(make_resident(), neighbour, at=at(9_990, 500), accuracy_m=30)
    outline = Layer.objects.get(gmina=gmina, slug="granica")
    feature = Feature.objects.get(layer=outline)
    publish(outline, street_change("Testowo", square(0, 0, 10_000), fid=feature.fid))
    assert run() == {}
    chosen.refresh_from_db()
    assert chosen.gmina == neighbour


def test_what_changed_is_told_above_once(gmina, street, address):
    place = live_at(address)
    unchanged = make_place(make_resident(), gmina, at=at(5_000, 5_000), method="boundary")
    told = []

    def hear(sender, place_ids, **_rest):
        told.append(place_ids)

    place_changed.connect(hear)
    try:
        publish(street.layer, removed(street), street_change("Nowa", line((0, 0), (200, 0))))
        run()
    finally:
        place_changed.disconnect(hear)
    assert told == [[place.pk]]
    assert unchanged.pk not in told[0]


def test_a_layer_that_no_place_hangs_on_asks_for_nothing(gmina):
    district = make_district(gmina, "Centrum", geom=square(0, 0, 100))
    publish(district.layer, street_change("Centrum", square(0, 0, 200), fid=district.fid))
    assert not Reattachment.objects.exists()


def test_a_publication_that_is_undone_asks_for_nothing(street):
    """The wish is written in the publication's own transaction."""
    edition = editions.stage(street.layer, [removed(street)], None, "test")

    with transaction.atomic():
        editions.publish(edition, None)
        assert Reattachment.objects.count() == 1
        transaction.set_rollback(True)
    assert not Reattachment.objects.exists()


@pytest.fixture
def empty_queue():
    with redis.Redis.from_url(django_settings.REDIS_URL) as server:
        server.flushdb()
        yield get_queue(work_queue.MAINTENANCE)
        server.flushdb()


@contextmanager
def redis_away(settings) -> Iterator[None]:
    """Jobs go to a port where nothing listens."""
    here = settings.REDIS_URL
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    yield
    settings.REDIS_URL = here


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_carries_people_over_after_the_commit(gmina, street, address, empty_queue):
    place = live_at(address)
    new = street_change("Nowa", line((0, 0), (200, 0)))
    publish(street.layer, removed(street), new)
    assert empty_queue.count == 1
    place.refresh_from_db()
    assert place.street_fid == street.fid
    get_worker(work_queue.MAINTENANCE, worker_class=SimpleWorker).work(burst=True)
    place.refresh_from_db()
    assert place.street_fid == new.fid
    assert Reattachment.objects.get().done_at is not None


@pytest.mark.django_db(transaction=True)
def test_publishing_while_redis_is_away_succeeds_and_is_caught_up(
    gmina, street, address, empty_queue, settings
):
    place = live_at(address)
    new = street_change("Nowa", line((0, 0), (200, 0)))

    with redis_away(settings):
        publish(street.layer, removed(street), new)
        assert jobs.forget_silent() is False
    assert empty_queue.count == 0
    jobs.catch_up()
    assert empty_queue.count == 1
    get_worker(work_queue.MAINTENANCE, worker_class=SimpleWorker).work(burst=True)
    place.refresh_from_db()
    assert place.street_fid == new.fid


def test_several_publications_need_one_job(street, empty_queue, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        publish(street.layer, street_change("Główna", street.geom, fid=street.fid))
        publish(street.layer, street_change("Główna", street.geom, fid=street.fid))
    assert empty_queue.count == 1
    assert jobs.reattach_places() == 2
    assert jobs.reattach_places() == 0


def test_the_clocks_duty_knocks_only_when_something_waits(empty_queue):
    jobs.catch_up()
    assert empty_queue.count == 0
    Reattachment.objects.create(edition_id=1)
    jobs.catch_up()
    jobs.catch_up()
    assert empty_queue.count == 1


def test_silent_devices_are_erased_by_a_job(empty_queue, settings):
    settings.DEVICE_SILENT_DAYS = 0
    make_device()
    assert jobs.forget_silent() is True
    assert [job.func_name for job in empty_queue.jobs] == ["residents.jobs.erase_silent_devices"]
    assert jobs.erase_silent_devices() == 1
    assert not Device.objects.exists()
