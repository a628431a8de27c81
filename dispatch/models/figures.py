"""What stays when the details of a sending go, and the figures of the machinery itself."""

from django.db import models

from dispatch.models.sending import Message


class MessageFigures(models.Model):
    """A message's funnel, course and speed, folded from deliveries and receipts (statistics.py).

    Only what may be told is kept (funnel.Figures as JSON): once the details are gone, nobody can
    work a small count out any more. The seconds run from the freezing to the acceptance of so many
    in 100 of what can be accepted; null where that never came.
    """

    message = models.OneToOneField(
        Message, on_delete=models.CASCADE, primary_key=True, related_name="figures"
    )
    folded_at = models.DateTimeField()
    told = models.JSONField()
    seconds_to_50 = models.FloatField(null=True)
    seconds_to_90 = models.FloatField(null=True)
    seconds_to_99 = models.FloatField(null=True)


class Tally(models.Model):
    """How many deliveries of all gminas together got an outcome: insert-only, a few rows a batch.

    The clock adds rows up by minute, and those older than an hour or two into one without `at`
    (tally.py), so that sums never fall. Which message they were of is known for minutes only.
    """

    LEASE_EXPIRED = -1  # as `code`; `n` are batches then

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(null=True)
    message_id = models.BigIntegerField(null=True)
    priority = models.PositiveSmallIntegerField(help_text="0 emergency, 1 important, 2 info")
    code = models.SmallIntegerField(help_text="an outcome of outcomes.py, or LEASE_EXPIRED")
    n = models.BigIntegerField()


class Incident(models.Model):
    """Trouble of a message from when it was found until it was over (watch.py); shown to staff."""

    class Kind(models.TextChoices):
        HALTED = "halted"
        CREDENTIALS = "credentials"
        STALLED = "stalled"
        FAILURES = "failures"

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="incidents")
    kind = models.CharField(max_length=11, choices=Kind.choices)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["message", "kind"],
                condition=models.Q(ended_at=None),
                name="incident_open_once",
            )
        ]
        ordering = ["began_at"]


class Retirement(models.Model):
    """A month of details that is old enough to go, and on how many days that was seen.

    It goes only after several days of that (partitions.py): a clock that jumps ahead for a while
    drops nothing.
    """

    table = models.CharField(max_length=20)
    month = models.DateField()
    days = models.PositiveSmallIntegerField(default=1)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["table", "month"], name="retirement_once")]


class Heartbeat(models.Model):
    """A clock process and when it last went round; those silent for a day are forgotten."""

    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    at = models.DateTimeField()
    acting = models.BooleanField(help_text="holds the lock; the others stand by")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["host", "pid"], name="heartbeat_once")]
