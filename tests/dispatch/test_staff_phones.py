"""Linking a phone to a member of staff by a code; the link goes with either of them."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import actions
from audit.models import Event
from dispatch import staff_phones
from dispatch.errors import StaffCodeInvalid, TooManyPhones
from dispatch.models import StaffPhone, StaffPhoneCode
from residents import privacy
from tests.builders import make_device, make_gmina, make_resident, make_user, sign_in

pytestmark = pytest.mark.django_db
URL = "devices/me/staff"
PAGE = "/account/phones/"


@pytest.fixture
def gmina():
    return make_gmina()


@pytest.fixture
def anna(gmina):
    return make_user("anna@example.pl", "approver", gmina=gmina)


@pytest.fixture
def device():
    return make_device()


def text(response):
    return response.content.decode()


def code_on(page):
    return re.search(r'class="figure">([0-9A-Z]{5}-[0-9A-Z]{5})<', text(page))[1]


def linked(device, user):
    return StaffPhone.objects.create(user=user, device=device)


def test_the_pages_code_links_the_phone_once(client, anna, device, phone):
    sign_in(client, anna)
    code = code_on(client.post(PAGE, {"link": "1"}))
    app = phone(device)
    assert app.get(URL).json() == {"name": None}
    assert app.post(URL, {"code": code.lower().replace("-", " ")}).json() == {"name": "Anna"}
    assert app.get(URL).json() == {"name": "Anna"}
    assert phone(make_device()).post(URL, {"code": code}).json()["code"] == "staff_code_invalid"
    assert Event.objects.get(verb="staff_phone_linked").actor == "anna@example.pl"


def test_only_a_hash_of_the_code_is_kept_and_the_next_one_voids_it(anna, device):
    first, _ends = staff_phones.offer_code(anna)
    second, _ends = staff_phones.offer_code(anna)
    assert first.encode() not in bytes(StaffPhoneCode.objects.get().code_hash)
    with pytest.raises(StaffCodeInvalid):
        staff_phones.link(device, first)
    assert staff_phones.link(device, second).user == anna


@pytest.mark.parametrize("why", ["late", "inactive", "wrong"])
def test_a_code_that_is_not_good_any_more(anna, device, phone, why):
    code, _ends = staff_phones.offer_code(anna)
    if why == "late":
        StaffPhoneCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif why == "inactive":
        anna.is_active = False
        anna.save()
    answer = phone(device).post(URL, {"code": "00000-00000" if why == "wrong" else code})
    assert (answer.status_code, answer.json()["code"]) == (422, "staff_code_invalid")
    assert not StaffPhone.objects.exists()


@pytest.mark.parametrize("body", [{}, {"code": ""}, {"code": "x" * 41}, {"code": 7.5}, []])
def test_what_is_no_code_is_refused_in_words(device, phone, body):
    assert phone(device).post(URL, body).status_code in {400, 422}


def test_a_phone_is_one_persons(anna, gmina, device):
    bartek = make_user("bartek@example.pl", "editor", gmina=gmina)
    linked(device, bartek)
    staff_phones.link(device, staff_phones.offer_code(anna)[0])
    assert StaffPhone.objects.get().user == anna


def test_no_more_phones_than_the_limit(anna, device, settings):
    settings.DEVICES_MAX = 1
    linked(make_device(), anna)
    code, _ends = staff_phones.offer_code(anna)
    with pytest.raises(TooManyPhones):
        staff_phones.link(device, code)
    assert StaffPhoneCode.objects.exists(), "a refused code is still good"


# ── Unlinking ───────────────────────────────────────────────────────────────────────────────────


def test_the_app_ends_it(anna, device, phone):
    linked(device, anna)
    app = phone(device)
    assert [app.client.delete(f"/api/v1/{URL}").status_code for _ in range(2)] == [204, 204]
    assert not StaffPhone.objects.exists()
    assert Event.objects.filter(verb="staff_phone_unlinked").count() == 1


def test_the_page_ends_ones_own_and_nobody_elses(client, anna, gmina, device):
    bartek = make_user("bartek@example.pl", "editor", gmina=gmina)
    mine, other = linked(device, anna), linked(make_device(), bartek)
    sign_in(client, anna)
    for pk in (mine.pk, other.pk, "x", 9**30):
        client.post(PAGE, {"unlink": pk})
    assert list(StaffPhone.objects.all()) == [other]


@pytest.mark.parametrize("how", ["erased", "removed", "silent"])
def test_the_link_goes_with_the_device(anna, how, device):
    resident = device.resident
    make_device(resident)
    linked(device, anna)
    if how == "erased":
        privacy.erase(resident)
    elif how == "removed":
        privacy.remove_device(device)
    else:
        device.last_seen_at = timezone.now() - timedelta(days=400)
        device.save()
        privacy.erase_silent(timezone.now())
    assert not StaffPhone.objects.exists()


@pytest.mark.parametrize("act", [actions.remove, actions.reset_sign_in])
def test_the_link_goes_with_the_persons_account(gmina, anna, device, act):
    linked(device, anna)
    staff_phones.offer_code(anna)
    act(user=anna, gmina=gmina, by=make_user("admin@example.pl", "admin", gmina=gmina))
    assert not StaffPhone.objects.exists()
    assert not StaffPhoneCode.objects.exists()


def test_the_export_names_the_link(anna):
    resident = make_resident()
    device = make_device(resident)
    linked(device, anna)
    [entry] = privacy.export(resident)["staff_phones"]
    assert (entry["device_id"], entry["name"]) == (str(device.public_id), "Anna")


def test_the_page_asks_for_a_fresh_code_of_the_second_factor(client, anna):
    sign_in(client, anna)
    session = client.session
    del session["confirmed_at"]
    session.save()
    assert client.post(PAGE, {"link": "1"})["Location"] == f"/account/confirm/?next={PAGE}"
    assert not StaffPhoneCode.objects.exists()
