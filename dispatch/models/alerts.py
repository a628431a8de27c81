"""Alerts: what they say, where they aim, when they go, and the states they pass."""

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gis_layers.house_numbers import TEXT_MAX


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
        # Nothing was ever sent of these two.
        CANCELLED = "cancelled", _("cancelled")
        MISSED = "missed", _("missed its start")
        # A series whose last occurrence has gone out.
        COMPLETED = "completed", _("completed")

    class IfMissed(models.TextChoices):
        """What becomes of a start that fell into an outage."""

        SEND_LATE = "send_late", _("send late, marked so")
        DROP = "drop", _("do not send")

    class OnHoliday(models.TextChoices):
        """Where an occurrence falls on a Polish public holiday or a Sunday."""

        SEND = "send", _("send all the same")
        SKIP = "skip", _("leave it out")
        PREVIOUS = "previous", _("previous working day")
        NEXT = "next", _("next working day")

    id = models.BigAutoField(primary_key=True)
    gmina = models.ForeignKey("accounts.Gmina", on_delete=models.PROTECT, related_name="alerts")
    # "{slug}-{year}-{number}", also the tail of the CAP identifier.
    ref = models.CharField(max_length=80, unique=True)
    state = models.CharField(max_length=18, choices=State.choices, default=State.DRAFT)
    # Rises with every move: tells two officers apart who change the same draft.
    version = models.PositiveIntegerField(default=1)
    end_reason = models.CharField(max_length=10, choices=EndReason.choices, blank=True)
    kind = models.ForeignKey(Kind, on_delete=models.PROTECT, related_name="+")
    severity = models.CharField(max_length=10, choices=Severity.choices)
    author_id = models.BigIntegerField()
    submitted_by_id = models.BigIntegerField(null=True)
    approved_by_id = models.BigIntegerField(null=True)
    # Sent without a second person although the rules ask for one (emergencies only), and why.
    bypass_reason = models.CharField(max_length=1000, blank=True)
    # What it was written from; null where its words are the officer's own.
    template_id = models.BigIntegerField(null=True)
    # An exercise: marked in title and payload, apart in statistics.
    is_drill = models.BooleanField(default=False)
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
    # When author and duty officer were asked whether the event goes on.
    end_asked_at = models.DateTimeField(null=True)
    # When approvers who had not answered were passed over (notices.py).
    escalated_at = models.DateTimeField(null=True)
    # When it is to be sent; null: once it is approved. Of a series the next occurrence.
    send_at = models.DateTimeField(null=True)
    # The same as a clock on the wall shows it ("2027-03-28T07:00"), from which it is recomputed;
    # fold 1: the second of two equal hours in October.
    send_wall = models.CharField(max_length=16, blank=True)
    send_zone = models.CharField(max_length=40, default="Europe/Warsaw")
    send_fold = models.PositiveSmallIntegerField(default=0)
    if_missed = models.CharField(max_length=9, choices=IfMissed.choices, default=IfMissed.SEND_LATE)
    started_late = models.BooleanField(default=False)
    # A series (RFC 5545 RRULE over send_wall) stays scheduled; its occurrences are alerts too.
    rrule = models.CharField(max_length=300, blank=True)
    on_holiday = models.CharField(max_length=8, choices=OnHoliday.choices, default=OnHoliday.SEND)
    series = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="occurrences"
    )
    # Which of the series it is, by the rule's own wall time; unique, so that none fires twice.
    occurrence = models.CharField(max_length=16, blank=True)
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
            ),
            models.UniqueConstraint(
                fields=["series", "occurrence"],
                condition=Q(series__isnull=False),
                name="occurrence_once",
            ),
        ]
        indexes = [
            models.Index(fields=["gmina", "-created_at"], name="alert_gmina_recent"),
            models.Index(fields=["send_at"], name="alert_due", condition=Q(state="scheduled")),
        ]


class AlertUpdate(models.Model):
    """New words for a running alert, proposed by one person and perhaps decided by another."""

    class State(models.TextChoices):
        AWAITING = "awaiting", _("awaiting approval")
        SENT = "sent", _("sent")
        DROPPED = "dropped", _("dropped")

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="updates")
    state = models.CharField(max_length=8, choices=State.choices, default=State.AWAITING)
    # {lang: {title, body, instruction}}
    texts = models.JSONField()
    event_ends_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    proposed_by_id = models.BigIntegerField()
    proposed_at = models.DateTimeField(default=timezone.now)
    decided_by_id = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=1000, blank=True)
    message_id = models.BigIntegerField(null=True, help_text="what it became")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["alert"], condition=Q(state="awaiting"), name="one_update_awaits"
            )
        ]
        ordering = ["proposed_at"]


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
    """One thing the officer chose: a feature, a drawn shape, a locality or the whole gmina, or a
    street of the register that has no line on the map.
    """

    class Kind(models.TextChoices):
        FEATURE = "feature"
        DRAWN = "drawn"
        LOCALITY = "locality"
        STREET = "street"
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
    # A street of the register: its SYM_UL in the locality `simc`.
    ulic = models.CharField(max_length=5, blank=True)
    # House numbers as the officer wrote them; "": the whole street.
    numbers = models.CharField(max_length=TEXT_MAX, blank=True)
    # The address points that a register street or house numbers were, when it was aimed.
    address_fids = ArrayField(models.BigIntegerField(), default=list)
    # What the register called it then, so that an alert can be read years later: its code and the
    # state date of TERYT; the name is in `label`.
    code = models.CharField(max_length=60, blank=True)
    register_on = models.DateField(null=True)
    # The map's own name: "ul. Główna, Kowale"; "" for what has none (parts.name_of).
    label = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["alert", "position"], name="area_part_once")]
        ordering = ["position"]
