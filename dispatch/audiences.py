"""Who an area catches: the gmina's places -> residents -> devices, counted in one round trip."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import Gmina
from dispatch import queries
from dispatch.areas import Area, Piece
from dispatch.models import Kind, Severity

# A phone unheard of for so long has likely gone for good: FCM itself stops trying after a month
# without a connection (docs/fcm.md). Such phones come last; docs/dispatch.md says what that gains.
SILENT_AFTER = timedelta(days=30)


@dataclass(frozen=True)
class Group:
    """People in exactly the same parts of an area: no sum of groups is finer than they are.

    `parts`: positions of those they are in; `sure_parts`: the same without parts that only a second
    candidate street put them in. `residents` would be told; `muted` don't want this kind, and have
    a reachable phone; `unreachable` have none, whatever they muted. Devices are those of each.
    """

    parts: tuple[int, ...] = (0,)
    sure_parts: tuple[int, ...] = (0,)
    residents: int = 0
    devices: int = 0
    muted: int = 0
    muted_devices: int = 0
    unreachable: int = 0


@dataclass(frozen=True)
class PartCount:
    """Residents told who are in one part.

    `home`, `work`, `home_and_work`: of those who are in it for sure with a reachable phone, muted
    or not, who live there, work there, both.
    """

    residents: int = 0
    home: int = 0
    work: int = 0
    home_and_work: int = 0


@dataclass(frozen=True)
class Preview:
    """An audience in true figures: masking.py makes what may be shown of them.

    `hash` is the same only for the same choice, kind, severity and people.
    """

    groups: tuple[Group, ...]
    parts: tuple[PartCount, ...]
    hash: str
    warnings: tuple[Mapping[str, Any], ...] = ()

    @property
    def residents(self) -> int:
        """Who would be told."""
        return sum(group.residents for group in self.groups)

    @property
    def devices(self) -> int:
        return sum(group.devices for group in self.groups)

    @property
    def unreachable(self) -> int:
        return sum(group.unreachable for group in self.groups)

    @property
    def muted(self) -> int:
        return sum(group.muted for group in self.groups)


def preview(gmina: Gmina, area: Area, kind: Kind | None, severity: str) -> Preview:
    """Count who would be told of an alert of this kind and severity. One query.

    `kind` None, not chosen yet: nobody has muted it.
    """
    return Question(gmina, area, kind.code if kind else None, severity).answer()


@dataclass(frozen=True)
class Question:
    """Who is told, if an alert of this kind and severity is aimed at this area?

    Only places whose gmina is the alert's own: a WHERE clause in each hits_*.sql. The second
    candidate for a place's street counts, and mutes don't, in emergencies alone.
    """

    gmina: Gmina
    area: Area
    kind: str | None
    severity: str
    # SQL file with CTEs that stand for tables of residents, to narrow the question down.
    scope: str = ""

    def answer(self) -> Preview:
        """Count the audience's people."""
        return self._counted(self._rows(queries.joined("audience_people", *self._counts)))

    def write(self, *files: str, **more: Any) -> Preview:
        """Run the SQL files on the audience's people in sending order, and count them.

        `more`: parameters of the files. A single statement, so a single view of the residents.
        """
        return self._counted(self.run(queries.joined(*files, *self._counts), **more))

    def run(self, sql: str, **more: Any) -> list[tuple[Any, ...]]:
        """The rows of a statement that goes on from freeze_people.sql; `more`: its parameters."""
        more |= {"focus": self._focus(**more), "lately": timezone.now() - SILENT_AFTER}
        return self._rows(queries.text("freeze_people") + sql, **more)

    def _rows(self, sql: str, **more: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(self._hits() + sql, {**self._parameters(), **more})
            return cursor.fetchall()

    def _focus(self, **more: Any) -> str | None:
        """The middle of the area, of its people's places where it has no shape; None: nobody's."""
        if self.area.focus:
            return self.area.focus
        [(middle,)] = self._rows(queries.text("audience_middle"), **more)
        return middle

    def _counted(self, found: list[tuple[Any, ...]]) -> Preview:
        rows = [_Row(*row) for row in found]
        groups = tuple(row.group() for row in rows if row.residents is not None)
        sums = [sum(row.sums[n] or 0 for row in rows) for n in (0, 1)]
        return Preview(
            groups=groups,
            parts=tuple(_part_count(n, groups, rows) for n in range(len(self.area.parts))),
            hash=self._hash([sum(group.residents for group in groups), *sums]),
            warnings=self.area.warnings,
        )

    @property
    def _is_emergency(self) -> bool:
        return self.severity == Severity.EMERGENCY

    @property
    def _counts_second_streets(self) -> bool:
        return bool(self.area.streets) and self._is_emergency

    @property
    def _counts(self) -> tuple[str, ...]:
        """The files that count: one for an area where all are in the same parts, and for sure."""
        is_simple = len(self.area.parts) == 1 and not self._counts_second_streets
        return ("audience_groups_1",) if is_simple else ("audience_groups", "audience_parts")

    def _hits(self) -> str:
        """The CTE `hit`; only the kinds of parts there are get planned."""
        area = self.area
        wanted = {
            "hits_pieces": bool(self._reached),
            "hits_streets": bool(area.streets),
            "hits_second_streets": self._counts_second_streets,
            "hits_localities": bool(area.localities),
            "hits_addresses": bool(area.addresses),
            "hits_whole": len(area.whole_parts) == 1,
            "hits_whole_again": len(area.whole_parts) > 1,
        }
        # An area of empty shapes catches nobody; that is an answer too.
        names = [name for name, is_wanted in wanted.items() if is_wanted] or ["hits_pieces"]
        scope = f"{queries.text(self.scope)}, " if self.scope else ""
        return f"WITH {scope}hit AS (\n{' UNION ALL '.join(map(queries.text, names))})\n"

    @property
    def _reached(self) -> list[Piece]:
        return [piece for piece in self.area.pieces if piece.reach_m is not None]

    def _parameters(self) -> dict[str, Any]:
        area, reached = self.area, self._reached
        return {
            "gmina": self.gmina.pk,
            "muted_kind": None if self._is_emergency else self.kind,
            "piece_parts": [piece.part for piece in reached],
            "piece_wkbs": [piece.wkb for piece in reached],
            "piece_reaches": [piece.reach_m for piece in reached],
            "street_parts": [part for part, _fid in area.streets],
            "street_fids": [fid for _part, fid in area.streets],
            "locality_parts": [part for part, _simc in area.localities],
            "locality_simcs": [simc for _part, simc in area.localities],
            "address_parts": [part for part, _fid in area.addresses],
            "address_fids": [fid for _part, fid in area.addresses],
            "whole_part": next(iter(area.whole_parts), None),
            "whole_parts": area.whole_parts,
            "no_parts": "0" * len(area.parts) if len(area.parts) > 1 else "",
        }

    def _hash(self, figures: Sequence[object]) -> str:
        """A keyed hash of who is told, bound to what was chosen.

        Keyed and bound, because bare sums of two areas could be compared and subtracted: equal
        hashes of a shape with and without one house would say that nobody lives in it.
        """
        asked = [self.gmina.pk, self.area.choice, self.kind, self.severity]
        text = "|".join(map(str, [*asked, *figures]))
        return salted_hmac("dispatch.audience", text, algorithm="sha256").hexdigest()


class _Row:
    """A row of audience_groups.sql, or of audience_parts.sql: then `residents` is None."""

    def __init__(self, parts: Sequence[int], sure_parts: Sequence[int] | None, *figures: Any):
        self.parts, self.sure_parts = tuple(parts), tuple(sure_parts or ())
        *self.counts, self.home, self.work, self.home_and_work = figures[:-2]
        self.residents, self.sums = figures[0], figures[-2:]

    def group(self) -> Group:
        return Group(self.parts, self.sure_parts, *self.counts)


def _part_count(n: int, groups: Sequence[Group], rows: Sequence[_Row]) -> PartCount:
    residents = sum(group.residents for group in groups if n in group.parts)
    own = [row for row in rows if row.home is not None and row.parts == (n,)]
    return PartCount(
        residents,
        home=sum(row.home for row in own),
        work=sum(row.work for row in own),
        home_and_work=sum(row.home_and_work for row in own),
    )
