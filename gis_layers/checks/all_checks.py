"""Which checks a layer goes through, by what it holds."""

from collections.abc import Iterator, Mapping

import shapely
from django.contrib.gis.geos import GEOSGeometry

from accounts.models import Gmina
from gis_layers.cases import Case
from gis_layers.checks import coverage, parts, register, rows
from gis_layers.crs import STORED
from gis_layers.models import Edition, Layer, LayerKind
from gis_layers.outlines import OWN_SLUG, Outline, gmina_outline

EDGE_NOISE = 0.001  # metres or square metres beyond the edge that are but rounding
MOSTLY = 0.5  # share of a layer's features

# Kind -> the statements of sql/checks/ that look at the features one by one or at equal ones.
STATEMENTS: Mapping[str, tuple[str, ...]] = {
    LayerKind.STREET: (
        "unnamed",
        "code_twice",
        "street_in_pieces",
        "names_alike",
        "locality_missing",
        "code_missing",
        "same_shape",
    ),
    LayerKind.DISTRICT: ("unnamed", "code_twice", "name_twice", "names_alike", "same_shape"),
    LayerKind.TERYT_UNIT: ("unnamed", "code_twice", "code_missing", "same_shape"),
    LayerKind.ADDRESS: ("unnamed", "address_twice", "locality_missing"),
    LayerKind.CUSTOM: ("code_twice", "same_shape"),
}


def cases(edition: Edition) -> Iterator[Case]:
    """Everything that is wrong with the layer as the edition would show it.

    Within the caller's transaction; the rows are read as the cases are taken.
    """
    count = rows.lay_out(edition)
    layer = edition.layer
    for name in ("geometry", *STATEMENTS[layer.kind]):
        yield from rows.cases(name)
    yield from of_kind(layer)
    if layer.gmina and layer.slug == OWN_SLUG:
        yield from moved_outline(layer.gmina)
    elif layer.gmina:
        yield from against_outline(layer.gmina, count)


def of_kind(layer: Layer) -> Iterator[Case]:
    """What only streets, only districts or only addresses are asked."""
    if layer.kind == LayerKind.DISTRICT:
        yield from shared_ground(layer)
    if layer.kind == LayerKind.STREET:
        yield from parts.cases(rows.read("many_parts", apart_m=parts.FAR_M))
    if layer.kind in {LayerKind.STREET, LayerKind.ADDRESS}:
        yield from register.cases(rows.register_rows(), names=layer.kind == LayerKind.STREET)


def shared_ground(layer: Layer) -> Iterator[Case]:
    outline = gmina_outline(layer.gmina) if layer.gmina else None
    cover = coverage.Cover.of(rows.read("polygons"))
    return coverage.cases(cover, certain_ground(outline) if outline else None)


def certain_ground(outline: Outline) -> shapely.Geometry:
    """What lies in the gmina however its outline may be wrong."""
    return shapely.from_wkb(bytes(outline.geom.wkb)).buffer(-outline.accuracy_m)


def against_outline(gmina: Gmina, count: int) -> Iterator[Case]:
    """Features that cross the gmina's edge or lie beyond it, of `count` in all."""
    outline = gmina_outline(gmina)
    if outline is None:
        yield Case("no_outline", gmina.name)
        return
    outside = 0
    for case in rows.cases(
        "outline",
        outline=outline.geom.hexewkb.decode(),
        accuracy_m=outline.accuracy_m,
        noise=EDGE_NOISE,
    ):
        outside += case.code == "outside_gmina"
        yield case
    if outside > MOSTLY * count:
        yield Case("mostly_elsewhere", f"{outside} / {count}")


def moved_outline(gmina: Gmina) -> Iterator[Case]:
    """An outline of the gmina that is not, by half, where the gmina has been so far."""
    so_far = gmina_outline(gmina)
    for fid, place, wkb in rows.read("polygons") if so_far else ():
        geom = GEOSGeometry(memoryview(wkb), srid=STORED)
        if so_far and geom.intersection(so_far.geom).area < MOSTLY * geom.area:
            yield Case("mostly_elsewhere", place, fid=fid, geom=geom)
