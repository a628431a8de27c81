"""What is wrong or doubtful in an edition, and who accepted it."""

from django.contrib.gis.db import models
from django.utils import timezone

from gis_layers.levels import Level
from gis_layers.models.layers import SRID, Edition


class Finding(models.Model):
    """One case of a code of finding_kinds.KINDS in one edition.

    `key` is the same for the same trouble at the same place in any edition of the layer; `known`
    says that it was accepted before, with a published edition or with this one.
    """

    id = models.BigAutoField(primary_key=True)
    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="findings")
    code = models.CharField(max_length=40)
    level = models.CharField(max_length=8, choices=Level.choices)
    fid = models.BigIntegerField(null=True)
    row = models.BigIntegerField(null=True, help_text="of the file, from 1")
    where = models.CharField(max_length=200)
    details = models.JSONField(default=dict)
    key = models.CharField(max_length=32)
    known = models.BooleanField(default=False)
    # What to look at; for a repaired geometry also what it was and what it became.
    geom = models.GeometryField(srid=SRID, null=True, spatial_index=False)
    before = models.GeometryField(srid=SRID, null=True, spatial_index=False)
    after = models.GeometryField(srid=SRID, null=True, spatial_index=False)

    class Meta:
        indexes = [
            models.Index(fields=["edition", "code"], name="finding_edition_code"),
            models.Index(fields=["key"], name="finding_key"),
        ]


class Acknowledgement(models.Model):
    """Somebody has seen an edition's warnings of one code and accepts them.

    It covers the cases there were: a check that finds another one takes it away.
    """

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="acknowledgements")
    code = models.CharField(max_length=40)
    by_id = models.BigIntegerField(null=True, help_text="null: the command line")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["edition", "code"], name="acknowledged_once")
        ]
