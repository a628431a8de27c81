"""Refusals of the OGC API; HTTP statuses are in config/errors.py."""

from django.utils.translation import gettext_lazy as _

from gis_layers.errors import LayerError


class OgcError(LayerError):
    """Base of the errors of this API."""


class ParameterUnknown(OgcError):
    """A query parameter that the resource does not have: OGC API Features 1, 7.14."""

    code = "parameter_unknown"
    message = _("There is no parameter “{name}” here.")


class ParameterInvalid(OgcError):
    """A query parameter whose value cannot be read; `field` names it."""

    code = "parameter_invalid"
    message = _("The value of “{name}” cannot be used: {reason}")


class CrsUnknown(OgcError):
    """A coordinate system that this API does not speak."""

    code = "crs_not_offered"
    message = _("This coordinate system is not offered. Offered: {offered}.")


class FilterInvalid(OgcError):
    """A CQL2 filter that is malformed, names what is not there, or is too long."""

    code = "filter_invalid"
    message = _("The filter cannot be used: {reason}")


class FeatureMalformed(OgcError):
    """A body that is no GeoJSON feature, or no part of one where a part will do."""

    code = "feature_malformed"
    message = _("Send a GeoJSON feature with geometry and properties.")


class PreconditionMissing(OgcError):
    """A change that does not say for which state of the feature it is meant."""

    code = "precondition_missing"
    message = _("Say which state you are changing: If-Match with the ETag of the feature.")


class NotWritable(OgcError):
    """Published layers are changed by publishing an edition; their working copy takes changes."""

    code = "not_writable"
    message = _("What is published is not changed in place. Send changes to {collection}.")
