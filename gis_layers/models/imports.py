"""Files on their way to a staged edition, and the services that are read every night."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gis_layers.models.layers import Edition, LayerKind


class WfsSource(models.Model):
    """A gmina's web feature service that one of its layers is read from.

    `options` is what is said of a file (imports.options.Options), as JSON.
    """

    gmina = models.ForeignKey(
        "accounts.Gmina", on_delete=models.CASCADE, related_name="wfs_sources"
    )
    title = models.CharField(max_length=80)
    url = models.URLField(max_length=500)
    type_name = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=LayerKind.choices)
    options = models.JSONField(default=dict)
    nightly = models.BooleanField(default=False)
    # The last night (a date in Europe/Warsaw) for which a run was made.
    night = models.DateField(null=True)
    created_by_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["title", "id"]


class ImportRun(models.Model):
    """One layer file from its upload to a staged edition; nothing of it shows before that.

    `read`, `checked` and `written` count features; `expected` is how many the file has, null where
    only reading it to its end would tell.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("waits for a choice")
        WAITING = "waiting", _("waits for its turn")
        READING = "reading", _("being read")
        CHECKING = "checking", _("being checked")
        WRITING = "writing", _("being written")
        STAGED = "staged", _("staged")
        UNCHANGED = "unchanged", _("nothing changed")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    RUNNING = (State.READING, State.CHECKING, State.WRITING)
    OPEN = (State.UPLOADED, State.WAITING, *RUNNING)

    id = models.BigAutoField(primary_key=True)
    gmina = models.ForeignKey(
        "accounts.Gmina", on_delete=models.CASCADE, related_name="import_runs"
    )
    source = models.ForeignKey(WfsSource, null=True, on_delete=models.SET_NULL, related_name="runs")
    created_by_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    file_name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField(default=0)  # bytes
    sha256 = models.CharField(max_length=64, blank=True)
    # What the file was found to hold (imports.read.inspect): tables, columns, guesses.
    inspection = models.JSONField(default=dict)
    kind = models.CharField(max_length=12, choices=LayerKind.choices, blank=True)
    options = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.UPLOADED)
    read = models.PositiveIntegerField(default=0)
    checked = models.PositiveIntegerField(default=0)
    written = models.PositiveIntegerField(default=0)
    expected = models.PositiveIntegerField(null=True)
    edition = models.ForeignKey(
        Edition, null=True, on_delete=models.SET_NULL, related_name="import_runs"
    )
    # Stable code of what ended it, and its words in every language of the site.
    error_code = models.CharField(max_length=60, blank=True)
    error_text = models.JSONField(default=dict)  # language -> words
    cancel_asked = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    owner = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="import_run_leased_while_running",
                condition=Q(
                    state__in=["reading", "checking", "writing"],
                    owner__isnull=False,
                    lease_until__isnull=False,
                )
                | (
                    ~Q(state__in=["reading", "checking", "writing"])
                    & Q(owner__isnull=True, lease_until__isnull=True)
                ),
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                name="import_run_open",
                condition=Q(state__in=["uploaded", "waiting", "reading", "checking", "writing"]),
            ),
            models.Index(fields=["gmina", "sha256"], name="import_run_same_file"),
        ]


class UploadPart(models.Model):
    """A piece of an uploaded file, in the database so that any worker on any host can read it.

    Deleted as soon as its run has ended.
    """

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="parts")
    no = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "no"], name="upload_part_once")]
