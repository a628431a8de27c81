"""Refusals of this package; HTTP statuses are in config/errors.py."""

from django.utils.translation import gettext_lazy as _

from accounts.errors import DomainError


class LayerError(DomainError):
    """Base of the errors of this package."""


class OutsideCountry(LayerError):
    """Coordinates that are no place in Poland: swapped, projected, or simply wrong."""

    code = "outside_country"
    message = _("These coordinates are not in Poland.")


class SwappedAxes(OutsideCountry):
    """Latitude stands where longitude is expected."""

    code = "swapped_axes"
    message = _("Latitude and longitude are swapped: the longitude in Poland is 14 to 24.2.")


class EditionNotStaged(LayerError):
    """The edition was published or discarded before."""

    code = "edition_not_staged"
    message = _("This edition has been published or discarded already.")


class EditionConflict(LayerError):
    """Features of the change set were changed by an edition published since it was made."""

    code = "edition_conflict"
    message = _("{count} features were changed by a newer edition. Prepare the changes again.")


class ChangeDoesNotFit(LayerError):
    """A change adds a feature that is there, or changes one that is not there."""

    code = "change_does_not_fit"
    message = _("{count} changes do not fit the published layer.")


class EditionUnknown(LayerError):
    """The layer has no published edition of this number."""

    code = "edition_unknown"
    message = _("There is no published edition {number} of this layer.")


class ReportBlocksPublishing(LayerError):
    """The import's report has findings that must be settled first."""

    code = "report_blocks_publishing"
    message = _("The report has findings that block publishing: {codes}.")


class FeatureUnknown(LayerError):
    """The change set shows no feature of this fid: never there, elsewhere, or removed."""

    code = "feature_unknown"
    message = _("This layer has no such feature, or it was removed.")


class VersionStale(LayerError):
    """The feature is no longer in the state that the change was meant for."""

    code = "version_stale"
    message = _("“{name}” was changed meanwhile by {who}. Your change was not saved.")


class NothingToUndo(LayerError):
    """The officer has no step in this change set that could be taken back, or done again."""

    code = "nothing_to_undo"
    message = _("There is no step of yours to take back or to repeat.")


class FeatureRefused(LayerError):
    """What a feature is to become cannot be kept."""

    code = "feature_refused"
    message = _("The feature cannot be kept as it is.")


class GeometryRefused(FeatureRefused):
    """A geometry that is empty, broken or not of the layer's type."""

    code = "geometry_refused"
    message = _("The shape cannot be kept: {reason}.")


class TextRefused(FeatureRefused):
    """A name, code or attribute that is missing, too long or malformed."""

    code = "text_refused"
    message = _("{what}: missing, too long or malformed.")


class ReasonMissing(LayerError):
    """The history says why; nobody has said it."""

    code = "change_reason_missing"
    message = _("Say in one sentence why the map changes, in at most {limit} characters.")


class DayPassed(LayerError):
    """A publication is planned for a day to come."""

    code = "day_passed"
    message = _("Choose a day after today. To publish today, publish now.")


class NotScheduled(LayerError):
    """The edition waits for no day."""

    code = "not_scheduled"
    message = _("This edition is not planned for any day.")
