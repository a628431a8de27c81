"""What a report asks for before an edition is published, and who has answered."""

from pathlib import Path

import pytest
from django.test import override_settings
from django.utils import translation

from audit.models import Event
from gis_layers import editions, findings
from gis_layers.cases import Case
from gis_layers.errors import (
    EditionNotStaged,
    ReportBlocksPublishing,
    WarningsNotAcknowledged,
    WarningUnknown,
)
from gis_layers.finding_kinds import KINDS
from gis_layers.models import Edition, FeatureChange
from tests.builders import at, line, make_district, make_gmina, make_user, next_fid, publish, square

pytestmark = pytest.mark.django_db
Op = FeatureChange.Op
DOCS = Path(__file__).resolve().parents[2] / "docs" / "layers.md"


@pytest.fixture
def gmina():
    return make_gmina()


@pytest.fixture
def rynek(gmina):
    """The published district, 100 m square."""
    return make_district(gmina, "Rynek", geom=square(0, 0, 100))


@pytest.fixture
def anna(gmina):
    return make_user("anna@a.example", "gis", gmina=gmina)


def added(name, x) -> FeatureChange:
    return FeatureChange(
        op=Op.ADD, fid=next_fid(), name=name, search_name=name.lower(), geom=square(x, 0, 100)
    )


def overlapping(rynek) -> Edition:
    """A district that shares 50 × 100 m with the published one."""
    return staged(rynek, added("Nowe", 50))


def staged(rynek, *changes) -> Edition:
    edition = editions.stage(rynek.layer, changes, None, "test")
    findings.check(edition)
    return edition


def test_a_warning_stands_against_publishing_until_somebody_accepts_it(rynek, anna):
    edition = overlapping(rynek)
    with pytest.raises(WarningsNotAcknowledged) as refused:
        editions.publish(edition, anna)
    assert refused.value.details == {"codes": "overlap"}
    findings.acknowledge(edition, ["overlap"], anna)
    assert editions.publish(edition, anna).number == 2


def test_what_blocks_cannot_be_accepted(rynek, anna):
    broken = added("Klepsydra", 100)
    broken.geom = line((0, 0), (10, 0))
    edition = staged(rynek, broken)
    with pytest.raises(WarningUnknown):
        findings.acknowledge(edition, ["geometry_unfit"], anna)
    with pytest.raises(ReportBlocksPublishing):
        editions.publish(edition, anna)


def test_accepting_is_audited_once_with_who_and_how_many(rynek, anna):
    edition = overlapping(rynek)
    findings.acknowledge(edition, ["overlap"], anna)
    findings.acknowledge(edition, ["overlap"], anna)
    [event] = Event.objects.filter(verb="warnings_acknowledged")
    assert (event.actor, event.target_id) == ("anna@a.example", str(edition.pk))
    assert event.data["cases"] == {"overlap": 1}


def test_a_change_set_that_grows_is_checked_anew_before_it_is_published(rynek, anna):
    edition = staged(rynek, added("Daleko", 500))
    change = added("Nowe", 50)
    change.edition = edition
    change.save()
    with pytest.raises(WarningsNotAcknowledged):
        editions.publish(edition, anna)


def test_a_new_case_takes_the_acceptance_of_its_code_away(rynek, anna):
    edition = overlapping(rynek)
    findings.acknowledge(edition, ["overlap"], anna)
    change = added("Drugie", -50)
    change.edition = edition
    change.save()
    findings.refresh(edition)
    assert findings.unacknowledged(edition) == ["overlap"]
    assert edition.findings.filter(known=True).count() == 1


def test_a_case_that_changes_its_size_is_a_new_one(rynek, anna):
    edition = overlapping(rynek)
    findings.acknowledge(edition, ["overlap"], anna)
    edition.changes.update(geom=square(20, 0, 100))
    findings.refresh(edition)
    assert findings.unacknowledged(edition) == ["overlap"]


def test_what_was_published_once_is_not_asked_again(rynek, anna):
    publish(overlapping(rynek), anna)
    edition = staged(rynek, added("Daleko", 500))
    assert findings.unacknowledged(edition) == []
    assert edition.findings.get(code="overlap").known
    assert editions.publish(edition, anna).number == 3


def test_what_was_accepted_but_never_published_is_asked_again(rynek, anna):
    edition = overlapping(rynek)
    findings.acknowledge(edition, ["overlap"], anna)
    editions.discard(edition, anna)
    assert findings.unacknowledged(overlapping(rynek)) == ["overlap"]


def test_going_back_asks_for_nothing(rynek, anna):
    removal = FeatureChange(op=Op.REMOVE, fid=rynek.fid)
    publish(overlapping(rynek), anna)
    publish(staged(rynek, removal), anna)
    assert editions.roll_back(rynek.layer, 2, anna).number == 4


def test_a_way_back_that_was_edited_is_checked_like_anything_else(rynek, anna):
    publish(staged(rynek, added("Daleko", 500)), anna)
    edition = editions.revert_to(rynek.layer, 1, anna)
    change = added("Nowe", 50)
    change.edition = edition
    change.save()
    with pytest.raises(WarningsNotAcknowledged):
        editions.publish(edition, anna)


def test_checking_again_keeps_what_reading_found(rynek):
    edition = staged(rynek, added("Nowe", 50))
    repaired = Case(
        "geometry_repaired",
        "Nowe",
        {"reason": "Self-intersection", "lon": 18.9, "lat": 50.2, "changed": 0.5},
        row=3,
        geom=at(5, 5),
        before=square(0, 0, 1),
        after=square(0, 0, 2),
    )
    findings.record(edition, [repaired])
    findings.check(edition)
    row = edition.findings.get(code="geometry_repaired")
    assert (row.row, row.after.area) == (3, 4)
    assert edition.report["found"]["geometry_repaired"] == 1


def test_numbers_are_written_as_the_readers_language_writes_them():
    details = {"m2": 12345.6, "other": "Point", "width_m": 0.5}
    case = Case("overlap", "Nowe", details)
    with translation.override("en"):
        assert case.text() == "Nowe: and Point, 12,345.6 m²"
    with translation.override("pl"):
        assert "12\u202f345,6 m²" in case.text()


def test_coordinates_are_written_as_programs_read_them():
    details = {"reason": "Self-intersection", "lon": 18.9, "lat": 50.2, "changed": 0.5}
    with translation.override("pl"):
        assert "18.900000, 50.200000" in Case("geometry_repaired", "Nowe", details).text()


@override_settings(REPORT_MAX_CASES=2)
def test_of_many_cases_some_are_kept_and_all_are_counted(rynek, anna):
    edition = staged(rynek, *[added("", 200 + 150 * n) for n in range(5)])
    assert edition.findings.filter(code="unnamed").count() == 2
    assert edition.report["found"]["unnamed"] == 5
    publish(edition, anna)
    later = staged(rynek, added("Daleko", 5_000))
    assert findings.unacknowledged(later) == ["unnamed"]  # nobody can say that all are the same


def test_a_published_edition_is_not_checked_again(rynek):
    edition = publish(staged(rynek, added("Daleko", 500)))
    with pytest.raises(EditionNotStaged):
        findings.check(edition)
    with pytest.raises(EditionNotStaged):
        findings.acknowledge(edition, ["overlap"], None)


def test_a_publication_meanwhile_makes_the_report_stale(rynek, anna):
    edition = staged(rynek, added("Nowe", 300))
    publish(staged(rynek, added("Rywal", 250)), anna)
    with pytest.raises(WarningsNotAcknowledged):
        editions.publish(edition, anna)


def test_the_docs_name_every_code():
    text = DOCS.read_text(encoding="utf-8")
    assert [code for code in KINDS if f"`{code}`" not in text] == []
