"""The hotline's question: does a running alert concern this address?"""

import pytest
from django.test import Client

from tests.builders import (
    aim,
    at,
    line,
    make_address,
    make_alert,
    make_gmina,
    make_locality,
    make_message,
    make_piece,
    make_street,
    make_user,
    sign_in,
    square,
)

pytestmark = pytest.mark.django_db
LOOKUP = "/staff/testowo/lookup/"
SIMC, PART = "0144259", "0144265"


@pytest.fixture
def gmina():
    gmina = make_gmina("testowo")
    make_locality(gmina, "Kowale", SIMC)
    make_locality(gmina, "Kolonia", PART, parent_simc=SIMC)
    return gmina


@pytest.fixture
def street(gmina):
    street = make_street(gmina, "Główna", geom=line((0, 0), (200, 0)), simc=SIMC)
    make_address(gmina, "12a", at=at(50, 10), street=street, simc=SIMC)
    return street


def as_(role, gmina):
    client = sign_in(Client(), make_user(f"{role}@a.example", role, gmina=gmina))
    client.cookies["lang"] = "en"
    return client


def alerts_shown(gmina, q, role="hotline"):
    """Titles of the alerts that the first address found is said to be concerned by."""
    found = as_(role, gmina).get(LOOKUP, {"q": q}).context["found"]
    return [row.title for row in found[0].alerts]


def running(gmina, *parts, title="Brak wody", state="active"):
    alert = make_alert(gmina, state=state, end_reason="all_clear" if state == "ended" else "")
    alert.texts.create(lang="pl", title=title, body="Do 18:00.")
    return aim(alert, *parts)


def test_an_alert_to_the_street_concerns_its_addresses(gmina, street):
    running(gmina, {"kind": "feature", "fid": street.fid, "reach": "addresses"})
    assert alerts_shown(gmina, "glowna 12a") == ["Brak wody"]


def test_an_alert_to_another_street_does_not(gmina, street):
    other = make_street(gmina, "Boczna", geom=line((0, 5), (200, 5)), simc=SIMC)
    running(gmina, {"kind": "feature", "fid": other.fid, "reach": "addresses"})
    assert alerts_shown(gmina, "glowna 12a") == []


@pytest.mark.parametrize(("reach_m", "expected"), [(9, []), (11, ["Brak wody"])])
def test_a_reach_in_metres_is_measured_to_the_address(gmina, street, reach_m, expected):
    alert = running(gmina, {"kind": "drawn", "geom": at(50, 0), "reach_m": reach_m})
    make_piece(make_message(alert, []), at(50, 0), reach_m)
    assert alerts_shown(gmina, "glowna 12a") == expected


def test_a_piece_that_is_only_drawn_concerns_nobody(gmina, street):
    alert = running(gmina, {"kind": "locality", "simc": "9999999"})
    make_piece(make_message(alert, []), square(0, 0, 100), None)
    assert alerts_shown(gmina, "glowna 12a") == []


def test_a_village_without_streets_is_concerned_with_its_parts(gmina):
    make_address(gmina, "7", at=at(900, 900), simc=PART)
    running(gmina, {"kind": "locality", "simc": SIMC, "include_parts": True})
    running(gmina, {"kind": "locality", "simc": SIMC, "include_parts": False}, title="Bez części")
    assert alerts_shown(gmina, "Kolonia 7") == ["Brak wody"]


def test_the_whole_gmina_concerns_every_address_while_it_runs(gmina, street):
    running(gmina, {"kind": "gmina"})
    running(gmina, {"kind": "gmina"}, title="Dawny", state="ended")
    assert alerts_shown(gmina, "glowna 12a") == ["Brak wody"]


def test_an_alert_of_another_gmina_concerns_nobody_here(gmina, street):
    running(make_gmina("obca"), {"kind": "gmina"})
    assert alerts_shown(gmina, "glowna 12a") == []


def test_the_page_lists_what_runs_and_says_where_nothing_is_found(gmina, street):
    running(gmina, {"kind": "gmina"})
    html = as_("hotline", gmina).get(LOOKUP, {"q": "Nieistniejąca 1"}).content.decode()
    assert "no such address" in html
    assert "Brak wody" in html


def test_a_gis_officer_looks_up_addresses_but_reads_no_alert(gmina, street):
    running(gmina, {"kind": "feature", "fid": street.fid, "reach": "addresses"})
    html = as_("gis", gmina).get(LOOKUP, {"q": "glowna 12a"}).content.decode()
    assert "Główna 12a" in html
    assert "Brak wody" not in html


def test_an_auditor_looks_up_nothing(gmina):
    assert as_("auditor", gmina).get(LOOKUP).status_code == 403
