"""A layer file to a staged edition with its report; nothing that is shown changes.

The file is read batch by batch into temporary tables (staging.py); what concerns features together
is done there in SQL. So memory does not grow with the file. The edition, its changes and its
findings come into being in one transaction at the end.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Gmina, User
from gis_layers import editions, findings
from gis_layers.errors import LayerError
from gis_layers.imports import columns, envelopes, identity, staging, streets, target, units
from gis_layers.imports.addresses import StreetBook
from gis_layers.imports.columns import Columns
from gis_layers.imports.notes import Notes
from gis_layers.imports.options import DEFAULT_OPTIONS, Options
from gis_layers.imports.progress import Progress, State
from gis_layers.imports.read import Source, open_source
from gis_layers.imports.rows import Rows
from gis_layers.models import Edition, Layer, LayerKind
from gis_layers.report import Report
from teryt.localities import whole_localities_of

WRITE_ROWS = 50_000  # rows of one step of writing: as often the progress is told


class TooManyFeatures(LayerError):
    """The file has more features than settings.IMPORT_MAX_FEATURES."""

    code = "too_many_features"
    message = _("{file} has more than {limit} features.")


def import_file(
    path: str | Path,
    *,
    gmina: Gmina | None,
    kind: str,
    by: User | None,
    options: Options = DEFAULT_OPTIONS,
) -> tuple[Edition, Report]:
    """As `staged`, with what there is to tell."""
    edition = staged(Path(path), gmina=gmina, kind=kind, by=by, options=options)
    return edition, Report.of(edition)


def staged(
    path: Path,
    *,
    gmina: Gmina | None,
    kind: str,
    by: User | None,
    options: Options,
    progress: Progress | None = None,
    complete: Callable[[Edition], None] = lambda _edition: None,
) -> Edition:
    """Stage what a file says of a layer of `gmina` (None: national).

    The change set holds only what differs from the published features (identity.py says which
    is which). `complete` is called last in the transaction that makes it. Raises a LayerFileError
    where the file as a whole is no use, and ImportCancelled; nothing is kept then.
    """
    progress, notes = progress or Progress(), Notes()
    with staging.tables():
        with opened(path, options) as source:
            rows = rows_of(source, gmina, kind, options, notes)
            read(source, rows, progress)
        progress.tell(state=State.CHECKING)
        settle(gmina, kind, options, notes)
        with transaction.atomic():
            edition = stage(source, rows, gmina, options, by, progress)
            complete(edition)
    return edition


def opened(path: Path, options: Options) -> AbstractContextManager[Source]:
    return open_source(
        path,
        table=options.source_layer,
        srid=options.srid,
        swap_axes=options.swap_axes,
        encoding=options.encoding,
    )


def rows_of(source: Source, gmina: Gmina | None, kind: str, options: Options, notes: Notes) -> Rows:
    return Rows(
        kind=kind,
        geometry_type=target.TYPES.get(kind) or list(Layer.GeometryType)[source.dimension or 0],
        columns=columns_of(source, gmina, kind, options),
        notes=notes,
        simc=options.simc or only_locality(gmina),
        expected=envelopes.of_gmina(gmina) if gmina else None,
        needs_name=kind != LayerKind.CUSTOM and not is_own_outline(gmina, kind),
        keeps_id=not options.group_by,
        streets=StreetBook.of(gmina) if gmina and kind == LayerKind.ADDRESS else StreetBook(),
    )


def columns_of(source: Source, gmina: Gmina | None, kind: str, options: Options) -> Columns:
    named = {"name": options.group_by} if options.group_by else {}
    slug, *_titles = target.naming(gmina, kind, options)
    layer = Layer.objects.filter(gmina=gmina, slug=slug).first()
    attributes = staging.rows("imports/attributes", layer=layer.pk) if layer else []
    return columns.choose(
        kind,
        tuple(source.columns),
        named | dict(options.fields),
        options.attrs,
        [attribute for (attribute,) in attributes],
    )


def read(source: Source, rows: Rows, progress: Progress) -> None:
    """All features of the file into import_row, what is wrong with single ones noted."""
    limit = settings.IMPORT_MAX_FEATURES
    progress.tell(expected=source.count)
    for batch in source.batches(rows.columns.all()):
        last = batch.first_row + len(batch) - 1
        if last > limit:
            raise TooManyFeatures(details={"file": source.name, "limit": limit})
        progress.tell(read=last)
        staging.add(rows.drafts(batch))
        progress.tell(checked=last)
    staging.run("imports/index")
    tell_of(source, rows.notes)


def tell_of(source: Source, notes: Notes) -> None:
    """Note what was decided or changed for the whole file."""
    if source.encoding_guessed:
        notes.add("encoding_guessed", source.name, encoding=source.encoding)
    for code, features in source.changed.items():
        notes.add(code, source.name, features=features)


def settle(gmina: Gmina | None, kind: str, options: Options, notes: Notes) -> None:
    """What only shows when all features are known: doubles, streets joined, codes settled."""
    notes.flush()
    staging.run("imports/duplicates")
    staging.run("imports/split")
    if kind == LayerKind.STREET and options.group_by:
        streets.group(notes)
    elif kind == LayerKind.ADDRESS:
        staging.run("imports/doubts")
    elif is_own_outline(gmina, kind) and gmina:
        units.own_outline(gmina, notes)
    elif kind == LayerKind.TERYT_UNIT:
        units.settle_codes(notes)
    staging.run("imports/ids")


def stage(
    source: Source,
    rows: Rows,
    gmina: Gmina | None,
    options: Options,
    by: User | None,
    progress: Progress,
) -> Edition:
    """The change set that makes the layer show the file, checked, with its findings."""
    [(total, left_out, last)] = staging.rows("imports/totals")
    if left_out == total:
        rows.notes.add("nothing_left", source.name)
    layer = target.layer_of(gmina, rows.kind, rows.geometry_type, options)
    target.describe(layer, rows.columns, options, by)
    shown = identity.match(layer)
    edition = editions.begin(layer, by, source.name)
    progress.tell(state=State.WRITING)
    counts = write(edition, last, progress)
    counts |= {"unchanged": shown - counts["replaced"] - counts["removed"], "left_out": left_out}
    edition.report = {
        "source": source.name,
        "driver": source.driver,
        "srid": source.srid,
        "read": progress.read,
        "counts": counts,
    }
    edition.save(update_fields=["report"])
    editions.staged(edition, by, changes=progress.written)
    findings.record(edition, rows.notes.cases())
    findings.check(edition)
    return edition


def write(edition: Edition, last: int, progress: Progress) -> dict[str, int]:
    """Fill the change set from rows 1 to `last`; how many of each kind of change."""
    for first in range(1, last + 1, WRITE_ROWS):
        written = staging.run(
            "imports/changes", edition=edition.pk, first=first, last=first + WRITE_ROWS
        )
        progress.tell(written=progress.written + written)
    removed = staging.run("imports/removals", edition=edition.pk)
    progress.tell(written=progress.written + removed)
    staging.run("imports/analyse_changes")
    [(added, replaced)] = staging.rows("imports/counts", edition=edition.pk)
    return {"added": added, "replaced": replaced, "removed": removed}


def is_own_outline(gmina: Gmina | None, kind: str) -> bool:
    return gmina is not None and kind == LayerKind.TERYT_UNIT


def only_locality(gmina: Gmina | None) -> str:
    """The SIMC of a gmina that is one locality, as a town is; "" where there are several."""
    if gmina is None:
        return ""
    whole = whole_localities_of(gmina.terc6).values_list("simc", flat=True)[:2]
    return whole[0] if len(whole) == 1 else ""
