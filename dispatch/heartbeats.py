"""Clock processes say that they are there: what stands still can't say so itself."""

import os
import socket
from datetime import timedelta

from django.utils import timezone

from dispatch.models import Heartbeat

FORGOTTEN_AFTER = timedelta(days=1)
# An acting clock that has not gone round for so long hangs, or its machine is paused.
SILENT_AFTER = timedelta(seconds=60)


def beat(*, acting: bool) -> None:
    """This process went round just now, as the acting clock or standing by."""
    now = timezone.now()
    Heartbeat.objects.update_or_create(
        host=socket.gethostname(), pid=os.getpid(), defaults={"at": now, "acting": acting}
    )
    if acting:
        Heartbeat.objects.filter(at__lt=now - FORGOTTEN_AFTER).delete()


def acting_is_silent() -> bool:
    """Whether no acting clock went round lately, though one once did."""
    acting = Heartbeat.objects.filter(acting=True)
    now = timezone.now()
    return acting.exists() and not acting.filter(at__gt=now - SILENT_AFTER).exists()
