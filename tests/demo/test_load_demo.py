"""The demo as it is loaded: one database for the module, taken back at its end."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import Gmina, Membership, User
from config.demo.doors import doors_of
from config.demo.expected import Expected, expected
from config.demo.loading import load_layer
from config.demo.moving_in import move_out
from config.demo.staff import LOGINS, PASSWORD, current_code
from config.demo.towns import CHORZOW, GMINAS, MAIN_KIND, MAIN_STREET, PRASZKA, QUOTAS
from config.management.commands.simulate_residents import settle
from dispatch import areas, audiences, masking
from dispatch.masking import Count
from dispatch.models import Kind
from gis_layers.models import AddressPoint, Feature, Layer, LayerKind
from gis_layers.outlines import gmina_outline
from residents.models import Device, Mute, Place, Resident
from residents.simulated import id_range, phone_of
from residents.tokens import decrypt_push, retire_push
from teryt.models import Locality
from tests.builders import make_device, make_place

# Without the mark of the database, pytest-django would make none and leave us the real one.
pytestmark = [pytest.mark.slow, pytest.mark.django_db]

EMULATOR = "http://127.0.0.1:9"  # never called here


@pytest.fixture(scope="module", autouse=True)
def demo(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Loaded once, in a transaction around those of the tests."""
    with (
        django_db_blocker.unblock(),
        override_settings(FCM_EMULATOR_URL=EMULATOR, FCM_CREDENTIALS=""),
        transaction.atomic(),
    ):
        assert not Gmina.objects.exists()
        call_command("load_demo", verbosity=0)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def chorzow() -> Gmina:
    return Gmina.objects.get(slug="chorzow")


@pytest.fixture
def praszka() -> Gmina:
    return Gmina.objects.get(slug="praszka")


def shown(gmina: Gmina, kind: str) -> Any:
    return Feature.objects.filter(layer__gmina=gmina, layer__kind=kind, until=None)


def on_street(gmina: Gmina, name: str) -> set[int]:
    """Residents with any place at an address of the street, by way of the address register."""
    fids = shown(gmina, LayerKind.STREET).filter(name=name).values("fid")
    doors = AddressPoint.objects.filter(street_fid__in=fids, until=None).values("fid")
    places = Place.objects.filter(gmina=gmina, address_point_fid__in=doors)
    return set(places.values_list("resident_id", flat=True))


def test_lines_of_chorzow_make_418_streets(chorzow: Gmina) -> None:
    assert shown(chorzow, LayerKind.STREET).count() == 418
    assert set(shown(chorzow, LayerKind.STREET).values_list("simc", flat=True)) == {"0938887"}
    assert set(shown(chorzow, LayerKind.STREET).values_list("attrs__class", flat=True)) == {
        "main",
        "street",
    }


def test_every_address_is_attached_to_its_street(chorzow: Gmina) -> None:
    addresses = AddressPoint.objects.filter(layer__gmina=chorzow, until=None)
    assert addresses.count() == 6937
    assert not addresses.filter(street_fid=None).exists()


def test_made_layers_say_so() -> None:
    made = Layer.objects.filter(is_simulated=True).order_by("gmina__slug", "slug")
    assert [str(layer) for layer in made] == [
        "chorzow/adresy",
        "chorzow/osiedla",
        "praszka/adresy",
        "praszka/ulice",
    ]
    assert all("symulowane" in layer.source for layer in made)
    assert set(Gmina.objects.values_list("is_demo", flat=True)) == {True}


def test_exactly_340_people_live_or_work_on_glowna(chorzow: Gmina) -> None:
    assert len(on_street(chorzow, "Główna")) == 340


def test_all_of_them_are_expected_to_be_told_about_water(chorzow: Gmina) -> None:
    due = due_on_glowna()
    assert due.residents == on_street(chorzow, "Główna")
    assert (due.simulated, len(due.tokens)) == (340, QUOTAS["chorzow"].phones)


def test_nobody_of_the_alley_is_among_them(chorzow: Gmina) -> None:
    alley = on_street(chorzow, "Aleja Główna")
    assert alley
    assert not alley & on_street(chorzow, "Główna")


def due_on_glowna() -> Expected:
    return expected(gmina="chorzow", street="Główna", kind="woda")


def test_guest_on_the_street_is_expected_too(chorzow: Gmina) -> None:
    street = shown(chorzow, LayerKind.STREET).get(name="Główna")
    guest = make_device(token="web-of-a-guest").resident
    make_place(guest, chorzow, at=street.geom.centroid, street=street, method="nearest_street")
    due = due_on_glowna()
    assert due.guests == {guest.pk}
    assert (len(due.residents), due.simulated) == (341, 340)


def test_deaf_and_unreachable_guests_are_not_expected(chorzow: Gmina) -> None:
    street = shown(chorzow, LayerKind.STREET).get(name="Główna")
    deaf, unreachable = make_device(token="a").resident, make_device(token="").resident
    Mute.objects.create(resident=deaf, kind="woda")
    for guest in (deaf, unreachable):
        make_place(guest, chorzow, at=street.geom.centroid, street=street)
    assert due_on_glowna().guests == frozenset()


def test_people_come_back_the_same_and_guests_stay() -> None:
    guest, before = make_device().resident, fingerprint("praszka")
    resettle("praszka", anew=True)
    assert fingerprint("praszka") == before
    assert Resident.objects.filter(pk=guest.pk).exists()


def resettle(slug: str, *, anew: bool) -> None:
    demo = next(demo for demo in GMINAS if demo.slug == slug)
    settle(slug, residents=demo.residents, seed=1, elsewhere=demo.elsewhere, anew=anew)


def fingerprint(slug: str) -> tuple[list[Any], list[Any], int]:
    """Who lives at which door and who has which phone, without the database's own ids."""
    mine = {"resident__public_id__range": id_range(slug)}
    places = Place.objects.filter(**mine).order_by("public_id")
    devices = Device.objects.filter(**mine).order_by("public_id")
    columns = ("public_id", "resident__public_id", "kind", "address_point_fid", "geom")
    return (
        list(places.values_list(*columns)),
        list(devices.values_list("public_id", "resident__public_id", "platform", "push_hash")),
        Mute.objects.filter(**mine).count(),
    )


def test_people_who_are_there_are_left_alone() -> None:
    before = set(Device.objects.values_list("pk", flat=True))
    resettle("praszka", anew=False)
    assert set(Device.objects.values_list("pk", flat=True)) == before


@pytest.mark.parametrize("spoil", ["phone", "place", "mute"])
def test_what_has_changed_is_mended(spoil: str) -> None:
    before = fingerprint("praszka")
    mine = {"resident__public_id__range": id_range("praszka")}
    if spoil == "phone":
        reachable = Device.objects.filter(**mine).exclude(push_hash=None)[:1].get()
        assert retire_push(reachable.pk, bytes(reachable.push_hash or b""))
    elif spoil == "place":
        Place.objects.filter(**mine, kind="work")[:1].get().delete()
    else:
        Mute.objects.filter(**mine)[:1].get().delete()
    assert fingerprint("praszka") != before
    resettle("praszka", anew=False)
    assert fingerprint("praszka") == before


def test_other_seed_other_people_same_quota() -> None:
    before = fingerprint("chorzow")
    call_command("simulate_residents", gmina="chorzow", residents=18_000, seed=2)
    assert fingerprint("chorzow") != before
    assert (len(due_on_glowna().residents), len(due_on_glowna().tokens)) == (340, 402)


@pytest.mark.parametrize("kind", [MAIN_KIND, None])
def test_an_officer_is_told_exactly_340_people_and_402_phones(
    chorzow: Gmina, kind: str | None
) -> None:
    """Nobody on the street muted the kind: nothing is rounded or left in."""
    street = shown(chorzow, LayerKind.STREET).get(name=MAIN_STREET)
    chosen = areas.parse_parts(chorzow, [{"kind": "feature", "fid": street.fid}])
    row = kind and Kind.objects.get(gmina=chorzow, code=kind)
    counted = audiences.preview(chorzow, areas.resolve(chorzow, chosen), row or None, "important")
    told = masking.masked(counted, chosen)
    assert (told.residents, told.devices) == (Count(340), Count(402))


def test_moving_out_takes_only_the_gminas_own_people() -> None:
    of_praszka = Resident.objects.filter(public_id__range=id_range("praszka")).count()
    move_out("chorzow")
    assert Resident.objects.count() == of_praszka == PRASZKA.residents
    assert not Device.objects.filter(resident__public_id__range=id_range("chorzow")).exists()


def test_phones_sign_in_with_what_their_token_tells() -> None:
    device = Device.objects.exclude(push_value_encrypted=None).first()
    assert device is not None
    assert device.push_value_encrypted is not None
    phone = phone_of(decrypt_push(device.push_value_encrypted))
    assert phone is not None
    assert phone.public_id == device.public_id


def test_some_have_a_place_in_both_gminas(chorzow: Gmina, praszka: Gmina) -> None:
    both = Resident.objects.filter(places__gmina=chorzow).filter(places__gmina=praszka)
    assert both.distinct().count() > 5


def test_parks_are_empty_and_blocks_are_dense(chorzow: Gmina) -> None:
    homes = Place.objects.filter(gmina=chorzow, kind="home")
    districts = {f.name: f.geom for f in shown(chorzow, LayerKind.DISTRICT)}
    per_km2 = {
        name: homes.filter(geom__coveredby=geom).count() / geom.area * 1e6
        for name, geom in districts.items()
    }
    assert per_km2["Śródmieście"] > 10 * per_km2["Antoniowiec"]
    alley = shown(chorzow, LayerKind.STREET).get(name="Aleja Główna")
    assert not homes.filter(street_fid=alley.fid).exists()


def test_glowna_of_praszka_is_three_features_of_one_code(praszka: Gmina) -> None:
    found = shown(praszka, LayerKind.STREET).filter(name="Główna")
    names = {row.simc: row.name for row in Locality.objects.filter(terc6=praszka.terc6)}
    assert {names[feature.simc] for feature in found} == {"Praszka", "Kowale", "Strojec"}
    assert len({feature.fid for feature in found}) == 3
    assert len({feature.code.partition("/")[2] for feature in found}) == 1


def test_every_village_without_streets_has_people_to_tell(praszka: Gmina) -> None:
    with_streets = set(shown(praszka, LayerKind.STREET).values_list("simc", flat=True))
    addresses = AddressPoint.objects.filter(layer__gmina=praszka, until=None)
    villages = set(addresses.values_list("simc", flat=True)) - with_streets
    assert len(villages) == 20
    for simc in villages:
        there = Place.objects.filter(gmina=praszka, simc=simc)
        assert there.exists(), simc
        assert not there.exclude(street_fid=None).exists()


def test_places_of_praszka_are_named_as_in_simc(praszka: Gmina) -> None:
    register = set(Locality.objects.filter(terc6=praszka.terc6).values_list("simc", flat=True))
    used = set(AddressPoint.objects.filter(layer__gmina=praszka).values_list("simc", flat=True))
    assert used <= register


def test_outlines_are_the_gminas_own(chorzow: Gmina, praszka: Gmina) -> None:
    outlines = [gmina_outline(gmina) for gmina in (chorzow, praszka)]
    assert [outline.accuracy_m for outline in outlines if outline] == [5, 800]
    assert [round(outline.geom.area / 1e6, 1) for outline in outlines if outline] == [33.3, 104.4]


def test_people_with_all_roles_can_sign_in_to_both() -> None:
    assert {login.role for login in LOGINS} == set(Membership.Role.values)
    for login in LOGINS:
        user = User.objects.get(email=login.email)
        assert user.check_password(PASSWORD)
        assert set(user.memberships.values_list("gmina__slug", "role")) == {
            ("chorzow", login.role),
            ("praszka", login.role),
        }
        assert user.totpdevice_set.get().verify_token(current_code())


def test_kinds_are_there_and_two_people_are_needed() -> None:
    assert Kind.objects.filter(gmina__slug="praszka", code="woda", active=True).exists()
    assert set(Gmina.objects.values_list("two_person_rule", flat=True)) == {True}


def test_loading_again_publishes_nothing(chorzow: Gmina) -> None:
    assert load_layer(CHORZOW.layers[1], chorzow) is None
    before = list(Gmina.objects.values_list("slug", "revision"))
    call_command("load_demo", no_residents=True, verbosity=0)
    assert list(Gmina.objects.values_list("slug", "revision")) == before


def test_unknown_houses_have_a_flat_each(chorzow: Gmina) -> None:
    chorzow.slug = "no-such-file"
    assert set(doors_of(chorzow).flats.tolist()) == {1.0}


def test_gmina_without_addresses_cannot_be_filled() -> None:
    AddressPoint.objects.filter(layer__gmina__slug="praszka").delete()
    with pytest.raises(CommandError, match=r"addresses|adresów"):
        call_command("simulate_residents", gmina="praszka", residents=10)


@pytest.mark.parametrize("command", ["load_demo", "demo_logins", "demo_run"])
@pytest.mark.parametrize("fcm", [{"FCM_EMULATOR_URL": ""}, {"FCM_CREDENTIALS": "/key.json"}])
def test_nothing_of_the_demo_runs_where_messages_could_reach_people(
    command: str, fcm: dict[str, str]
) -> None:
    with override_settings(**fcm), pytest.raises(CommandError, match="FCM_EMULATOR_URL"):
        call_command(command)


def test_demo_gminas_are_those_of_the_register() -> None:
    for demo in GMINAS:
        names = Locality.objects.filter(terc6=demo.terc6).values_list("name", flat=True)
        assert demo.name in set(names)
