"""What districts without borders are made of."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from gis_layers.models.layers import Layer


class DistrictList(models.Model):
    """A district told by its localities and lines of addresses (districts/book.py).

    `fid` is the feature that the list draws; null: none yet. The list is no part of an edition:
    editions hold the shapes that came of it.
    """

    layer = models.ForeignKey(Layer, on_delete=models.CASCADE, related_name="district_lists")
    fid = models.BigIntegerField(null=True)
    name = models.CharField(max_length=200)
    localities = ArrayField(models.CharField(max_length=7), default=list)  # SIMC
    lines = models.TextField(blank=True)
    changed_by_id = models.BigIntegerField(null=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["layer", "name"], name="district_list_name_once")
        ]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
