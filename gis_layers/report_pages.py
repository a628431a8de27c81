"""The report on the page of an edition, and its findings as a file."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.http import FileResponse
from django.shortcuts import get_object_or_404

from accounts.access import StaffRequest, staff_view
from accounts.models import Gmina
from gis_layers.edition_api import WRITE, readable
from gis_layers.findings_file import write_findings
from gis_layers.geopackage import MEDIA_TYPE
from gis_layers.models import Edition


def section(request: StaffRequest, edition: Edition) -> dict[str, Any]:
    """What the island of the report is told; it asks for the rest."""
    layer = edition.layer
    return {
        "report": {
            "gmina": layer.gmina.slug if layer.gmina else "",
            "edition": edition.pk,
            "may_accept": WRITE in request.actions and edition.state == Edition.State.STAGED,
        }
    }


@staff_view("layer.read")
def download(request: StaffRequest, gmina: Gmina, edition_id: int) -> FileResponse:
    """The edition's findings as a GeoPackage, to be mended at the source."""
    edition = get_object_or_404(readable(gmina, request.actions), pk=edition_id)
    # The open file outlives its folder: nothing is left behind, however the download ends.
    with TemporaryDirectory(prefix="findings-") as folder:
        path = Path(folder) / "findings.gpkg"
        write_findings(path, edition)
        file = path.open("rb")
    name = f"{gmina.slug}-{edition.layer.slug}-{edition.pk}-findings.gpkg"
    return FileResponse(file, as_attachment=True, filename=name, content_type=MEDIA_TYPE)
