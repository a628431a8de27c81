"""Runs of imports, from the upload to the staged edition: who may move one on, and who has it.

A worker's claim lasts settings.IMPORT_LEASE_S and is renewed as long as it lives. Whoever loses it
has written nothing: the edition and the run's end are one transaction, under the claim.
"""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from accounts.errors import DomainError
from accounts.models import Gmina, User
from audit.record import record
from audit.verbs import Verb
from gis_layers import editions
from gis_layers.errors import LayerError
from gis_layers.imports import jobs, uploads
from gis_layers.imports.options import Options
from gis_layers.imports.progress import ImportCancelled, Progress
from gis_layers.models import Edition, ImportRun, WfsSource

State = ImportRun.State


class RunNotOpen(LayerError):
    """The run is past what was asked of it."""

    code = "import_run_not_open"
    message = _("This import has gone on meanwhile: {state}.")


class WorkerLost(LayerError):
    """Workers died over the file as often as it is tried."""

    code = "import_worker_lost"
    message = _("The import was interrupted several times. Nothing was kept. Try a smaller file.")


class ClaimLost(LayerError):
    """Another worker has the run, or it was ended; nothing of ours may be written."""

    code = "import_claim_lost"
    message = _("The import is another worker's now.")


@transaction.atomic
def upload(
    gmina: Gmina, file: IO[bytes], name: str, inspection: Mapping[str, Any], by: User
) -> ImportRun:
    """Keep a file for which its officer will say what it is."""
    run = ImportRun.objects.create(
        gmina=gmina,
        created_by_id=by.pk,
        file_name=uploads.plain_name(name),
        inspection=dict(inspection),
    )
    uploads.keep(run, file)
    run.save()
    return run


def same_file(run: ImportRun) -> ImportRun | None:
    """The last import of just the same content that came to something, or still may."""
    others = ImportRun.objects.filter(gmina=run.gmina_id, sha256=run.sha256).exclude(pk=run.pk)
    ended = (State.CANCELLED, State.FAILED)
    return others.exclude(sha256="").exclude(state__in=ended).select_related("edition").first()


@transaction.atomic
def start(run: ImportRun, kind: str, options: Options, by: User) -> ImportRun:
    """Have an uploaded file imported. Raises RunNotOpen."""
    run = locked(run, State.UPLOADED)
    run.kind, run.options, run.state = kind, options.as_json(), State.WAITING
    run.save()
    if run.source:  # the next readings mean the same
        WfsSource.objects.filter(pk=run.source.pk).update(kind=kind, options=run.options)
    audit(Verb.IMPORT_STARTED, run, by)
    jobs.wake()
    return run


@transaction.atomic
def start_source(source: WfsSource, by: User | None) -> ImportRun:
    """Have a web feature service read; by nobody: it is its night.

    The first time its officer will say what it is, as of a file.
    """
    run = ImportRun.objects.create(
        gmina=source.gmina,
        source=source,
        created_by_id=by.pk if by else None,
        file_name=uploads.plain_name(f"{source.title}.gml"),
        kind=source.kind,
        options=source.options,
        state=State.WAITING,
    )
    audit(Verb.IMPORT_STARTED, run, by)
    jobs.wake()
    return run


@transaction.atomic
def cancel(run: ImportRun, by: User) -> ImportRun:
    """End a run at once, or, where a worker has it, as soon as that hears of it.

    Raises RunNotOpen.
    """
    run = locked(run, *ImportRun.OPEN)
    run.cancel_asked = True
    if run.state not in ImportRun.RUNNING:
        end(run, State.CANCELLED)
    run.save()
    audit(Verb.IMPORT_CANCELLED, run, by)
    return run


def claim() -> ImportRun | None:
    """The run that has waited longest, now ours; None where none waits."""
    with transaction.atomic():
        waiting = ImportRun.objects.select_for_update(skip_locked=True, of=("self",))
        run = waiting.filter(state=State.WAITING).order_by("id").first()
        if run is None:
            return None
        run.state, run.owner, run.attempts = State.READING, uuid4(), run.attempts + 1
        run.read = run.checked = run.written = 0
        run.lease_until = lease()
        run.started_at = run.started_at or timezone.now()
        run.save()
    return run


def renew(run: ImportRun, progress: Progress) -> bool:
    """Prolong our claim and tell how far we are; False: stop, it was cancelled or is not ours."""
    ours = ImportRun.objects.filter(pk=run.pk, owner=run.owner)
    kept = ours.update(
        state=progress.state,
        expected=progress.expected,
        read=progress.read,
        checked=progress.checked,
        written=progress.written,
        lease_until=lease(),
    )
    return bool(kept) and not ours.filter(cancel_asked=True).exists()


@transaction.atomic
def ask_what_it_is(run: ImportRun, path: Path, inspection: Mapping[str, Any]) -> None:
    """Keep what a service sent first, for its officer to say what it is.

    Raises ClaimLost, ImportCancelled.
    """
    current = ours(run)
    with path.open("rb") as file:
        uploads.keep(current, file)
    current.inspection, current.state = dict(inspection), State.UPLOADED
    current.owner, current.lease_until, current.attempts = None, None, 0
    current.save()


@transaction.atomic
def complete(run: ImportRun, edition: Edition, progress: Progress) -> None:
    """End our run with its edition, in the transaction that made it.

    An edition that changes nothing is discarded; of a service's, the new one takes the place of
    those that nobody published. Raises ClaimLost, ImportCancelled.
    """
    current = ours(run)
    for name in ("expected", "read", "checked", "written"):
        setattr(current, name, getattr(progress, name))
    current.edition = edition
    if progress.written:
        discard_former(current)
    else:
        editions.discard(edition, None)
    end(current, State.STAGED if progress.written else State.UNCHANGED)
    current.save()


@transaction.atomic
def fail(run: ImportRun, error: DomainError) -> None:
    """End our run with the reason why; nothing to do where it is not ours any more."""
    try:
        current = ours(run)
    except ImportCancelled:
        current, error = locked(run, *ImportRun.RUNNING), ImportCancelled()
    except ClaimLost:
        return
    state = State.CANCELLED if isinstance(error, ImportCancelled) else State.FAILED
    end(current, state, error)
    current.save()


def ours(run: ImportRun) -> ImportRun:
    """The run locked, if we still have it. Raises ClaimLost, ImportCancelled."""
    current = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if current.owner != run.owner:
        raise ClaimLost
    if current.cancel_asked:
        raise ImportCancelled
    return current


def discard_former(run: ImportRun) -> None:
    """Throw away what the same service brought earlier and nobody published or planned to."""
    if run.source_id is None:
        return
    former = Edition.objects.filter(
        import_runs__source=run.source_id, state=Edition.State.STAGED, publish_on=None
    ).distinct()
    for edition in former:
        editions.discard(edition, None)


def end(run: ImportRun, state: str, error: DomainError | None = None) -> None:
    """Put a locked run to rest (unsaved); its upload is gone."""
    run.state, run.finished_at = state, timezone.now()
    run.owner = run.lease_until = None
    if error is not None:
        run.error_code, run.error_text = error.code, texts(error)
    uploads.drop(run)


def texts(error: DomainError) -> dict[str, str]:
    """The error's words in each language of the site: who reads them later may speak another."""
    words = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            words[code] = error.text
    return words


def sweep() -> None:
    """Give runs whose worker died to another, or up; forget uploads that nobody went on with."""
    now = timezone.now()
    forgotten = now - timedelta(seconds=settings.IMPORT_UPLOAD_KEPT_S)
    due = Q(state__in=ImportRun.RUNNING, lease_until__lt=now) | Q(
        state=State.UPLOADED, created_at__lt=forgotten
    )
    with transaction.atomic():
        for run in ImportRun.objects.select_for_update(skip_locked=True, of=("self",)).filter(due):
            settle_lost(run)
            run.save()


def settle_lost(run: ImportRun) -> None:
    if run.state == State.UPLOADED or run.cancel_asked:
        end(run, State.CANCELLED)
    elif run.attempts >= settings.IMPORT_ATTEMPTS:
        end(run, State.FAILED, WorkerLost())
    else:
        run.state, run.owner, run.lease_until = State.WAITING, None, None


def lease() -> Any:
    return timezone.now() + timedelta(seconds=settings.IMPORT_LEASE_S)


def locked(run: ImportRun, *states: str) -> ImportRun:
    """The run as it is now, locked. Raises RunNotOpen unless it is in one of the states."""
    current = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if current.state not in states:
        raise RunNotOpen(details={"state": current.get_state_display()})
    return current


def audit(verb: Verb, run: ImportRun, by: User | None) -> None:
    record(
        verb,
        by=by,
        gmina=run.gmina,
        target_kind="import_run",
        target_id=run.pk,
        source=run.file_name,
        kind=run.kind,
    )
