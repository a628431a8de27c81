"""Roles as data, and the same answers for pages and REST."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.access import ACTIONS, ROLE_ACTIONS, actions_of, enter, gminas_of, may
from accounts.models import Membership
from tests.builders import make_gmina, make_user

pytestmark = pytest.mark.django_db


def test_every_role_has_actions_and_no_role_has_all():
    assert set(ROLE_ACTIONS) == set(Membership.Role.values)
    assert all(ACTIONS - actions for actions in ROLE_ACTIONS.values())


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("editor", {"alert.write"}),
        ("approver", {"alert.write", "alert.approve"}),
        ("crisis", {"alert.write", "alert.approve", "alert.send_alone"}),
        ("gis", {"layer.write"}),
        ("admin", {"people.manage", "gmina.settings", "audit.read"}),
        ("hotline", set()),
        ("auditor", {"audit.read"}),
    ],
)
def test_who_may_change_or_send_what(role, allowed):
    """The whole truth table of the acts that matter."""
    gmina = make_gmina()
    user = make_user("anna@example.pl", role, gmina=gmina)
    weighty = {
        "alert.write",
        "alert.approve",
        "alert.send_alone",
        "layer.write",
        "people.manage",
        "gmina.settings",
        "audit.read",
    }
    assert {action for action in weighty if may(user, action, gmina)} == allowed


def test_hotline_reads_active_alerts_and_looks_up_addresses_and_nothing_else():
    gmina = make_gmina()
    user = make_user("info@example.pl", "hotline", gmina=gmina)
    assert actions_of(user, gmina) == {"alert.read_active", "address.lookup"}


def test_roles_add_up_within_a_gmina_and_not_across():
    testowo, obok = make_gmina("testowo"), make_gmina("obok")
    user = make_user("anna@example.pl", "editor", "gis", gmina=testowo)
    Membership.objects.create(user=user, gmina=obok, role="auditor")
    assert may(user, "alert.write", testowo)
    assert may(user, "layer.write", testowo)
    assert not may(user, "alert.write", obok)
    assert gminas_of(user) == [obok, testowo]  # each once, by name


def test_a_deactivated_user_may_nothing():
    gmina = make_gmina()
    user = make_user("anna@example.pl", "crisis", gmina=gmina, is_active=False)
    assert actions_of(user, gmina) == frozenset()


def test_the_operator_has_no_access_to_a_gmina_without_a_role():
    gmina = make_gmina()
    operator = make_user("operator@example.pl", is_operator=True)
    assert not may(operator, "alert.read", gmina)


def test_an_unknown_action_is_a_mistake_and_not_a_no():
    gmina = make_gmina()
    user = make_user("anna@example.pl", "editor", gmina=gmina)
    with pytest.raises(ValueError, match=r"alert\.raed"):
        may(user, "alert.raed", gmina)
    with pytest.raises(ValueError, match=r"alert\.raed"):
        enter(user, gmina.slug, "alert.raed")


def test_a_stranger_cannot_tell_a_foreign_gmina_from_none():
    make_gmina("obok")
    user = make_user("anna@example.pl", "editor", gmina=make_gmina("testowo"))
    for slug in ("obok", "nie-ma"):
        with pytest.raises(Http404):
            enter(user, slug, "alert.read")


def test_a_role_without_the_action_is_refused_by_name():
    gmina = make_gmina()
    user = make_user("info@example.pl", "hotline", gmina=gmina)
    with pytest.raises(PermissionDenied):
        enter(user, gmina.slug, "alert.read")
