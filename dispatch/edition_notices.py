"""A planned change of the map that was refused is told to those who keep the layers."""

from datetime import date, datetime, time

from django.dispatch import receiver
from django.utils import timezone

from dispatch import notices
from dispatch.notices import Notice
from gis_layers.models import Edition
from gis_layers.signals import publication_refused


@receiver(publication_refused, sender=Edition)
def tell(edition: Edition, **_signal: object) -> None:
    """Once for each day that it was planned for."""
    layer = edition.layer
    if layer.gmina is None:
        return
    day = date.fromisoformat(edition.refusal["on"])
    notices.notify(
        Notice.EDITION_REFUSED,
        gmina=layer.gmina,
        occasion=f"{edition.pk}:{day}",
        edition=edition.pk,
        titles={"pl": layer.title_pl, "en": layer.title_en},
        when=timezone.make_aware(datetime.combine(day, time())),
    )
