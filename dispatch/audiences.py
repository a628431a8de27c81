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
class PartCount:
    """Residents told who are in one part; with home or work in it; in no other part."""

    residents: int = 0
    home: int = 0
    work: int = 0
    alone: int = 0


@dataclass(frozen=True)
class Preview:
    """An audience in true figures: masking.py makes what may be shown of them.

    `residents` and `devices` are who would be told; `unreachable` have no reachable device, `muted`
    don't want this kind. `hash` is the same only for the same choice, kind, severity and people.
    """

    residents: int
    devices: int
    unreachable: int
    muted: int
    parts: tuple[PartCount, ...]
    hash: str
    warnings: tuple[Mapping[str, Any], ...] = ()


def preview(gmina: Gmina, area: Area, kind: Kind | None, severity: str) -> Preview:
    """Count who would be told of an alert of this kind and severity. One query.

    `kind` None, not chosen yet: nobody has muted it.
    """
    question = Question(gmina, area, kind.code if kind else None, severity)
    parts = ["audience_parts"] if len(area.parts) > 1 else []
    return question.answer("audience_totals", *parts)


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

    def answer(self, *tail: str, **more: Any) -> Preview:
        """Run the audience's people, then the SQL files `tail`, of which audience_totals is one.

        `more`: parameters of the tail. A single statement, so a single view of the residents.
        """
        with connection.cursor() as cursor:
            sql = self._people() + "".join(map(queries.text, tail))
            cursor.execute(sql, {**self._parameters(), **more})
            rows = {row[0]: row[1:] for row in cursor.fetchall()}
        residents, devices, home, work, alone, unreachable, muted, *sums = rows.pop(None)
        parts = {n: PartCount(row[0], *row[2:5]) for n, row in rows.items()}
        if len(self.area.parts) == 1:
            parts = {0: PartCount(residents, home, work, alone)}
        return Preview(
            residents=residents,
            devices=devices,
            unreachable=unreachable,
            muted=muted,
            parts=tuple(parts.get(n, PartCount()) for n in range(len(self.area.parts))),
            hash=self._hash([residents, *sums]),
            warnings=self.area.warnings,
        )

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
