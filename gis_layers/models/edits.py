"""The steps by which a change set grew by hand: who, when, and what was there before."""

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gis_layers.models.layers import SRID, ChangeContent, Edition, FeatureChange


class EditStep(models.Model):
    """One act by hand in a staged edition, of one feature or of neighbours together.

    Stays as the trace of who did what; its `states` go when the edition is no longer staged.
    """

    class Kind(models.TextChoices):
        PUT = "put", _("changed")
        REMOVE = "remove", _("removed")
        MOVE = "move", _("border moved")
        SPLIT = "split", _("split")
        MERGE = "merge", _("merged")

    id = models.BigAutoField(primary_key=True)
    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    by_id = models.BigIntegerField(null=True)
    at = models.DateTimeField(default=timezone.now)
    fids = ArrayField(models.BigIntegerField(), default=list)  # of the features it touched
    undone = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["edition", "by_id"], name="edit_step_of_officer")]


class StepState(ChangeContent):
    """The other side of a step for one feature: before it, or after it once it is undone.

    `op` is empty where the edition had no change of the feature.
    """

    id = models.BigAutoField(primary_key=True)
    step = models.ForeignKey(EditStep, on_delete=models.CASCADE, related_name="states")
    op = models.CharField(max_length=8, choices=FeatureChange.Op.choices, blank=True)
    geom = models.GeometryField(srid=SRID, null=True, spatial_index=False)  # found by step only

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["step", "fid"], name="step_state_once_per_fid")
        ]
