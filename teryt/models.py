"""The national territorial register: TERC (units), SIMC (localities), ULIC (street names)."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class RegisterName(models.TextChoices):
    TERC = "TERC", _("TERC: units")
    SIMC = "SIMC", _("SIMC: localities")
    ULIC = "ULIC", _("ULIC: streets")


class Unit(models.Model):
    """A row of TERC: voivodeship (2 digits), powiat (4) or gmina (7, RODZ last)."""

    terc = models.CharField(max_length=7, primary_key=True)
    terc6 = models.CharField(max_length=6, blank=True, db_index=True)
    name = models.CharField(max_length=100)
    kind_name = models.CharField(max_length=60, help_text="NAZWA_DOD")
    state_on = models.DateField(help_text="STAN_NA")
    # State date of the first file that no longer had the row; null: in force.
    closed_on = models.DateField(null=True)


class Locality(models.Model):
    """A row of SIMC: a town, a village or a part of one."""

    simc = models.CharField(max_length=7, primary_key=True)
    terc6 = models.CharField(max_length=6)
    # 1 urban, 2 rural, 4/5 town and country part of a gmina of kind 3, 8/9 Warszawa's districts
    # and delegatury. Never part of a join (docs/decisions/0003-who-is-told.md).
    rodz = models.CharField(max_length=1)
    rm = models.CharField(
        max_length=2, help_text="kind of locality: 01 village, 96 town, 99 part of a town …"
    )
    name = models.CharField(max_length=100)
    # The locality this is a part of (SYMPOD); itself when it stands alone.
    parent_simc = models.CharField(max_length=7, db_index=True)
    search_name = models.CharField(max_length=100)
    state_on = models.DateField(help_text="STAN_NA")
    # State date of the first file that no longer had the row; null: in force.
    closed_on = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["terc6", "search_name"], name="locality_gmina_name"),
        ]


class StreetName(models.Model):
    """A row of ULIC: the name of one street in one locality. Only (simc, ulic) identifies it."""

    id = models.BigAutoField(primary_key=True)
    simc = models.CharField(max_length=7)
    ulic = models.CharField(max_length=5)
    cecha = models.CharField(max_length=10, blank=True)
    name_1 = models.CharField(max_length=100)
    name_2 = models.CharField(max_length=100, blank=True)
    state_on = models.DateField(help_text="STAN_NA")
    # State date of the first file that no longer had the row; null: in force.
    closed_on = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["simc", "ulic"], name="street_name_once")]


class Release(models.Model):
    """One file that was taken in: the whole register, or the changes of a time."""

    class Kind(models.TextChoices):
        WHOLE = "whole", _("whole register")
        CHANGES = "changes", _("changes")

    register = models.CharField(max_length=4, choices=RegisterName.choices)
    kind = models.CharField(max_length=7, choices=Kind.choices)
    state_on = models.DateField(help_text="STAN_NA")
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    # How many differences of each kind (Difference.Op); of the first release, with nothing to
    # compare it with, none.
    counts = models.JSONField(default=dict)
    loaded_by_id = models.BigIntegerField(null=True)
    loaded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]


class Difference(models.Model):
    """What one release changed of one row of its register.

    `key` is the TERC, the SIMC, or "SIMC/SYM_UL"; `before` and `after` are the row's columns as our
    table has them, null where there is no row.
    """

    class Op(models.TextChoices):
        ADDED = "added", _("added")
        REMOVED = "removed", _("removed")
        RENAMED = "renamed", _("renamed")
        MOVED = "moved", _("moved to another gmina")
        RECODED = "recoded", _("given another code")
        CHANGED = "changed", _("changed otherwise")

    id = models.BigAutoField(primary_key=True)
    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="differences")
    op = models.CharField(max_length=7, choices=Op.choices)
    key = models.CharField(max_length=13)
    # The key it had before, where that is what changed.
    key_before = models.CharField(max_length=13, blank=True)
    # The gminas (WOJ+POW+GMI) it is and was in; empty for larger units.
    terc6 = models.CharField(max_length=6, blank=True)
    terc6_before = models.CharField(max_length=6, blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["release", "key"], name="difference_once_per_key"),
            models.CheckConstraint(
                name="difference_has_a_side",
                condition=Q(before__isnull=False) | Q(after__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["terc6", "release"], name="difference_gmina"),
            models.Index(fields=["terc6_before", "release"], name="difference_gmina_before"),
        ]
