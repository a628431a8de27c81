"""Who an area catches: the gmina's places -> residents -> devices, counted in one round trip."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.crypto import salted_hmac

from accounts.models import Gmina
from dispatch import queries
from dispatch.areas import Area, Piece
from dispatch.models import Kind, Severity


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

    def answer(self, *before: str, **more: Any) -> Preview:
        """Count the audience's people, with the SQL files `before` run on them first.

        `more`: parameters of those. A single statement, so a single view of the residents.
        """
        is_one = len(self.area.parts) == 1
        counts = ["audience_groups_1"] if is_one else ["audience_groups", "audience_parts"]
        rows = [_Row(*row) for row in self.run(queries.joined(*before, *counts), more)]
        groups = tuple(row.group() for row in rows if row.residents is not None)
        sums = [sum(row.sums[n] or 0 for row in rows) for n in (0, 1)]
        return Preview(
            groups=groups,
            parts=tuple(_part_count(n, groups, rows) for n in range(len(self.area.parts))),
            hash=self._hash([sum(group.residents for group in groups), *sums]),
            warnings=self.area.warnings,
        )

    def run(self, sql: str, more: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The rows of a statement that goes on from the CTEs of the audience's people."""
        with connection.cursor() as cursor:
            cursor.execute(self._people() + sql, {**self._parameters(), **more})
            return cursor.fetchall()

    @property
    def _is_emergency(self) -> bool:
        return self.severity == Severity.EMERGENCY

    def _people(self) -> str:
        """CTEs `hit` and `person`; only the kinds of parts there are get planned."""
        area = self.area
        wanted = {
            "hits_pieces": bool(self._reached),
            "hits_streets": bool(area.streets),
            "hits_second_streets": bool(area.streets) and self._is_emergency,
            "hits_localities": bool(area.localities),
            "hits_whole": area.is_whole,
        }
        # An area of empty shapes catches nobody; that is an answer too.
        names = [name for name, is_wanted in wanted.items() if is_wanted] or ["hits_pieces"]
        hits = " UNION ALL ".join(map(queries.text, names))
        return f"WITH hit AS (\n{hits}), {queries.text('audience_people')}"

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
            "whole_parts": area.whole_parts,
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
