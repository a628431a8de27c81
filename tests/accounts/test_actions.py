"""People of a gmina: invite, change roles, remove, reset; each with its audit row."""

import pytest
from django.db import transaction

from accounts.actions import invite, remove, reset_sign_in, set_roles
from accounts.errors import InvitedElsewhere, LastAdministrator, OwnAccount, SharedAccount
from accounts.models import Membership, User
from accounts.second_factor import make_backup_codes
from audit.models import Event
from tests.builders import make_gmina, make_totp, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def gmina():
    return make_gmina()


@pytest.fixture
def anna(gmina):
    """The administrator."""
    return make_user("anna@example.pl", "admin", gmina=gmina)


@pytest.fixture
def bartek(gmina):
    return make_user("bartek@example.pl", "editor", gmina=gmina)


def written(user):
    """The audit rows about a user: (verb, by, data)."""
    rows = Event.objects.filter(target_kind="user", target_id=str(user.pk)).order_by("id")
    return list(rows.values_list("verb", "actor", "data"))


def roles(user):
    return set(user.memberships.values_list("role", flat=True))


def test_an_invited_person_has_the_roles_and_no_password_yet(gmina, anna):
    user = invite(
        email=" Celina@Example.PL ", name="Celina", roles={"editor", "gis"}, gmina=gmina, by=anna
    )
    assert (user.email, user.has_usable_password()) == ("celina@example.pl", False)
    assert roles(user) == {"editor", "gis"}
    assert written(user) == [
        ("person_invited", anna.email, {}),
        ("role_given", anna.email, {"role": "editor"}),
        ("role_given", anna.email, {"role": "gis"}),
    ]


def test_inviting_someone_who_has_an_account_adds_roles_and_keeps_the_password(gmina, anna, bartek):
    user = invite(email=bartek.email, name="x", roles={"gis"}, gmina=gmina, by=anna)
    assert user == bartek
    assert (user.name, user.has_usable_password()) == ("Bartek", True)
    assert roles(user) == {"editor", "gis"}


def test_roles_change_and_every_change_is_written(gmina, anna, bartek):
    set_roles(user=bartek, gmina=gmina, roles={"approver"}, by=anna)
    assert roles(bartek) == {"approver"}
    assert written(bartek) == [
        ("role_taken", anna.email, {"role": "editor"}),
        ("role_given", anna.email, {"role": "approver"}),
    ]


def test_roles_in_another_gmina_stay(gmina, anna, bartek):
    Membership.objects.create(user=bartek, gmina=make_gmina("obok"), role="crisis")
    set_roles(user=bartek, gmina=gmina, roles=set(), by=anna)
    assert roles(bartek) == {"crisis"}


def test_nobody_changes_their_own_rights(gmina, anna):
    make_user("drugi@example.pl", "admin", gmina=gmina)
    for roles_after in ({"admin", "crisis"}, set()):
        with pytest.raises(OwnAccount):
            set_roles(user=anna, gmina=gmina, roles=roles_after, by=anna)
    assert roles(anna) == {"admin"}


def test_the_last_administrator_stays(gmina, anna, bartek):
    with pytest.raises(LastAdministrator):
        set_roles(user=anna, gmina=gmina, roles={"editor"}, by=bartek)
    with pytest.raises(LastAdministrator):
        remove(user=anna, gmina=gmina, by=bartek)
    assert roles(anna) == {"admin"}


def test_a_deactivated_administrator_does_not_count(gmina, anna, bartek):
    make_user("dawny@example.pl", "admin", gmina=gmina, is_active=False)
    with pytest.raises(LastAdministrator):
        remove(user=anna, gmina=gmina, by=bartek)


def test_a_removed_person_without_other_roles_is_deactivated(gmina, anna, bartek):
    remove(user=bartek, gmina=gmina, by=anna)
    assert not User.objects.get(pk=bartek.pk).is_active
    assert [verb for verb, _by, _data in written(bartek)] == ["role_taken", "person_deactivated"]


def test_a_removed_person_who_works_elsewhere_stays_active(gmina, anna, bartek):
    Membership.objects.create(user=bartek, gmina=make_gmina("obok"), role="editor")
    remove(user=bartek, gmina=gmina, by=anna)
    assert User.objects.get(pk=bartek.pk).is_active


def test_a_person_who_comes_back_gets_a_new_password(gmina, anna, bartek):
    remove(user=bartek, gmina=gmina, by=anna)
    user = invite(email=bartek.email, name="x", roles={"hotline"}, gmina=gmina, by=anna)
    assert (user.is_active, user.has_usable_password()) == (True, False)


def test_a_reset_leaves_no_way_in(gmina, anna, bartek):
    make_totp(bartek)
    make_backup_codes(bartek)
    reset_sign_in(user=bartek, gmina=gmina, by=anna)
    user = User.objects.get(pk=bartek.pk)
    assert not user.has_usable_password()
    assert not user.totpdevice_set.exists()
    assert not user.staticdevice_set.exists()
    assert written(bartek)[-1] == ("sign_in_reset", anna.email, {})


def test_an_administrator_gets_no_way_into_another_gmina(gmina, anna, bartek):
    Membership.objects.create(user=bartek, gmina=make_gmina("obok"), role="editor")
    with pytest.raises(SharedAccount):
        reset_sign_in(user=bartek, gmina=gmina, by=anna)
    operator = make_user("operator@example.pl", "gis", gmina=gmina, is_operator=True)
    with pytest.raises(SharedAccount):
        reset_sign_in(user=operator, gmina=gmina, by=anna)


def test_nobody_resets_their_own_sign_in(gmina, anna):
    with pytest.raises(OwnAccount):
        reset_sign_in(user=anna, gmina=gmina, by=anna)


def test_the_row_and_the_change_are_kept_together_or_not_at_all(gmina, anna, bartek):
    with transaction.atomic():
        set_roles(user=bartek, gmina=gmina, roles={"crisis"}, by=anna)
        transaction.set_rollback(True)
    assert roles(bartek) == {"editor"}
    assert written(bartek) == []


def test_the_link_of_one_gmina_is_no_way_into_another(gmina, anna):
    """Else an administrator could invite, keep the link, and wait for a neighbour's roles."""
    obok = make_gmina("obok")
    other_admin = make_user("obcy@example.pl", "admin", gmina=obok)
    invited = {"email": "celina@example.pl", "name": "Celina", "roles": {"editor"}}
    user = invite(**invited, gmina=obok, by=other_admin)
    with pytest.raises(InvitedElsewhere):
        invite(**invited, gmina=gmina, by=anna)
    assert not user.memberships.filter(gmina=gmina).exists()
    user.set_password("zielony-rower-42")  # the link is spent: the person has signed in
    user.save()
    assert invite(**invited, gmina=gmina, by=anna) == user


def test_an_invitation_can_be_repeated_in_the_same_gmina(gmina, anna):
    for role in ("editor", "gis"):
        user = invite(email="celina@example.pl", name="x", roles={role}, gmina=gmina, by=anna)
    assert roles(user) == {"editor", "gis"}


def test_nobody_invites_themselves_to_more_roles(gmina, anna):
    with pytest.raises(OwnAccount):
        invite(email=anna.email, name="x", roles={"crisis"}, gmina=gmina, by=anna)
    assert roles(anna) == {"admin"}
