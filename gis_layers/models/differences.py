"""What a change does to the feature it is about: a view of the database, read only."""

from django.contrib.gis.db import models

from gis_layers.models.layers import SRID, Edition, FeatureChange


class Difference(models.Model):
    """A change beside the state it takes the place of; the view `gis_layers_difference`.

    Before: what the layer shows now or, of a published edition, showed until then. A replacement
    may move, rename and change other attributes at once, or none of them. The name of an address
    is its number.
    """

    id = models.BigIntegerField(primary_key=True, help_text="that of the FeatureChange")
    edition = models.ForeignKey(Edition, on_delete=models.DO_NOTHING, related_name="differences")
    op = models.CharField(max_length=8, choices=FeatureChange.Op.choices)
    fid = models.BigIntegerField()
    name_before = models.CharField(max_length=200)
    name_after = models.CharField(max_length=200)
    code = models.CharField(max_length=60)
    simc = models.CharField(max_length=7)
    # Of addresses: street_fid and street_name tell which street's they are, after or else before.
    street_fid = models.BigIntegerField(null=True)
    street_name = models.CharField(max_length=100)
    is_moved = models.BooleanField()
    is_renamed = models.BooleanField()
    is_other = models.BooleanField()
    geom_before = models.GeometryField(srid=SRID, null=True, spatial_index=False)
    geom_after = models.GeometryField(srid=SRID, null=True, spatial_index=False)

    class Meta:
        managed = False
        db_table = "gis_layers_difference"
