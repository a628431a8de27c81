"""A thread that keeps a claim while the import works, tells how far it is, and stops it.

It has a database connection of its own: what it writes is seen at once, whatever transaction the
import is in, and it can end a statement that runs for long.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, InterfaceError, connection

from gis_layers.imports import runs
from gis_layers.imports.progress import Progress
from gis_layers.models import ImportRun

logger = logging.getLogger(__name__)
EVERY_S = 0.5


@contextmanager
def kept(run: ImportRun, progress: Progress) -> Iterator[threading.Event]:
    """Renew the claim of `run` until the end of the block, or until the event given is set."""
    done = threading.Event()
    connection.ensure_connection()
    beating = threading.Thread(
        target=beat, args=(run, progress, connection.connection, done), name="import-heartbeat"
    )
    beating.start()
    try:
        yield done
    finally:
        done.set()
        beating.join()


def beat(run: ImportRun, progress: Progress, working: Any, done: threading.Event) -> None:
    """`working`: the psycopg connection of the import."""
    try:
        while not done.wait(EVERY_S):
            if not renewed(run, progress) and not done.is_set():
                progress.stopping.set()
                working.cancel()
    finally:
        connection.close()


def renewed(run: ImportRun, progress: Progress) -> bool:
    """Whether to go on; a database that is away for a moment is no reason to stop."""
    try:
        return runs.renew(run, progress)
    except (DatabaseError, InterfaceError) as error:
        logger.warning("no heartbeat", extra={"run": run.pk, "error": type(error).__name__})
        connection.close()
        return True
