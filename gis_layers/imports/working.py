"""A worker's part: one waiting file to a staged edition, or to the reason why not."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from django.db import OperationalError
from django.utils.translation import gettext_lazy as _
from psycopg import errors

from accounts.errors import DomainError
from accounts.models import User
from gis_layers.errors import LayerError
from gis_layers.imports import heartbeat, jobs, runs, uploads, wfs
from gis_layers.imports.file_errors import DiskFull
from gis_layers.imports.load import staged
from gis_layers.imports.options import Options
from gis_layers.imports.progress import ImportCancelled, Progress
from gis_layers.imports.read import inspect
from gis_layers.imports.workspace import workspace
from gis_layers.models import Edition, ImportRun

logger = logging.getLogger(__name__)


class ImportBroken(LayerError):
    """A fault of ours; what it was is in the log under the run's number."""

    code = "import_broken"
    message = _("Something went wrong on our side. Nothing was kept. The log has the run's number.")


def work() -> int:
    """RQ's entry point: import the file that has waited longest; how many there were, 0 or 1.

    Safe to run twice, at any time. Where more wait, another job follows: what else the queue holds
    has its turn in between.
    """
    run = runs.claim()
    if run is None:
        return 0
    try:
        perform(run)
    finally:
        jobs.catch_up()
    return 1


def perform(run: ImportRun) -> None:
    """Work a run's file; how it ended is kept with the run."""
    progress = Progress()
    try:
        with heartbeat.kept(run, progress) as ending, file_of(run) as path:
            if run.kind:
                stage(run, path, progress, ending)
            else:
                inspection = asdict(inspect(path))
                ending.set()
                runs.ask_what_it_is(run, path, inspection)
    except DomainError as error:
        logger.info("import refused", extra={"run": run.pk, "code": error.code})
        runs.fail(run, error)
    except OperationalError as error:
        reason = broken_off(error, run, progress)
        if reason is None:
            raise
        runs.fail(run, reason)
    except Exception:
        # The outermost line of a job: recorded, and shown to RQ.
        runs.fail(run, ImportBroken())
        raise


def stage(run: ImportRun, path: Path, progress: Progress, ending: threading.Event) -> None:
    def complete(edition: Edition) -> None:
        ending.set()
        runs.complete(run, edition, progress)

    staged(
        path,
        gmina=run.gmina,
        kind=run.kind,
        by=whose(run),
        options=Options(**run.options),
        progress=progress,
        complete=complete,
    )


def whose(run: ImportRun) -> User | None:
    """Whoever asked for it; nobody did where it was a service's night."""
    return User.objects.filter(pk=run.created_by_id).first() if run.created_by_id else None


def broken_off(error: OperationalError, run: ImportRun, progress: Progress) -> DomainError | None:
    """Why a statement ended early; None: the database went away.

    Then the claim runs out, and the file is tried again.
    """
    if progress.stopping.is_set():
        return ImportCancelled()
    if isinstance(error.__cause__, errors.DiskFull):
        return DiskFull(details={"file": run.file_name})
    return None


@contextmanager
def file_of(run: ImportRun) -> Iterator[Path]:
    """The run's file on this machine: what was uploaded, or what its service says now."""
    if run.source is None or run.parts.exists():
        with uploads.local(run) as path:
            yield path
        return
    with workspace() as folder:
        path = folder / run.file_name
        wfs.download(run.source.url, run.source.type_name, path)
        yield path
