"""Whether an alert needs a second person, and who may be that person: rules, roles, deputies."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from accounts.access import actions_of, holders
from accounts.models import Gmina, User
from dispatch.message_templates import check_blanks as check_blanks
from dispatch.message_templates import is_unchanged
from dispatch.models import Alert, ApprovalRule, Deputy, Template

APPROVE, WRITE, READ = "alert.approve", "alert.write", "alert.read"
# A new gmina's only rule: who approved the words has approved the alert, where few are told.
FEW_RESIDENTS = 500


@dataclass(frozen=True)
class Decision:
    """What the rules say of an alert. `rule_id` None: no rule fits, the gmina's own setting does.

    Without `second_person` the author may send it; where a rule says so, an editor too.
    """

    second_person: bool
    rule_id: int | None

    @property
    def frees_editors(self) -> bool:
        """Whether an approver is not needed at all."""
        return self.rule_id is not None and not self.second_person


def decide(alert: Alert, residents: int | None) -> Decision:
    """The first of the gmina's rules that fits the alert, told to so many people.

    `residents` None: not counted; then no rule for small audiences fits.
    """
    for rule in alert.gmina.approval_rules.all():
        if fits(rule, alert, residents):
            return Decision(rule.second_person, rule.pk)
    return Decision(alert.gmina.two_person_rule, None)


def fits(rule: ApprovalRule, alert: Alert, residents: int | None) -> bool:
    """Whether all that the rule names is so; the template is looked at last, it costs most."""
    return (
        rule.kind_id in (None, alert.kind_id)
        and rule.severity in (None, alert.severity)
        and _is_below(residents, rule.below_residents)
        and (not rule.template_only or follows_template(alert))
    )


def follows_template(alert: Alert) -> bool:
    """Whether the alert is an approved template of its gmina with nothing but the blanks filled."""
    if alert.template_id is None:
        return False
    template = Template.objects.filter(
        pk=alert.template_id,
        gmina=alert.gmina,
        active=True,
        approved_at__isnull=False,
        kind=alert.kind_id,
        severity=alert.severity,
    ).first()
    return template is not None and is_unchanged(template, _words_of(alert))


def may_approve(
    user: User, alert: Alert, actions: Collection[str], *, own: Collection[int | None] = ()
) -> bool:
    """Whether this person, with these actions in the alert's gmina, may approve it as submitted.

    By role or as a deputy, and never what is one's own while a second person is asked for. Where a
    rule asks for none, an editor's word is enough. `own`: ids of those whose work it is, where
    that is not author and submitter (an update's is whoever proposed it).
    """
    is_own = user.pk in (own or _authors(alert))
    return permits(_decision(alert), rights(user, alert.gmina, actions), is_own=is_own)


def may_send(decision: Decision, rights: Collection[str]) -> bool:
    """Whether a draft of which the rules say this goes without anybody else's word.

    What is free by rule goes on an editor's word; by the gmina's own setting, on an approver's.
    """
    return not decision.second_person and (decision.frees_editors or APPROVE in rights)


def permits(decision: Decision, rights: Collection[str], *, is_own: bool) -> bool:
    """Whether a person with these rights may approve what the rules say this of."""
    if decision.second_person:
        return APPROVE in rights and not is_own
    return APPROVE in rights or (decision.frees_editors and WRITE in rights)


def rights(user: User, gmina: Gmina, actions: Collection[str]) -> frozenset[str]:
    """The actions with the approver's, for whoever is somebody's deputy at this moment."""
    if APPROVE in actions or READ not in actions or not _absent_for(user.pk, gmina):
        return frozenset(actions)
    return frozenset(actions) | {APPROVE}


def deciders(alert: Alert, *, own: Collection[int | None] = ()) -> list[int]:
    """Ids of all who could approve the alert now, deputies included; `own` as may_approve."""
    decision, gmina, own = _decision(alert), alert.gmina, own or _authors(alert)
    found = holders(gmina, APPROVE) | User.objects.filter(
        pk__in=acting(gmina).values("user_id"), is_active=True
    )
    return [
        user.pk
        for user in found.order_by("pk").distinct()
        if permits(decision, rights(user, gmina, actions_of(user, gmina)), is_own=user.pk in own)
    ]


def acting(gmina: Gmina) -> QuerySet[Deputy]:
    """The gmina's deputies of this moment."""
    now = timezone.now()
    return Deputy.objects.filter(gmina=gmina, since__lte=now, until__gt=now)


def create_default_rules(gmina: Gmina) -> None:
    """What a new gmina starts with; nothing where it has rules."""
    if not gmina.approval_rules.exists():
        ApprovalRule.objects.create(
            gmina=gmina,
            position=0,
            template_only=True,
            below_residents=FEW_RESIDENTS,
            second_person=False,
        )


def _decision(alert: Alert) -> Decision:
    return decide(alert, alert.seen_residents)


def _authors(alert: Alert) -> tuple[int | None, ...]:
    return alert.author_id, alert.submitted_by_id


def _absent_for(user_id: int, gmina: Gmina) -> bool:
    """Whether one whom this person now stands in for has the right to approve themselves."""
    absent = acting(gmina).filter(user_id=user_id).values("for_user_id")
    return holders(gmina, APPROVE).filter(pk__in=absent).exclude(pk=user_id).exists()


def _is_below(residents: int | None, limit: int | None) -> bool:
    return limit is None or (residents is not None and residents < limit)


def _words_of(alert: Alert) -> Mapping[str, Mapping[str, str]]:
    return {
        text.lang: {"title": text.title, "body": text.body, "instruction": text.instruction}
        for text in alert.texts.all()
    }
