"""One thing that was found, before it is a row: what readers and checks hand over."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.utils.translation import gettext as _

from gis_layers.finding_kinds import KINDS, Level
from gis_layers.told import fill


@dataclass(frozen=True)
class Case:
    """A code of KINDS, what it is about in words, and what the code's detail needs.

    `row` is the feature's place in the file, from 1. `geom` is what to look at on the map, `before`
    and `after` a geometry that was repaired; all in EPSG:2180. An invalid `before` is no obstacle.
    """

    code: str
    where: str
    details: dict[str, Any] = field(default_factory=dict)
    fid: int | None = None
    row: int | None = None
    geom: GEOSGeometry | None = None
    before: GEOSGeometry | None = None
    after: GEOSGeometry | None = None

    @property
    def level(self) -> Level:
        return KINDS[self.code].level

    def text(self) -> str:
        """The case for people, in the active language."""
        return text_of(self.code, self.where, self.details)

    def key(self) -> str:
        """The same for the same trouble at the same place, found again: 32 hexadecimal digits.

        To the metre: a shape computed anew may differ in its last digits.
        """
        known_by = [self.code, self.fid, self.where, list(self.rounded_m())]
        return hashlib.md5(json.dumps(known_by).encode(), usedforsecurity=False).hexdigest()

    def rounded_m(self) -> Iterator[int]:
        """The trouble's box and size in whole metres; nothing where it has no place."""
        if self.geom and not self.geom.empty:
            yield from (round(side) for side in self.geom.extent)
            yield round(self.geom.area or self.geom.length)


def text_of(code: str, where: str, details: dict[str, Any]) -> str:
    detail = KINDS[code].detail
    return f"{where}: {fill(_(detail), details)}" if detail else where
