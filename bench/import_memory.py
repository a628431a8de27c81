"""A worker's memory while it imports a million addresses, and how long it takes.

Made addresses of a made gmina go the whole way: upload, job, staged edition with its report. The
peak is that of the worker and all its children together, memory that they share counted once.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyogrio
import shapely
from django.contrib.gis.geos import GEOSGeometry, LineString, MultiLineString, Polygon

from accounts.models import Gmina, User
from bench.harness import ROOT, Result, children
from gis_layers.crs import STORED
from gis_layers.editions import new_fids
from gis_layers.imports import runs
from gis_layers.imports.options import Options
from gis_layers.models import FeatureChange, ImportRun, Layer, LayerKind

FEATURES, LIMIT_MB = 1_000_000, 500
AT_ONCE = 100_000  # features written together
STREETS = 2_000
WEST, SOUTH, SIDE_M = 500_000, 270_000, 20_000
SLUG, SIMC = "bench-import", "0144259"
SAMPLE_S = 0.05


def write_addresses(path: Path, features: int) -> None:
    """A GeoPackage of addresses on a grid, each with its street's code, number and postcode."""
    columns = round(features**0.5)
    for first in range(0, features, AT_ONCE):
        n = np.arange(first, min(first + AT_ONCE, features))
        x = WEST + (n % columns + 0.5) * SIDE_M / columns
        y = SOUTH + (n // columns + 0.5) * SIDE_M / (features / columns)
        street = n % STREETS
        values = {
            "simc": np.full(len(n), SIMC, dtype=object),
            "sym_ul": np.char.mod("%05d", street + 1).astype(object),
            "ulica": np.char.mod("Bardzo długa ulica nr %d", street).astype(object),
            "numer": np.char.mod("%d a", n // STREETS + 1).astype(object),
            "kod": np.char.mod("41-%03d", street % 1000).astype(object),
        }
        pyogrio.raw.write(
            path,
            shapely.to_wkb(shapely.points(x, y)),
            list(values.values()),
            list(values),
            layer="adresy",
            driver="GPKG",
            geometry_type="Point",
            crs="EPSG:2180",
            append=first > 0,
        )


def run(_dataset: str) -> list[Result]:
    return [
        Result(
            name="import_memory",
            value=imported(FEATURES).peak_mb,
            unit="MB",
            reference=f"the issue's limit for {FEATURES} features",
            reference_value=LIMIT_MB,
            goal=1,
            better="lower",
        )
    ]


@dataclass(frozen=True)
class Import:
    """What one import took; seconds with the start of the worker."""

    run: ImportRun
    peak_mb: float
    seconds: float


def imported(features: int) -> Import:
    with made_gmina() as gmina, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "adresy.gpkg"
        write_addresses(path, features)
        by = User.objects.get_or_create(email=f"{SLUG}@example.org")[0]
        with path.open("rb") as file:
            waiting = runs.upload(gmina, file, path.name, {}, by)
        runs.start(waiting, LayerKind.ADDRESS, Options(), by)
        peak_mb, seconds = worker_peak()
        waiting.refresh_from_db()
        if (waiting.state, waiting.written) != (ImportRun.State.STAGED, features):
            raise RuntimeError(f"the import ended {waiting.state} {waiting.error_text}")
    return Import(waiting, peak_mb, seconds)


@contextmanager
def made_gmina() -> Iterator[Gmina]:
    """A gmina with an outline and streets, taken away afterwards with all that was imported."""
    forget()
    gmina = Gmina.objects.create(slug=SLUG, name="Bench", office="Bench", terc6="999901")
    box = Polygon.from_bbox((WEST, SOUTH, WEST + SIDE_M, SOUTH + SIDE_M))
    publish(gmina, "granica", LayerKind.TERYT_UNIT, [("Bench", "9999012", box)])
    publish(gmina, "ulice", LayerKind.STREET, map(street, range(STREETS)))
    try:
        yield gmina
    finally:
        forget()


def street(n: int) -> tuple[str, str, MultiLineString]:
    y = SOUTH + (n + 0.5) * SIDE_M / STREETS
    line = LineString((WEST, y), (WEST + SIDE_M, y))
    return f"Bardzo długa ulica nr {n}", f"{SIMC}/{n + 1:05d}", MultiLineString(line)


def publish(
    gmina: Gmina, slug: str, kind: str, features: Iterable[tuple[str, str, GEOSGeometry]]
) -> None:
    of_type = "line" if kind == LayerKind.STREET else "polygon"
    layer = Layer.objects.create(
        gmina=gmina, slug=slug, kind=kind, geometry_type=of_type, title_pl=slug, title_en=slug
    )
    for name, code, geom in features:
        geom.srid = STORED
        [fid] = new_fids(1)
        layer.features.create(fid=fid, name=name, code=code, simc=SIMC, geom=geom, since=1)
    layer.edition_number = 1
    layer.save()


def forget() -> None:
    """Layers first, and nothing by Django's collector, which would fetch a million rows."""
    gmina = Gmina.objects.filter(slug=SLUG).first()
    if gmina is None:
        return
    of_layer = {"edition__layer__gmina": gmina}
    FeatureChange.objects.filter(**of_layer)._raw_delete("default")
    gmina.import_runs.all().delete()
    gmina.layers.all().delete()
    gmina.delete()


def worker_peak() -> tuple[float, float]:
    """Megabytes at the highest, and seconds, of a worker that empties its queue and ends."""
    argv = [sys.executable, "manage.py", "worker", "maintenance", "--burst"]
    began, peak = time.monotonic(), 0.0
    with subprocess.Popen(argv, cwd=ROOT, stderr=subprocess.DEVNULL) as worker:
        while worker.poll() is None:
            peak = max(peak, sum(map(memory_mb, tree(worker.pid))))
            time.sleep(SAMPLE_S)
    return peak, time.monotonic() - began


def tree(pid: int) -> list[int]:
    try:
        return [pid, *(one for child in children(pid) for one in tree(child))]
    except FileNotFoundError:  # it has ended meanwhile
        return []


def memory_mb(pid: int) -> float:
    """What is in memory of a process, its share of what it shares with others."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return next(int(line.split()[1]) for line in rollup.splitlines() if line[:4] == "Pss:") / 1024
