"""What residents hear of the packages below; inside the sender's transaction."""

from django.dispatch import receiver

from gis_layers.models import Edition, Layer
from gis_layers.signals import edition_published
from residents import jobs
from residents.models import Reattachment
from residents.reattachment import is_concerned


@receiver(edition_published)
def reattach_later(sender: object, layer: Layer, edition: Edition, **_rest: object) -> None:
    """Note with the publication that places are to be attached anew, and wake who does it."""
    if is_concerned(layer):
        Reattachment.objects.create(edition_id=edition.pk)
        jobs.wake()
