"""What staff are told: one row a person and occasion, and its way over each channel."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from dispatch.models.alerts import Alert


class StaffNotice(models.Model):
    """Something that one member of staff should know or decide; the panel shows it until read.

    `key` names the occasion: the same one is told to a person once, however often it is found.
    """

    class Kind(models.TextChoices):
        APPROVAL_WANTED = "approval_wanted"
        APPROVAL_ESCALATED = "approval_escalated"
        UPDATE_WANTED = "update_wanted"
        EVENT_ENDING = "event_ending"
        START_MISSED = "start_missed"
        STARTED_LATE = "started_late"
        SENT_BACK = "sent_back"
        BYPASSED = "bypassed"
        MESSAGE_HALTED = "message_halted"
        CREDENTIALS_FAILED = "credentials_failed"
        ALERT_STALLED = "alert_stalled"
        FAILURES_HIGH = "failures_high"
        EDITION_REFUSED = "edition_refused"

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="notices")
    gmina = models.ForeignKey("accounts.Gmina", on_delete=models.CASCADE, related_name="+")
    alert = models.ForeignKey(Alert, null=True, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    key = models.CharField(max_length=120)
    # Ids and counts that the words need; never who or where residents are.
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="staff_notice_once")]
        indexes = [
            models.Index(
                fields=["user", "gmina"],
                name="staff_notice_unread",
                condition=models.Q(read_at__isnull=True),
            )
        ]
        ordering = ["-created_at", "-id"]


class StaffPhone(models.Model):
    """A phone on which a member of staff wants their notices: the app they have as a resident.

    A cascade from the device: however the device goes, the link goes with it. No page and no
    answer says whose phone it is but to the person themselves.
    """

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="phones")
    device = models.OneToOneField(
        "residents.Device", on_delete=models.CASCADE, related_name="staff_phone"
    )
    linked_at = models.DateTimeField(default=timezone.now)


class StaffPhoneCode(models.Model):
    """A short-lived code, used once, by which a phone is linked to a member of staff."""

    user = models.OneToOneField(
        "accounts.User", on_delete=models.CASCADE, related_name="phone_code"
    )
    code_hash = models.BinaryField(max_length=32, unique=True)
    expires_at = models.DateTimeField()


class NoticeDelivery(models.Model):
    """One notice over one channel: an outbox row, written in the transaction of the notice."""

    class Channel(models.TextChoices):
        EMAIL = "email"
        PUSH = "push"

    class State(models.IntegerChoices):
        WAITING = 0
        SENT = 1
        GAVE_UP = 2
        # Read in the panel, decided, or no longer one's business before it could be sent.
        DROPPED = 3

    notice = models.ForeignKey(StaffNotice, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=5, choices=Channel.choices)
    phone = models.ForeignKey(
        StaffPhone, null=True, on_delete=models.CASCADE, related_name="+", help_text="push only"
    )
    state = models.PositiveSmallIntegerField(choices=State.choices, default=State.WAITING)
    # Counts the claims; whoever finishes must hold the last one.
    attempt = models.PositiveSmallIntegerField(default=0)
    # When it may go; a claim moves it on by settings.NOTICE_LEASE_S, so that nobody else takes it.
    not_before = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=40, blank=True, help_text="stable code of the last failure")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "channel", "phone"],
                name="notice_delivery_once",
                nulls_distinct=False,
            )
        ]
        indexes = [
            models.Index(
                fields=["not_before"],
                name="notice_delivery_due",
                condition=models.Q(state=0),
            )
        ]
