"""Imports with their full report against bare ogr2ogr of the same file into the same database.

Rows a second of a file as an officer brings it in: read in a process of its own, checked, compared
with what is shown, staged, with every finding of the report. ogr2ogr copies the rows and does
nothing else.
"""

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyogrio
import shapely
from django.db import connection
from numpy.typing import NDArray

from accounts.models import Gmina
from bench.harness import Result
from bench.import_memory import (
    SIDE_M,
    SIMC,
    SOUTH,
    STREETS,
    WEST,
    made_gmina,
    write_addresses,
)
from gis_layers.imports.load import import_file
from gis_layers.imports.options import Options
from gis_layers.models import FeatureChange, LayerKind

RUNS = 3  # the middle one counts
GOAL = 0.5
ACROSS, DOWN, SIDE_VERTICES = 20, 10, 500  # districts, and vertices of each of their four sides
TABLE = "bench_ogr2ogr"


@dataclass(frozen=True)
class File:
    """A made file: `write` fills a path and says how many features it has."""

    name: str
    kind: str
    write: Callable[[Path], int]


def run(_dataset: str) -> list[Result]:
    with made_gmina() as gmina, tempfile.TemporaryDirectory() as folder:
        return [result(gmina, file, Path(folder) / f"{file.kind}.gpkg") for file in FILES]


def result(gmina: Gmina, file: File, path: Path) -> Result:
    rows = file.write(path)
    ours = statistics.median(seconds_of_import(gmina, file, path, rows) for _ in range(RUNS))
    theirs = statistics.median(seconds_of_ogr2ogr(path, rows) for _ in range(RUNS))
    return Result(
        name=file.name,
        value=rows / ours,
        unit=f"rows/s of {rows}, with the full report",
        reference="ogr2ogr -f PostgreSQL",
        reference_value=rows / theirs,
        goal=GOAL,
        better="higher",
    )


def seconds_of_import(gmina: Gmina, file: File, path: Path, rows: int) -> float:
    options = Options(slug=f"bench-{file.kind}", title_pl="Bench", title_en="Bench")
    began = time.monotonic()
    edition, _report = import_file(path, gmina=gmina, kind=file.kind, by=None, options=options)
    seconds = time.monotonic() - began
    staged = edition.changes.count()
    # Not by Django's collector, which would fetch every row first.
    FeatureChange.objects.filter(edition=edition)._raw_delete("default")
    edition.layer.delete()
    if staged != rows:
        raise RuntimeError(f"{staged} of {rows} features were staged")
    return seconds


def seconds_of_ogr2ogr(path: Path, rows: int) -> float:
    db = connection.settings_dict
    target = f"PG:host={db['HOST']} port={db['PORT'] or 5432} user={db['USER']} dbname={db['NAME']}"
    command = ["ogr2ogr", "-f", "PostgreSQL", target, str(path), "-nln", TABLE]
    with table_of_our_own():
        began = time.monotonic()
        subprocess.run(command, env={**os.environ, "PGPASSWORD": db["PASSWORD"]}, check=True)
        seconds = time.monotonic() - began
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {TABLE}")  # a constant
            if cursor.fetchone() != (rows,):
                raise RuntimeError("ogr2ogr left features out")
    return seconds


@contextmanager
def table_of_our_own() -> Iterator[None]:
    drop = f"DROP TABLE IF EXISTS {TABLE}"  # a constant
    with connection.cursor() as cursor:
        cursor.execute(drop)
        yield
        cursor.execute(drop)


def addresses(path: Path) -> int:
    write_addresses(path, 200_000)
    return 200_000


def streets(path: Path) -> int:
    """Streets of five vertices, side by side from south to north."""
    count = 60_000
    n = np.arange(count)
    along = np.linspace(0, 900, 5)
    x = WEST + 1000 + (n % 15)[:, None] * 1200 + along
    y = SOUTH + 1000 + (n // 15)[:, None] * (18_000 / (count / 15)) + np.sin(along / 90)
    columns = {
        "nazwa": np.char.mod("Ulica kolejna nr %d", n),
        "simc": np.full(count, SIMC),
        "sym_ul": np.char.mod("%05d", n + STREETS + 1),
    }
    write(path, shapely.linestrings(np.stack([x, y], axis=-1)), columns, "LineString")
    return count


def districts(path: Path) -> int:
    """Districts with 2,000 vertices each, side by side: neighbours have the same ones."""
    rings = [ring(column, row) for column in range(ACROSS) for row in range(DOWN)]
    names = np.char.mod("Osiedle %d", np.arange(len(rings)))
    write(path, shapely.polygons(np.stack(rings)), {"nazwa": names}, "Polygon")
    return len(rings)


def ring(column: int, row: int) -> NDArray[np.float64]:
    """The border of one of the gmina's ACROSS x DOWN parts, waved as its neighbours' are."""
    n = np.arange(SIDE_VERTICES) / SIDE_VERTICES
    corner, end = np.zeros(SIDE_VERTICES), np.ones(SIDE_VERTICES)
    east = np.concatenate([n, end, 1 - n, corner, [0]])
    north = np.concatenate([corner, n, end, 1 - n, [0]])
    x, y = (column + east) / ACROSS, (row + north) / DOWN
    # Nothing moves at the gmina's own edge.
    calm = np.sin(np.pi * x) * np.sin(np.pi * y) / 200
    waved = [x + calm * np.sin(60 * y), y + calm * np.sin(60 * x)]
    return np.stack(waved, axis=-1) * SIDE_M + (WEST, SOUTH)


def write(
    path: Path, shapes: NDArray[np.object_], columns: dict[str, NDArray[np.str_]], of_type: str
) -> None:
    pyogrio.raw.write(
        path,
        shapely.to_wkb(shapes),
        [values.astype(object) for values in columns.values()],
        list(columns),
        layer="dane",
        driver="GPKG",
        geometry_type=of_type,
        crs="EPSG:2180",
    )


FILES = (
    File("import_vs_ogr2ogr", LayerKind.ADDRESS, addresses),
    File("import_vs_ogr2ogr_streets", LayerKind.STREET, streets),
    File("import_vs_ogr2ogr_districts", LayerKind.DISTRICT, districts),
)
