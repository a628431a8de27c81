"""Keys for programs: made by a person, shown once, never more than the person's roles."""

import base64
from datetime import timedelta

import pytest
from django.test import RequestFactory, override_settings
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts import actions
from accounts.api_keys import KEYS_MAX, KeyAuthentication, allows, make_key
from accounts.errors import TooManyKeys
from accounts.models import AppKey
from audit.models import Event
from tests.builders import make_gmina, make_user, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def gmina():
    return make_gmina()


@pytest.fixture
def anna(gmina):
    return make_user("anna@a.example", "gis", gmina=gmina)


def key_of(user, gmina=None, *, may_write=False, days=30):
    return make_key(user=user, name="QGIS", gmina=gmina, may_write=may_write, days=days)


def shown(**headers):
    """Whom a request with these headers is from; None: nobody says so."""
    request = RequestFactory().get("/ogc/", headers=headers)
    return KeyAuthentication().authenticate(Request(request))


def basic(email, secret):
    return "Basic " + base64.b64encode(f"{email}:{secret}".encode()).decode()


def test_a_key_serves_as_password_bearer_and_header(anna):
    key, secret = key_of(anna)
    for headers in (
        {"Authorization": basic("Anna@a.example", secret)},
        {"Authorization": f"Bearer {secret}"},
        {"X-API-Key": secret},
    ):
        assert shown(**headers) == (anna, key)


def test_a_request_that_shows_nothing_is_left_to_the_session():
    assert shown() is None
    assert shown(Authorization="Device 1:x") is None


@pytest.mark.parametrize("wrong", ["Basic %%%", "Basic /w==", "Bearer ", "Bearer sao_none"])
def test_what_is_no_key_is_refused(anna, wrong):
    with pytest.raises(AuthenticationFailed):
        shown(Authorization=wrong)


def test_the_password_is_no_key_and_a_key_is_its_owners_only(anna):
    _key, secret = key_of(anna)
    for email, password in ((anna.email, "hasło-testowe-123"), ("bartek@a.example", secret)):
        with pytest.raises(AuthenticationFailed):
            shown(Authorization=basic(email, password))


def test_a_key_ends_by_itself(anna):
    key, secret = key_of(anna)
    AppKey.objects.filter(pk=key.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(AuthenticationFailed):
        shown(**{"X-API-Key": secret})


@pytest.mark.parametrize("field", ["is_active", "is_demo"])
def test_who_cannot_sign_in_has_no_use_of_a_key(anna, field):
    _key, secret = key_of(anna)
    setattr(anna, field, field == "is_demo")
    anna.save()
    with (
        override_settings(FCM_EMULATOR_URL="", FCM_CREDENTIALS="x"),
        pytest.raises(AuthenticationFailed),
    ):
        shown(**{"X-API-Key": secret})


def test_only_the_hash_is_kept_and_the_use_is_noted(anna):
    key, secret = key_of(anna)
    assert key.last_used_at is None
    shown(**{"X-API-Key": secret})
    key.refresh_from_db()
    assert key.last_used_at is not None
    assert secret.encode() not in bytes(key.secret_hash)


@pytest.mark.parametrize(
    ("may_write", "here", "action", "allowed"),
    [
        (False, True, "layer.read", True),
        (False, True, "layer.write", False),
        (True, True, "layer.write", True),
        (True, False, "layer.read", False),
        (True, False, "layer.write", False),
        (True, True, "address.lookup", False),  # the role has it; a key is for layers
    ],
)
def test_a_key_allows_a_part_of_what_the_role_does(anna, gmina, may_write, here, action, allowed):
    obok = make_gmina("obok")
    anna.memberships.create(gmina=obok, role="gis")
    key, _secret = key_of(anna, gmina if here else obok, may_write=may_write)
    assert allows(anna, key, action, gmina) is allowed


def test_a_key_of_all_gminas_follows_the_roles(anna, gmina):
    key, _secret = key_of(anna, may_write=True)
    assert allows(anna, key, "layer.write", gmina)
    anna.memberships.update(role="editor")
    assert not allows(anna, key, "layer.write", gmina)
    assert allows(anna, key, "layer.read", gmina)
    assert not allows(anna, key, "layer.read", make_gmina("obok"))


def test_a_reset_sign_in_and_a_leaving_end_every_key(anna, gmina):
    ola = make_user("ola@a.example", "admin", gmina=gmina)
    key_of(anna)
    actions.reset_sign_in(user=anna, gmina=gmina, by=ola)
    assert not anna.app_keys.exists()
    key_of(anna)
    actions.remove(user=anna, gmina=gmina, by=ola)
    assert not anna.app_keys.exists()


def test_nobody_hoards_keys(anna):
    for _n in range(KEYS_MAX):
        key_of(anna)
    with pytest.raises(TooManyKeys):
        key_of(anna)


class TestPage:
    FORM = {"name": "QGIS", "gmina": "", "days": "90"}

    @pytest.fixture(autouse=True)
    def signed_in(self, client, anna):
        sign_in(client, anna)

    def test_a_key_is_shown_once(self, client, anna):
        page = client.post("/account/keys/", self.FORM)
        (key,) = anna.app_keys.all()
        secret = page.context["secret"]
        assert secret in page.content.decode()
        assert shown(**{"X-API-Key": secret}) == (anna, key)
        assert secret not in client.get("/account/keys/").content.decode()
        assert "no-store" in page["Cache-Control"]
        assert Event.objects.filter(verb="app_key_made", actor=anna.email).exists()

    def test_it_is_made_as_asked(self, client, anna, gmina):
        form = self.FORM | {"gmina": gmina.pk, "may_write": "on", "days": "365"}
        client.post("/account/keys/", form)
        (key,) = anna.app_keys.all()
        assert (key.gmina, key.may_write) == (gmina, True)
        assert key.expires_at - key.created_at > timedelta(days=364)

    @pytest.mark.parametrize("wrong", [{"name": ""}, {"days": "9999"}, {"gmina": "0"}])
    def test_wrong_input_makes_none(self, client, anna, wrong):
        page = client.post("/account/keys/", self.FORM | wrong)
        assert 'class="errorlist"' in page.content.decode()
        assert not anna.app_keys.exists()

    def test_a_gmina_of_others_cannot_be_chosen(self, client, anna):
        client.post("/account/keys/", self.FORM | {"gmina": make_gmina("obok").pk})
        assert not anna.app_keys.exists()

    def test_the_limit_is_told(self, client, anna):
        for _n in range(KEYS_MAX):
            key_of(anna)
        page = client.post("/account/keys/", self.FORM).content.decode()
        assert str(KEYS_MAX) in page
        assert anna.app_keys.count() == KEYS_MAX

    def test_one_revokes_ones_own_only(self, client, anna, gmina):
        mine, _secret = key_of(anna)
        other, _secret = key_of(make_user("ela@a.example", "gis", gmina=gmina))
        client.post("/account/keys/", {"revoke": mine.pk})
        client.post("/account/keys/", {"revoke": other.pk})
        assert list(AppKey.objects.all()) == [other]
        assert Event.objects.filter(verb="app_key_revoked").count() == 1

    def test_a_fresh_code_is_asked_for(self, client):
        session = client.session
        del session["confirmed_at"]
        session.save()
        assert client.get("/account/keys/")["Location"].startswith("/account/confirm/")
