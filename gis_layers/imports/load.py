"""A layer file to a staged edition with its report; nothing that is shown changes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Gmina, User
from audit.record import record
from audit.verbs import Verb
from gis_layers import editions, findings
from gis_layers.errors import LayerError
from gis_layers.imports import addresses, check, columns, envelopes, streets, units
from gis_layers.imports.drafts import Draft
from gis_layers.imports.identity import changes
from gis_layers.imports.read import Source, open_source
from gis_layers.imports.report import Report
from gis_layers.imports.rows import Rows
from gis_layers.models import Edition, FeatureChange, Layer, LayerKind
from gis_layers.outlines import OWN_SLUG
from gis_layers.report import Report as EditionReport
from gis_layers.revisions import raise_revision
from teryt.localities import whole_localities_of

Op = FeatureChange.Op
NATIONAL_ACCURACY_M = 800  # of the outlines of 2021: Chorzów has 16 vertices there
OWN_ACCURACY_M = 5

# Kind -> slug, Polish and English title of a layer that is not named otherwise.
DEFAULTS: Mapping[str, tuple[str, str, str]] = {
    LayerKind.STREET: ("ulice", "Ulice", "Streets"),
    LayerKind.DISTRICT: ("osiedla", "Osiedla", "Districts"),
    LayerKind.ADDRESS: ("adresy", "Adresy", "Addresses"),
    LayerKind.TERYT_UNIT: (OWN_SLUG, "Granica", "Boundary"),
}
NATIONAL_DEFAULTS = ("gminy", "Gminy", "Municipalities")
TYPES: Mapping[str, str] = {
    LayerKind.STREET: Layer.GeometryType.LINE,
    LayerKind.DISTRICT: Layer.GeometryType.POLYGON,
    LayerKind.TERYT_UNIT: Layer.GeometryType.POLYGON,
    LayerKind.ADDRESS: Layer.GeometryType.POINT,
}


class SlugMissing(LayerError):
    """A custom layer has no default name."""

    code = "slug_missing"
    message = _("Give the layer a name with --slug.")


class LayerDiffers(LayerError):
    """A layer of this name is there and holds something else."""

    code = "layer_differs"
    message = _("The layer {slug} is there already and is of another kind: {kind}, {geometry}.")


class TooManyFeatures(LayerError):
    """The file has more features than settings.IMPORT_MAX_FEATURES."""

    code = "too_many_features"
    message = _("{file} has more than {limit} features.")


@dataclass(frozen=True)
class Options:
    """What an officer may say of a file; empty: found out, or the default.

    `fields` names columns by meaning: id, name, code, simc, street, number, postcode.
    """

    slug: str = ""
    title_pl: str = ""
    title_en: str = ""
    attribution: str = ""  # shown on the map
    attribution_en: str = ""
    public: bool | None = None
    is_simulated: bool = False
    accuracy_m: float | None = None
    group_by: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    attrs: Sequence[str] = ()  # further columns to keep
    simc: str = ""  # the locality of features that name none
    source_layer: str = ""
    srid: int | None = None
    swap_axes: bool = False
    encoding: str = ""


DEFAULT_OPTIONS = Options()


def import_file(
    path: str | Path,
    *,
    gmina: Gmina | None,
    kind: str,
    by: User | None,
    options: Options = DEFAULT_OPTIONS,
) -> tuple[Edition, EditionReport]:
    """Stage what a file says of a layer of `gmina` (None: national) and tell what was found.

    The change set holds only what differs from the published features (identity.py says which
    is which). Raises a LayerFileError where the file as a whole is no use; nothing is kept then.
    """
    path = Path(path)
    with open_source(
        path,
        table=options.source_layer,
        srid=options.srid,
        swap_axes=options.swap_axes,
        encoding=options.encoding,
    ) as source:
        report = Report(source.name, source.driver, source.srid)
        rows = rows_of(source, gmina, kind, options, report)
        drafts = read(source, rows, report)
        tell_of(source, report)
    drafts = finish(drafts, gmina, kind, options, report)
    return stage(drafts, gmina, rows, options, by)


def rows_of(
    source: Source, gmina: Gmina | None, kind: str, options: Options, report: Report
) -> Rows:
    named = {"name": options.group_by} if options.group_by else {}
    named |= dict(options.fields)
    return Rows(
        kind=kind,
        geometry_type=TYPES.get(kind) or list(Layer.GeometryType)[source.dimension or 0],
        columns=columns.choose(kind, tuple(source.columns), named, options.attrs),
        report=report,
        simc=options.simc or only_locality(gmina),
        expected=envelopes.of_gmina(gmina) if gmina else None,
        needs_name=kind != LayerKind.CUSTOM and not is_own_outline(gmina, kind),
        keeps_id=not options.group_by,
    )


def read(source: Source, rows: Rows, report: Report) -> list[Draft]:
    """The file's features one by one, duplicates once."""
    limit, drafts = settings.IMPORT_MAX_FEATURES, []
    for raw in source.features(rows.columns.all()):
        if raw.row > limit:
            raise TooManyFeatures(details={"file": report.source, "limit": limit})
        report.read = raw.row
        drafts.append(rows.draft(raw))
    return check.without_duplicates(drafts, report)


def tell_of(source: Source, report: Report) -> None:
    """What was decided or changed for the whole file."""
    if source.encoding_guessed:
        report.add("encoding_guessed", source.name, encoding=source.encoding)
    for code, features in source.changed.items():
        report.add(code, source.name, features=features)


def finish(
    drafts: list[Draft], gmina: Gmina | None, kind: str, options: Options, report: Report
) -> list[Draft]:
    """What only shows when all features are known: streets joined, codes settled, doubts told."""
    if kind == LayerKind.STREET and options.group_by:
        drafts = streets.grouped(drafts, report)
    elif kind == LayerKind.ADDRESS and gmina:
        attach(drafts, gmina, report)
    elif is_own_outline(gmina, kind) and gmina:
        drafts = units.own_outline(drafts, gmina, report)
    elif kind == LayerKind.TERYT_UNIT:
        units.settle_codes(drafts, report)
    check.identifiers(drafts, report)
    if not any(draft.geom for draft in drafts):
        report.add("nothing_left", report.source)
    return drafts


def attach(drafts: list[Draft], gmina: Gmina, report: Report) -> None:
    """Give addresses their streets."""
    book = addresses.StreetBook.of(gmina)
    addresses.attach(drafts, book)
    book.tell(report)


@transaction.atomic
def stage(
    drafts: Sequence[Draft],
    gmina: Gmina | None,
    rows: Rows,
    options: Options,
    by: User | None,
) -> tuple[Edition, EditionReport]:
    """The change set that makes the layer show the drafts, with the report's counts filled in."""
    layer = layer_of(gmina, rows, options)
    show(layer, options.public, by)
    report = rows.report
    shown = {row.fid: Draft.of_row(row) for row in editions.rows_at(layer, layer.edition_number)}
    found = list(changes(drafts, shown))
    report.counts = counts(found, drafts, len(shown))
    edition = editions.stage(layer, found, by, report.source, report=report.as_json())
    findings.record(edition, report.findings)
    findings.check(edition)
    return edition, EditionReport.of(edition)


def counts(found: Sequence[FeatureChange], drafts: Sequence[Draft], shown: int) -> dict[str, int]:
    of = Counter(change.op for change in found)
    return {
        "added": of[Op.ADD],
        "replaced": of[Op.REPLACE],
        "removed": of[Op.REMOVE],
        "unchanged": shown - of[Op.REPLACE] - of[Op.REMOVE],
        "left_out": sum(draft.geom is None for draft in drafts),
    }


def layer_of(gmina: Gmina | None, rows: Rows, options: Options) -> Layer:
    """The layer the file is for, made where it is not there yet; what was said of it is taken over.

    Raises SlugMissing, or LayerDiffers where the name stands for a layer of another kind.
    """
    slug, title_pl, title_en = naming(gmina, rows.kind, options)
    layer = Layer.objects.select_for_update().filter(gmina=gmina, slug=slug).first()
    if layer is None:
        layer = Layer(
            gmina=gmina,
            slug=slug,
            kind=rows.kind,
            geometry_type=rows.geometry_type,
            title_pl=title_pl,
            title_en=title_en,
            accuracy_m=OWN_ACCURACY_M if gmina else NATIONAL_ACCURACY_M,
        )
    if (layer.kind, layer.geometry_type) != (rows.kind, rows.geometry_type):
        raise LayerDiffers(
            details={"slug": slug, "kind": layer.kind, "geometry": layer.geometry_type}
        )
    describe(layer, rows, options)
    return layer


def describe(layer: Layer, rows: Rows, options: Options) -> None:
    """Save what was said of the layer, but for its visibility."""
    said = {
        "title_pl": options.title_pl or layer.title_pl,
        "title_en": options.title_en or layer.title_en,
        "source": options.attribution or layer.source,
        "source_en": options.attribution_en or layer.source_en,
        "accuracy_m": options.accuracy_m or layer.accuracy_m,
        "is_simulated": options.is_simulated or layer.is_simulated,
    }
    for name, value in said.items():
        setattr(layer, name, value)
    for meaning in ("id", "code", "name"):
        setattr(layer, f"{meaning}_field", rows.columns.of.get(meaning, ""))
    layer.save()


def show(layer: Layer, public: bool | None, by: User | None) -> None:
    """Set who sees the layer (None: as it is). It counts at once, being no part of an edition."""
    if public is None or public == layer.public:
        return
    layer.public = public
    layer.save(update_fields=["public"])
    if layer.edition_number:
        record(
            Verb.LAYER_VISIBILITY_SET,
            by=by,
            gmina=layer.gmina,
            target_kind="layer",
            target_id=layer.pk,
            layer=layer.slug,
            public=public,
        )
        raise_revision([layer.gmina] if layer.gmina else [])


def naming(gmina: Gmina | None, kind: str, options: Options) -> tuple[str, str, str]:
    """Slug, Polish and English title: as given, else the kind's."""
    default = DEFAULTS.get(kind, (options.slug, options.slug, options.slug))
    if gmina is None and kind == LayerKind.TERYT_UNIT:
        default = NATIONAL_DEFAULTS
    slug, title_pl, title_en = default
    if not (options.slug or slug):
        raise SlugMissing
    return options.slug or slug, options.title_pl or title_pl, options.title_en or title_en


def is_own_outline(gmina: Gmina | None, kind: str) -> bool:
    return gmina is not None and kind == LayerKind.TERYT_UNIT


def only_locality(gmina: Gmina | None) -> str:
    """The SIMC of a gmina that is one locality, as a town is; "" where there are several."""
    if gmina is None:
        return ""
    whole = whole_localities_of(gmina.terc6).values_list("simc", flat=True)[:2]
    return whole[0] if len(whole) == 1 else ""
