"""An edition's report: what was found, what is still unsettled, who accepted what.

What blocks publishing is settled by mending the edition; a warning is settled by somebody who
accepts it, or by having been accepted before, with an edition that was published.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.models import User
from audit.record import record as audit
from audit.verbs import Verb
from gis_layers.cases import Case
from gis_layers.checks import all_checks
from gis_layers.errors import (
    EditionNotStaged,
    ReportBlocksPublishing,
    WarningsNotAcknowledged,
    WarningUnknown,
)
from gis_layers.finding_kinds import BLOCKING, CHECKED, KINDS, WARNING, Level
from gis_layers.models import Acknowledgement, Edition, Finding
from gis_layers.statements import statement

RECORD_BATCH = 1000  # rows of one INSERT
WHERE_MAX = 200  # Finding.where


@transaction.atomic
def record(edition: Edition, cases: Iterable[Case]) -> None:
    """Keep cases with the edition, on top of those it has; may be called any number of times.

    At most settings.REPORT_MAX_CASES rows of a code are kept; report["found"] counts them all.
    `edition.report` is read anew and saved.
    """
    edition.report = locked(edition).report
    found, cases = Counter(found_in(edition)), iter(cases)
    while batch := list(islice(cases, RECORD_BATCH)):
        kept = []
        for case in batch:
            found[case.code] += 1
            if found[case.code] <= settings.REPORT_MAX_CASES:
                kept.append(row_of(edition, case))
        Finding.objects.bulk_create(kept)
    save(edition, found=dict(found))


def found_in(edition: Edition) -> dict[str, int]:
    """How many cases of each code the report has, those that were not kept included."""
    return dict(edition.report.get("found", {}))


def row_of(edition: Edition, case: Case) -> Finding:
    return Finding(
        edition=edition,
        code=case.code,
        level=case.level,
        fid=case.fid,
        row=case.row,
        where=case.where[:WHERE_MAX],
        details=case.details,
        key=case.key(),
        geom=case.geom,
        before=case.before,
        after=case.after,
    )


@transaction.atomic
def check(edition: Edition) -> None:
    """Find what is wrong with the layer as the staged edition would show it.

    Takes the place of what an earlier check found; what reading a file found stays. Raises
    EditionNotStaged. Memory is bounded but for the borders of a layer of districts.
    """
    edition.report, edition.state = (row := locked(edition)).report, row.state
    if edition.state != Edition.State.STAGED:
        raise EditionNotStaged
    accepted = accepted_keys(edition)
    forget(edition, CHECKED)
    record(edition, all_checks.cases(edition))
    mark_known(edition, accepted)
    lapse(edition)
    save(edition, checked=fingerprint(edition))


def refresh(edition: Edition) -> None:
    """Check a staged edition again where it, its layer or the gmina's outline has changed since."""
    if edition.state == Edition.State.STAGED and edition.report.get("checked") != fingerprint(
        edition
    ):
        check(edition)


def refuse_unsettled(edition: Edition) -> None:
    """Refuse to publish what blocks, and warnings that nobody has accepted.

    Checks anew where that is needed. Raises ReportBlocksPublishing, WarningsNotAcknowledged.
    """
    if is_reversal(edition):
        return
    refresh(edition)
    if blocking := codes(edition, BLOCKING):
        raise ReportBlocksPublishing(details={"codes": ", ".join(blocking)})
    if unseen := unacknowledged(edition):
        raise WarningsNotAcknowledged(details={"codes": ", ".join(unseen)})


def mark_reversal(edition: Edition) -> None:
    """Say that the edition, as it is now, brings back what was published: nothing is asked again.

    An outage is ended by going back at once; what was shown then had been settled then.
    """
    save(edition, reversal=fingerprint(edition))


def is_reversal(edition: Edition) -> bool:
    marked = edition.report.get("reversal")
    return marked is not None and marked == fingerprint(edition)


@transaction.atomic
def acknowledge(edition: Edition, accepted: Collection[str], by: User | None) -> None:
    """Accept all the edition's warnings of these codes, by name; `by` None is the command line.

    Raises EditionNotStaged, and WarningUnknown where the report has no warning of a code.
    """
    if locked(edition).state != Edition.State.STAGED:
        raise EditionNotStaged
    there = codes(edition, WARNING)
    for code in accepted:
        if code not in there:
            raise WarningUnknown(field="codes", details={"code": code})
    fresh = [code for code in accepted if newly_accepted(edition, code, by)]
    if fresh:
        cases = {code: count for code, count in found_in(edition).items() if code in fresh}
        audit(
            Verb.WARNINGS_ACKNOWLEDGED,
            by=by,
            gmina=edition.layer.gmina,
            target_kind="edition",
            target_id=edition.pk,
            layer=edition.layer.slug,
            cases=cases,
        )


def newly_accepted(edition: Edition, code: str, by: User | None) -> bool:
    """Keep that `by` accepts a code; False where somebody did before."""
    _row, created = Acknowledgement.objects.get_or_create(
        edition=edition, code=code, defaults={"by_id": by.pk if by else None}
    )
    return created


def cases(edition: Edition) -> Iterator[Case]:
    """The cases kept with the edition, as they were found; without geometries."""
    for row in edition.findings.defer("geom", "before", "after").order_by("pk").iterator():
        yield Case(row.code, row.where, row.details, fid=row.fid, row=row.row)


def codes(edition: Edition, level: Level) -> list[str]:
    """The codes of a level that the edition's report has, in the order of KINDS."""
    found = found_in(edition)
    return [code for code, kind in KINDS.items() if kind.level == level and code in found]


def unacknowledged(edition: Edition) -> list[str]:
    """Codes of the warnings that somebody must still accept, in the order of KINDS."""
    done = set(edition.acknowledgements.values_list("code", flat=True))
    unseen = unknown_codes(edition)
    return [code for code in codes(edition, WARNING) if code in unseen - done]


def unknown_codes(edition: Edition) -> set[str]:
    """Codes of which not every case was accepted before; more cases than are kept are unknown."""
    known = dict(
        edition.findings.filter(known=True).values_list("code").annotate(Count("pk")).order_by()
    )
    return {code for code, count in found_in(edition).items() if count > known.get(code, 0)}


def accepted_keys(edition: Edition) -> set[str]:
    """Keys of the edition's cases that somebody accepted, in it or before."""
    done = edition.acknowledgements.values("code")
    accepted = edition.findings.filter(Q(known=True) | Q(code__in=done))
    return set(accepted.values_list("key", flat=True))


def mark_known(edition: Edition, accepted: Collection[str]) -> None:
    """Mark the cases that were accepted, in this edition or in a published one of the layer."""
    before = Finding.objects.filter(
        key=OuterRef("key"),
        edition__layer=edition.layer_id,
        edition__state=Edition.State.PUBLISHED,
    )
    rows: QuerySet[Finding] = edition.findings.filter(level=WARNING)
    rows.filter(Q(key__in=accepted) | Exists(before)).update(known=True)


def lapse(edition: Edition) -> None:
    """Take acknowledgements away from codes that have cases nobody has seen, or none any more."""
    unknown = unknown_codes(edition)
    keep = [code for code in codes(edition, WARNING) if code not in unknown]
    edition.acknowledgements.exclude(code__in=keep).delete()


def forget(edition: Edition, gone: Collection[str]) -> None:
    edition.findings.filter(code__in=gone).delete()
    save(edition, found={c: n for c, n in found_in(edition).items() if c not in gone})


def fingerprint(edition: Edition) -> str:
    """What a check depends on, in short: the change set, the layer's edition, the outlines'."""
    with connection.cursor() as cursor:
        cursor.execute(statement("fingerprint"), {"edition": edition.pk})
        return str(cursor.fetchone()[0])


def locked(edition: Edition) -> Edition:
    return Edition.objects.select_for_update().get(pk=edition.pk)


def save(edition: Edition, **values: object) -> None:
    edition.report = {**edition.report, **values}
    edition.save(update_fields=["report"])
