"""Acts that the packages below report by signal: sign-in, second factor, people and roles.

A person's own acts concern every gmina they work for, so each of those chains gets a row.
"""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.dispatch import receiver
from django_otp.forms import otp_verification_failed

from accounts.access import gminas_of
from accounts.models import Gmina, User
from accounts.signals import account_changed
from audit.record import record
from audit.verbs import Verb


@transaction.atomic
def record_for(user: User, verb: Verb, *, by: User | None, **data: object) -> None:
    """One row in the chain of each of the user's gminas, or in the operator's."""
    gminas: list[Gmina | None] = [*gminas_of(user)] or [None]
    for gmina in gminas:
        record(verb, by=by, gmina=gmina, target_kind="user", target_id=user.pk, **data)


@receiver(user_logged_in)
def signed_in(sender: object, user: User, **kwargs: Any) -> None:
    second_factor = getattr(user, "otp_device", None) is not None
    record_for(user, Verb.SIGNED_IN, by=user, second_factor=second_factor)


@receiver(user_logged_out)
def signed_out(sender: object, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        record_for(user, Verb.SIGNED_OUT, by=user)


@receiver(user_login_failed)
def password_refused(sender: object, credentials: dict[str, Any], **kwargs: Any) -> None:
    """Only for real accounts: what else is typed there may be somebody's password."""
    email = str(credentials.get("username", "")).strip().lower()
    user = User.objects.filter(email=email).first()
    if user is not None:
        record_for(user, Verb.SIGN_IN_REFUSED, by=None, step="password")


@receiver(otp_verification_failed)
def code_refused(sender: object, user: User, **kwargs: Any) -> None:
    record_for(user, Verb.SIGN_IN_REFUSED, by=None, step="code")


@receiver(account_changed)
def account_was_changed(
    sender: object,
    verb: str,
    user: User,
    by: User | None,
    gmina: Gmina | None,
    data: dict[str, Any],
    **kwargs: Any,
) -> None:
    if gmina is None:
        record_for(user, Verb(verb), by=by, **data)
    else:
        record(Verb(verb), by=by, gmina=gmina, target_kind="user", target_id=user.pk, **data)
