"""The report of an edition over REST, on its page and as a file."""

import json

import pyogrio
import pytest
from django.test import Client

from gis_layers import editions, findings
from gis_layers.cases import Case
from gis_layers.findings_file import write_findings
from gis_layers.models import FeatureChange
from tests.builders import (
    at,
    line,
    make_district,
    make_gmina,
    make_user,
    next_fid,
    publish,
    sign_in,
    square,
)

pytestmark = pytest.mark.django_db
Op = FeatureChange.Op


@pytest.fixture
def gmina():
    return make_gmina()


@pytest.fixture
def anna(gmina):
    return make_user("anna@a.example", "gis", gmina=gmina)


@pytest.fixture
def rynek(gmina):
    return make_district(gmina, "Rynek", geom=square(0, 0, 100))


@pytest.fixture
def edition(rynek):
    """A new district over half of the published one; its own geometry was repaired."""
    change = FeatureChange(
        op=Op.ADD, fid=next_fid(), name="<b>Nowe", search_name="nowe", geom=square(50, 0, 100)
    )
    edition = editions.stage(rynek.layer, [change], None, "osiedla.gpkg")
    told = {"reason": "Self-intersection", "lon": 18.9, "lat": 50.2, "changed": 0.5}
    shapes = {"geom": at(5, 5), "before": square(50, 0, 90), "after": square(50, 0, 100)}
    findings.record(edition, [Case("geometry_repaired", "<b>Nowe", told, row=1, **shapes)])
    findings.check(edition)
    return edition


def ask(user, edition, path, **body):
    client = sign_in(Client(), user)
    client.cookies["lang"] = "en"
    url = f"/api/v1/gminas/{edition.layer.gmina.slug}/editions/{edition.pk}/{path}"
    if body:
        return client.post(url, json.dumps(body), content_type="application/json")
    return client.get(url)


def test_the_report_has_the_worst_first_and_says_what_must_be_accepted(anna, edition):
    report = ask(anna, edition, "report").json()
    assert [(g["code"], g["count"], g["needs_acceptance"]) for g in report["groups"]] == [
        ("geometry_repaired", 1, True),
        ("overlap", 1, True),
        ("uncovered", 1, False),
    ]
    assert report["unacknowledged"] == ["geometry_repaired", "overlap"]
    assert report["groups"][1]["headline"] == "1 pair of features that share ground"


def test_accepting_names_who_and_when(anna, edition):
    report = ask(anna, edition, "report/acknowledge", codes=["overlap"]).json()
    [group] = [g for g in report["groups"] if g["code"] == "overlap"]
    assert (group["accepted_by"], group["needs_acceptance"]) == ("Anna", False)
    assert group["accepted_at"]
    assert report["unacknowledged"] == ["geometry_repaired"]


@pytest.mark.parametrize(
    ("codes", "status"), [(["gap"], 404), (["nonsense"], 400), ([], 400), ("overlap", 400)]
)
def test_what_is_not_in_the_report_cannot_be_accepted(anna, edition, codes, status):
    answer = ask(anna, edition, "report/acknowledge", codes=codes)
    assert answer.status_code == status
    assert not edition.acknowledgements.exists()


def test_a_case_has_its_words_and_its_place(anna, edition):
    answer = ask(anna, edition, "findings?code=overlap").json()
    [row] = answer["rows"]
    assert row["text"] == "Rynek: and <b>Nowe, 5,000.0 m²"
    west, _south, east, _north = row["bbox"]
    assert (east - west) * 111_320 * 0.65 == pytest.approx(50, abs=2)  # metres at 50° N
    assert answer["next"] is None


def test_cases_come_in_pages(anna, rynek):
    changes = [
        FeatureChange(op=Op.ADD, fid=next_fid(), geom=square(100 + 20 * n, 0, 10))
        for n in range(60)
    ]
    edition = editions.stage(rynek.layer, changes, None, "test")
    findings.check(edition)
    first = ask(anna, edition, "findings?code=unnamed").json()
    second = ask(anna, edition, f"findings?code=unnamed&after={first['next']}").json()
    assert (len(first["rows"]), len(second["rows"]), second["next"]) == (50, 10, None)


def test_the_map_gets_the_trouble_and_the_features_it_is_about(anna, edition):
    def roles(code):
        row = edition.findings.get(code=code)
        shapes = ask(anna, edition, f"findings/{row.pk}").json()
        return [feature["properties"]["role"] for feature in shapes["features"]]

    assert roles("overlap") == ["feature", "feature", "problem"]
    assert roles("geometry_repaired") == ["before", "after", "problem"]
    publish(edition)
    assert roles("overlap") == ["feature", "feature", "problem"]


def test_a_report_that_has_become_stale_is_checked_before_it_is_shown(anna, edition):
    edition.changes.update(geom=square(500, 0, 100))
    codes = [group["code"] for group in ask(anna, edition, "report").json()["groups"]]
    assert "overlap" not in codes


@pytest.mark.parametrize(
    "path", ["report", "findings?code=overlap", "findings/{finding}", "report/acknowledge"]
)
def test_who_is_no_gis_officer_sees_published_reports_and_accepts_nothing(gmina, edition, path):
    bartek = make_user("bartek@a.example", "editor", gmina=gmina)
    path = path.format(finding=edition.findings.get(code="overlap").pk)
    body = {"codes": ["overlap"]} if path.endswith("acknowledge") else {}
    assert ask(bartek, edition, path, **body).status_code == (403 if body else 404)
    publish(edition)
    assert ask(bartek, edition, path, **body).status_code == (403 if body else 200)


def test_a_finding_of_another_edition_is_not_there(anna, rynek, edition):
    other = editions.stage(rynek.layer, [], anna, "test")
    finding = edition.findings.first()
    assert ask(anna, other, f"findings/{finding.pk}").status_code == 404


def test_the_page_has_the_report_and_its_file(anna, edition):
    client = sign_in(Client(), anna)
    url = f"/staff/testowo/layers/editions/{edition.pk}/"
    html = client.get(url).content.decode()
    assert 'data-island="report"' in html
    assert f'href="{url}findings.gpkg"' in html
    answer = client.get(url + "findings.gpkg")
    assert answer["Content-Type"] == "application/geopackage+sqlite3"
    assert b"".join(answer.streaming_content).startswith(b"SQLite format 3\0")


def test_the_file_has_a_table_for_each_type_of_geometry(edition, tmp_path):
    pieces = [at(3, 3), at(4, 4)]
    points = pieces[0].union(pieces[1])
    findings.record(edition, [Case("code_twice", "7", {"names": "A, B"}, geom=points)])
    findings.record(
        edition,
        [Case("crosses_edge", "Polna", {"outside": 1, "unit": "m"}, geom=line((0, 0), (1, 0)))],
    )
    findings.record(edition, [Case("no_outline", "Testowo")])
    path = tmp_path / "findings.gpkg"
    write_findings(path, edition)
    tables = {name: pyogrio.raw.read(path, layer=name) for name, _t in pyogrio.list_layers(path)}
    found = {name: list(table[3][0]) for name, table in tables.items()}
    assert found == {
        "findings_points": ["geometry_repaired", "code_twice", "code_twice", "no_outline"],
        "findings_lines": ["crosses_edge"],
        "findings_areas": ["overlap", "uncovered"],
        "repaired": ["geometry_repaired"],
    }
    assert {table[0]["crs"] for table in tables.values()} == {"EPSG:2180"}
