"""The national territorial register: TERC (units), SIMC (localities), ULIC (street names)."""

from django.db import models


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
