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


class NoAddresses(LayerError):
    """The gmina has no published address points."""

    code = "gmina_without_addresses"
    message = _("Publish the gmina's addresses first: districts are made of them.")


class OutlineUnknown(LayerError):
    """Neither the gmina nor the national layer has its outline."""

    code = "outline_unknown"
    message = _("Publish the gmina's outline first: districts end where the gmina does.")


class EditionUnknown(LayerError):
    """The layer has no published edition of this number."""

    code = "edition_unknown"
    message = _("There is no published edition {number} of this layer.")


class ReportBlocksPublishing(LayerError):
    """The edition's report has findings that must be settled first."""

    code = "report_blocks_publishing"
    message = _("The report has findings that block publishing: {codes}.")


class EditionPlanned(LayerError):
    """What is to be published on a day was agreed as it is."""

    code = "edition_planned"
    message = _("These changes are planned for a day. Take them off the plan before you edit.")


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


class NothingToSettle(LayerError):
    """The change set does not change the feature."""

    code = "nothing_to_settle"
    message = _("These changes leave this feature as it is.")


class VersionMissing(LayerError):
    """A change that does not say which state of the feature it is meant for."""

    code = "version_missing"
    message = _("Say which state of the feature the change is meant for (If-Match).")


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


class BorderRefused(LayerError):
    """A change of borders that would leave the areas torn or crossed."""

    code = "border_refused"
    message = _("The border cannot be changed like that.")


class BorderCrosses(BorderRefused):
    """An area would cross itself, lie over another or vanish."""

    code = "border_crosses"
    message = _("An area would cross itself or lie over another. The border stays where it was.")


class JunctionStays(BorderRefused):
    """Three borders meet at the vertex: without it a hole would be left."""

    code = "junction_stays"
    message = _("Three borders meet at this point. Move it instead of removing it.")


class NoSuchVertex(BorderRefused):
    """No border passes the place."""

    code = "no_such_vertex"
    message = _("No border passes this place any more.")


class LineDoesNotDivide(BorderRefused):
    """The line does not go through the shape from one side to the other."""

    code = "line_does_not_divide"
    message = _("The line must cross the whole shape, from edge to edge.")


class AreasApart(BorderRefused):
    """Shapes that do not touch cannot become one."""

    code = "areas_apart"
    message = _("These do not touch one another: only neighbours can be merged.")


class AddressesStayInside(LayerError):
    """Address points are for staff alone."""

    code = "addresses_stay_inside"
    message = _("Address points are shown to staff only.")


class LayerNotEmpty(LayerError):
    """Only a layer in which nothing was published, nor waits to be, can be removed."""

    code = "layer_not_empty"
    message = _("Something was published in this layer, or waits to be. It cannot be removed.")


class WarningsNotAcknowledged(LayerError):
    """The edition's report has warnings that nobody has accepted yet; details.codes names them."""

    code = "warnings_not_acknowledged"
    message = _("The report has warnings that somebody must accept first: {codes}.")


class WarningUnknown(LayerError):
    """The edition's report has no warning of this code."""

    code = "warning_unknown"
    message = _("The report has no warning {code}.")


class MapEmpty(LayerError):
    """No layer of the gmina has anything to draw."""

    code = "map_empty"
    message = _("The map is empty: nothing has been published yet.")
