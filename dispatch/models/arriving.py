"""Who may have come into the area of a running alert since it was frozen."""

from django.db import models
from django.utils import timezone


class Arrival(models.Model):
    """A resident whose places or phones changed: noted with the change, worked off by late.py."""

    id = models.BigAutoField(primary_key=True)
    resident_id = models.BigIntegerField()
    noted_at = models.DateTimeField(default=timezone.now)
