"""A gmina's approval rules as its administrators change and read them; approval.py applies them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.formats import number_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.models import Gmina, User
from audit.record import record
from audit.verbs import Verb
from dispatch.models import ApprovalRule, Kind, Severity

SEVERITY_NAMES = {
    Severity.EMERGENCY: gettext_lazy("Threat to life"),
    Severity.IMPORTANT: gettext_lazy("Important"),
    Severity.INFO: gettext_lazy("Information"),
}


@dataclass(frozen=True)
class Condition:
    """What an alert has to be for a rule to decide on it; None and False: anything."""

    kind: Kind | None
    severity: str | None
    template_only: bool
    below_residents: int | None


@transaction.atomic
def add(gmina: Gmina, condition: Condition, *, second_person: bool, by: User) -> ApprovalRule:
    """A new rule before all others: what is added last is meant to count first."""
    rules = _locked(gmina)
    rule = ApprovalRule.objects.create(
        gmina=gmina,
        position=len(rules),
        kind=condition.kind,
        severity=condition.severity,
        template_only=condition.template_only,
        below_residents=condition.below_residents,
        second_person=second_person,
    )
    _put_in_order(gmina, [rule, *rules], by=by)
    return rule


@transaction.atomic
def remove(gmina: Gmina, pk: int, *, by: User) -> None:
    """Take a rule out; nothing where it is gone already."""
    rules = _locked(gmina)
    kept = [rule for rule in rules if rule.pk != pk]
    if len(kept) < len(rules):
        ApprovalRule.objects.filter(gmina=gmina, pk=pk).delete()
        _put_in_order(gmina, kept, by=by)


@transaction.atomic
def move_up(gmina: Gmina, pk: int, *, by: User) -> None:
    """Have a rule asked before the one above it; nothing for the first."""
    rules = _locked(gmina)
    at = next((index for index, rule in enumerate(rules) if rule.pk == pk), 0)
    if at > 0:
        rules[at - 1], rules[at] = rules[at], rules[at - 1]
        _put_in_order(gmina, rules, by=by)


@transaction.atomic
def set_default(gmina: Gmina, *, second_person: bool, by: User) -> None:
    """What holds where no rule fits."""
    rules = _locked(gmina)
    Gmina.objects.filter(pk=gmina.pk).update(two_person_rule=second_person)
    gmina.two_person_rule = second_person
    _record(gmina, rules, by=by)


def condition_words(rule: ApprovalRule) -> str:
    """ "Woda, ważny, poniżej 500 osób, z zatwierdzonego szablonu"."""
    return ", ".join(filter(None, [_kind(rule), _severity(rule), _below(rule), _template(rule)]))


def verdict_words(second_person: bool) -> str:
    return _("a second person approves") if second_person else _("needs nobody else")


def is_sweeping(rule: ApprovalRule) -> bool:
    """Whether one person may tell the whole gmina by it, in words nobody else has seen."""
    return not (rule.second_person or rule.template_only or rule.below_residents)


def _kind(rule: ApprovalRule) -> str:
    if rule.kind is None:
        return _("Any topic")
    return rule.kind.title_pl if get_language() == "pl" else rule.kind.title_en


def _severity(rule: ApprovalRule) -> str:
    return str(SEVERITY_NAMES[Severity(rule.severity)]).lower() if rule.severity else ""


def _below(rule: ApprovalRule) -> str:
    if rule.below_residents is None:
        return ""
    figure = number_format(rule.below_residents, use_l10n=True, force_grouping=True)
    return _("to fewer than %(n)s people") % {"n": figure}


def _template(rule: ApprovalRule) -> str:
    return _("from an approved template") if rule.template_only else ""


def _locked(gmina: Gmina) -> list[ApprovalRule]:
    """The rules in order, nobody else changing them before we are done."""
    Gmina.objects.select_for_update(no_key=True).get(pk=gmina.pk)
    return list(gmina.approval_rules.all())


def _put_in_order(gmina: Gmina, rules: Sequence[ApprovalRule], *, by: User) -> None:
    for position, rule in enumerate(rules):
        rule.position = position
    ApprovalRule.objects.bulk_update(rules, ["position"])
    _record(gmina, rules, by=by)


def _record(gmina: Gmina, rules: Sequence[ApprovalRule], *, by: User) -> None:
    """The whole list: who reads the log must not have to add changes up."""
    record(
        Verb.APPROVAL_RULES_CHANGED,
        by=by,
        gmina=gmina,
        target_kind="gmina",
        target_id=gmina.slug,
        two_person_rule=gmina.two_person_rule,
        rules=[
            {
                "kind": rule.kind_id,
                "severity": rule.severity,
                "template_only": rule.template_only,
                "below_residents": rule.below_residents,
                "second_person": rule.second_person,
            }
            for rule in rules
        ],
    )
