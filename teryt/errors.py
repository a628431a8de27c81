"""Refusals of this package; HTTP statuses are in config/errors.py."""

from django.utils.translation import gettext_lazy as _

from accounts.errors import DomainError


class TerytError(DomainError):
    """Base of the errors of this package."""


class MalformedCode(TerytError):
    """What should be a code of the register is none."""

    code = "malformed_code"
    message = _("{value} is not a valid {register} code.")


class NotARegister(TerytError):
    """The file is none of TERC, SIMC and ULIC as GUS publishes them."""

    code = "not_a_register"
    message = _("{file} is not a TERC, SIMC or ULIC file: {reason}.")


class BrokenRow(TerytError):
    """A row that cannot be read; nothing of the file is kept."""

    code = "broken_row"
    message = _("{file}, line {line}: {reason}. Nothing was changed.")


class OlderThanHeld(TerytError):
    """The file describes an earlier state than the one held."""

    code = "older_than_held"
    message = _(
        "{file} is of {file_date}, the register held of {held_date}. Use --force to go back."
    )


class TooManyVanish(TerytError):
    """The file lacks so many of the rows held that it looks cut off."""

    code = "too_many_vanish"
    message = _("{file} lacks {count} rows that are in force. Use --force if that is right.")


class OtherRegister(TerytError):
    """The file is another of the three registers than was asked for."""

    code = "other_register"
    message = _("{file} is {found}, {expected} was expected.")


class FromTheFuture(TerytError):
    """The file describes a day that has not come."""

    code = "from_the_future"
    message = _("{file} is of {date}, which has not come yet.")


class OrphanRow(TerytError):
    """A row hangs on a unit or a locality that the register above doesn't have."""

    code = "orphan_row"
    message = _(
        "{file}: {key} belongs to {parent}, which is not in the register. Nothing was changed."
    )


class Ws1NotConfigured(TerytError):
    """The settings have no access to GUS's web service."""

    code = "register_service_not_configured"
    message = _("Set TERYT_WS1_USER and TERYT_WS1_PASSWORD to ask GUS's web service.")


class Ws1Failed(TerytError):
    """GUS's web service did not answer, or not as it should."""

    code = "register_service_failed"
    message = _("GUS's web service cannot be read: {reason}. Nothing was changed.")
