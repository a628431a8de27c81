"""Who has to agree before an alert goes out, and who is there to do it."""

from django.db import models
from django.utils import timezone

from dispatch.models.alerts import Kind, Severity


class Template(models.Model):
    """Words prepared and approved on a calm day. Blanks are written {{where}}.

    A change of kind, severity or words takes the approval away.
    """

    gmina = models.ForeignKey("accounts.Gmina", on_delete=models.CASCADE, related_name="templates")
    title = models.CharField(max_length=100, help_text="as officers choose it")
    kind = models.ForeignKey(Kind, on_delete=models.CASCADE, related_name="+")
    severity = models.CharField(max_length=10, choices=Severity.choices)
    active = models.BooleanField(default=True)
    approved_by_id = models.BigIntegerField(null=True)
    approved_at = models.DateTimeField(null=True)
    changed_by_id = models.BigIntegerField()
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["gmina", "title"],
                condition=models.Q(active=True),
                name="template_title_once",
            )
        ]
        ordering = ["title"]


class TemplateText(models.Model):
    """A template's words in one language; `pl` is mandatory."""

    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="texts")
    lang = models.CharField(max_length=2)
    title = models.CharField(max_length=100)
    body = models.TextField()
    instruction = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["template", "lang"], name="template_text_once")
        ]


class ApprovalRule(models.Model):
    """One line of a gmina's rules: the first that fits an alert decides; none fits: two people.

    Null fits everything. `template_only`: fits alerts written from an approved template without
    changing more than its blanks. `below_residents`: fits smaller audiences only.
    """

    gmina = models.ForeignKey(
        "accounts.Gmina", on_delete=models.CASCADE, related_name="approval_rules"
    )
    position = models.PositiveSmallIntegerField()
    kind = models.ForeignKey(Kind, null=True, on_delete=models.CASCADE, related_name="+")
    severity = models.CharField(max_length=10, choices=Severity.choices, null=True)
    template_only = models.BooleanField(default=False)
    below_residents = models.PositiveIntegerField(null=True)
    second_person = models.BooleanField(help_text="whether somebody else has to approve")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["gmina", "position"],
                name="approval_rule_position_once",
                deferrable=models.Deferrable.DEFERRED,
            )
        ]
        ordering = ["position"]


class Deputy(models.Model):
    """Somebody who may approve in an approver's place for a while."""

    gmina = models.ForeignKey("accounts.Gmina", on_delete=models.CASCADE, related_name="deputies")
    for_user_id = models.BigIntegerField()
    user_id = models.BigIntegerField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    named_by_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="deputy_since_before_until", condition=models.Q(since__lt=models.F("until"))
            )
        ]
        indexes = [models.Index(fields=["gmina", "until"], name="deputy_gmina_until")]


class Duty(models.Model):
    """One turn of the duty roster: who is asked first from `since` to `until`."""

    gmina = models.ForeignKey("accounts.Gmina", on_delete=models.CASCADE, related_name="duties")
    user_id = models.BigIntegerField()
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="duty_since_before_until", condition=models.Q(since__lt=models.F("until"))
            )
        ]
        indexes = [models.Index(fields=["gmina", "until"], name="duty_gmina_until")]
