"""Editions of a layer: change sets that are staged, published, discarded, taken back.

A staged edition touches no published row. Publication is one transaction under the layer's lock;
what it replaces is closed (`until`), never overwritten, so that any earlier state can come back.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Gmina, User
from audit.record import record
from audit.verbs import Verb
from gis_layers import findings
from gis_layers.difference_kinds import count
from gis_layers.errors import (
    ChangeDoesNotFit,
    EditionConflict,
    EditionNotStaged,
    EditionUnknown,
)
from gis_layers.generalise import generalise
from gis_layers.models import (
    AddressPoint,
    Edition,
    Feature,
    FeatureChange,
    Layer,
    LayerKind,
    StepState,
)
from gis_layers.revisions import raise_revision
from gis_layers.signals import edition_published

STAGE_BATCH = 1000  # rows of one INSERT
NAMED_FIDS = 20  # fids that an error names
REVERT = "revert:"  # source_name of what brings an edition back, before its number
SQL = files("gis_layers") / "sql"
# AddressPoint columns that FeatureChange has no column for.
ADDRESS_ATTRS = ("ulic", "street_fid", "street_name", "number", "postcode")

# Is it a layer of addresses? -> its table and the statement that fills it.
TABLES: dict[bool, tuple[type[Feature] | type[AddressPoint], str]] = {
    False: (Feature, "insert_features.sql"),
    True: (AddressPoint, "insert_addresses.sql"),
}
Op = FeatureChange.Op


@transaction.atomic
def stage(
    layer: Layer,
    changes: Iterable[FeatureChange],
    by: User | None,
    source_name: str,
    *,
    report: dict[str, object] | None = None,
) -> Edition:
    """Keep a change set against the layer's present edition; nothing that is shown changes.

    `changes` are unsaved FeatureChanges without an edition, geometries in EPSG:2180.
    Raises ChangeDoesNotFit where one adds a fid that is shown or changes one that is not.
    """
    edition = begin(layer, by, source_name, report=report)
    rows = list(changes)
    for row in rows:
        row.edition = edition
    FeatureChange.objects.bulk_create(rows, batch_size=STAGE_BATCH)
    return staged(edition, by, changes=len(rows))


@transaction.atomic
def begin(
    layer: Layer,
    by: User | None,
    source_name: str,
    *,
    report: dict[str, object] | None = None,
) -> Edition:
    """An empty change set against the layer's present edition.

    For whoever fills it otherwise: within this transaction, and then calls `staged`.
    """
    layer = Layer.objects.select_for_update().get(pk=layer.pk)
    return Edition.objects.create(
        layer=layer,
        base_number=layer.edition_number,
        source_name=source_name,
        report=report or {},
        created_by_id=by.pk if by else None,
    )


def staged(edition: Edition, by: User | None, *, changes: int) -> Edition:
    """The change set is whole. Raises ChangeDoesNotFit as `stage` does."""
    refuse_misfits(edition)
    audit(Verb.EDITION_STAGED, edition, by, changes=changes)
    return edition


@transaction.atomic
def publish(edition: Edition, by: User | None, *, reason: str = "") -> Edition:
    """Make the change set the layer's next edition, whole or not at all.

    `reason` is kept for the history; without one, that which the edition has stays.
    An edition published meanwhile is no obstacle as long as it touched none of the same fids
    (EditionConflict names those it did). Also raises EditionNotStaged, ChangeDoesNotFit and, where
    the report is not settled, ReportBlocksPublishing or WarningsNotAcknowledged.
    """
    layer, edition = lock(edition)
    refuse_unfit(edition)
    number = layer.edition_number + 1
    edition.summary = count(edition)
    apply_changes(edition, number)
    forget_undo(edition)
    edition.state, edition.number = Edition.State.PUBLISHED, number
    edition.published_at, edition.published_by_id = timezone.now(), by.pk if by else None
    edition.reason, edition.publish_on = reason or edition.reason, None
    edition.save()
    layer.edition_number = number
    layer.save(update_fields=["edition_number"])
    generalise(layer)
    raise_revision([layer.gmina] if layer.gmina else Gmina.objects.all())
    audit(Verb.EDITION_PUBLISHED, edition, by, number=number)
    edition_published.send(sender=Layer, layer=layer, edition=edition)
    return edition


@contextmanager
def trial(edition: Edition) -> Iterator[None]:
    """The rows as if a staged edition were published: seen by this connection alone, then undone.

    Takes no lock on the layer; a publication of the same features waits until the end.
    Raises EditionConflict and ChangeDoesNotFit.
    """
    with transaction.atomic():
        refuse_conflicts(edition)
        refuse_misfits(edition)
        apply_changes(edition, edition.layer.edition_number + 1)
        yield
        transaction.set_rollback(True)


@transaction.atomic
def discard(edition: Edition, by: User | None) -> Edition:
    """Delete a staged change set; the edition's row stays as its trace."""
    _layer, edition = lock(edition)
    edition.changes.all().delete()
    forget_undo(edition)
    edition.state, edition.publish_on = Edition.State.DISCARDED, None
    edition.save(update_fields=["state", "publish_on"])
    audit(Verb.EDITION_DISCARDED, edition, by)
    return edition


@transaction.atomic
def revert_to(layer: Layer, number: int, by: User | None) -> Edition:
    """Stage the change set that turns the layer back into what it was at edition `number`.

    0 is the empty layer. Raises EditionUnknown. Publishing it is a new edition: nothing is lost.
    """
    layer = Layer.objects.select_for_update().get(pk=layer.pk)
    if not 0 <= number <= layer.edition_number:
        raise EditionUnknown(field="number", details={"number": number})
    edition = begin(layer, by, f"{REVERT}{number}")
    fids = run("revert.sql", edition, number=number)
    staged(edition, by, changes=len(fids))
    findings.mark_reversal(edition)
    return edition


@transaction.atomic
def roll_back(layer: Layer, number: int, by: User | None) -> Edition:
    """Publish what `revert_to` stages: the layer is at once as it was at edition `number`."""
    return publish(revert_to(layer, number, by), by)


def rows_at(layer: Layer, number: int) -> QuerySet[Any]:
    """The rows that the layer showed at edition `number`; unordered, one a fid."""
    model, _insertion = TABLES[layer.kind == LayerKind.ADDRESS]
    shown = Q(until=None) | Q(until__gt=number)
    rows: QuerySet[Any] = model.objects.filter(shown, layer=layer, since__lte=number)
    return rows


def new_fids(count: int) -> list[int]:
    """Fids that no layer has had; gaps from unused ones do no harm."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('gis_layers_fid') FROM generate_series(1, %s)", [count])
        return [row[0] for row in cursor.fetchall()]


def lock(edition: Edition) -> tuple[Layer, Edition]:
    """The layer and its staged edition, both locked for this transaction, layer first."""
    layer = Layer.objects.select_for_update().get(pk=edition.layer_id)
    edition = Edition.objects.select_for_update().get(pk=edition.pk)
    edition.layer = layer
    if edition.state != Edition.State.STAGED:
        raise EditionNotStaged
    return layer, edition


def refuse_unfit(edition: Edition) -> None:
    """Raise what stands against publishing a locked edition: its report, or what is shown now."""
    refuse_conflicts(edition)
    refuse_misfits(edition)
    findings.refuse_unsettled(edition)


def refuse_conflicts(edition: Edition) -> None:
    """Refuse where a row of one of the edition's fids began or ended after its base."""
    fids = run("edition_conflicts.sql", edition)
    if fids:
        raise EditionConflict(details={"count": len(fids), "fids": fids[:NAMED_FIDS]})


def refuse_misfits(edition: Edition) -> None:
    """Refuse additions of what is shown anywhere, and changes of what this layer doesn't show."""
    fids = run("edition_misfits.sql", edition)
    if fids:
        raise ChangeDoesNotFit(details={"count": len(fids), "fids": fids[:NAMED_FIDS]})


def apply_changes(edition: Edition, number: int) -> None:
    """Close the rows that the edition replaces or removes, then insert its own."""
    model, insertion = TABLES[edition.layer.kind == LayerKind.ADDRESS]
    gone = edition.changes.exclude(op=Op.ADD).values("fid")
    model.objects.filter(layer=edition.layer, until=None, fid__in=gone).update(until=number)
    run(insertion, edition, number=number)


def forget_undo(edition: Edition) -> None:
    """Drop what steps by hand need to be taken back; who made them and when stays."""
    StepState.objects.filter(step__edition=edition).delete()


def run(name: str, edition: Edition, **parameters: int) -> list[int]:
    """Run one of this package's statements for an edition; the fids that it returns."""
    bound = {"edition": edition.pk, "layer": edition.layer_id, "base": edition.base_number}
    with connection.cursor() as cursor:
        cursor.execute((SQL / name).read_text(encoding="utf-8"), bound | parameters)
        return [row[0] for row in cursor.fetchall()]


def audit(verb: Verb, edition: Edition, by: User | None, **data: object) -> None:
    record(
        verb,
        by=by,
        gmina=edition.layer.gmina,
        target_kind="edition",
        target_id=edition.pk,
        layer=edition.layer.slug,
        source=edition.source_name,
        **data,
    )
