"""A request repeated under one Idempotency-Key is carried out once, whatever happens between."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Gmina, Membership
from dispatch import idempotency
from dispatch.errors import KeyInProgress, KeyMalformed
from dispatch.idempotency import Answer
from dispatch.kinds import create_default_kinds
from dispatch.models import Alert, KeyedRequest
from tests.builders import line, make_gmina, make_street, make_user
from tests.dispatch.officer import Officer, draft, refusal

pytestmark = pytest.mark.django_db

Role = Membership.Role
KEY = {"Idempotency_Key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}


@pytest.fixture
def gmina():
    gmina = make_gmina("testowo")
    create_default_kinds(gmina)
    return gmina


@pytest.fixture
def body(gmina):
    return draft(make_street(gmina, "Główna", geom=line((0, 0), (100, 0))))


@pytest.fixture
def anna(gmina):
    return Officer(gmina, Role.EDITOR)


# ── Over HTTP ──────────────────────────────────────────────────────────────────────────────────


def test_a_repeated_request_gets_the_same_answer_and_makes_one_draft(anna, body):
    first = anna.post("alerts", body, **KEY)
    reordered = dict(reversed(body.items()))
    again = anna.post("alerts", reordered, **KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["ETag"] == first.headers["ETag"]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Alert.objects.count() == 1


def test_the_answer_stays_what_it_was_though_the_draft_went_on(anna, body):
    first = anna.post("alerts", body, **KEY).json()
    anna.patch(f"alerts/{first['ref']}", {"severity": "info"})
    assert anna.post("alerts", body, **KEY).json() == first


def test_a_key_with_or_without_quotes_is_the_same(anna, body):
    anna.post("alerts", body, Idempotency_Key='"abc"')
    assert anna.post("alerts", body, Idempotency_Key="abc").status_code == 201
    assert Alert.objects.count() == 1


def test_another_body_under_the_same_key_is_refused(anna, body):
    anna.post("alerts", body, **KEY)
    answer = anna.post("alerts", body | {"severity": "info"}, **KEY)
    assert refusal(answer) == (422, "idempotency_key_reused", "Idempotency-Key")
    assert Alert.objects.count() == 1


def test_a_refused_request_leaves_its_key_free(anna, body):
    wrong = anna.post("alerts", body | {"kind": "nic"}, **KEY)
    assert refusal(wrong)[:2] == (422, "unknown_kind")
    assert anna.post("alerts", body, **KEY).status_code == 201


def test_keys_are_ones_own(anna, gmina, body):
    anna.post("alerts", body, **KEY)
    bartek = Officer(gmina, Role.EDITOR, email="bartek@a.pl")
    assert bartek.post("alerts", body, **KEY).json()["author"] == "Bartek"
    assert Alert.objects.count() == 2


@pytest.mark.parametrize("key", ["", '""', "x" * 256, '"a b"', 'a"b', "klucz ą"])
def test_a_malformed_key_is_refused(anna, body, key):
    with pytest.raises(KeyMalformed):
        idempotency.read_key(key)
    if key.isascii():
        answer = anna.post("alerts", body, Idempotency_Key=key)
        assert refusal(answer) == (400, "idempotency_key_malformed", "Idempotency-Key")
        assert not Alert.objects.exists()


def test_a_request_under_way_is_a_conflict_that_says_when_to_try_again(anna, body):
    anna.post("alerts", body, **KEY)
    KeyedRequest.objects.update(status=None, answer=None)
    answer = anna.post("alerts", body, **KEY)
    assert refusal(answer)[:2] == (409, "in_progress")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


def test_a_request_whose_worker_died_is_carried_out_by_the_next_one(anna, body):
    anna.post("alerts", body, **KEY)
    Alert.objects.all().delete()
    lost = timezone.now() - timedelta(seconds=idempotency.LOST_AFTER_S + 1)
    KeyedRequest.objects.update(status=None, answer=None, begun_at=lost)
    assert anna.post("alerts", body, **KEY).status_code == 201
    assert Alert.objects.count() == 1


def test_after_a_day_a_key_is_new_and_the_clock_forgets_it(anna, body):
    anna.post("alerts", body, **KEY)
    yesterday = timezone.now() - idempotency.VALID_FOR - timedelta(seconds=1)
    KeyedRequest.objects.update(begun_at=yesterday)
    anna.post("alerts", body, **KEY)
    assert Alert.objects.count() == 2
    assert idempotency.forget_old() == 0
    KeyedRequest.objects.update(begun_at=yesterday)
    assert idempotency.forget_old() == 1


# ── Two at once ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db(transaction=True)
def test_who_was_taken_for_dead_and_comes_back_undoes_its_work(gmina):
    anna = make_user("anna@a.pl")
    notes = []

    def take_over():
        KeyedRequest.objects.update(begun_at=timezone.now() - timedelta(minutes=2))
        idempotency.once("k", "f", lambda: Answer(201, {"n": 2}, ""), gmina=gmina, by=anna)
        connection.close()

    def slow_work():
        other = threading.Thread(target=take_over)
        other.start()
        other.join(timeout=30)
        make_gmina("zostanie-cofnieta")
        notes.append("worked")
        return Answer(201, {"n": 1}, "")

    with pytest.raises(KeyInProgress):
        idempotency.once("k", "f", slow_work, gmina=gmina, by=anna)
    assert notes == ["worked"]
    assert not Gmina.objects.filter(slug="zostanie-cofnieta").exists()
    assert KeyedRequest.objects.get().answer == {"n": 2}


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_one_key_do_the_work_once(gmina):
    anna = make_user("anna@a.pl")
    start, refused, outcomes, done = threading.Barrier(2), threading.Event(), [], []

    def work():
        assert refused.wait(timeout=10), "the other one was not refused"
        done.append(1)
        return Answer(201, {"n": 1}, "")

    def ask():
        try:
            start.wait(timeout=10)
            outcomes.append(idempotency.once("k", "f", work, gmina=gmina, by=anna).status)
        except KeyInProgress:
            outcomes.append("in_progress")
            refused.set()
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(map(str, outcomes)) == ["201", "in_progress"]
    assert done == [1]
    replayed = idempotency.once("k", "f", lambda: pytest.fail("done twice"), gmina=gmina, by=anna)
    assert (replayed.body, replayed.replayed) == ({"n": 1}, True)


def test_a_key_that_was_freed_a_moment_ago_is_in_progress_once_more(gmina, monkeypatch):
    # Somebody's row was in the way of ours, and went with their refusal before we could read it.
    monkeypatch.setattr(type(KeyedRequest.objects), "bulk_create", lambda *_args, **_more: [])
    anna = make_user("anna@example.pl", Role.EDITOR, gmina=gmina)
    with pytest.raises(KeyInProgress) as refused:
        idempotency.once("k", "f", lambda: Answer(201, {}, ""), gmina=gmina, by=anna)
    assert refused.value.details == {"retry_after_s": 1}
