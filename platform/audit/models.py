"""Who did what, when: append-only, one hash chain per gmina and one for the operator."""

from django.db import models


class Event(models.Model):
    """One act. Inserted unchained in the caller's transaction; `link` sets seq and hashes once.

    Holds ids and counts of residents, never an address or a point. No foreign keys out: the log
    outlives what it speaks of.
    """

    id = models.BigAutoField(primary_key=True)
    gmina_id = models.BigIntegerField(null=True, help_text="null: the operator's chain")
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=254)
    verb = models.CharField(max_length=60)
    target_kind = models.CharField(max_length=40, blank=True)
    target_id = models.CharField(max_length=80, blank=True)
    data = models.JSONField(default=dict)
    seq = models.BigIntegerField(null=True)
    previous_hash = models.BinaryField(max_length=32, null=True)
    hash = models.BinaryField(max_length=32, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["gmina_id", "seq"],
                name="audit_seq_once",
                nulls_distinct=False,
                condition=models.Q(seq__isnull=False),
            ),
            models.CheckConstraint(
                name="audit_linked_whole",
                condition=models.Q(seq__isnull=True, previous_hash__isnull=True, hash__isnull=True)
                | models.Q(seq__isnull=False, previous_hash__isnull=False, hash__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["gmina_id", "-id"], name="audit_gmina_recent"),
            models.Index(
                fields=["id"], name="audit_unlinked", condition=models.Q(seq__isnull=True)
            ),
        ]
