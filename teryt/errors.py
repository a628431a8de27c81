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
