"""Quiet hours through the REST API, in the export, and gone with the resident."""

import pytest

from residents import privacy
from residents.models import Resident

pytestmark = pytest.mark.django_db

USUAL = {
    "quiet_on": True,
    "quiet_from": "22:00",
    "quiet_until": "06:00",
    "quiet_free_from": "22:00",
    "quiet_free_until": "08:00",
}


def test_nights_are_quiet_from_the_first_day_until_the_resident_switches_that_off(app):
    assert app.send("GET", "quiet").json() == USUAL
    assert app.device.resident.quiet_name == "22:00:00-06:00:00-22:00:00-08:00:00"
    app.send("PUT", "quiet", USUAL | {"quiet_on": False})
    assert app.device.resident.quiet_name is None


def test_the_resident_sets_all_of_them_at_once(app):
    wanted = USUAL | {"quiet_until": "07:30"}
    answer = app.send("PUT", "quiet", wanted)
    assert (answer.status_code, answer.json()) == (200, wanted)
    assert app.send("GET", "quiet").json() == wanted
    assert app.device.resident.quiet_name == "22:00:00-07:30:00-22:00:00-08:00:00"


def test_each_resident_has_their_own(app, stranger):
    app.send("PUT", "quiet", USUAL | {"quiet_until": "05:00"})
    stranger.register()
    assert stranger.send("GET", "quiet").json() == USUAL


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"quiet_from": "24:00"}, "quiet_from"),
        ({"quiet_from": "22:00:30"}, "quiet_from"),
        ({"quiet_until": None}, "quiet_until"),
        ({"quiet_free_from": "late"}, "quiet_free_from"),
        ({"quiet_on": "perhaps"}, "quiet_on"),
    ],
)
def test_what_is_no_time_of_the_clock_is_refused_and_nothing_changes(app, change, field):
    answer = app.send("PUT", "quiet", USUAL | {"quiet_on": False} | change)
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert app.send("GET", "quiet").json() == USUAL


@pytest.mark.parametrize("missing", USUAL)
def test_a_part_of_them_is_no_answer(app, missing):
    wanted = {name: value for name, value in USUAL.items() if name != missing}
    answer = app.send("PUT", "quiet", wanted)
    assert (answer.status_code, answer.json()["field"]) == (400, missing)


def test_a_stranger_and_another_method_are_refused(app, stranger):
    assert stranger.send("GET", "quiet").status_code == 401
    assert stranger.send("PUT", "quiet", USUAL).status_code == 401
    assert app.send("POST", "quiet", USUAL).status_code == 405


def test_the_export_has_them(app):
    app.send("PUT", "quiet", USUAL | {"quiet_until": "05:00"})
    exported = privacy.export(app.device.resident)
    assert exported["quiet_hours"] == USUAL | {"quiet_until": "05:00"}


def test_they_go_with_the_resident(app):
    app.send("PUT", "quiet", USUAL | {"quiet_until": "05:00"})
    privacy.erase(app.device.resident)
    assert not Resident.objects.exists()
