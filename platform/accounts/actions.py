"""Writes on people and their roles: each in one transaction with its audit row."""

from collections.abc import Collection

from django.db import transaction
from django_otp import devices_for_user

from accounts.errors import InvitedElsewhere, LastAdministrator, OwnAccount, SharedAccount
from accounts.models import Gmina, Membership, User
from accounts.signals import account_changed

ADMIN = Membership.Role.ADMIN


@transaction.atomic
def invite(*, email: str, name: str, roles: set[str], gmina: Gmina, by: User | None) -> User:
    """Give someone roles here, making the account where there is none yet.

    A new or reactivated account has no usable password: hand over `invitation_url(user)`.
    Raises OwnAccount; InvitedElsewhere, for whoever holds the link of another gmina would get the
    roles of this one with it (the operator, without `by`, knows who that is).
    """
    user = User.objects.select_for_update().filter(email=email.strip().lower()).first()
    if user is None:
        user = User.objects.create_user(email=email, name=name)
        announce("person_invited", user, by=by, gmina=gmina)
    elif not user.is_active:
        reactivate(user, by=by, gmina=gmina)
    elif by and not user.has_usable_password() and user.memberships.exclude(gmina=gmina).exists():
        raise InvitedElsewhere(field="email")
    set_roles(user=user, gmina=gmina, roles=roles | held_roles(user, gmina), by=by)
    return user


def reactivate(user: User, *, by: User | None, gmina: Gmina) -> None:
    user.is_active = True
    user.set_unusable_password()
    user.save()
    announce("person_reactivated", user, by=by, gmina=gmina)


@transaction.atomic
def set_roles(*, user: User, gmina: Gmina, roles: Collection[str], by: User | None) -> None:
    """Make these the user's roles here. Raises OwnAccount, LastAdministrator."""
    # One change at a time in a gmina: two administrators must not remove each other.
    Gmina.objects.select_for_update(no_key=True).get(pk=gmina.pk)
    before, after = held_roles(user, gmina), set(roles)
    if user == by and before != after:
        raise OwnAccount
    if ADMIN in before - after and administrators(gmina) == {user.pk}:
        raise LastAdministrator(field="roles")
    Membership.objects.filter(user=user, gmina=gmina, role__in=before - after).delete()
    Membership.objects.bulk_create(
        Membership(user=user, gmina=gmina, role=role) for role in after - before
    )
    for verb, changed in (("role_taken", before - after), ("role_given", after - before)):
        for role in sorted(changed):
            announce(verb, user, by=by, gmina=gmina, role=role)


@transaction.atomic
def remove(*, user: User, gmina: Gmina, by: User | None) -> None:
    """Take every role here away; without a role anywhere the account is deactivated."""
    set_roles(user=user, gmina=gmina, roles=(), by=by)
    if not user.is_operator and not user.memberships.exists():
        user.app_keys.all().delete()
        user.is_active = False
        user.save(update_fields=["is_active"])
        announce("person_deactivated", user, by=by, gmina=gmina)


@transaction.atomic
def reset_sign_in(*, user: User, gmina: Gmina | None, by: User | None) -> None:
    """For a lost phone or password: neither works any more, nor does any key for programs.

    Hand over `invitation_url(user)`.

    Without `by` it is the operator, at the command line. Raises OwnAccount, SharedAccount: an
    administrator of one gmina gets no way into another.
    """
    if user == by:
        raise OwnAccount
    if by and (user.is_operator or user.memberships.exclude(gmina=gmina).exists()):
        raise SharedAccount
    for device in devices_for_user(user, confirmed=None):
        device.delete()
    user.app_keys.all().delete()
    user.set_unusable_password()
    user.save()
    announce("sign_in_reset", user, by=by, gmina=gmina)


def held_roles(user: User, gmina: Gmina) -> set[str]:
    return set(user.memberships.filter(gmina=gmina).values_list("role", flat=True))


def administrators(gmina: Gmina) -> set[int]:
    """Ids of the users who can sign in and administer this gmina."""
    held = gmina.memberships.filter(role=ADMIN, user__is_active=True)
    return set(held.values_list("user_id", flat=True))


def announce(verb: str, user: User, *, by: User | None, gmina: Gmina | None, **data: str) -> None:
    account_changed.send(User, verb=verb, user=user, by=by, gmina=gmina, data=data)
