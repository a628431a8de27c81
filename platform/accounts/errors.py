"""The base of every refusal that people and programs are told about, and accounts' own."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise  # a Promise is translated when it is shown


class DomainError(Exception):
    """A refusal with a stable `code` for programs and a `message` for people.

    `field` names what was wrong in the request ("parts.0", "texts.pl.body"); `details` are JSON
    values, and fill {placeholders} of the message. HTTP statuses are in config/errors.py only.
    """

    code: ClassVar[str] = "refused"
    message: Text = _("The request was refused.")

    def __init__(
        self,
        message: Text | None = None,
        *,
        field: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(self.code)
        if message is not None:
            self.message = message
        self.field = field
        self.details = dict(details or {})

    @property
    def text(self) -> str:
        """The message in the language that is active now, its placeholders filled."""
        return str(self.message).format_map(self.details)

    def __str__(self) -> str:
        return f"{self.code}: {self.text}"


class AccountsError(DomainError):
    """Base of the errors of this package."""


class LastAdministrator(AccountsError):
    """The change would leave the gmina without an administrator."""

    code = "last_administrator"
    message = _("The gmina needs at least one administrator. Appoint another one first.")


class OwnAccount(AccountsError):
    """Nobody changes or takes away their own rights."""

    code = "own_account"
    message = _("You cannot change your own rights. Ask another administrator.")


class SharedAccount(AccountsError):
    """Only the operator resets the sign-in of someone who also works for another gmina."""

    code = "shared_account"
    message = _("This person also works elsewhere. The operator can reset the sign-in.")


class InvitedElsewhere(AccountsError):
    """The account has no password yet, and another gmina's administrator may hold its link."""

    code = "invited_elsewhere"
    message = _("Another gmina has invited this person. Invite them after their first sign-in.")


class ConfirmationNeeded(AccountsError):
    """The act asks for a fresh one-time code; details.url is the page that takes it."""

    code = "confirmation_needed"
    message = _("Confirm with a code that it is you, then repeat.")


class TooManyKeys(AccountsError):
    """One person has as many keys as anyone may have."""

    code = "too_many_keys"
    message = _("You have {limit} keys. Revoke one that you no longer need.")
