"""Who is told what: once an occasion, in the caller's transaction, until it is settled."""

import pytest
from django.db import transaction
from django.utils import timezone

from dispatch import notices
from dispatch.models import Duty, NoticeDelivery, StaffNotice, StaffPhone
from dispatch.notices import Notice
from tests.builders import make_alert, make_device, make_gmina, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def gmina():
    return make_gmina()


@pytest.fixture
def anna(gmina):
    return make_user("anna@example.pl", "editor", gmina=gmina)


@pytest.fixture
def bartek(gmina):
    return make_user("bartek@example.pl", "approver", gmina=gmina)


@pytest.fixture
def alert(gmina, anna):
    now = timezone.now()
    return make_alert(gmina, state="awaiting_approval", author_id=anna.pk, submitted_at=now)


def told(what=None):
    found = StaffNotice.objects.filter(kind=what) if what else StaffNotice.objects.all()
    return sorted(found.values_list("user__email", flat=True))


def test_the_same_occasion_is_told_once(gmina, alert, bartek):
    for _tick in range(3):
        notices.notify(Notice.ALERT_STALLED, gmina=gmina, alert=alert)
    notices.notify(Notice.FAILURES_HIGH, gmina=gmina, alert=alert)
    assert told(Notice.ALERT_STALLED) == ["bartek@example.pl"]
    assert told(Notice.FAILURES_HIGH) == ["bartek@example.pl"]


def test_trouble_that_goes_on_is_told_again_after_six_hours(gmina, alert, bartek, monkeypatch):
    notices.notify(Notice.ALERT_STALLED, gmina=gmina, alert=alert)
    later = timezone.now() + timezone.timedelta(hours=6)
    monkeypatch.setattr(notices.timezone, "now", lambda: later)
    notices.notify(Notice.ALERT_STALLED, gmina=gmina, alert=alert)
    assert told() == ["bartek@example.pl"] * 2


def test_another_occasion_of_the_same_kind_is_told_too(gmina, alert, anna):
    for day in (1, 2, 2):
        end = timezone.datetime(2026, 12, day, tzinfo=timezone.get_current_timezone())
        notices.notify(Notice.EVENT_ENDING, gmina=gmina, alert=alert, occasion=end)
    assert told() == ["anna@example.pl"] * 2


def test_what_is_rolled_back_told_nobody(gmina, alert, bartek):
    with transaction.atomic():
        notices.notify(Notice.ALERT_STALLED, gmina=gmina, alert=alert)
        transaction.set_rollback(True)
    assert told() == []


def test_trouble_goes_to_duty_approvers_and_administrators(gmina, alert, bartek):
    make_user("celina@example.pl", "admin", gmina=gmina)
    duty = make_user("dorota@example.pl", "editor", gmina=gmina)
    make_user("hotline@example.pl", "hotline", gmina=gmina)
    make_user("obcy@example.pl", "approver", gmina=make_gmina("obok"))
    now = timezone.now()
    hour = timezone.timedelta(hours=1)
    Duty.objects.create(gmina=gmina, user_id=duty.pk, since=now - hour, until=now + hour)
    notices.notify(Notice.CREDENTIALS_FAILED, gmina=gmina)
    assert told() == ["bartek@example.pl", "celina@example.pl", "dorota@example.pl"]


def test_what_came_back_goes_to_its_author(gmina, alert, anna, bartek):
    notices.notify(Notice.SENT_BACK, gmina=gmina, alert=alert)
    assert told() == ["anna@example.pl"]


def test_the_deactivated_are_told_nothing(gmina, alert, bartek):
    bartek.is_active = False
    bartek.save()
    notices.notify(Notice.ALERT_STALLED, gmina=gmina, alert=alert, to=[bartek.pk])
    assert told() == []


def test_an_alert_needs_to_be_named_where_the_kind_is_about_one(gmina):
    with pytest.raises(ValueError, match="about an alert"):
        notices.notify(Notice.APPROVAL_WANTED, gmina=gmina)


def test_without_a_mail_server_only_linked_phones_get_a_copy(gmina, alert, bartek, settings):
    settings.EMAIL_URL = ""
    phone = StaffPhone.objects.create(user=bartek, device=make_device())
    notices.notify(Notice.ALERT_STALLED, gmina=gmina, alert=alert)
    [copy] = NoticeDelivery.objects.all()
    assert (copy.channel, copy.phone) == ("push", phone)


def test_with_a_mail_server_everybody_gets_an_email_and_each_phone_a_push(
    gmina, alert, bartek, settings
):
    settings.EMAIL_URL = "smtp://localhost"
    for _phone in range(2):
        StaffPhone.objects.create(user=bartek, device=make_device())
    notices.notify(Notice.ALERT_STALLED, gmina=gmina, alert=alert)
    channels = NoticeDelivery.objects.values_list("channel", flat=True)
    assert sorted(channels) == ["email", "push", "push"]


# ── Unread ──────────────────────────────────────────────────────────────────────────────────────


def test_a_notice_is_unread_until_its_reader_says_so(gmina, alert, bartek, anna):
    notices.notify(Notice.ALERT_STALLED, gmina=gmina, alert=alert, to=[anna.pk, bartek.pk])
    [notice] = notices.unread(bartek, gmina)
    assert notices.mark_read(anna, gmina, pk=notice.pk) == 0, "another's notice is not hers to read"
    assert notices.mark_read(bartek, gmina, pk=notice.pk) == 1
    assert not notices.unread(bartek, gmina).exists()
    assert notices.unread(anna, gmina).count() == 1


def test_a_question_that_was_decided_is_not_unread_any_more(gmina, alert, bartek):
    notices.notify(Notice.APPROVAL_WANTED, gmina=gmina, alert=alert)
    assert notices.unread(bartek, gmina).exists()
    alert.state = "scheduled"
    alert.save()
    assert not notices.unread(bartek, gmina).exists()
    assert notices.of_user(bartek, gmina).exists(), "the list keeps it"


def test_an_update_is_asked_about_until_it_is_decided(gmina, alert, anna, bartek):
    update = alert.updates.create(texts={}, expires_at=alert.expires_at, proposed_by_id=anna.pk)
    notices.notify(Notice.UPDATE_WANTED, gmina=gmina, alert=alert, occasion=update.pk)
    assert told() == ["bartek@example.pl"]
    assert notices.unread(bartek, gmina).count() == 1
    alert.updates.create(
        state="dropped", texts={}, expires_at=alert.expires_at, proposed_by_id=anna.pk
    )
    assert notices.unread(bartek, gmina).count() == 1
    update.state = "sent"
    update.save()
    assert not notices.unread(bartek, gmina).exists()


def test_one_gminas_notices_are_not_shown_in_another(gmina, alert, bartek):
    notices.notify(Notice.ALERT_STALLED, gmina=gmina, alert=alert)
    assert not notices.unread(bartek, make_gmina("obok")).exists()
