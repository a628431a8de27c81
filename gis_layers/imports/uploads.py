"""Uploaded files: kept in the database in pieces until their run has ended."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.utils.translation import gettext_lazy as _

from gis_layers.errors import LayerError
from gis_layers.imports.file_errors import DiskFull
from gis_layers.imports.workspace import workspace
from gis_layers.models import ImportRun, UploadPart

PART_BYTES = 1024**2
NAME_MAX = 200  # ImportRun.file_name


class UploadLost(LayerError):
    """What lies in the database is not the file that was uploaded."""

    code = "upload_lost"
    message = _("{file} was not kept whole. Upload it again.")


def keep(run: ImportRun, file: IO[bytes]) -> None:
    """Store the file's content with the run, whose size and digest it then has (unsaved)."""
    digest, run.size = hashlib.sha256(), 0
    file.seek(0)
    for no, content in enumerate(iter(lambda: file.read(PART_BYTES), b"")):
        digest.update(content)
        run.size += len(content)
        UploadPart.objects.create(run=run, no=no, content=content)
    run.sha256 = digest.hexdigest()


@contextmanager
def local(run: ImportRun) -> Iterator[Path]:
    """The uploaded file, under its own name in a folder that is gone afterwards.

    Raises UploadLost, DiskFull.
    """
    with workspace() as folder:
        path = folder / run.file_name
        try:
            digest = put_together(run, path)
        except OSError as error:
            raise DiskFull(details={"file": run.file_name}) from error
        if digest != run.sha256:
            raise UploadLost(details={"file": run.file_name})
        yield path


def put_together(run: ImportRun, path: Path) -> str:
    """Write the pieces of an upload to one file; its SHA-256."""
    digest = hashlib.sha256()
    with path.open("wb") as out:
        for content in run.parts.order_by("no").values_list("content", flat=True).iterator(1):
            digest.update(content)
            out.write(content)
    return digest.hexdigest()


def drop(run: ImportRun) -> None:
    run.parts.all().delete()


def plain_name(name: str) -> str:
    """The name that a browser gave, as one that a folder can hold and a page can show."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(c for c in last if c.isprintable()).strip(". ")
    stem, dot, suffix = shown.rpartition(".")
    while len(shown.encode()) > NAME_MAX:
        stem = stem[:-1]
        shown = f"{stem}{dot}{suffix}" if stem else shown[:-1]
    return shown or "file"
