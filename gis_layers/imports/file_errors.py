"""Why a file as a whole is no use: refusals with their words; nothing is staged then."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from gis_layers.errors import LayerError


class LayerFileError(LayerError):
    """The file as a whole cannot be read; no edition is staged."""


class FileMissing(LayerFileError):
    """There is no such local file."""

    code = "file_missing"
    message = _("There is no file {file}.")


class FileTooLarge(LayerFileError):
    """The file, unpacked, is above settings.IMPORT_MAX_BYTES."""

    code = "file_too_large"
    message = _("{file} is larger than {limit_mb} MB unpacked.")


class NotALayer(LayerFileError):
    """None of the formats read, or a file without the table asked for."""

    code = "not_a_layer"
    message = _(
        "{file} is not a layer: GeoPackage, Shapefile in a .zip, GML, GeoJSON or FlatGeobuf "
        "is expected."
    )


class NoGeometry(LayerFileError):
    """The file holds tables, and none of them a geometry."""

    code = "no_geometry"
    message = _("{file} holds tables without geometry: there is nothing for a map.")


class FileEmpty(LayerFileError):
    """There is a layer and nothing in it."""

    code = "file_empty"
    message = _("{file} holds no features.")


class FileDamaged(LayerFileError):
    """The file begins as a layer and cannot be read to its end."""

    code = "file_damaged"
    message = _("{file} is damaged or cut off: it cannot be read to its end.")


class FileChanged(LayerFileError):
    """The file was written to while it was read."""

    code = "file_changed"
    message = _("{file} changed while it was read. Try again when it is finished.")


class FileInUse(LayerFileError):
    """A GeoPackage with changes that stand beside it only, as QGIS keeps them while it is open."""

    code = "file_in_use"
    message = _("{file} is open in another program. Close it there first.")


class ReaderFailed(LayerFileError):
    """The reading process ended of itself: too much memory or time, or a fault of a library."""

    code = "reader_failed"
    message = _("{file} cannot be read: it asks for too much memory or time, or is damaged.")


class DiskFull(LayerFileError):
    """There is no room for temporary files."""

    code = "disk_full"
    message = _("There is no room on the disk to unpack {file}.")


class ArchiveUnsafe(LayerFileError):
    """A .zip with names that leave its folder, links, or two files of one name."""

    code = "archive_unsafe"
    message = _("{file} holds paths or links that a layer has no use for.")


class ArchiveEncrypted(LayerFileError):
    """A .zip with a password."""

    code = "archive_encrypted"
    message = _("{file} is locked with a password.")


class ShapefileIncomplete(LayerFileError):
    """A Shapefile without its other files."""

    code = "shapefile_incomplete"
    message = _(
        "{file} is not a whole Shapefile ({missing} is missing): pack .shp, .shx, .dbf and .prj "
        "in one .zip."
    )


class XmlDoctype(LayerFileError):
    """An XML document that declares a type, and may so declare entities."""

    code = "xml_doctype"
    message = _("{file} declares a document type, which GML has no use for.")


class EncodingUnknown(LayerFileError):
    """An encoding other than UTF-8 and windows-1250."""

    code = "encoding_unknown"
    message = _("Texts are read as UTF-8 or windows-1250, not as {encoding}.")


class EncodingWrong(LayerFileError):
    """The texts are not in the encoding said."""

    code = "encoding_wrong"
    message = _("The texts of {file} are not in {encoding}.")


class TooManyColumns(LayerFileError):
    """More columns than settings.IMPORT_MAX_COLUMNS."""

    code = "too_many_columns"
    message = _("{file} has {count} columns; at most {limit} are read.")


class TooManyTables(LayerFileError):
    """More tables with geometry than anybody chooses from."""

    code = "too_many_tables"
    message = _("{file} holds {count} layers; at most {limit} are shown.")


class FeatureTooLarge(LayerFileError):
    """One feature of a GeoJSON file is above 64 MB of text."""

    code = "feature_too_large"
    message = _("{file} holds a feature of more than 64 MB of text.")


class SeveralLayers(LayerFileError):
    """The file holds several layers and none was chosen."""

    code = "several_layers"
    message = _("{file} holds several layers: {layers}. Choose one.")


class CrsMissing(LayerFileError):
    """The file does not say in which coordinate system it is."""

    code = "crs_missing"
    message = _("{file} does not say its coordinate system. Choose one.")


class CrsUnknown(LayerFileError):
    """A coordinate system that PROJ doesn't know, or from which no way leads to EPSG:2180."""

    code = "crs_unknown"
    message = _("The coordinate system of {file} is not known: {crs}. Choose another.")


class CrsLinked(LayerFileError):
    """The file refers to a coordinate system on the web."""

    code = "crs_linked"
    message = _("{file} refers to a coordinate system by a web address, which is not followed.")


class FieldMissing(LayerFileError):
    """A column was named that the file does not have."""

    code = "field_missing"
    message = _("There is no column {name}; the file has: {columns}.")


# What the reading process refuses by code.
BY_CODE: Mapping[str, type[LayerFileError]] = {
    str(error.code): error for error in LayerFileError.__subclasses__()
}


def refusal(code: str, details: Mapping[str, Any]) -> LayerFileError:
    return BY_CODE[code](details=details)
