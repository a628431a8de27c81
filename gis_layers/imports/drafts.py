"""Features between the file and the change set."""

import math
import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import shapely

NAME_MAX = 200  # Feature.name
ID_ATTR = "id"  # where a feature of a file with an id column keeps it
TEXTS_KEPT = 50_000  # of an address file most streets, postcodes and numbers come again
# What no name holds and some file has: NUL, lone surrogates, marks that turn the line around.
UNPRINTABLE = ("Cc", "Cf", "Cs", "Co", "Cn")


@dataclass(slots=True)
class Draft:
    """A feature as the edition should show it; `geom` (EPSG:2180) None: left out, keep what is.

    `row` is its place in the file, from 1; `where` names it in the report; `said_fid` is the fid
    that the file says it has; `doubt` the code of why an address has no street.
    """

    row: int
    where: str
    name: str = ""
    code: str = ""
    simc: str = ""
    attrs: dict[str, Any] = field(default_factory=dict)
    said_fid: int | None = None
    doubt: str = ""
    geom: shapely.Geometry | None = None


def text_of(value: object) -> str:
    """A column's value as text: composed letters, single spaces, numbers without a ".0"."""
    if isinstance(value, str):
        return tidy(value)
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return tidy(str(value))


@lru_cache(maxsize=TEXTS_KEPT)
def tidy(text: str) -> str:
    composed = " ".join(unicodedata.normalize("NFC", text).split())
    if composed.isprintable():
        return composed
    return "".join(c for c in composed if unicodedata.category(c) not in UNPRINTABLE).strip()


def plain(value: object) -> object:
    """A column's value as PostgreSQL's JSON can hold it."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, int):
        return value
    return re.sub("[\0\ud800-\udfff]", "", str(value))
