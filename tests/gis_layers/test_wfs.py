"""A WFS to one local file: all of it or nothing, and never from inside our own network."""

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings

from accounts.errors import DomainError
from gis_layers.imports import fetch, wfs
from gis_layers.imports.fetch import may_connect
from gis_layers.imports.gml_pages import Collection
from gis_layers.imports.read import open_source
from gis_layers.imports.wfs import FeatureType, download, server_at
from tests.gis_layers.raw_features import features
from tests.gis_layers.wfs_server import FakeWfs, serving

XXE = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><wfs:FeatureCollection>&e;'


@pytest.fixture
def private() -> Iterator[None]:
    with override_settings(WFS_PRIVATE=True):
        yield


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "ulice.gml"


def refusal(server: FakeWfs, target: Path, name: str = "m:ulice") -> DomainError:
    with serving(server), pytest.raises(DomainError) as refused:
        download(server.address, name, target)
    return refused.value


@pytest.mark.usefixtures("private")
class TestDownload:
    @pytest.mark.parametrize("says_matched", [True, False])
    def test_all_pages_make_one_file_read_like_any_other(self, target, says_matched):
        with serving(FakeWfs(features=7, at_most=3, says_matched=says_matched)) as server:
            assert download(server.address, "m:ulice", target) == 7
        with open_source(target) as source:
            raws = list(features(source, ["nazwa"]))
        assert [raw.values["nazwa"] for raw in raws] == [f"Żółta & {n}" for n in range(7)]
        assert raws[6].geom.coords == ((500060, 270000), (500065, 270000))

    def test_pages_begin_where_the_last_one_ended_and_keep_the_addresss_own_parameters(
        self, target
    ):
        with serving(FakeWfs(features=7, at_most=3)) as server:
            download(server.address, "m:ulice", target, srid=2180)
        paged = [one for one in server.asked if one["REQUEST"] == "GetFeature"]
        assert [one["STARTINDEX"] for one in paged] == ["0", "3", "6"]
        assert {one["mapa"] for one in server.asked} == {"nasza"}
        assert {one["SRSNAME"] for one in paged} == {"urn:ogc:def:crs:EPSG::2180"}

    def test_version_1_1_comes_in_one_piece_counted_beforehand(self, target):
        with serving(FakeWfs(version="1.1.0", at_most=100)) as server:
            assert download(server.address, "m:ulice", target) == 7
        assert [one.get("RESULTTYPE") for one in server.asked] == [None, "hits", None]

    def test_nothing_at_all_is_an_empty_collection(self, target):
        with serving(FakeWfs(features=0)) as server:
            assert download(server.address, "m:ulice", target) == 0

    @pytest.mark.parametrize(
        ("server", "code"),
        [
            (FakeWfs(announced=8), "wfs_incomplete"),
            (FakeWfs(version="1.1.0", at_most=3), "wfs_incomplete"),
            (FakeWfs(same_page=True), "wfs_pages_overlap"),
            (FakeWfs(version="3.0.0"), "wfs_unusable"),
            (FakeWfs(answer=b"<html>busy</html>"), "wfs_unusable"),
            (FakeWfs(answer=b"\x00\x01"), "wfs_unusable"),
            (FakeWfs(answer=b"<wfs:FeatureCollection><wfs:member><a/>"), "wfs_unusable"),
            (FakeWfs(answer=XXE), "wfs_unusable"),
            (FakeWfs(status=500), "server_refused"),
            (FakeWfs(status=302), "server_refused"),
        ],
    )
    def test_what_may_be_less_than_all_is_refused(self, target, server, code):
        assert refusal(server, target).code == code

    def test_a_servers_complaint_is_told_in_its_own_words(self, target):
        complaint = b"<r><ExceptionText>Brak &lt;b&gt; warstwy</ExceptionText></r>"
        refused = refusal(FakeWfs(answer=complaint), target)
        assert refused.code == "server_refused"
        assert refused.details["reason"] == "Brak <b> warstwy"

    def test_an_unknown_layer_is_answered_with_those_there_are(self, target):
        refused = refusal(FakeWfs(), target, "m:adresy")
        assert (refused.code, refused.details["offered"]) == ("wfs_type_unknown", "m:ulice")

    def test_more_than_the_limit_is_not_fetched(self, target):
        with override_settings(IMPORT_MAX_BYTES=2_000):
            assert refusal(FakeWfs(), target).code == "answer_too_large"

    def test_a_full_disk_is_a_refusal_too(self, target, monkeypatch):
        def full(*_about: object) -> None:
            raise OSError(errno.ENOSPC, "no space left")

        monkeypatch.setattr(Collection, "add", full)
        assert refusal(FakeWfs(), target).code == "disk_full"

    def test_a_server_that_is_not_there_is_told_so(self, target):
        with pytest.raises(fetch.Unreachable):
            download("http://127.0.0.1:1/wfs", "m:ulice", target)

    def test_a_server_says_what_it_offers(self):
        with serving(FakeWfs()) as server:
            offered = server_at(server.address)
        assert offered.types == (FeatureType("m:ulice", "Ulice", "urn:ogc:def:crs:EPSG::2180"),)


class TestAddresses:
    @pytest.mark.parametrize(
        "address",
        [
            "http://gmina.example/wfs",
            "https://officer:secret@gmina.example/wfs",
            "file:///etc/passwd",
            "https:///wfs",
            "https://[::1",
            "gopher://gmina.example/",
            "",
        ],
    )
    def test_only_public_https_without_a_password_is_asked(self, address):
        with pytest.raises(fetch.AddressRefused):
            server_at(address)

    def test_a_name_for_this_machine_is_refused_when_it_is_connected_to(self):
        with pytest.raises(fetch.AddressRefused):
            server_at("https://localhost/wfs")

    @pytest.mark.parametrize(
        ("address", "allowed"),
        [
            ("8.8.8.8", True),
            ("2001:4860:4860::8888", True),
            ("127.0.0.1", False),
            ("10.1.2.3", False),
            ("192.168.1.1", False),
            ("169.254.169.254", False),
            ("100.64.0.1", False),
            ("0.0.0.0", False),
            ("224.0.0.1", False),
            ("::1", False),
            ("fe80::1%eth0", False),
            ("fd00::1", False),
            ("::ffff:127.0.0.1", False),
            ("nonsense", False),
        ],
    )
    def test_only_addresses_on_the_internet_are_connected_to(self, address, allowed):
        assert may_connect(address) is allowed

    def test_a_private_setting_lets_the_offices_own_server_be_asked(self):
        with override_settings(WFS_PRIVATE=True):
            assert may_connect("192.168.1.1")


def test_an_address_keeps_its_parameters_but_for_those_we_set():
    asked = wfs.asked("https://a.example/x?map=1&request=GetMap#top", {"REQUEST": "GetFeature"})
    assert asked == "https://a.example/x?map=1&REQUEST=GetFeature"
