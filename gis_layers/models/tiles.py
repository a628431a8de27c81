"""What tiles are made of where the stored geometry is finer than anybody could see."""

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GistIndex
from django.db.models import Q

from gis_layers.models.layers import TILE_SRID, Layer


class TileCopy(models.Model):
    """A feature as the tiles of one band of zooms draw it; editions as in Feature.

    A copy may be newer than its feature: a neighbour's change moves the line that both share.
    """

    id = models.BigAutoField(primary_key=True)
    layer = models.ForeignKey(Layer, on_delete=models.CASCADE, related_name="copies")
    # The band's deepest zoom (generalise.BANDS); 0: the point where the feature's name stands.
    band = models.PositiveSmallIntegerField()
    fid = models.BigIntegerField()
    name = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=60, blank=True)
    simc = models.CharField(max_length=7, blank=True)
    road_class = models.TextField(null=True)
    geom_3857 = models.GeometryField(srid=TILE_SRID, spatial_index=False)
    since = models.PositiveIntegerField()
    until = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["layer", "fid", "band"],
                condition=Q(until__isnull=True),
                name="tile_copy_shown_once",
            )
        ]
        indexes = [
            GistIndex(fields=["layer", "band", "geom_3857"], name="tile_copy_band_3857_gist"),
        ]
