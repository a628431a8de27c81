"""Alerts, what they say, where they aim, and every delivery they make."""

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Category(models.TextChoices):
    """National codes; a gmina's kinds stand under them."""

    FAILURE = "awaria", _("failure")
    EVENT = "wydarzenie", _("event")
    WARNING = "ostrzezenie", _("warning")


class Severity(models.TextChoices):
    """`emergency` (threat to life) ignores mutes and quiet hours."""

    EMERGENCY = "emergency", _("emergency")
    IMPORTANT = "important", _("important")
    INFO = "info", _("information")


class Kind(models.Model):
    """What an alert is about: woda, prąd, drogi …; each gmina has its own. Mutes are by `code`."""

    gmina = models.ForeignKey("accounts.Gmina", on_delete=models.CASCADE, related_name="kinds")
    code = models.SlugField(max_length=40)
    category = models.CharField(max_length=12, choices=Category.choices)
    title_pl = models.CharField(max_length=60)
    title_en = models.CharField(max_length=60)
    active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gmina", "code"], name="kind_code_once")]
        ordering = ["position", "code"]


class Alert(models.Model):
    """One event told to residents, from draft to its end. Messages are immutable once frozen."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        AWAITING_APPROVAL = "awaiting_approval", _("awaiting approval")
        SCHEDULED = "scheduled", _("scheduled")
        SENDING = "sending", _("sending")
        ACTIVE = "active", _("active")
        ENDED = "ended", _("ended")

    class EndReason(models.TextChoices):
        EXPIRED = "expired", _("expired")
        ALL_CLEAR = "all_clear", _("all-clear")
        WITHDRAWN = "withdrawn", _("withdrawn")

    id = models.BigAutoField(primary_key=True)
    gmina = models.ForeignKey("accounts.Gmina", on_delete=models.PROTECT, related_name="alerts")
    # "{slug}-{year}-{number}", also the tail of the CAP identifier.
    ref = models.CharField(max_length=80, unique=True)
    state = models.CharField(max_length=18, choices=State.choices, default=State.DRAFT)
    end_reason = models.CharField(max_length=10, choices=EndReason.choices, blank=True)
    kind = models.ForeignKey(Kind, on_delete=models.PROTECT, related_name="+")
    severity = models.CharField(max_length=10, choices=Severity.choices)
    author_id = models.BigIntegerField()
    submitted_by_id = models.BigIntegerField(null=True)
    approved_by_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True)
    # What is to be corrected, for its author; gone once it is submitted again.
    return_reason = models.CharField(max_length=1000, blank=True)
    approved_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # When the event is expected to be over (told to residents) and when the message expires (TTL).
    event_ends_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    # What the submitting officer saw; compared when freezing.
    seen_residents = models.PositiveIntegerField(null=True)
    seen_hash = models.CharField(max_length=64, blank=True)
    # The figures of that moment as they may be told (masking.Told); {}: none may.
    seen_told = models.JSONField(default=dict)
    # {layer id: edition number} the area was aimed with.
    seen_editions = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="alert_end_reason_when_ended",
                condition=Q(state="ended") & ~Q(end_reason="")
                | ~Q(state="ended") & Q(end_reason=""),
            )
        ]
        indexes = [models.Index(fields=["gmina", "-created_at"], name="alert_gmina_recent")]


class AlertNumber(models.Model):
    """The last number given in a gmina and year; those of deleted drafts don't return."""

    gmina = models.ForeignKey("accounts.Gmina", on_delete=models.CASCADE, related_name="+")
    year = models.PositiveSmallIntegerField(help_text="in Poland, not in UTC")
    last = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gmina", "year"], name="alert_number_once")]


class FreePreview(models.Model):
    """One preview of a drawn shape or a reach in metres; counted per person and hour."""

    user_id = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["user_id", "at"], name="free_preview_recent")]


class AlertText(models.Model):
    """The draft's words in one language; `pl` is mandatory. Copied into MessageText when frozen."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="texts")
    lang = models.CharField(max_length=2)
    title = models.CharField(max_length=100)
    body = models.TextField()
    instruction = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["alert", "lang"], name="alert_text_once")]


class AreaPart(models.Model):
    """One thing the officer chose: a feature, a drawn shape, a locality or the whole gmina."""

    class Kind(models.TextChoices):
        FEATURE = "feature"
        DRAWN = "drawn"
        LOCALITY = "locality"
        GMINA = "gmina"

    class Reach(models.TextChoices):
        # Places attached to the street.
        ADDRESSES = "addresses"
        # Places within reach_m of the geometry; 0 for polygons.
        METRES = "metres"

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="parts")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    fid = models.BigIntegerField(null=True)
    layer_id = models.BigIntegerField(null=True)
    edition_number = models.PositiveIntegerField(null=True)
    simc = models.CharField(max_length=7, blank=True)
    include_parts = models.BooleanField(default=True, help_text="a locality's parts (SYMPOD) too")
    geom = models.GeometryField(
        srid=2180, null=True, spatial_index=False, help_text="drawn shapes only"
    )
    reach = models.CharField(max_length=9, choices=Reach.choices, default=Reach.ADDRESSES)
    reach_m = models.FloatField(default=0)
    # As the officer read it: "ul. Główna, Kowale".
    label = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["alert", "position"], name="area_part_once")]
        ordering = ["position"]


class Message(models.Model):
    """One sending of an alert, frozen: alert, update, all-clear or withdrawal."""

    class Kind(models.TextChoices):
        ALERT = "alert", _("alert")
        UPDATE = "update", _("update")
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
    # The four figures above as they may be told (masking.Told); {}: none may.
    told = models.JSONField(default=dict)
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
    title = models.CharField(max_length=100)
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

    `codes[pos]` is the outcome of delivery `pos` (outcomes.py), `fcm_ids[pos]` FCM's message id.
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
    not_before = models.DateTimeField(null=True)
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
