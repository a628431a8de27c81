"""Web feature services that are read every night, and what staff may do with them."""

import logging
from datetime import date

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Gmina, User
from audit.record import record
from audit.verbs import Verb
from gis_layers.imports import runs, wfs
from gis_layers.imports.fetch import checked_host
from gis_layers.models import ImportRun, WfsSource

logger = logging.getLogger(__name__)


def start_due() -> None:
    """A duty of the clock: begin tonight's readings, each once a night.

    A service that nobody has told the meaning of, or that is being read, is left alone.
    """
    now = timezone.localtime()
    if now.hour < settings.WFS_NIGHT_HOUR:
        return
    tonight = now.date()
    due = Q(night=None) | Q(night__lt=tonight)
    for source in WfsSource.objects.filter(due, nightly=True).exclude(options={}):
        begin(source, tonight)


@transaction.atomic
def begin(source: WfsSource, tonight: date) -> None:
    """Start a source's reading unless somebody did: conditional, as several clocks may try."""
    mine = WfsSource.objects.filter(pk=source.pk).exclude(night=tonight).update(night=tonight)
    under_way = ImportRun.objects.filter(source=source, state__in=ImportRun.OPEN).exists()
    if mine and not under_way:
        runs.start_source(source, None)


@transaction.atomic
def add(
    gmina: Gmina, *, title: str, url: str, type_name: str, nightly: bool, by: User
) -> WfsSource:
    """Keep a service. What its columns mean is said when it was read for the first time."""
    source = WfsSource.objects.create(
        gmina=gmina,
        title=title,
        url=url,
        type_name=type_name,
        nightly=nightly,
        created_by_id=by.pk,
    )
    audit(Verb.WFS_SOURCE_ADDED, source, by)
    return source


@transaction.atomic
def remove(source: WfsSource, by: User) -> None:
    """Forget a service; what it brought stays."""
    audit(Verb.WFS_SOURCE_REMOVED, source, by)
    source.delete()


def offered(url: str) -> list[wfs.FeatureType]:
    """What the service has. Raises FetchErrors."""
    return list(wfs.server_at(url).types)


def audit(verb: Verb, source: WfsSource, by: User) -> None:
    record(
        verb,
        by=by,
        gmina=source.gmina,
        target_kind="wfs_source",
        target_id=source.pk,
        source=source.title,
        host=checked_host(source.url),
    )
