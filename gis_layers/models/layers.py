"""Layers of features in editions, in EPSG:2180 (metres); tiles read a generated 3857 column."""

from django.contrib.gis.db import models
from django.contrib.gis.db.models.functions import Transform
from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

SRID = 2180
TILE_SRID = 3857


class LayerKind(models.TextChoices):
    STREET = "street", _("street")
    DISTRICT = "district", _("district")
    TERYT_UNIT = "teryt_unit", _("TERYT unit")
    ADDRESS = "address", _("address")
    CUSTOM = "custom", _("custom")


class Layer(models.Model):
    """A set of features of one kind: a gmina's own, or national (gmina null)."""

    Kind = LayerKind

    class GeometryType(models.TextChoices):
        POINT = "point", _("points")
        LINE = "line", _("lines")
        POLYGON = "polygon", _("polygons")

    gmina = models.ForeignKey(
        "accounts.Gmina", null=True, on_delete=models.PROTECT, related_name="layers"
    )
    slug = models.SlugField(max_length=60)
    kind = models.CharField(max_length=12, choices=LayerKind.choices)
    geometry_type = models.CharField(max_length=8, choices=GeometryType.choices)
    title_pl = models.CharField(max_length=80)
    title_en = models.CharField(max_length=80)
    source = models.CharField(max_length=200, blank=True, help_text="attribution shown on the map")
    source_en = models.CharField(
        max_length=200, blank=True, help_text="the same in English; empty: as in Polish"
    )
    # What differs from the usual look of its kind: looks.py.
    style = models.JSONField(default=dict, blank=True)
    # On the map, a higher one lies above a lower one of the same geometry.
    position = models.PositiveSmallIntegerField(default=0)
    min_zoom = models.PositiveSmallIntegerField(default=8)
    max_zoom = models.PositiveSmallIntegerField(default=16)
    public = models.BooleanField(default=False)
    # Columns of the file that say what a feature is; empty: not there.
    id_field = models.CharField(max_length=60, blank=True)
    code_field = models.CharField(max_length=60, blank=True)
    name_field = models.CharField(max_length=60, blank=True)
    # How far the drawn line may be from the true one, metres (outlines: own 5, national 2021: 800).
    accuracy_m = models.FloatField(default=5)
    # Features and addresses are made for a demonstration.
    is_simulated = models.BooleanField(default=False)
    # Number of the published edition; 0: nothing published yet.
    edition_number = models.PositiveIntegerField(default=0)
    # Number of the edition that its tile copies follow; 0: it has none.
    copied_edition = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["gmina", "slug"], name="layer_slug_once", nulls_distinct=False
            ),
        ]
        ordering = ["kind", "slug"]

    def __str__(self) -> str:
        return f"{self.gmina.slug if self.gmina else 'pl'}/{self.slug}"


class Edition(models.Model):
    """One change set of a layer; gets its number when it is published."""

    class State(models.TextChoices):
        STAGED = "staged", _("staged")
        PUBLISHED = "published", _("published")
        DISCARDED = "discarded", _("discarded")

    layer = models.ForeignKey(Layer, on_delete=models.CASCADE, related_name="editions")
    state = models.CharField(max_length=10, choices=State.choices, default=State.STAGED)
    number = models.PositiveIntegerField(null=True)
    base_number = models.PositiveIntegerField()
    source_name = models.CharField(max_length=200, blank=True)
    # Edits on the map and by OGC API Features collect in it (changesets.py).
    by_hand = models.BooleanField(default=False)
    report = models.JSONField(default=dict)
    created_by_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    published_by_id = models.BigIntegerField(null=True)
    published_at = models.DateTimeField(null=True)
    # Why, in the words of whoever published it: the history's third column.
    reason = models.CharField(max_length=300, blank=True)
    # The day in Poland from whose midnight on it is to be the map, and who said so.
    publish_on = models.DateField(null=True)
    scheduled_by_id = models.BigIntegerField(null=True)
    # What it changed, by difference_kinds.count: {"added": 3, "renamed": 1}.
    summary = models.JSONField(default=dict)
    # Why a scheduled publication did not happen: {"on", "code", "text"}; empty: it was not refused.
    refusal = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["layer", "number"], name="edition_number_once"),
            models.CheckConstraint(
                name="edition_planned_while_staged",
                condition=Q(publish_on__isnull=True) | Q(state="staged"),
            ),
            models.CheckConstraint(
                name="edition_number_when_published",
                condition=Q(state="published", number__isnull=False, published_at__isnull=False)
                | (~Q(state="published") & Q(number__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["publish_on"],
                name="edition_planned",
                condition=Q(publish_on__isnull=False),
            )
        ]


class ChangeContent(models.Model):
    """What a change makes of a feature.

    Address points carry ulic, street_fid, street_name, number and postcode in attrs.
    """

    fid = models.BigIntegerField()
    code = models.CharField(max_length=60, blank=True)
    name = models.CharField(max_length=200, blank=True)
    simc = models.CharField(max_length=7, blank=True)
    search_name = models.CharField(max_length=200, blank=True)
    attrs = models.JSONField(default=dict)
    geom = models.GeometryField(srid=SRID, null=True)
    # The layer's edition that the change was made against; null: the change set's own base.
    base_number = models.PositiveIntegerField(null=True)

    class Meta:
        abstract = True


class FeatureChange(ChangeContent):
    """One feature's change in a staged edition.

    A row is never updated: a newer change of the feature takes its place under a new id, which
    therefore names one state for good (changesets.py makes ETags of it).
    """

    class Op(models.TextChoices):
        ADD = "add", _("added")
        REPLACE = "replace", _("replaced")
        REMOVE = "remove", _("removed")

    id = models.BigAutoField(primary_key=True)
    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="changes")
    op = models.CharField(max_length=8, choices=Op.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["edition", "fid"], name="change_once_per_fid")
        ]


class Feature(models.Model):
    """One state of one feature: shown by editions `since` ≤ number < `until` (null: still shown).

    `fid` comes from one sequence for all layers, stays below 2^53 and survives editions. A street's
    `code` is "SIMC/SYM_UL" (empty without codes); a unit's is its TERC.
    """

    id = models.BigAutoField(primary_key=True)
    layer = models.ForeignKey(Layer, on_delete=models.CASCADE, related_name="features")
    fid = models.BigIntegerField()
    code = models.CharField(max_length=60, blank=True)
    name = models.CharField(max_length=200, blank=True)
    # The locality a street or district belongs to, where known.
    simc = models.CharField(max_length=7, blank=True)
    # teryt.names.normal_form(name)
    search_name = models.CharField(max_length=200, blank=True)
    attrs = models.JSONField(default=dict)
    geom = models.GeometryField(srid=SRID, spatial_index=False)
    geom_3857 = models.GeneratedField(
        expression=Transform(F("geom"), TILE_SRID),
        output_field=models.GeometryField(srid=TILE_SRID, spatial_index=False),
        db_persist=True,
    )
    since = models.PositiveIntegerField()
    until = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["layer", "fid", "since"], name="feature_once_per_edition"
            ),
            models.UniqueConstraint(
                fields=["fid"], condition=Q(until__isnull=True), name="feature_shown_once"
            ),
        ]
        indexes = [
            GistIndex(fields=["geom"], name="feature_geom_gist"),
            # Layer first (btree_gist): a tile asks layer by layer, of any edition.
            GistIndex(fields=["layer", "geom_3857"], name="feature_layer_3857_gist"),
            models.Index(
                fields=["layer", "search_name"],
                name="feature_search",
                condition=Q(until__isnull=True),
            ),
            GinIndex(
                OpClass("search_name", "gin_trgm_ops"),
                name="feature_search_trgm",
                condition=Q(until__isnull=True),
            ),
            models.Index(
                fields=["layer", "code"], name="feature_code", condition=Q(until__isnull=True)
            ),
        ]


class AddressPoint(models.Model):
    """One state of one address point of a layer of kind `address`; editions as in Feature.

    `street_fid` is the street feature it belongs to; null where the locality has no streets
    (then the address is locality + number) or the street has no line (then `street_name` has it).
    """

    id = models.BigAutoField(primary_key=True)
    layer = models.ForeignKey(Layer, on_delete=models.CASCADE, related_name="addresses")
    fid = models.BigIntegerField()
    simc = models.CharField(max_length=7)
    ulic = models.CharField(max_length=5, blank=True)
    street_fid = models.BigIntegerField(null=True)
    street_name = models.CharField(max_length=100, blank=True)
    number = models.CharField(max_length=20)
    postcode = models.CharField(max_length=6, blank=True)
    geom = models.PointField(srid=SRID, spatial_index=False)
    geom_3857 = models.GeneratedField(
        expression=Transform(F("geom"), TILE_SRID),
        output_field=models.PointField(srid=TILE_SRID, spatial_index=False),
        db_persist=True,
    )
    since = models.PositiveIntegerField()
    until = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fid"], condition=Q(until__isnull=True), name="address_shown_once"
            ),
            models.UniqueConstraint(
                fields=["layer", "fid", "since"], name="address_once_per_edition"
            ),
        ]
        indexes = [
            GistIndex(fields=["geom"], name="address_geom_gist"),
            GistIndex(fields=["layer", "geom_3857"], name="address_layer_3857_gist"),
            models.Index(
                fields=["street_fid", "number"],
                name="address_street",
                condition=Q(until__isnull=True),
            ),
            models.Index(
                fields=["simc", "number"], name="address_simc", condition=Q(until__isnull=True)
            ),
            models.Index(
                fields=["layer", "street_name"],
                name="address_loose_street",
                condition=Q(until__isnull=True) & ~Q(street_name=""),
            ),
        ]


class MapRevision(models.Model):
    """What a gmina's map showed at one revision; makes a tile's URL mean the same bytes for good.

    `layers` is a list of {id, slug, kind, edition, public, min_zoom, max_zoom, copied, labelled};
    the last two say whether TileCopy has its shapes from afar and points for its names, and are
    absent in revisions older than that.
    """

    id = models.BigAutoField(primary_key=True)
    gmina = models.ForeignKey("accounts.Gmina", on_delete=models.CASCADE, related_name="revisions")
    revision = models.PositiveBigIntegerField()
    layers = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)
    # When a newer revision took its place; served until settings.TILE_GRACE_S after that.
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["gmina", "revision"], name="map_revision_once")
        ]
