"""The outbox of notices against a mail server and the emulator: all once, nothing lost."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone, translation
from django_rq import get_queue

from dispatch import notice_sending, notice_words, notices, queries
from dispatch.models import NoticeDelivery, StaffNotice, StaffPhone
from dispatch.notices import Notice
from residents.models import Device
from tests.builders import make_alert, make_device, make_gmina, make_user
from tests.emulator import free_port

pytestmark = pytest.mark.django_db(transaction=True)
State = NoticeDelivery.State


@pytest.fixture
def gmina(queue_server):
    return make_gmina("chorzow", name="Chorzów", office="Urząd Miasta Chorzów")


@pytest.fixture
def bartek(gmina):
    return make_user("bartek@example.pl", "approver", gmina=gmina)


@pytest.fixture
def alert(gmina, bartek):
    alert = make_alert(gmina, author_id=bartek.pk)
    alert.texts.create(lang="pl", title="Brak wody na ul. Głównej", body="x")
    return alert


def stalled(alert):
    notices.notify(Notice.ALERT_STALLED, gmina=alert.gmina, alert=alert)


def headline():
    """Of the only notice, in Polish."""
    with translation.override("pl"):
        return notice_words.headline(StaffNotice.objects.get())


def due_now():
    NoticeDelivery.objects.update(not_before=timezone.now())


def only():
    return NoticeDelivery.objects.get()


# ── E-mail ──────────────────────────────────────────────────────────────────────────────────────


def test_an_email_says_what_happened_and_where_to_go(mail, alert, settings):
    stalled(alert)
    assert notice_sending.deliver() == 1
    [letter] = mail.letters
    assert letter["To"] == "bartek@example.pl"
    assert letter["Subject"] == f"[Chorzów] {headline()}"
    text = letter.get_content()
    assert "Brak wody na ul. Głównej" in text
    assert f"{settings.BASE_URL}/staff/chorzow/alerts/{alert.ref}/" in text
    assert "Urząd Miasta Chorzów" in text


def test_an_email_speaks_its_readers_language(mail, alert, bartek):
    bartek.lang = "en"
    bartek.save()
    stalled(alert)
    notice_sending.deliver()
    assert mail.letters[0]["Subject"] == "[Chorzów] Sending stands still"


def test_it_is_sent_once_however_often_it_is_looked_for(mail, alert):
    stalled(alert)
    assert [notice_sending.deliver() for _run in range(3)] == [1, 0, 0]
    assert len(mail.letters) == 1
    assert only().state == State.SENT


def test_workers_side_by_side_send_each_email_once(mail, gmina, alert):
    people = [make_user(f"a{n}@example.pl", "approver", gmina=gmina) for n in range(12)]
    notices.notify(Notice.ALERT_STALLED, gmina=gmina, alert=alert, to=[p.pk for p in people])

    def work():
        notice_sending.deliver()
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(letter["To"] for letter in mail.letters) == sorted(p.email for p in people)


def test_a_mail_server_that_is_away_loses_nothing(mail, alert, settings):
    here = settings.EMAIL_PORT
    settings.EMAIL_PORT = free_port()
    stalled(alert)
    assert notice_sending.deliver() == 0
    waiting = only()
    assert (waiting.state, waiting.error, waiting.attempt) == (State.WAITING, "server_away", 1)
    assert waiting.not_before > timezone.now() + timedelta(seconds=10)
    settings.EMAIL_PORT = here
    due_now()
    assert notice_sending.deliver() == 1
    assert (only().state, only().error) == (State.SENT, "")


def test_a_server_that_is_away_is_tried_once_for_all_that_are_due(mail, gmina, alert, settings):
    people = [make_user(f"a{n}@example.pl", "approver", gmina=gmina).pk for n in range(4)]
    notices.notify(Notice.ALERT_STALLED, gmina=gmina, alert=alert, to=people)
    mail.answers[b"EHLO"] = mail.answers[b"HELO"] = b"421 not now"
    notice_sending.deliver()
    assert {copy.error for copy in NoticeDelivery.objects.all()} <= {"smtp_421", "server_away"}
    assert NoticeDelivery.objects.filter(state=State.WAITING, attempt=1).count() == 4


@pytest.mark.parametrize(
    ("command", "answer", "state", "error"),
    [
        (b"RCPT", b"550 no such mailbox", State.GAVE_UP, "smtp_550"),
        (b"RCPT", b"451 greylisted", State.WAITING, "smtp_451"),
        (b"DATA", b"554 refused", State.GAVE_UP, "smtp_554"),
        (b"DATA", b"452 no room", State.WAITING, "smtp_452"),
        (b"MAIL", b"553 sender unknown", State.WAITING, "smtp_553"),
    ],
)
def test_what_a_refusal_means(mail, alert, command, answer, state, error):
    mail.answers[command] = answer
    stalled(alert)
    notice_sending.deliver()
    assert (only().state, only().error) == (state, error)
    assert mail.letters == []


def test_what_keeps_failing_is_given_up_and_stays_in_the_panel(mail, alert, bartek):
    mail.answers[b"RCPT"] = b"451 greylisted"
    stalled(alert)
    StaffNotice.objects.update(created_at=timezone.now() - timedelta(days=2))
    notice_sending.deliver()
    assert only().state == State.GAVE_UP
    assert notices.unread(bartek, alert.gmina).exists()


def test_whoever_died_with_a_claim_is_followed_by_another(mail, alert, settings):
    stalled(alert)
    settings.NOTICE_LEASE_S = 0
    assert queries.rows("notice_claim", most=5, lease_s=0)
    assert notice_sending.deliver() == 1
    assert only().attempt == 2


def test_a_late_answer_does_not_overwrite_the_next_claim(mail, alert):
    stalled(alert)
    delivery = only()
    NoticeDelivery.objects.update(attempt=2)
    assert notice_sending._finish(delivery, 1, state=State.SENT) == 0
    assert only().state == State.WAITING


@pytest.mark.parametrize("why", ["read", "decided", "gone"])
def test_what_is_settled_meanwhile_is_not_sent(mail, alert, bartek, why):
    alert.state = "awaiting_approval"
    alert.save()
    notices.notify(Notice.APPROVAL_WANTED, gmina=alert.gmina, alert=alert, to=[bartek.pk])
    if why == "read":
        notices.mark_read(bartek, alert.gmina)
    elif why == "decided":
        alert.state = "scheduled"
        alert.save()
    else:
        bartek.memberships.all().delete()
    assert notice_sending.deliver() == 0
    assert only().state == State.DROPPED
    assert mail.letters == []


# ── Push ────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def phone(bartek):
    return StaffPhone.objects.create(user=bartek, device=make_device(token="tel-bartka"))


def test_one_that_cannot_be_made_holds_up_no_other(emulator, gmina, alert, phone, settings):
    # A key that FIELD_KEYS lacks: the rest of its claim went unsent with it, at every try.
    settings.EMAIL_URL = ""
    celina = make_user("celina@example.pl", "approver", gmina=gmina)
    linked = StaffPhone.objects.create(user=celina, device=make_device(token="tel-celiny"))
    Device.objects.filter(pk=phone.device_id).update(push_value_encrypted=b"under a lost key")
    before = len(emulator.inbox("tel-celiny"))
    stalled(alert)
    assert notice_sending.deliver() == 1
    assert len(emulator.inbox("tel-celiny")) == before + 1
    broken = NoticeDelivery.objects.exclude(phone=linked).get()
    assert (broken.state, broken.error, broken.attempt) == (State.WAITING, "broken", 1)
    assert broken.not_before < timezone.now() + timedelta(seconds=20)


@pytest.mark.parametrize("platform", ["android", "web", "ios"])
def test_a_push_is_a_notice_and_no_alert(emulator, alert, phone, platform, settings):
    settings.EMAIL_URL = ""
    phone.device.platform = platform
    phone.device.save()
    before = len(emulator.inbox("tel-bartka"))
    stalled(alert)
    assert notice_sending.deliver() == 1
    data = emulator.inbox("tel-bartka")[before:][0]["data"]
    assert data == {
        "v": "1",
        "type": "staff",
        "kind": "alert_stalled",
        "gmina": "chorzow",
        "alert_ref": alert.ref,
        "lang": "pl",
        "title": headline(),
        "body": data["body"],
        "link": f"{settings.BASE_URL}/staff/chorzow/alerts/{alert.ref}/",
    }
    assert "Brak wody na ul. Głównej" in data["body"]


def test_a_dead_token_is_not_tried_again_and_an_away_emulator_is(emulator, alert, phone, settings):
    settings.EMAIL_URL = ""
    emulator.inject("UNAVAILABLE", token="tel-bartka")
    stalled(alert)
    notice_sending.deliver()
    assert (only().state, only().error) == (State.WAITING, "unavailable")
    emulator.heal()
    emulator.inject("UNREGISTERED", token="tel-bartka")
    due_now()
    notice_sending.deliver()
    assert (only().state, only().error) == (State.GAVE_UP, "token_dead")


def test_a_demo_gmina_pushes_nothing_to_real_phones(alert, phone, settings):
    settings.EMAIL_URL, settings.FCM_EMULATOR_URL = "", ""
    settings.FCM_CREDENTIALS = "/nowhere.json"
    alert.gmina.is_demo = True
    alert.gmina.save()
    stalled(alert)
    notice_sending.deliver()
    assert (only().state, only().error) == (State.GAVE_UP, "demo_gmina")


# ── Waking ──────────────────────────────────────────────────────────────────────────────────────


def waiting_jobs():
    return [job.func for job in get_queue("maintenance").jobs]


def test_a_notice_knocks_once_it_is_committed(mail, alert):
    with transaction.atomic():
        stalled(alert)
        assert waiting_jobs() == []
    assert waiting_jobs() == [notice_sending.deliver]
    notices.notify(Notice.FAILURES_HIGH, gmina=alert.gmina, alert=alert)
    assert waiting_jobs() == [notice_sending.deliver], "one knock is enough"


def test_the_clock_knocks_for_what_is_due(mail, alert, queue_server):
    stalled(alert)
    queue_server.flushdb()
    notice_sending.catch_up()
    assert waiting_jobs() == [notice_sending.deliver]
    assert mail.letters == [], "a worker has its chance first"


def test_what_was_put_off_by_a_clock_that_has_gone_back_is_due(mail, alert):
    stalled(alert)
    NoticeDelivery.objects.update(not_before=timezone.now() + timedelta(hours=4))
    notice_sending.catch_up()
    assert waiting_jobs() == [notice_sending.deliver]


def test_what_nobody_took_the_clock_sends_itself(mail, alert, settings):
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    stalled(alert)
    NoticeDelivery.objects.update(not_before=timezone.now() - notice_sending.OVERDUE * 2)
    for _tick in range(2):
        notice_sending.catch_up()
    for thread in threading.enumerate():
        if thread.name == notice_sending.ASIDE:
            thread.join()
    assert len(mail.letters) == 1


def test_a_slow_mail_server_does_not_hold_up_the_clock(mail, alert, settings):
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    stalled(alert)
    NoticeDelivery.objects.update(not_before=timezone.now() - notice_sending.OVERDUE * 2)
    with mail.holding():
        notice_sending.catch_up()
        assert only().state == State.WAITING, "the clock has gone on"
        [aside] = [t for t in threading.enumerate() if t.name == notice_sending.ASIDE]
    aside.join()
    assert only().state == State.SENT


def test_redis_away_is_no_failure_of_what_staff_are_told_of(mail, alert, settings):
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    with transaction.atomic():
        stalled(alert)
    assert only().state == State.WAITING


def test_with_nothing_due_the_clock_leaves_redis_alone(settings, queue_server):
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    notice_sending.catch_up()
