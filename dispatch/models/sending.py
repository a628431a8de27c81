"""What was sent: messages, frozen, with every delivery and what phones say of them."""

from typing import Any

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dispatch.models.alerts import Alert, Severity


class Message(models.Model):
    """One sending of an alert, frozen: alert, update, all-clear or withdrawal."""

    class Kind(models.TextChoices):
        ALERT = "alert", _("alert")
        UPDATE = "update", _("update")
        EXTENSION = "extension", _("extension")
        ALL_CLEAR = "all_clear", _("all-clear")
        WITHDRAWAL = "withdrawal", _("withdrawal")

    class Transport(models.TextChoices):
        FCM = "fcm"
        EMULATOR = "emulator"

    id = models.BigAutoField(primary_key=True)
    # First day of the freezing month, UTC: the partition key of everything below.
    month = models.DateField()
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="messages")
    gmina = models.ForeignKey("accounts.Gmina", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    severity = models.CharField(max_length=10, choices=Severity.choices)
    transport = models.CharField(max_length=8, choices=Transport.choices)
    is_drill = models.BooleanField(default=False)
    frozen_at = models.DateTimeField(default=timezone.now)
    frozen_by_id = models.BigIntegerField()
    expires_at = models.DateTimeField()
    area_hash = models.CharField(max_length=64)
    editions = models.JSONField(default=dict)
    residents = models.PositiveIntegerField()
    devices = models.PositiveIntegerField()
    # Residents of the area who have no reachable device; who have one, and muted the kind.
    unreachable = models.PositiveIntegerField(default=0)
    muted = models.PositiveIntegerField(default=0)
    # Those who came into the area later and got it then (late.py), in none of the figures above.
    late_residents = models.PositiveIntegerField(default=0)
    late_devices = models.PositiveIntegerField(default=0)
    # The first four figures as they may be told (masking.Told); {}: none may.
    told = models.JSONField(default=dict)
    # {position: people} of the parts whose figures may be followed apart (part_figures.py).
    followed_parts = models.JSONField(default=dict)
    # Set when every batch is final.
    sent_at = models.DateTimeField(null=True)
    halted_reason = models.CharField(
        max_length=60, blank=True, help_text="why sending stopped; stable code"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["id", "month"], name="message_id_month")]


class MessageText(models.Model):
    """What was sent, per language."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="texts")
    lang = models.CharField(max_length=2)
    # The alert's, and the mark of an exercise before it.
    title = models.CharField(max_length=120)
    body = models.TextField()
    instruction = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "lang"], name="message_text_once")
        ]


class AreaPiece(models.Model):
    """One piece of a frozen message's area: a single line, point or part of a polygon.

    Places within `reach_m` metres are in the audience; null: the piece only shows on the map where
    the part is, its people are found by their attachment (a street's addresses, the whole gmina).
    """

    id = models.BigAutoField(primary_key=True)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="pieces")
    part_position = models.PositiveSmallIntegerField()
    geom = models.GeometryField(srid=2180, spatial_index=False)
    reach_m = models.FloatField(null=True)


class Batch(models.Model):
    """Up to SEND_BATCH deliveries of one message and channel: the unit that senders claim.

    `codes[pos]` is the outcome of delivery `pos` (outcomes.py), `fcm_ids[pos]` FCM's message id,
    `wake_at[pos]` when an open one may go again (null, or no array: at once).
    """

    class State(models.IntegerChoices):
        WAITING = 0
        CLAIMED = 1
        DONE = 2

    id = models.BigAutoField(primary_key=True)
    month = models.DateField()
    message_id = models.BigIntegerField()
    gmina_id = models.BigIntegerField()
    no = models.PositiveIntegerField()
    channel = models.CharField(max_length=8, default="fcm")
    # 0 emergency, 1 important, 2 info: lower goes first.
    priority = models.PositiveSmallIntegerField()
    n = models.PositiveSmallIntegerField()
    state = models.PositiveSmallIntegerField(choices=State.choices, default=State.WAITING)
    attempt = models.PositiveSmallIntegerField(default=0)
    # When the soonest of the open deliveries may go.
    not_before = models.DateTimeField(null=True)
    # End of its people's quiet hours, where it fell into them; all of a batch wake together.
    held_until = models.DateTimeField(null=True)
    wake_at = ArrayField(models.DateTimeField(null=True), null=True)
    # When a sender or a hold said that they wait; later than now: the machine's time went back.
    put_back_at = models.DateTimeField(null=True)
    # Since when some of them go again; null while none does.
    retry_since = models.DateTimeField(null=True)
    owner = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    codes = ArrayField(models.SmallIntegerField())
    fcm_ids = ArrayField(models.TextField(null=True))
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message_id", "no"], name="batch_once")]
        indexes = [
            models.Index(fields=["priority", "id"], name="batch_open", condition=Q(state__lt=2)),
        ]


class Bits(models.TextField):
    """PostgreSQL's bit varying, as text of 0 and 1; five bytes and one for eight bits."""

    def db_type(self, connection: Any) -> str:
        return "bit varying"


class Delivery(models.Model):
    """One message to one endpoint: insert-only, partitioned by month.

    On the wire: "{message}.{batch}.{pos}".
    """

    pk = models.CompositePrimaryKey("month", "message_id", "batch_no", "pos")
    month = models.DateField()
    message_id = models.BigIntegerField()
    batch_no = models.IntegerField()
    pos = models.SmallIntegerField(help_text="1-based, as PostgreSQL's arrays")
    gmina_id = models.BigIntegerField()
    channel = models.CharField(max_length=8, default="fcm")
    # residents.Device and Resident by id, without foreign keys: the record survives erasure.
    endpoint_id = models.BigIntegerField()
    resident_id = models.BigIntegerField()
    # Why they were chosen: kind of the place that put them in (home before work before other).
    place_kind = models.CharField(max_length=5)
    # Of an area of several parts a bit for each, set where it caught them; of others no bit.
    parts = Bits(default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month", "message_id", "channel", "endpoint_id"], name="delivery_once"
            )
        ]


class Receipt(models.Model):
    """What a phone says of one message: partitioned by month. First report counts."""

    class Event(models.TextChoices):
        RECEIVED = "received"
        SHOWN = "shown"
        OPENED = "opened"
        CONFIRMED = "confirmed"

    pk = models.CompositePrimaryKey("month", "message_id", "endpoint_id", "event")
    month = models.DateField()
    message_id = models.BigIntegerField()
    endpoint_id = models.BigIntegerField()
    event = models.CharField(max_length=9, choices=Event.choices)
    resident_id = models.BigIntegerField()
    at = models.DateTimeField(help_text="by the phone's clock, not before the message was frozen")
    reported_at = models.DateTimeField(default=timezone.now)
