"""The page of approval rules: in words, in order, audited, administrators' only."""

import pytest

from accounts.models import Gmina
from audit.models import Event
from dispatch import approval_rules
from dispatch.models import ApprovalRule
from tests.builders import make_gmina, make_kind, make_user, sign_in

pytestmark = pytest.mark.django_db
PAGE = "/staff/testowo/rules/"


@pytest.fixture
def gmina():
    return make_gmina()


@pytest.fixture
def woda(gmina):
    return make_kind(gmina, "woda", title_pl="Awaria wody")


@pytest.fixture
def anna(client, gmina):
    """The administrator, signed in."""
    anna = make_user("anna@example.pl", "admin", gmina=gmina)
    sign_in(client, anna)
    return anna


def text(response):
    return response.content.decode()


def add(client, **fields):
    new = {"act": "add", "second_person": "no", "kind": "", "severity": ""}
    return client.post(PAGE, {**new, **fields})


def limits(gmina):
    """The rules in order, by the number that tells them apart here."""
    return [rule.below_residents for rule in ApprovalRule.objects.filter(gmina=gmina)]


def test_a_rule_is_kept_as_it_was_asked_for_and_read_back_in_words(client, anna, gmina, woda):
    answer = add(
        client, kind=woda.pk, severity="important", below_residents=1500, template_only="on"
    )
    assert answer["Location"] == PAGE
    rule = ApprovalRule.objects.get()
    assert (rule.kind, rule.severity, rule.below_residents) == (woda, "important", 1500)
    assert (rule.template_only, rule.second_person) == (True, False)
    words = approval_rules.condition_words(rule)
    assert words in text(client.get(PAGE))
    assert words.startswith("Awaria wody, ")


def test_the_newest_counts_first_and_can_be_moved_and_removed(client, anna, gmina):
    for n in (10, 20, 30):
        add(client, below_residents=n)
    assert limits(gmina) == [30, 20, 10]
    ten = ApprovalRule.objects.get(below_residents=10)
    for _click in range(3):
        client.post(PAGE, {"act": "up", "rule": ten.pk})
    assert limits(gmina) == [10, 30, 20]
    for _click in range(2):
        client.post(PAGE, {"act": "remove", "rule": ten.pk})
    assert limits(gmina) == [30, 20]
    assert list(ApprovalRule.objects.values_list("position", flat=True)) == [0, 1]


def test_each_change_is_audited_with_the_whole_list(client, anna, gmina):
    add(client, below_residents=10)
    client.post(PAGE, {"act": "default", "second_person": "no"})
    first, second = Event.objects.filter(verb="approval_rules_changed").order_by("id")
    assert first.data["rules"][0]["below_residents"] == 10
    assert (first.data["two_person_rule"], second.data["two_person_rule"]) == (True, False)
    assert second.actor == "anna@example.pl"


def test_what_holds_without_a_rule_is_changed_both_ways(client, anna, gmina):
    for answer, holds in (("no", False), ("yes", True), ("maybe", True)):
        client.post(PAGE, {"act": "default", "second_person": answer})
        assert Gmina.objects.get(pk=gmina.pk).two_person_rule is holds


@pytest.mark.parametrize(
    "wrong",
    [
        {"below_residents": 0},
        {"below_residents": "many"},
        {"below_residents": 10**9},
        {"severity": "terrible"},
        {"second_person": ""},
        {"kind": 999_999},
    ],
)
def test_a_wrong_rule_is_refused_beside_its_field(client, anna, gmina, wrong):
    page = add(client, **wrong)
    assert page.status_code == 200
    assert 'class="errorlist"' in text(page)
    assert limits(gmina) == []


@pytest.mark.parametrize("rule", ["", "x", "-1", "9" * 40])
def test_nonsense_moves_nothing(client, anna, gmina, rule):
    add(client, below_residents=10)
    client.post(PAGE, {"act": "up", "rule": rule})
    client.post(PAGE, {"act": "remove", "rule": rule})
    client.post(PAGE, {"act": "burn", "rule": rule})
    assert limits(gmina) == [10]


def test_another_gminas_rules_and_kinds_are_out_of_reach(client, anna, gmina):
    other = make_gmina("obok")
    theirs = ApprovalRule.objects.create(gmina=other, position=0, second_person=True)
    client.post(PAGE, {"act": "remove", "rule": theirs.pk})
    add(client, kind=make_kind(other, "obca").pk)
    assert list(ApprovalRule.objects.all()) == [theirs]


def test_a_rule_by_which_one_person_could_tell_everybody_is_marked(client, anna, gmina):
    add(client, template_only="on")
    assert "note-caution" not in text(client.get(PAGE))
    add(client)
    assert "note-caution" in text(client.get(PAGE))


def test_there_is_an_end_to_rules(client, anna, gmina, monkeypatch):
    monkeypatch.setattr("dispatch.rules_pages.RULES_MAX", 1)
    add(client, below_residents=10)
    assert add(client, below_residents=20).status_code == 200
    assert limits(gmina) == [10]


@pytest.mark.parametrize("page", ["rules", "roster"])
def test_only_an_administrator_with_a_fresh_code_gets_there(client, gmina, anna, page):
    session = client.session
    del session["confirmed_at"]
    session.save()
    url = f"/staff/testowo/{page}/"
    assert client.get(url)["Location"].startswith("/account/confirm/")
    for role in ("editor", "approver", "crisis", "gis", "hotline", "auditor"):
        sign_in(client, make_user(f"{role}@example.pl", role, gmina=gmina))
        assert client.get(url).status_code == 403, role
