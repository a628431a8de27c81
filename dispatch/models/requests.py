"""Requests that may come twice, and what they were answered."""

from django.db import models
from django.db.models import Q
from django.utils import timezone


class KeyedRequest(models.Model):
    """One request with an Idempotency-Key (idempotency.py); `status` null: under way, or lost."""

    gmina = models.ForeignKey("accounts.Gmina", on_delete=models.CASCADE, related_name="+")
    user_id = models.BigIntegerField()
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of what was asked")
    # Whoever works on it holds this value; a later attempt sets another.
    attempt = models.PositiveIntegerField(default=1)
    begun_at = models.DateTimeField(default=timezone.now)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    etag = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["gmina", "user_id", "key"], name="request_key_once"),
            models.CheckConstraint(
                name="request_status_with_answer",
                condition=Q(status__isnull=True, answer__isnull=True)
                | Q(status__isnull=False, answer__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["begun_at"], name="request_begun")]
