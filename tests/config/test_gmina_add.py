"""A new gmina and its first administrator, and a way back in for who lost theirs."""

import io

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Gmina, Membership, User
from audit.models import Event
from tests.builders import make_gmina, make_totp, make_user

pytestmark = pytest.mark.django_db
PRASZKA = {
    "terc": "1608043",
    "name": "Praszka",
    "office": "Urząd Miejski w Praszce",
    "admin": "admin@gmina.example",
    "admin_name": "Anna Nowak",
}


def add(slug="praszka", **changed):
    out = io.StringIO()
    call_command("gmina_add", slug, stdout=out, **(PRASZKA | changed))
    return out.getvalue()


def test_a_gmina_has_an_administrator_from_the_start(client):
    link = add()
    gmina = Gmina.objects.get()
    assert (gmina.terc, gmina.kind) == ("1608043", Gmina.Kind.TOWN_AND_COUNTRY)
    membership = Membership.objects.get()
    assert (membership.gmina, membership.role) == (gmina, "admin")
    path = link.strip().split("/", 3)[3]
    assert "Ustaw hasło" in client.get(f"/{path}", follow=True).content.decode()
    verbs = Event.objects.order_by("id").values_list("verb", "gmina_id")
    assert list(verbs) == [
        ("gmina_added", None),
        ("person_invited", gmina.pk),
        ("role_given", gmina.pk),
    ]


def test_a_gmina_has_kinds_of_alerts_and_a_rule_from_the_start():
    add()
    gmina = Gmina.objects.get()
    assert gmina.kinds.filter(code="woda").exists()
    rule = gmina.approval_rules.get()
    assert (rule.template_only, rule.below_residents, rule.second_person) == (True, 500, False)


def test_an_administrator_of_two_gminas_keeps_the_password():
    make_user(PRASZKA["admin"])
    assert "invitation" not in add()


@pytest.mark.parametrize(
    "wrong",
    [
        {"terc": "160804"},
        {"terc": "1608048"},
        {"terc": "16x8043"},
        {"slug": "Praszka ł"},
        {"office": ""},
    ],
)
def test_a_wrong_value_is_refused_and_nothing_is_added(wrong):
    with pytest.raises(CommandError):
        add(**wrong)
    assert not Gmina.objects.exists()
    assert not User.objects.exists()


def test_a_gmina_is_added_once():
    add()
    with pytest.raises(CommandError):
        add("praszka-2")


def test_a_reset_from_the_command_line_helps_the_only_administrator():
    gmina = make_gmina()
    anna = make_user("anna@example.pl", "admin", gmina=gmina)
    make_totp(anna)
    out = io.StringIO()
    call_command("sign_in_reset", "Anna@Example.pl", stdout=out)
    assert "/account/invitation/" in out.getvalue()
    anna.refresh_from_db()
    assert not anna.has_usable_password()
    assert not anna.totpdevice_set.exists()
    event = Event.objects.get(verb="sign_in_reset")
    assert (event.actor, event.gmina_id) == ("system", gmina.pk)


def test_a_reset_of_nobody_says_so():
    make_user("dawny@example.pl", is_active=False)
    for email in ("nikt@example.pl", "dawny@example.pl"):
        with pytest.raises(CommandError, match="Nikt"):
            call_command("sign_in_reset", email)
