"""Debian's QGIS, headless, as a client: `make test-qgis` installs it; skipped where it is not."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import shapely

from gis_layers.models import AddressPoint, Feature
from tests.gis_layers.ogc.conftest import Land, Program

# QGIS's modules belong to Debian's own Python, not to ours.
PYTHON = "/usr/bin/python3"
CLIENT = Path(__file__).with_name("qgis_client.py")
NAMES = ("adresy", "granica", "hydranty", "osiedla", "ulice")


def has_qgis() -> bool:
    if not os.access(PYTHON, os.X_OK):
        return False
    asked = [PYTHON, "-c", "import qgis.core"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


pytestmark = pytest.mark.skipif(not has_qgis(), reason="QGIS is not installed: make test-qgis")


def qgis(*argv: str, home: Path) -> Any:
    """What the client prints; QGIS keeps its settings in a folder of the test's own."""
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home),
        "QT_QPA_PLATFORM": "offscreen",
        "LC_ALL": "C.UTF-8",
    }
    told = subprocess.run(
        [PYTHON, str(CLIENT), *argv],
        env=env,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout.splitlines()[-1])


def test_qgis_opens_every_layer(
    live_server: Any, transactional_db: None, land: Land, officer: Program, tmp_path: Path
) -> None:
    collections = [f"testowo.{name}" for name in NAMES]
    staged = "testowo.hydranty.staged"
    found = qgis(
        f"{live_server.url}/ogc",
        "gis@a.example",
        officer.secret,
        *collections,
        staged,
        home=tmp_path,
    )
    assert found["warnings"] == []
    for name in NAMES:
        seen = found["layers"][f"testowo.{name}"]
        assert seen["valid"], name
        rows = [
            *Feature.objects.filter(layer__slug=name, until=None).order_by("fid"),
            *AddressPoint.objects.filter(layer__slug=name, until=None),
        ]
        assert len(seen["features"]) == len(rows), name
        assert seen["touching_first"] >= 1, name
        for feature, row in zip(seen["features"], rows, strict=True):
            stored = shapely.from_wkb(bytes(row.geom.transform(4326, clone=True).wkb))
            shown = shapely.from_wkb(feature["wkb"])
            assert shapely.hausdorff_distance(shown, stored) < 1e-8, name  # degrees: 1 mm
    hydrants = found["layers"]["testowo.hydranty"]
    assert {"name", "lanes", "works", "note"} <= set(hydrants["fields"])
    assert [feature["name"] for feature in hydrants["features"]] == ["H1", "H2", "H3", "H4", "H5"]
    assert found["layers"][staged]["features"] == hydrants["features"]
