"""Rules, roles and deputies: who may approve what."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.access import ROLE_ACTIONS, actions_of
from dispatch import approval, message_templates
from dispatch.message_templates import Wording, fill
from dispatch.models import Alert, AlertText, ApprovalRule, Deputy
from tests.builders import make_alert, make_gmina, make_kind, make_user

pytestmark = pytest.mark.django_db

TEXTS = {"pl": {"title": "Brak wody", "body": "Ulica: {{ulica}}", "instruction": ""}}


@pytest.fixture
def gmina():
    return make_gmina()


@pytest.fixture
def anna(gmina):
    """The author, an editor."""
    return make_user("anna@example.pl", "editor", gmina=gmina)


@pytest.fixture
def bartek(gmina):
    return make_user("bartek@example.pl", "approver", gmina=gmina)


@pytest.fixture
def alert(gmina, anna):
    return make_alert(
        gmina,
        state="awaiting_approval",
        author_id=anna.pk,
        submitted_by_id=anna.pk,
        seen_residents=340,
    )


def add_rule(gmina, **fields):
    position = gmina.approval_rules.count()
    second_person = fields.pop("second_person", False)
    return ApprovalRule.objects.create(
        gmina=gmina, position=position, second_person=second_person, **fields
    )


def may(user, alert):
    return approval.may_approve(user, alert, actions_of(user, alert.gmina))


def from_template(alert, *, by, approver, **changes):
    """Give the alert the words of an approved template, and what `changes` say of either."""
    kind = changes.get("kind", alert.kind)
    severity = changes.get("severity", alert.severity)
    template = message_templates.create(
        alert.gmina, Wording("Awaria wody", kind, severity, TEXTS), by=by
    )
    if changes.get("approved", True):
        changed_at = template.changed_at.isoformat()
        message_templates.approve(template, by=approver, changed_at=changed_at)
    for lang, words in fill(template, {"ulica": "Główna"}).items():
        AlertText.objects.create(alert=alert, lang=lang, **{**words, **changes.get("words", {})})
    alert.template_id = template.pk
    alert.save()
    return template


# ── Rules ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("two_person_rule", [True, False])
def test_without_rules_the_gminas_setting_decides(gmina, alert, two_person_rule):
    gmina.two_person_rule = two_person_rule
    gmina.save()
    alert.gmina.refresh_from_db()
    assert approval.decide(alert, 5) == approval.Decision(two_person_rule, None)


def test_the_first_rule_that_fits_decides(gmina, alert):
    add_rule(gmina, kind=make_kind(gmina, "drogi"))
    first = add_rule(gmina, severity="important", below_residents=500)
    second = add_rule(gmina, kind=alert.kind, second_person=True)
    assert approval.decide(alert, 499) == approval.Decision(False, first.pk)
    assert approval.decide(alert, 500) == approval.Decision(True, second.pk)


def test_an_audience_that_was_not_counted_is_not_small(gmina, alert):
    add_rule(gmina, below_residents=500)
    assert approval.decide(alert, None).second_person


def test_another_gminas_rules_say_nothing_here(gmina, alert):
    add_rule(make_gmina("obok"))
    assert approval.decide(alert, 5).rule_id is None


def test_a_new_gmina_lets_an_approved_template_go_to_under_500(gmina, alert, anna, bartek):
    approval.create_default_rules(gmina)
    approval.create_default_rules(gmina)
    assert gmina.approval_rules.count() == 1
    assert approval.decide(alert, 499).second_person, "own words"
    from_template(alert, by=bartek, approver=anna)
    assert not approval.decide(alert, 499).second_person
    assert approval.decide(alert, 500).second_person


@pytest.mark.parametrize(
    "changes",
    [
        {"approved": False},
        {"severity": "emergency"},
        {"words": {"body": "Nie pijcie wody. Ulica: Główna"}},
    ],
)
def test_what_is_not_the_approved_template_follows_none(gmina, alert, anna, bartek, changes):
    from_template(alert, by=bartek, approver=anna, **changes)
    assert not approval.follows_template(alert)


def test_a_template_of_another_kind_or_retired_or_of_another_gmina_counts_for_nothing(
    gmina, alert, anna, bartek
):
    template = from_template(alert, by=bartek, approver=anna)
    assert approval.follows_template(alert)
    for field, value in (
        ("kind", make_kind(gmina, "drogi")),
        ("active", False),
        ("gmina", make_gmina("obok")),
    ):
        before = getattr(template, field)
        setattr(template, field, value)
        template.save()
        assert not approval.follows_template(alert), field
        setattr(template, field, before)
        template.save()


# ── Who ─────────────────────────────────────────────────────────────────────────────────────────


def test_an_approver_may_what_is_anothers_and_an_editor_may_not(alert, anna, bartek):
    assert may(bartek, alert)
    assert not may(anna, alert)


@pytest.mark.parametrize("field", ["author_id", "submitted_by_id"])
def test_nobody_approves_their_own_where_two_are_asked_for(alert, bartek, field):
    setattr(alert, field, bartek.pk)
    alert.save()
    assert not may(bartek, alert)


def test_an_emergency_of_ones_own_is_not_approved_but_bypassed(gmina, alert):
    crisis = make_user("celina@example.pl", "crisis", gmina=gmina)
    alert.author_id, alert.severity = crisis.pk, "emergency"
    alert.save()
    assert not may(crisis, alert)


def test_where_a_rule_asks_for_nobody_the_author_sends_editor_or_not(gmina, alert, anna):
    add_rule(gmina)
    assert may(anna, alert)
    for role in ("hotline", "gis", "auditor", "admin"):
        assert not may(make_user(f"{role}@example.pl", role, gmina=gmina), alert), role


def test_without_the_two_person_rule_approval_is_still_the_approvers(gmina, alert, anna, bartek):
    alert.gmina.two_person_rule = False
    alert.author_id = bartek.pk
    assert may(bartek, alert)
    assert not may(anna, alert)


def test_an_update_is_the_work_of_whoever_proposed_it(alert, anna, bartek):
    alert.author_id = alert.submitted_by_id = bartek.pk
    actions = ROLE_ACTIONS["approver"]
    assert approval.may_approve(bartek, alert, actions, own=[anna.pk])
    assert not approval.may_approve(bartek, alert, actions, own=[bartek.pk])
    assert approval.deciders(alert, own=[anna.pk]) == [bartek.pk]


# ── Deputies ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def dorota(gmina):
    """An editor who had no hand in the alert."""
    return make_user("dorota@example.pl", "editor", gmina=gmina)


def name_deputy(gmina, absent, deputy, *, since_h=-1, until_h=1):
    now = timezone.now()
    return Deputy.objects.create(
        gmina=gmina,
        for_user_id=absent.pk,
        user_id=deputy.pk,
        since=now + timedelta(hours=since_h),
        until=now + timedelta(hours=until_h),
        named_by_id=absent.pk,
    )


def test_a_deputy_may_what_the_absent_may(gmina, alert, bartek, dorota):
    assert not may(dorota, alert)
    name_deputy(gmina, bartek, dorota)
    assert may(dorota, alert)
    assert approval.deciders(alert) == [bartek.pk, dorota.pk]


@pytest.mark.parametrize(("since_h", "until_h"), [(-2, -1), (1, 2)])
def test_before_and_after_that_a_deputy_may_nothing(gmina, alert, bartek, dorota, since_h, until_h):
    name_deputy(gmina, bartek, dorota, since_h=since_h, until_h=until_h)
    assert not may(dorota, alert)


def test_a_deputy_does_not_approve_their_own(gmina, alert, anna, bartek):
    name_deputy(gmina, bartek, anna)
    assert not may(anna, alert)


def test_who_stands_in_for_nobody_with_the_right_has_none(gmina, alert, anna, bartek, dorota):
    name_deputy(gmina, anna, dorota)
    assert not may(dorota, alert), "the absent is an editor"
    name_deputy(gmina, bartek, dorota)
    bartek.is_active = False
    bartek.save()
    assert not may(dorota, alert), "the absent is gone"


def test_a_deputy_needs_a_role_that_reads_alerts(gmina, alert, bartek):
    name_deputy(gmina, bartek, stranger := make_user("obcy@example.pl"))
    hotline = make_user("info@example.pl", "hotline", gmina=gmina)
    name_deputy(gmina, bartek, hotline)
    assert not may(stranger, alert)
    assert not may(hotline, alert)
    assert approval.deciders(alert) == [bartek.pk]


def test_one_gminas_deputy_is_nobodys_in_another(gmina, alert, bartek, dorota):
    name_deputy(make_gmina("obok"), bartek, dorota)
    assert not may(dorota, alert)


# ── Whatever the rules ──────────────────────────────────────────────────────────────────────────

SEVERITIES = ["emergency", "important", "info"]
rule = st.builds(
    ApprovalRule,
    id=st.integers(1, 1000),
    kind_id=st.sampled_from([None, 1, 2]),
    severity=st.sampled_from([None, *SEVERITIES]),
    below_residents=st.one_of(st.none(), st.integers(0, 20)),
    second_person=st.booleans(),
)
sizes = st.integers(0, 30)


def decided(rules, residents, severity="info", two_person_rule=True):
    """What the first fitting rule says, as `decide` asks them one by one."""
    alert = Alert(kind_id=1, severity=severity)
    for one in rules:
        if approval.fits(one, alert, residents):
            return one.second_person
    return two_person_rule


@given(st.lists(rule, max_size=6), sizes, st.sampled_from(SEVERITIES), st.booleans())
def test_rules_are_total(rules, residents, severity, two_person_rule):
    assert decided(rules, residents, severity, two_person_rule) in (True, False)


@given(st.lists(rule, max_size=6), sizes, sizes)
def test_a_smaller_audience_needs_no_more_than_a_bigger_unless_a_rule_says_so(rules, one, other):
    asks_small = any(r.below_residents is not None and r.second_person for r in rules)
    small, big = sorted((one, other))
    if decided(rules, small) and not decided(rules, big):
        assert asks_small


@given(
    st.lists(rule, max_size=6),
    st.sampled_from(sorted(ROLE_ACTIONS)),
    st.booleans(),
    st.booleans(),
)
def test_own_work_is_never_approved_where_two_are_asked_for(rules, role, is_own, two_person_rule):
    second_person = decided(rules, 10, two_person_rule=two_person_rule)
    decision = approval.Decision(second_person, 1 if rules else None)
    allowed = approval.permits(decision, ROLE_ACTIONS[role], is_own=is_own)
    assert not (allowed and is_own and second_person)
    assert not (allowed and ROLE_ACTIONS[role].isdisjoint({"alert.approve", "alert.write"}))
