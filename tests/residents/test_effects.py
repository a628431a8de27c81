"""Whose street, district or gmina an edition would change: as it then does, and told masked."""

import random

import pytest
from django.test import Client

from audit.models import Event
from gis_layers import editions
from gis_layers.errors import EditionConflict
from gis_layers.models import AddressPoint, Feature, FeatureChange
from residents import effects, jobs, reattachment, weighing, whereabouts
from residents.effects import Told
from residents.models import Place, Weighing
from residents.whereabouts import Declared
from tests.builders import (
    at,
    line,
    make_address,
    make_district,
    make_gmina,
    make_place,
    make_resident,
    make_street,
    make_user,
    next_fid,
    replacing,
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
def exact(settings, monkeypatch):
    """Counts as they are, so that a test can compare them."""
    settings.MASK_BELOW_DRAWN = 1
    monkeypatch.setattr(effects, "ROUNDED_TO", 1)


def staged(layer, *changes):
    return editions.stage(layer, changes, None, "test")


def added(name, geom, **fields):
    return FeatureChange(op=Op.ADD, fid=next_fid(), name=name, geom=geom, **fields)


def removed(row):
    return FeatureChange(op=Op.REMOVE, fid=row.fid)


def people(gmina, *spots, **fields):
    """A place of somebody else at each spot."""
    return [make_place(make_resident(), gmina, at=at(*spot), **fields) for spot in spots]


def counts(edition):
    return {name: told.count for name, told in effects.effects(edition).items()}


class TestAreas:
    def test_places_on_the_strip_that_changes_hands_are_counted_once_each(self, gmina, exact):
        west = make_district(gmina, "Zachód", geom=square(0, 0, 100))
        make_district(gmina, "Wschód", geom=square(100, 0, 100))
        people(gmina, (50, 50), (95, 50), (96, 50), (150, 50))
        narrower = at(0, 0).buffer(0).union(square(0, 0, 90))
        assert counts(staged(west.layer, replacing(west, geom=narrower))) == {"district": 2}

    def test_another_name_changes_nobodys_district(self, gmina, exact):
        west = make_district(gmina, "Zachód", geom=square(0, 0, 100))
        people(gmina, (50, 50))
        assert counts(staged(west.layer, replacing(west, name="Nowy Zachód"))) == {"district": 0}

    def test_a_district_that_goes_or_comes_concerns_all_in_it(self, gmina, exact):
        old = make_district(gmina, "Stare", geom=square(0, 0, 100))
        people(gmina, (50, 50), (250, 50), (500, 500))
        edition = staged(old.layer, removed(old), added("Nowe", square(200, 0, 100)))
        assert counts(edition) == {"district": 2}

    def test_another_outline_concerns_those_it_takes_in_or_lets_go(self, gmina, exact):
        outline = Feature.objects.get(layer__gmina=gmina, layer__slug="granica")
        people(gmina, (50, 50), (9_950, 50))
        people(None, (10_050, 50), (20_000, 50))
        theirs = make_gmina("obok", outline=square(10_000, 5_000, 100))
        people(theirs, (10_020, 20))  # nothing of another gmina's people is told
        edition = staged(outline.layer, replacing(outline, geom=square(-100, 0, 10_200)))
        assert counts(edition) == {"gmina": 1}


def live_at(address):
    return whereabouts.add_place(make_resident(), kind="home", where=Declared(address.fid))[0]


class TestStreets:
    def test_those_nearer_to_a_new_street_are_counted(self, gmina, exact):
        old = make_street(gmina, "Stara", geom=line((0, 0), (500, 0)))
        people(gmina, (100, 40), (300, 40), (300, 5), street=old, method="nearest_street")
        edition = staged(old.layer, added("Nowa", line((250, 50), (350, 50)), simc="0000001"))
        assert counts(edition) == {"street": 1, "lost": 0}

    def test_a_street_that_goes_without_an_heir_leaves_people_without_one(self, gmina, exact):
        old = make_street(gmina, "Stara", geom=line((0, 0), (500, 0)))
        live_at(make_address(gmina, "1", at=at(10, 5), street=old))
        people(gmina, (100, 40), street=old, method="nearest_street")
        assert counts(staged(old.layer, removed(old))) == {"street": 2, "lost": 2}

    def test_a_renamed_street_carries_its_people_over(self, gmina, exact):
        old = make_street(gmina, "Stara", geom=line((0, 0), (500, 0)))
        live_at(make_address(gmina, "1", at=at(10, 5), street=old))
        edition = staged(
            old.layer, removed(old), added("Młoda", line((0, 0), (500, 0)), simc="0000001")
        )
        assert counts(edition) == {"street": 1, "lost": 0}
        assert counts(staged(old.layer, replacing(old, name="Młoda"))) == {"street": 0, "lost": 0}

    def test_an_address_that_goes_to_another_street_takes_its_people_along(self, gmina, exact):
        one, two = (
            make_street(gmina, n, geom=line((0, y), (9, y))) for n, y in (("A", 0), ("B", 90))
        )
        address = make_address(gmina, "1", at=at(5, 40), street=one)
        live_at(address)
        attrs = {"street_fid": two.fid, "number": "1", "ulic": ""}
        change = FeatureChange(
            op=Op.REPLACE, fid=address.fid, simc=address.simc, geom=address.geom, attrs=attrs
        )
        assert counts(staged(address.layer, change)) == {"street": 1, "lost": 0}

    @pytest.mark.parametrize("seed", range(4))
    def test_what_is_told_before_is_what_happens_after(self, gmina, exact, seed):
        """Streets and people by lot; every place's street compared before and after."""
        dice = random.Random(seed)

        def somewhere():
            return dice.uniform(0, 400), dice.uniform(0, 400)

        streets = [
            make_street(gmina, f"Ulica {n}", geom=line(somewhere(), somewhere())) for n in range(8)
        ]
        for n in range(12):
            make_address(gmina, str(n), at=at(*somewhere()), street=dice.choice(streets))
        for address in AddressPoint.objects.all()[:6]:
            live_at(address)
        people(gmina, *(somewhere() for _ in range(40)), method="none")
        reattachment.reattach(gmina, streets[0].layer)
        before = dict(Place.objects.values_list("pk", "street_fid"))
        edition = staged(
            streets[0].layer,
            removed(streets[0]),
            removed(streets[1]),
            replacing(streets[2], geom=line(somewhere(), somewhere())),
            added("Nowa", streets[1].geom, simc="0000001"),
            added("Całkiem nowa", line(somewhere(), somewhere()), simc="0000001"),
        )
        promised = counts(edition)
        assert dict(Place.objects.values_list("pk", "street_fid")) == before  # nothing was written
        editions.publish(edition, None)
        reattachment.reattach(gmina, edition.layer)
        shown = set(Feature.objects.filter(until=None).values_list("fid", flat=True))
        after = {
            pk: fid if fid in shown else None
            for pk, fid in Place.objects.values_list("pk", "street_fid")
        }
        assert promised["street"] == sum(before[pk] != after[pk] for pk in before)
        assert promised["street"] > 0

    def test_of_very_many_a_sample_is_tried(self, gmina, exact, monkeypatch):
        monkeypatch.setattr(effects, "TRIED_MAX", 5)
        old = make_street(gmina, "Stara", geom=line((0, 0), (500, 0)))
        people(gmina, *((x, 10) for x in range(40)), street=old, method="nearest_street")
        assert counts(staged(old.layer, removed(old))) == {"street": 40, "lost": 40}


class TestTold:
    def test_few_are_fewer_than_twenty_and_more_are_told_to_tens(self, gmina):
        places = [place.pk for place in people(gmina, *((x, 0) for x in range(27)))]
        assert effects.told([]) == Told(0, None)
        assert effects.told(places[:1]) == effects.told(places[:19]) == Told(None, 20)
        assert effects.told(places[:20]) == effects.told(places[:24]) == Told(20, None)
        assert effects.told(places) == Told(30, None)

    def test_many_places_of_few_people_are_few(self, gmina):
        resident = make_resident()
        places = [make_place(resident, gmina, at=at(x, 0)).pk for x in range(30)]
        assert effects.told(places) == Told(None, 20)


def test_a_trial_leaves_no_trace(gmina):
    old = make_street(gmina, "Stara", geom=line((0, 0), (500, 0)))
    edition = staged(old.layer, replacing(old, name="Młoda"))
    with editions.trial(edition):
        assert [row.name for row in Feature.objects.filter(fid=old.fid, until=None)] == ["Młoda"]
    assert [row.name for row in Feature.objects.filter(fid=old.fid)] == ["Stara"]
    edition.refresh_from_db()
    assert edition.state == "staged"


def test_what_could_not_be_published_is_not_tried(gmina):
    old = make_street(gmina, "Stara", geom=line((0, 0), (500, 0)))
    stale = staged(old.layer, replacing(old, name="A"))
    editions.publish(staged(old.layer, replacing(old, name="B")), None)
    with pytest.raises(EditionConflict):
        effects.effects(stale)


class TestWeighing:
    @pytest.fixture
    def edition(self, gmina):
        district = make_district(gmina, "Stare", geom=square(0, 0, 100))
        people(gmina, (50, 50))
        return staged(district.layer, removed(district))

    def ask(self, user, edition):
        url = f"/api/v1/gminas/testowo/editions/{edition.pk}/effects"
        return sign_in(Client(), user).post(url)

    def test_is_asked_for_worked_by_a_job_and_told_masked(self, anna, edition):
        assert self.ask(anna, edition).json() == {"is_done": False, "effects": {}}
        assert jobs.weigh_editions() == 1
        told = {"count": None, "below": 20}
        assert self.ask(anna, edition).json() == {"is_done": True, "effects": {"district": told}}

    def test_is_done_once_for_a_state_and_anew_for_another(self, anna, edition):
        first = weighing.ask(edition, by=anna)
        assert weighing.ask(edition, by=anna) == first
        edition.changes.all().delete()
        assert weighing.ask(edition, by=anna) != first
        assert Event.objects.filter(verb="edition_weighed", actor=anna.email).count() == 2

    def test_is_done_anew_after_any_publication(self, anna, gmina, edition):
        first = weighing.ask(edition, by=anna)
        street = make_street(gmina, "Stara", geom=line((0, 0), (9, 0)))
        editions.publish(staged(street.layer, removed(street)), None)
        assert weighing.ask(edition, by=anna) != first

    def test_is_limited_by_the_hour(self, anna, edition, settings):
        settings.FREE_PREVIEWS_PER_HOUR = 1
        assert self.ask(anna, edition).status_code == 200
        assert self.ask(anna, edition).status_code == 200  # the same state
        edition.changes.all().delete()
        answer = self.ask(anna, edition)
        assert (answer.status_code, answer.json()["code"]) == (429, "weighing_limit")

    def test_of_what_was_published_meanwhile_tells_nothing(self, anna, edition):
        found = weighing.ask(edition, by=anna)
        editions.publish(edition, anna)
        assert weighing.run_pending() == 1
        found.refresh_from_db()
        assert (found.done_at is not None, found.effects) == (True, {})

    def test_of_what_conflicts_tells_nothing_and_holds_up_nobody(self, anna, edition):
        fid = edition.changes.get().fid
        found = weighing.ask(edition, by=anna)
        rival = FeatureChange(op=Op.REMOVE, fid=fid)
        editions.publish(staged(edition.layer, rival), None)
        assert weighing.run_pending() == 1
        found.refresh_from_db()
        assert found.effects == {}

    def test_that_fails_is_given_up_after_an_hour(self, anna, edition):
        weighing.ask(edition, by=anna)
        assert weighing.waiting().count() == 1
        Weighing.objects.update(requested_at="2026-01-01T00:00:00Z")
        assert weighing.waiting().count() == 0

    @pytest.mark.parametrize("role", ["editor", "hotline", "auditor"])
    def test_is_for_gis_officers(self, gmina, edition, role):
        assert self.ask(make_user("x@a.example", role, gmina=gmina), edition).status_code == 403
