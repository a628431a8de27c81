"""Registers from GUS's web service, here one of our own that speaks as it does."""

import logging
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from teryt.errors import Ws1Failed
from teryt.models import Difference, Release, StreetName, Unit
from teryt.ws1 import connect
from tests.teryt.register_files import CHORZOW, PART, SIMC, TERC, TOWN, ULIC, as_xml
from tests.teryt.test_changes import STREET, STREET_BEFORE, changes_xml
from tests.teryt.ws1_server import FakeWs1, serving

pytestmark = pytest.mark.django_db
RENAMED = STREET_BEFORE | {
    "TypKorekty": "M",
    "IdentyfikatorMiejscowosciPo": "0938887",
    "IdentyfikatorNazwyUlicyPo": "06012",
    "CechaPo": "ul.",
    "Nazwa1Po": "Jasna",
    "StanPo": "2026-03-01",
}


@pytest.fixture
def gus(settings):
    """The service with three whole registers, and a change of ULIC."""
    fake = FakeWs1(
        files={
            "PobierzKatalogTERC": as_xml(TERC, CHORZOW),
            "PobierzKatalogSIMC": as_xml(SIMC, TOWN, PART),
            "PobierzKatalogULIC": as_xml(ULIC, STREET),
            "PobierzZmianyTercUrzedowy": changes_xml(),
            "PobierzZmianySimcUrzedowy": changes_xml(),
            "PobierzZmianyUlicUrzedowy": changes_xml(RENAMED),
        }
    )
    with serving(fake):
        settings.TERYT_WS1_WSDL = f"{fake.address}terytws1.wsdl"
        settings.TERYT_WS1_USER, settings.TERYT_WS1_PASSWORD = fake.user
        yield fake


def fetched(*registers, **options):
    out = StringIO()
    call_command("teryt_fetch", *registers, stdout=out, **options)
    return out.getvalue()


def test_registers_come_whole_at_first_then_as_their_changes(gus):
    fetched()
    assert list(Release.objects.values_list("register", "kind")) == [
        ("ULIC", "whole"),
        ("SIMC", "whole"),
        ("TERC", "whole"),
    ]
    gus.asked.clear()
    assert "ul. Główna → ul. Jasna" in fetched()
    assert StreetName.objects.get().name_1 == "Jasna"
    days = {"stanod": "2025-01-01T00:00:00", "stando": "2026-03-01T00:00:00"}
    assert ("PobierzZmianyUlicUrzedowy", days) in gus.asked
    assert Release.objects.count() == 4, "registers without changes make no release"


def test_what_is_no_newer_is_not_fetched(gus):
    gus.state_on = "2025-01-01"
    fetched("TERC")
    gus.asked.clear()
    assert fetched("TERC") == "Nothing is newer than what is held.\n"
    assert gus.asked == [("PobierzDateAktualnegoKatTerc", {})]


def test_whole_registers_can_be_asked_for(gus):
    fetched("TERC")
    gus.files["PobierzKatalogTERC"] = as_xml(TERC, [*CHORZOW[:4], "Królewska Huta", *CHORZOW[5:]])
    fetched("TERC", whole=True)
    assert Unit.objects.get().name == "Królewska Huta"
    assert Difference.objects.get().op == "renamed"


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ({"user": ("gmina", "inne")}, "verifying security"),
        ({"body": "<html>maintenance"}, "register_service_failed"),
        ({"body": "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}, "register_service_failed"),
        ({"files": {"PobierzKatalogTERC": as_xml(TERC, ["x", *CHORZOW[1:]])}}, "broken_row"),
        ({"files": {}}, "holds no file"),
        ({"location": "http://gus.example/ws1"}, "not https"),
    ],
)
def test_service_that_fails_changes_nothing(gus, broken, told):
    for name, value in broken.items():
        setattr(gus, name, value)
    with pytest.raises(CommandError, match=told):
        fetched("TERC")
    assert not Release.objects.exists()
    assert not Unit.objects.exists()


def test_password_never_goes_out_in_the_open(settings):
    settings.TERYT_WS1_USER, settings.TERYT_WS1_PASSWORD = "gmina", "tajne"
    settings.TERYT_WS1_WSDL = "http://gus.example/terytws1.wsdl"
    with pytest.raises(Ws1Failed, match="not https"):
        connect()


def test_password_is_not_logged_at_any_level(gus, caplog):
    caplog.set_level(logging.DEBUG)
    fetched("TERC")
    assert caplog.records
    assert gus.user[1] not in caplog.text


def test_service_that_does_not_answer_is_told(gus, settings):
    settings.TERYT_WS1_WSDL = "http://127.0.0.1:1/terytws1.wsdl"
    with pytest.raises(CommandError, match="ConnectionError"):
        fetched()


def test_without_access_nothing_is_asked(gus, settings):
    settings.TERYT_WS1_PASSWORD = ""
    with pytest.raises(CommandError, match="register_service_not_configured"):
        fetched()
    assert gus.asked == []


def test_unknown_register_is_refused(gus):
    with pytest.raises(CommandError, match="no register NTS"):
        fetched("NTS")


def test_state_is_a_day(gus):
    assert connect().state_on("ULIC") == date(2026, 3, 1)
