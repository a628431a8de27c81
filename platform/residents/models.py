"""People, phones, places: as little as we can, encrypted where it can be (docs/privacy.md)."""

import uuid
from datetime import time

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GistIndex
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Concat
from django.utils import timezone


class Resident(models.Model):
    """A person with the app. No name, no PESEL, no e-mail, no phone number; belongs to no gmina."""

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    # When nothing but an emergency is to wake them: wall times in Poland, one pair for working days
    # and one for Sundays and public holidays. `until` before `from`: over midnight; equal: none.
    quiet_on = models.BooleanField(default=False, db_default=False)
    quiet_from = models.TimeField(default=time(22), db_default=time(22))
    quiet_until = models.TimeField(default=time(6), db_default=time(6))
    quiet_free_from = models.TimeField(default=time(22), db_default=time(22))
    quiet_free_until = models.TimeField(default=time(8), db_default=time(8))
    # The four together, "22:00:00-06:00:00-22:00:00-08:00:00"; null: off. People with equal hours
    # are held until the same moment, which is worked out once for all of them.
    quiet_name = models.GeneratedField(
        expression=Case(
            When(
                quiet_on=True,
                then=Concat(
                    "quiet_from",
                    Value("-"),
                    "quiet_until",
                    Value("-"),
                    "quiet_free_from",
                    Value("-"),
                    "quiet_free_until",
                    output_field=models.CharField(),
                ),
            )
        ),
        output_field=models.CharField(max_length=35, null=True),
        db_persist=True,
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["id"],
                include=["quiet_name"],
                condition=Q(quiet_name__isnull=False),
                name="resident_quiet",
            )
        ]


class Device(models.Model):
    """A phone or browser with the app. Authenticates with `public_id` and a secret shown once."""

    class Platform(models.TextChoices):
        ANDROID = "android"
        IOS = "ios"
        WEB = "web"

    class PushKind(models.TextChoices):
        TOKEN = "token"  # noqa: S105 - a kind, not a token
        FID = "fid"

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True)
    resident = models.ForeignKey(Resident, on_delete=models.CASCADE, related_name="devices")
    secret_hash = models.BinaryField(max_length=32, help_text="SHA-256 of a 256-bit secret")
    platform = models.CharField(max_length=8, choices=Platform.choices)
    lang = models.CharField(max_length=2, default="pl")
    # FCM target: value encrypted with FIELD_KEYS, keyed hash for uniqueness; all null: unreachable.
    push_kind = models.CharField(max_length=5, choices=PushKind.choices, null=True)
    push_value_encrypted = models.BinaryField(null=True)
    push_hash = models.BinaryField(max_length=32, null=True, unique=True)
    last_seen_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="device_push_whole",
                condition=Q(
                    push_kind__isnull=True,
                    push_value_encrypted__isnull=True,
                    push_hash__isnull=True,
                )
                | Q(
                    push_kind__isnull=False,
                    push_value_encrypted__isnull=False,
                    push_hash__isnull=False,
                ),
            )
        ]


class JoinCode(models.Model):
    """A short-lived code, used once, by which a second device joins its resident."""

    resident = models.OneToOneField(Resident, on_delete=models.CASCADE, related_name="join_code")
    # SHA-256 of the code: 50 random bits that live for settings.JOIN_CODE_S.
    code_hash = models.BinaryField(max_length=32, unique=True)
    expires_at = models.DateTimeField()


class Place(models.Model):
    """A resident's home, work or other location, with its attachment to address and street."""

    class Kind(models.TextChoices):
        HOME = "home"
        WORK = "work"
        OTHER = "other"

    class Method(models.TextChoices):
        DECLARED = "declared"
        NEAREST_ADDRESS = "nearest_address"
        NEAREST_STREET = "nearest_street"
        BOUNDARY = "boundary"
        NONE = "none"

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True)
    resident = models.ForeignKey(Resident, on_delete=models.CASCADE, related_name="places")
    gmina = models.ForeignKey(
        "accounts.Gmina", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    kind = models.CharField(max_length=5, choices=Kind.choices)
    geom = models.PointField(srid=2180, spatial_index=False)
    accuracy_m = models.FloatField(
        default=0, help_text="metres; 0 where the resident chose the address"
    )
    address_point_fid = models.BigIntegerField(null=True)
    # The address in words, for the resident's own app only.
    address_encrypted = models.BinaryField(null=True)
    simc = models.CharField(max_length=7, blank=True)
    street_fid = models.BigIntegerField(null=True)
    # The second street, where the two nearest differ by less than the accuracy: for emergencies.
    street_fid_2 = models.BigIntegerField(null=True)
    method = models.CharField(max_length=16, choices=Method.choices, default=Method.NONE)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            GistIndex(fields=["geom"], name="place_geom_gist"),
            models.Index(fields=["street_fid"], name="place_street"),
            models.Index(
                fields=["street_fid_2"],
                name="place_street_2",
                condition=Q(street_fid_2__isnull=False),
            ),
            models.Index(fields=["gmina", "simc"], name="place_gmina_simc"),
            models.Index(fields=["address_point_fid"], name="place_address"),
        ]


class Mute(models.Model):
    """A kind of alert a resident doesn't want. Emergencies are told all the same."""

    id = models.BigAutoField(primary_key=True)
    resident = models.ForeignKey(Resident, on_delete=models.CASCADE, related_name="mutes")
    kind = models.CharField(max_length=40, help_text="code of a dispatch.Kind")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["resident", "kind"], name="mute_once")]


class Reattachment(models.Model):
    """A publication whose places are to be attached anew: written with it, worked later."""

    edition_id = models.BigIntegerField(unique=True)
    requested_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)
    # Places per step of reattachment.py: counts only, never who or where.
    report = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(
                fields=["requested_at"],
                name="reattachment_open",
                condition=Q(done_at__isnull=True),
            )
        ]


class Weighing(models.Model):
    """Whose place an edition would change, counted once for each state of its changes.

    Kept as a trace: who asked counts towards settings.FREE_PREVIEWS_PER_HOUR.
    """

    edition_id = models.BigIntegerField()
    # Names the state that is weighed: the map's revision and the edition's changes.
    state = models.CharField(max_length=80)
    requested_by_id = models.BigIntegerField()
    requested_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)
    # What may be told, by what changes: {"street": {"count": 340, "below": null}}; never more.
    effects = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["edition_id", "state"], name="weighing_once")
        ]
        indexes = [
            models.Index(fields=["requested_by_id", "requested_at"], name="weighing_by"),
            models.Index(
                fields=["requested_at"],
                name="weighing_open",
                condition=Q(done_at__isnull=True),
            ),
        ]
