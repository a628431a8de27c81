"""The funnel: people once each, what phones said, and how fast it went."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from dispatch import funnel as funnel_of
from dispatch import progress
from dispatch.masking import Count
from dispatch.models import Alert, Batch, Message, Receipt
from dispatch.outcomes import FINAL, Outcome
from tests.builders import (
    aim,
    make_alert,
    make_device,
    make_gmina,
    make_message,
    make_resident,
    make_user,
    sign_in,
    told,
)

pytestmark = pytest.mark.django_db
O = Outcome  # noqa: E741
NOW = timezone.now()


@pytest.fixture
def gmina():
    return make_gmina()


def message_to(gmina, *device_counts, **fields):
    """A message, frozen a minute ago, to as many residents as there are counts of devices."""
    devices = [make_device(r) for n in device_counts for r in [make_resident()] for _ in range(n)]
    alert = make_alert(gmina)
    frozen_at = fields.pop("frozen_at", NOW - timedelta(minutes=1))
    return make_message(alert, devices, frozen_at=frozen_at, **fields), devices


def settle(*codes, done_s=None):
    """Outcomes of the only batch; `done_s` seconds after a minute ago it was final."""
    at = None if done_s is None else NOW - timedelta(minutes=1) + timedelta(seconds=done_s)
    state = Batch.State.WAITING if done_s is None else Batch.State.DONE
    Batch.objects.update(codes=list(codes), state=state, done_at=at)


def says(message, device, *events, after_s=5):
    for event in events:
        Receipt.objects.create(
            month=message.month,
            message_id=message.pk,
            endpoint_id=device.pk,
            resident_id=device.resident_id,
            event=event,
            at=message.frozen_at + timedelta(seconds=after_s),
        )


class Counted:
    """The true counts, which are told to nobody."""

    def __init__(self, message):
        row = funnel_of.counted(message)
        self.residents, self.devices = row["residents"], row["devices"]


def funnel(message):
    return progress.progress_of(message.alert).figures


def test_before_anything_is_sent_all_are_selected_and_none_accepted(gmina):
    message, _devices = message_to(gmina, *[1] * 10)
    found = Counted(message)
    assert (found.residents["selected"], found.devices["selected"]) == (10, 10)
    assert {found.residents[k] for k in ("accepted", "received", "no_trace", "unreachable")} == {0}
    assert funnel(message).speed.to_99 is None
    assert not progress.progress_of(message.alert).final


def test_a_resident_with_three_phones_is_counted_once(gmina):
    message, devices = message_to(gmina, 3, *[1] * 7)
    settle(*[O.ACCEPTED] * 10, done_s=2)
    for device in devices[:3]:
        says(message, device, "received")
    found = Counted(message)
    assert (found.residents["selected"], found.residents["accepted"]) == (8, 8)
    assert (found.residents["received"], found.devices["received"]) == (1, 3)
    assert (found.residents["no_trace"], found.devices["no_trace"]) == (7, 7)


def test_each_step_includes_the_later_ones(gmina):
    message, devices = message_to(gmina, *[1] * 8)
    settle(*[O.ACCEPTED] * 8, done_s=2)
    says(message, devices[0], "received")
    says(message, devices[1], "received", "shown")
    says(message, devices[2], "opened")  # the earlier reports got lost
    says(message, devices[3], "received", "shown", "opened", "confirmed")
    counts = Counted(message).residents
    steps = ("accepted", "received", "shown", "opened", "confirmed", "no_trace")
    assert [counts[step] for step in steps] == [8, 4, 3, 2, 1, 4]


def test_a_receipt_proves_an_acceptance_that_got_lost(gmina):
    message, devices = message_to(gmina, *[1] * 6)
    settle(O.GAVE_UP, *[O.ACCEPTED] * 5, done_s=2)
    assert Counted(message).residents["unreachable"] == 1
    says(message, devices[0], "received")
    found = Counted(message)
    assert (found.residents["accepted"], found.residents["unreachable"]) == (6, 0)


def test_who_has_another_live_phone_is_not_unreachable(gmina):
    message, _devices = message_to(gmina, 2, *[1] * 5)
    codes = [O.TOKEN_DEAD, O.ACCEPTED, O.TOKEN_DEAD, O.UNREACHABLE, O.STOPPED]
    settle(*codes, O.RETRY, O.ACCEPTED)
    found = Counted(message)
    assert (found.residents["accepted"], found.residents["unreachable"]) == (2, 3)
    assert (found.devices["accepted"], found.devices["unreachable"]) == (2, 4)


@pytest.mark.parametrize(
    ("without", "dead", "expected"),
    [(12, 0, Count(12)), (12, 6, Count(17)), (12, 3, Count(None, 17)), (0, 3, Count(None, 5))],
)
def test_people_without_a_phone_at_the_freezing_are_unreachable_too(gmina, without, dead, expected):
    message, _devices = message_to(gmina, *[1] * 20, told=told(20, 20, unreachable=without))
    settle(*[O.TOKEN_DEAD] * dead, *[O.ACCEPTED] * (20 - dead), done_s=2)
    assert funnel(message).residents["unreachable"] == expected


def test_seconds_to_99_percent_wait_for_the_99th_of_a_hundred(gmina):
    message, _devices = message_to(gmina, *[1] * 100, batch=1)
    for no in range(1, 101):
        at = message.frozen_at + timedelta(seconds=no)
        done = {"state": Batch.State.DONE, "codes": [O.ACCEPTED], "done_at": at}
        Batch.objects.filter(no=no).update(**done)
        if no == 98:
            assert funnel(message).speed.to_99 is None
    assert funnel(message).speed.to_99 == pytest.approx(99, abs=0.01)


def test_dead_tokens_do_not_hold_up_the_99_percent(gmina):
    message, _devices = message_to(gmina, *[1] * 10)
    settle(*[O.TOKEN_DEAD] * 5, *[O.ACCEPTED] * 5, done_s=3)
    assert funnel(message).speed.to_99 == pytest.approx(3, abs=0.01)


def test_the_course_sums_up_what_happened_by_time(gmina):
    message, devices = message_to(gmina, *[1] * 25, batch=15)
    Batch.objects.filter(no=1).update(codes=[1] * 15, state=2, done_at=at_s(message, 0.4))
    Batch.objects.filter(no=2).update(codes=[1] * 10, state=2, done_at=at_s(message, 2.5))
    for device in devices[:11]:
        says(message, device, "received", after_s=2)
    for device in devices[11:16]:
        says(message, device, "received", "opened", after_s=4)
    assert funnel(message).timeline == [
        {"t_s": 1, "accepted": 15, "received": 0, "opened": 0},
        {"t_s": 2, "accepted": 15, "received": 0, "opened": 0},
        {"t_s": 3, "accepted": 25, "received": 10, "opened": 0},
        {"t_s": 4, "accepted": 25, "received": 10, "opened": 0},
        {"t_s": 5, "accepted": 25, "received": 15, "opened": 5},
    ]


def at_s(message, seconds):
    return message.frozen_at + timedelta(seconds=seconds)


@pytest.mark.parametrize("last_s", [0, 59, 60, 599, 3_600, 40_000, 10_000_000])
def test_a_long_course_has_few_points_and_loses_nothing(last_s):
    seconds = [
        {"t_s": t_s, "accepted": 1, "received": 2, "opened": 3} for t_s in {0, last_s // 2, last_s}
    ]
    points = funnel_of.course(sorted(seconds, key=lambda second: second["t_s"]))
    assert len(points) <= funnel_of.POINTS_MAX
    assert points[-1]["accepted"] == len(seconds)
    assert points[-1]["t_s"] > last_s
    assert [p["t_s"] for p in points] == sorted(p["t_s"] for p in points)


def test_reasons_name_why_people_have_nothing(gmina):
    message, _devices = message_to(gmina, 2, *[1] * 20)
    codes = [O.TOKEN_DEAD, O.GAVE_UP, *[O.TOKEN_DEAD] * 6, *[O.UNREACHABLE] * 7, *[O.ACCEPTED] * 7]
    settle(*codes, done_s=2)
    # Of two phones the trouble that is ours to mend counts.
    counted = funnel_of.counted(message)["unreached"]
    assert counted == {"gave_up": 1, "token_dead": 6, "no_target": 7}


def test_people_who_wait_for_a_stated_time_are_held(gmina):
    message, _devices = message_to(gmina, *[1] * 12)
    settle(*[O.WAITING] * 12)
    assert funnel(message).unreached == ()
    Batch.objects.update(not_before=timezone.now() + timedelta(hours=8))
    assert funnel(message).unreached == (("held", Count(10)),)


def test_every_final_outcome_that_reaches_nobody_has_a_reason():
    assert set(funnel_of.REASONS) == FINAL - {O.ACCEPTED}


def test_seconds_to_half_come_before_those_to_nearly_all(gmina):
    message, _devices = message_to(gmina, *[1] * 10, batch=1)
    for no in range(1, 11):
        done = {"state": Batch.State.DONE, "codes": [O.ACCEPTED], "done_at": at_s(message, no)}
        Batch.objects.filter(no=no).update(**done)
    speed = funnel(message).speed
    assert [speed.to_50, speed.to_90, speed.to_99] == pytest.approx([5, 9, 10], abs=0.01)


# ── What is told ────────────────────────────────────────────────────────────────────────────────


def test_nobody_can_be_followed_while_the_figures_rise(gmina):
    """Whoever asks after each receipt sees steps of five; 340 people are a rising funnel."""
    message, devices = message_to(gmina, *[1] * 17)
    settle(*[O.ACCEPTED] * 17, done_s=2)
    seen = []
    for device in devices:
        says(message, device, "received")
        seen.append(funnel(message))
    assert [found.residents["received"] for found in seen] == [
        *[Count(None, 7)] * 6,
        *[Count(7)] * 5,
        *[Count(12)] * 5,
        Count(17),
    ]
    assert [found.residents["no_trace"] for found in seen[6:]] == [
        *[Count(10)] * 5,
        *[Count(5)] * 5,
        Count(0),
    ]
    ends = [found.timeline[-1]["received"] for found in seen]
    assert ends == [found.devices["received"].count or 0 for found in seen]


def test_small_figures_of_the_freezing_are_told_as_in_the_preview(gmina):
    kept = told(8, 8) | {"muted": {"count": None, "masked": True, "below": 5}}
    message, _devices = message_to(gmina, *[1] * 8, muted=3, told=kept)
    assert funnel(message).muted == Count(None, 5)


@pytest.mark.parametrize(("part", "step"), [({"kind": "gmina"}, 5), ({"kind": "drawn"}, 20)])
def test_a_small_audience_is_masked_whole(gmina, part, step):
    kept = told(0, 0) | {
        "residents": {"count": None, "masked": True, "below": step},
        "devices": {"count": None, "masked": True, "below": None},
    }
    message, devices = message_to(gmina, *[1] * 4, told=kept)
    aim(message.alert, part)
    settle(*[O.ACCEPTED] * 4, done_s=1)
    says(message, devices[0], "received")
    found = funnel(message)
    assert {figure.count for figure in found.residents.values()} == {None, 0}
    assert {figure.count for figure in found.devices.values()} == {None, 0}
    assert (found.step, found.timeline) == (step, [])


def test_an_audience_told_as_a_bound_goes_by_wider_steps_below_it(gmina):
    kept = told(0, 0) | {"residents": {"count": None, "masked": True, "below": 36}}
    message, devices = message_to(gmina, *[1] * 33, told=kept)
    aim(message.alert, {"kind": "locality", "simc": "1"}, {"kind": "locality", "simc": "2"})
    settle(*[O.ACCEPTED] * 33, done_s=1)
    says(message, devices[0], "received")
    found = funnel(message)
    assert (found.step, found.residents["selected"]) == (10, Count(None, 36))
    assert (found.residents["accepted"], found.residents["received"]) == (
        Count(26),
        Count(None, 16),
    )


def test_the_followed_message_is_the_newest_that_tells_of_the_event(gmina):
    message, devices = message_to(gmina, *[1] * 6)
    update = make_message(message.alert, devices, kind=Message.Kind.UPDATE)
    make_message(message.alert, devices, kind=Message.Kind.ALL_CLEAR)
    assert progress.followed(message.alert) == update


def test_what_stands_still_says_why(gmina):
    message, _devices = message_to(gmina, *[1] * 6)
    assert progress.trouble_of(message) == ""
    settle(*[O.WAITING] * 5, O.CREDENTIALS)
    assert progress.trouble_of(message) == "credentials"
    message.halted_reason = "payload_refused"
    assert progress.trouble_of(message) == "payload_refused"


# ── REST ────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def sent(gmina):
    message, _devices = message_to(gmina, *[1] * 6, told=told(6, 6, muted=7))
    settle(*[O.ACCEPTED] * 6, done_s=2)
    return message


def url(message):
    return f"/api/v1/gminas/{message.gmina.slug}/alerts/{message.alert.ref}/progress"


@pytest.fixture
def anna(gmina):
    return sign_in(Client(), make_user("anna@a.example", "editor", gmina=gmina))


def test_an_editor_sees_the_progress(sent, anna):
    body = anna.get(url(sent)).json()
    assert body["state"] == "sending"
    assert body["message"]["id"] == sent.pk
    assert body["message"]["transport"] == "emulator"
    assert body["residents"]["accepted"] == {"count": 6, "masked": False, "below": None}
    assert body["muted"]["count"] == 7
    assert "muted" not in body["message"]
    assert body["seconds_to_99"] == pytest.approx(2, abs=0.01)
    assert (body["step"], body["trouble"], body["final"]) == (5, "", False)


def test_unchanged_figures_cost_an_empty_answer(sent, anna):
    first = anna.get(url(sent))
    again = anna.get(url(sent), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    Alert.objects.update(state="active")
    changed = anna.get(url(sent), headers={"If-None-Match": first["ETag"]})
    assert (changed.status_code, changed.json()["state"]) == (200, "active")


def test_an_alert_that_sent_nothing_has_no_progress(gmina, anna):
    alert = make_alert(gmina, state="draft")
    answer = anna.get(f"/api/v1/gminas/{gmina.slug}/alerts/{alert.ref}/progress")
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("role", "status"),
    [("editor", 200), ("approver", 200), ("auditor", 200), ("gis", 403), ("hotline", 403)],
)
def test_who_may_read_alerts_may_read_their_progress(sent, gmina, role, status):
    client = sign_in(Client(), make_user(f"{role}@a.example", role, gmina=gmina))
    assert client.get(url(sent)).status_code == status


def test_another_gminas_staff_and_strangers_learn_nothing(sent):
    celina = make_user("celina@b.example", "editor", gmina=make_gmina("obok"))
    assert sign_in(Client(), celina).get(url(sent)).status_code == 404
    foreign = url(sent).replace(sent.gmina.slug + "/", "obok/", 1)
    assert sign_in(Client(), celina).get(foreign).status_code == 404
    assert Client().get(url(sent)).status_code == 401
