"""Places through the REST API: by address, by position, the gmina's choice, bad input."""

import uuid

import pytest
from django.db import connection

from gis_layers.crs import to_lonlat
from gis_layers.models import AddressPoint
from residents.models import Place
from residents.signals import place_changed
from tests.builders import at, make_gmina, square

pytestmark = pytest.mark.django_db


def lonlat(x: float, y: float) -> dict[str, float]:
    point = to_lonlat(at(x, y))
    return {"lon": point.x, "lat": point.y}


def add(app, **body):
    return app.send("POST", "places", {"kind": "home"} | body)


def test_a_declared_address_is_told_in_words(app, town):
    answer = add(app, address_fid=town.address.fid)
    assert answer.status_code == 201
    place = answer.json()
    assert place["gmina"] == {
        "slug": "testowo", "name": "Testowo", "office": "Urząd Gminy Testowo"
    }  # fmt: skip
    assert (place["address"], place["street"], place["locality"]) == (
        "Główna 1", "ul. Główna", "Testowo"
    )  # fmt: skip
    assert (place["method"], place["gmina_choices"]) == ("declared", [])
    row = Place.objects.get()
    assert (row.street_fid, row.address_point_fid) == (town.street.fid, town.address.fid)
    assert row.geom.equals(town.address.geom)


def test_the_address_in_words_is_encrypted_at_rest(app, town):
    add(app, address_fid=town.address.fid)
    assert "Główna".encode() not in bytes(Place.objects.get().address_encrypted)


def test_without_streets_the_address_is_locality_and_number(app, town):
    place = add(app, address_fid=town.village_address.fid).json()
    assert (place["address"], place["street"], place["locality"]) == ("Kowale 7", None, "Kowale")
    row = Place.objects.get()
    assert (row.simc, row.street_fid) == ("0000002", None)


def test_a_position_is_attached_to_the_nearest_address(app, town):
    place = add(app, kind="work", accuracy_m=10, **lonlat(105, 115)).json()
    assert (place["kind"], place["method"], place["address"]) == (
        "work", "nearest_address", "Główna 1"
    )  # fmt: skip
    row = Place.objects.get()
    assert row.geom.distance(at(105, 115)) < 0.01  # metres: there and back through WGS84
    assert row.accuracy_m == 10


def test_a_position_that_does_not_say_how_exact_it_is_counts_as_a_phones_usual_one(app, town):
    add(app, **lonlat(105, 115))
    assert Place.objects.get().accuracy_m == 15


def test_a_position_far_from_all_is_kept_in_its_gmina(app, town):
    place = add(app, **lonlat(3_000, 3_000)).json()
    assert (place["gmina"]["slug"], place["method"], place["street"]) == (
        "testowo",
        "boundary",
        None,
    )


def test_a_position_outside_all_gminas_is_kept_without_one(app, town):
    place = add(app, **lonlat(-20_000, 0)).json()
    assert (place["gmina"], place["method"], place["gmina_choices"]) == (None, "none", [])
    assert Place.objects.get().gmina is None


@pytest.fixture
def neighbour(town):
    """Sąsiadowo shares the edge x = 10,000 with Testowo."""
    return make_gmina("sasiadowo", outline=square(10_000, 0, 10_000))


def test_near_an_edge_that_the_position_may_be_across_both_gminas_are_offered(app, town, neighbour):
    place = add(app, accuracy_m=30, **lonlat(9_990, 5_000)).json()
    assert [choice["slug"] for choice in place["gmina_choices"]] == ["testowo", "sasiadowo"]
    assert place["gmina"]["slug"] == "testowo"  # the likelier, until the resident says


def test_the_resident_chooses_when_adding(app, town, neighbour):
    place = add(app, accuracy_m=30, gmina="sasiadowo", **lonlat(9_990, 5_000)).json()
    assert place["gmina"]["slug"] == "sasiadowo"


def test_the_resident_chooses_afterwards(app, town, neighbour):
    added = add(app, accuracy_m=30, **lonlat(9_990, 5_000)).json()
    chosen = app.send("PATCH", f"places/{added['id']}", {"gmina": "sasiadowo"})
    assert chosen.status_code == 200
    assert chosen.json()["gmina"]["slug"] == "sasiadowo"


def test_a_gmina_that_is_not_there_cannot_be_chosen(app, town, neighbour):
    answer = add(app, accuracy_m=5, gmina="sasiadowo", **lonlat(100, 100))
    assert (answer.status_code, answer.json()["code"]) == (422, "gmina_not_offered")
    assert answer.json()["field"] == "gmina"
    assert answer.json()["details"] == {"offered": ["testowo"]}
    assert not Place.objects.exists()


def test_a_declared_addresss_gmina_is_not_a_choice(app, town, neighbour):
    added = add(app, address_fid=town.address.fid).json()
    refused = app.send("PATCH", f"places/{added['id']}", {"gmina": "sasiadowo"})
    assert (refused.status_code, refused.json()["code"]) == (422, "gmina_not_offered")
    assert app.send("PATCH", f"places/{added['id']}", {"gmina": "testowo"}).status_code == 200


def test_a_place_moves_and_changes_kind(app, town):
    added = add(app, address_fid=town.address.fid).json()
    path = f"places/{added['id']}"
    moved = app.send("PATCH", path, {"kind": "other", "address_fid": town.village_address.fid})
    assert (moved.json()["kind"], moved.json()["address"]) == ("other", "Kowale 7")
    kept = app.send("PATCH", path, {"kind": "work"}).json()
    assert (kept["kind"], kept["address"]) == ("work", "Kowale 7")
    assert app.send("GET", path).json() == kept


def test_places_are_listed_oldest_first_and_removed(app, town):
    first, second = (
        add(app, kind=kind, address_fid=town.address.fid).json() for kind in ("home", "work")
    )
    assert app.send("GET", "places").json() == [first, second]
    assert app.send("DELETE", f"places/{first['id']}").status_code == 204
    assert app.send("GET", "places").json() == [second]


def test_listing_costs_the_same_number_of_queries_for_many_declared_places(
    app, town, django_assert_num_queries
):
    for _n in range(5):
        add(app, address_fid=town.address.fid)
    app.send("GET", "places")
    with django_assert_num_queries(5):  # the device, the places, three for words
        app.send("GET", "places")


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_anothers_place_is_not_there(app, stranger, town, method):
    theirs = add(app, address_fid=town.address.fid).json()
    stranger.register()
    answer = stranger.send(method, f"places/{theirs['id']}", {"kind": "work"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert stranger.send("GET", "places").json() == []
    assert Place.objects.get().kind == "home"


def test_an_id_that_is_none_is_404(app):
    assert app.send("GET", f"places/{uuid.uuid4()}").status_code == 404
    assert app.send("GET", "places/1").status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({"kind": "home"}, 400, "invalid", "address_fid"),
        ({"address_fid": 1, "kind": "castle"}, 400, "invalid", "kind"),
        ({"address_fid": 1}, 400, "invalid", "kind"),
        ({"kind": "home", "address_fid": "x"}, 400, "invalid", "address_fid"),
        ({"kind": "home", "address_fid": 0}, 400, "invalid", "address_fid"),
        ({"kind": "home", "address_fid": 2**60}, 400, "invalid", "address_fid"),
        ({"kind": "home", "address_fid": 987654321}, 422, "unknown_address", "address_fid"),
        ({"kind": "home", "lat": 50.3}, 400, "invalid", "lon"),
        ({"kind": "home", "lon": 19.0}, 400, "invalid", "lat"),
        ({"kind": "home", "lat": 91, "lon": 19}, 400, "invalid", "lat"),
        ({"kind": "home", "lat": "nan", "lon": 19}, 400, "invalid", "lat"),
        ({"kind": "home", "lat": 50.3, "lon": "inf"}, 400, "invalid", "lon"),
        ({"kind": "home", "lat": 50.3, "lon": 19, "accuracy_m": -1}, 400, "invalid", "accuracy_m"),
        ({"kind": "home", "lat": 50.3, "lon": 19, "accuracy_m": 9e9}, 400, "invalid", "accuracy_m"),
        ({"kind": "home", "lat": 50.3, "lon": 19, "address_fid": 1}, 400, "invalid", "address_fid"),
        ({"kind": "home", "lat": 19.0, "lon": 50.3}, 400, "swapped_axes", "lat"),
        ({"kind": "home", "lat": 60.17, "lon": 24.94}, 400, "outside_country", "lat"),
        ({"kind": "home", "lat": 50.3, "lon": 19, "gmina": "a b"}, 400, "invalid", "gmina"),
        ("home", 400, "invalid", None),
        (None, 400, "invalid", "kind"),
    ],
)  # fmt: skip
def test_bad_input_names_the_field_and_leaves_nothing(app, town, body, status, code, field):
    answer = app.send("POST", "places", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["field"] == field
    assert answer.json()["message"]
    assert not Place.objects.exists()


def test_an_address_of_an_earlier_edition_is_unknown(app, town):
    AddressPoint.objects.filter(pk=town.address.pk).update(until=2)
    assert add(app, address_fid=town.address.fid).json()["code"] == "unknown_address"


def test_ten_thousand_places_in_one_request_are_refused(app, town):
    body = [{"kind": "home", "address_fid": town.address.fid}] * 10_000
    answer = app.send("POST", "places", body)
    assert (answer.status_code, answer.json()["code"]) == (413, "one_place_per_request")
    assert "10000" in answer.json()["message"]
    assert not Place.objects.exists()


def test_the_number_of_places_is_limited(app, town, settings):
    settings.PLACES_MAX = 2
    for _n in range(2):
        add(app, address_fid=town.address.fid)
    answer = add(app, address_fid=town.address.fid)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_places")
    assert answer.json()["details"] == {"limit": 2}
    assert Place.objects.count() == 2


def test_a_new_and_a_moved_place_are_told_above_in_the_same_transaction(app, town):
    told = []

    def hear(sender, place_ids, **_rest):
        told.append((place_ids, connection.in_atomic_block))

    place_changed.connect(hear)
    try:
        added = add(app, address_fid=town.address.fid).json()
        app.send("PATCH", f"places/{added['id']}", {"address_fid": town.village_address.fid})
    finally:
        place_changed.disconnect(hear)
    assert told == [([Place.objects.get().pk], True)] * 2


def test_a_move_looks_nothing_up_twice(app, town, django_assert_num_queries):
    place = add(app, accuracy_m=10, **lonlat(105, 115)).json()
    # The device and the place; the move in its savepoint: gminas, the lock, the attachment, three
    # for words, the row; the note for late arrivals and whether an alert runs at all; then once
    # more the gminas between which one may choose.
    with django_assert_num_queries(16):
        moved = app.send("PATCH", f"places/{place['id']}", {"accuracy_m": 10, **lonlat(110, 115)})
    assert moved.json()["address"] == "Główna 1"
