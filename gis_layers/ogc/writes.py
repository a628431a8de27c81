"""OGC API Features 4: features made, replaced, changed and removed in a layer's working copy.

Everything goes through changesets.py: the same checks, history and ETags as edits on the map.
Nothing is published here, and a refused change leaves no trace: not even a change set begun for it.
"""

from collections.abc import Mapping
from typing import Any

from django.contrib.gis.gdal.error import GDALException
from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction

from accounts.models import User
from gis_layers import changesets
from gis_layers.content import Content
from gis_layers.crs import to_2180
from gis_layers.errors import OutsideCountry
from gis_layers.models import Edition, LayerKind
from gis_layers.ogc import shapes
from gis_layers.ogc.collections import Collection
from gis_layers.ogc.errors import FeatureMalformed, PreconditionMissing
from gis_layers.ogc.fields import FEATURE_FIELDS, STREET
from gis_layers.ogc.reference_systems import CRS84, Crs, crs_of

CONTENT_CRS = "Content-Crs"


def content_crs(header: str | None) -> Crs:
    """The coordinate system of a body, which the header names in angle brackets: Part 2, 6.3."""
    return crs_of(header.strip().strip("<>"), CONTENT_CRS) if header else CRS84


def if_match(header: str | None) -> str:
    """The one ETag that a change is meant for. Raises PreconditionMissing.

    Not optional here: without it an officer would undo another's work unseen.
    """
    etag = (header or "").strip()
    if not etag or etag == "*" or "," in etag:
        raise PreconditionMissing(field="If-Match")
    return etag.removeprefix("W/")


@transaction.atomic
def create(collection: Collection, body: Any, crs: Crs, by: User) -> int:
    """The fid of a new feature. Raises FeatureMalformed and what changesets.put raises."""
    sent = feature(body)
    new = content(collection, sent.get("properties") or {}, shape(sent["geometry"], crs), {})
    return put(changesets.open_changeset(collection.layer, by), None, new, by, None)


@transaction.atomic
def replace(collection: Collection, fid: int, body: Any, crs: Crs, by: User, expected: str) -> None:
    """Make the whole feature so. Raises as `create`, FeatureUnknown, VersionStale."""
    sent = feature(body)
    geom = shape(sent["geometry"], crs)
    edition = changesets.open_changeset(collection.layer, by)
    before = changesets.state_of(edition, fid)[0].content
    new = content(collection, sent.get("properties") or {}, geom, before.attrs)
    put(edition, fid, new, by, expected)


@transaction.atomic
def update(collection: Collection, fid: int, body: Any, crs: Crs, by: User, expected: str) -> None:
    """Change what the body names, by JSON merge patch (RFC 7396): null takes a property away."""
    sent = feature(body, whole=False)
    edition = changesets.open_changeset(collection.layer, by)
    before = changesets.state_of(edition, fid)[0].content
    own = {name: getattr(before, name) for name in own_names(collection)}
    properties = merged({**before.attrs, **own}, sent.get("properties") or {})
    geom = shape(sent["geometry"], crs) if "geometry" in sent else before.geom
    put(edition, fid, content(collection, properties, geom, before.attrs), by, expected)


@transaction.atomic
def remove(collection: Collection, fid: int, by: User, expected: str) -> None:
    edition = changesets.open_changeset(collection.layer, by)
    changesets.remove(edition, fid, by, expected)


def put(edition: Edition, fid: int | None, content: Content, by: User, expected: str | None) -> int:
    if content.geom is None:
        raise FeatureMalformed(field="geometry")
    change = changesets.put(
        edition,
        fid,
        name=content.name,
        code=content.code,
        simc=content.simc,
        attrs=dict(content.attrs),
        geom=content.geom,
        by=by,
        expected=expected,
    )
    return change.fid


def feature(body: Any, *, whole: bool = True) -> Mapping[str, Any]:
    """A GeoJSON feature; a part of one where it is not to be whole. Raises FeatureMalformed."""
    if not isinstance(body, dict) or body.get("type", None if whole else "Feature") != "Feature":
        raise FeatureMalformed
    if not isinstance(body.get("properties"), dict | None):
        raise FeatureMalformed(field="properties")
    if whole and not isinstance(body.get("geometry"), dict):
        raise FeatureMalformed(field="geometry")
    return body


def content(
    collection: Collection,
    properties: Mapping[str, Any],
    geom: GEOSGeometry | None,
    before: Mapping[str, Any],
) -> Content:
    """Properties as the layer keeps them: its own, and the rest as attributes.

    Programs send null for whatever a feature lacks, so a null is kept only where one was `before`.
    What an address is told beside its own is not taken back.
    """
    told = {
        name: value
        for name, value in properties.items()
        if value is not None or before.get(name, "") is None
    }
    own = {name: told.pop(name, "") for name in own_names(collection)}
    if collection.layer.kind == LayerKind.ADDRESS:
        told.pop(STREET, None)
    return Content(attrs=told, geom=geom, **own)


def own_names(collection: Collection) -> list[str]:
    """Properties that are a feature's own, not attributes; an address has only its locality."""
    return ["simc"] if collection.layer.kind == LayerKind.ADDRESS else list(FEATURE_FIELDS)


def merged(before: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """`before` with what the patch sets, without what it takes away."""
    gone = {name for name, value in patch.items() if value is None}
    return {name: value for name, value in {**before, **patch}.items() if name not in gone}


def shape(node: Any, crs: Crs) -> GEOSGeometry:
    """The geometry in EPSG:2180. Raises FeatureMalformed, OutsideCountry.

    Whether the layer can keep it is asked in content.py, which repairs and cuts nothing.
    """
    try:
        return to_2180(shapes.geos(shapes.parsed(node, crs), crs.srid))
    except ValueError as error:
        raise FeatureMalformed(field="geometry") from error
    except GDALException as error:  # it has no place in EPSG:2180
        raise OutsideCountry(field="geometry") from error
