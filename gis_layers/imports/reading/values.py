"""Columns of a batch as texts, numbers and booleans that a database can hold."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Flaws = dict[int, list[dict[str, Any]]]
NUL = "\0"  # PostgreSQL holds every character but this one


def cleaned(name: str, column: pa.Array, max_text: int) -> tuple[pa.Array, Flaws]:
    """The column for the wire, and what could not be kept of it by row."""
    kind = column.type
    if pa.types.is_boolean(kind):
        return column, {}
    if pa.types.is_integer(kind):
        return column.cast(pa.int64()), {}
    if pa.types.is_floating(kind):
        return of_floats(name, column.cast(pa.float64()))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        column = pa.array([joined(value) for value in column.to_pylist()], pa.string())
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pa.nulls(len(column), pa.string()), {}
    elif not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        column = column.cast(pa.string())
    return of_texts(name, column, max_text)


def joined(values: list[Any] | None) -> str | None:
    """Several values of one field, such as PRG's units from the country down."""
    return (
        None if values is None else ", ".join(str(value) for value in values if value is not None)
    )


def of_floats(name: str, column: pa.Array) -> tuple[pa.Array, Flaws]:
    """Numbers that are none have no JSON: None, and told but for NaN, which means none."""
    numbers = column.to_numpy(zero_copy_only=False)
    endless = np.isinf(numbers)
    flaws: Flaws = {
        int(row): [{"code": "value_unusable", "field": name}] for row in np.flatnonzero(endless)
    }
    return pa.array(numbers, mask=~np.isfinite(numbers)), flaws


def of_texts(name: str, column: pa.Array, max_text: int) -> tuple[pa.Array, Flaws]:
    if sound(column, max_text):
        return column.cast(pa.string()), {}
    texts, flaws = [], {}
    for row, (text, code) in enumerate(mended(column, max_text)):
        texts.append(text)
        if code:
            flaws[row] = [{"code": code, "field": name}]
    return pa.array(texts, pa.string()), flaws


def sound(column: pa.Array, max_text: int) -> bool:
    """Whether all texts can be kept as they are, found without touching each."""
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        return False
    longest = pc.max(pc.binary_length(column)).as_py() or 0
    return longest <= max_text and not pc.any(pc.match_substring(column, NUL)).as_py()


def mended(column: pa.Array, max_text: int) -> Iterator[tuple[str | None, str]]:
    """Each text as it can be kept, and the code of what was done to it."""
    binary = pa.large_binary() if pa.types.is_large_string(column.type) else pa.binary()
    for value in column.cast(binary).to_pylist():
        if value is None:
            yield None, ""
            continue
        text = value.decode("utf-8", "replace").replace(NUL, "")
        if len(value) > max_text:
            yield None, "text_too_long"
        else:
            yield text, "" if text.encode() == value else "text_damaged"
