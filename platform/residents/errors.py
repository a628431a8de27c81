"""Refusals of this package; HTTP statuses are in config/errors.py."""

from django.utils.translation import gettext_lazy as _

from accounts.errors import DomainError


class ResidentsError(DomainError):
    """Base of the errors of this package."""


class AlreadyRegistered(ResidentsError):
    """A device that has an id and a secret asked for another registration."""

    code = "already_registered"
    message = _("This device is registered already. Change it instead of registering it again.")


class JoinCodeInvalid(ResidentsError):
    """The code was never given out, was used, or is too old; which of them is not said."""

    code = "join_code_invalid"
    message = _("This code is wrong, used, or too old. Ask for a new one on the other device.")


class OnePlacePerRequest(ResidentsError):
    """A list of places came where one place is taken."""

    code = "one_place_per_request"
    message = _("Send one place per request; {count} came.")


class TooManyPlaces(ResidentsError):
    """The resident has as many places as settings.PLACES_MAX allows."""

    code = "too_many_places"
    message = _("You already have {limit} places. Remove one to add another.")


class TooManyDevices(ResidentsError):
    """The resident has as many devices as settings.DEVICES_MAX allows."""

    code = "too_many_devices"
    message = _("You already have {limit} devices. Remove one to add another.")


class UnknownAddress(ResidentsError):
    """No published address point has this fid."""

    code = "unknown_address"
    message = _("This address is not in the register any more. Choose it again.")


class GminaNotOffered(ResidentsError):
    """A gmina was chosen that doesn't lie where the place is."""

    code = "gmina_not_offered"
    message = _("The place doesn't lie in this gmina. Choose one of those offered.")


class WeighingLimit(ResidentsError):
    """One person has had as many change sets weighed in an hour as may be previewed."""

    code = "weighing_limit"
    message = _("You have had {limit} states of changes counted within an hour. Wait a little.")
