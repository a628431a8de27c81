"""REST of every move beside approval and the all-clear: names, rights, versions, codes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Membership
from dispatch import jobs
from dispatch.kinds import create_default_kinds
from dispatch.models import Alert, AlertUpdate, ApprovalRule
from tests.builders import (
    at,
    line,
    make_device,
    make_gmina,
    make_place,
    make_resident,
    make_street,
)
from tests.dispatch.officer import Officer, draft, refusal

pytestmark = pytest.mark.django_db

Role = Membership.Role
NEWS = {"pl": {"title": "Woda do 20:00", "body": "Pękła druga rura."}}


@pytest.fixture(autouse=True)
def emulator_is_set(settings, monkeypatch):
    settings.FCM_EMULATOR_URL = "http://127.0.0.1:1"
    settings.FCM_CREDENTIALS = ""
    monkeypatch.setattr(jobs, "knock", lambda _queue: None)


@pytest.fixture
def gmina():
    gmina = make_gmina("testowo")
    create_default_kinds(gmina)
    return gmina


@pytest.fixture
def street(gmina):
    street = make_street(gmina, "Główna", geom=line((0, 0), (100, 0)))
    for _n in range(6):
        resident = make_resident()
        make_place(resident, gmina, at=at(10, 0), street=street)
        make_device(resident)
    return street


@pytest.fixture
def anna(gmina):
    return Officer(gmina, Role.EDITOR)


@pytest.fixture
def bartek(gmina):
    return Officer(gmina, Role.APPROVER, email="bartek@a.pl")


@pytest.fixture
def ewa(gmina):
    return Officer(gmina, Role.CRISIS, email="ewa@a.pl")


def made(officer, street, **fields):
    return officer.post("alerts", draft(street, **fields)).json()["ref"]


def submitted(officer, street, **fields):
    ref = made(officer, street, **fields)
    assert officer.post(f"alerts/{ref}/submit").status_code == 200
    return ref


def running(anna, bartek, street, **fields):
    ref = submitted(anna, street, **fields)
    assert bartek.approve(ref).status_code == 200
    return ref


def moves(officer, ref):
    return officer.get(f"alerts/{ref}").json()["allowed_moves"]


def test_everybody_sees_the_moves_that_are_open_to_them(anna, bartek, ewa, street):
    ref = made(anna, street, severity="emergency")
    assert moves(anna, ref) == ["edit", "delete", "submit"]
    assert moves(ewa, ref) == ["edit", "delete", "submit", "bypass"]
    anna.post(f"alerts/{ref}/submit")
    assert moves(anna, ref) == ["recall"]
    assert moves(bartek, ref) == ["return", "approve"]
    assert moves(ewa, ref) == ["return", "approve"], "she is the second person herself"
    bartek.approve(ref)
    ends = ["extend", "all-clear", "withdraw"]
    assert moves(anna, ref) == ["update", *ends]
    assert moves(ewa, ref) == ["update", "update-send", *ends]
    anna.post(f"alerts/{ref}/update", {"texts": NEWS})
    assert moves(anna, ref) == ["update-drop", *ends]
    assert moves(bartek, ref) == ["update-approve", "update-drop", *ends]


def test_an_emergency_is_sent_alone_with_a_reason(ewa, bartek, street):
    ref = made(ewa, street, severity="emergency")
    assert refusal(ewa.post(f"alerts/{ref}/bypass")) == (422, "reason_missing", "reason")
    assert refusal(bartek.post(f"alerts/{ref}/bypass", {"reason": "x"}))[:2] == (403, "forbidden")
    sent = ewa.post(f"alerts/{ref}/bypass", {"reason": "Wał pęka."}).json()
    assert (sent["state"], sent["bypass_reason"]) == ("sending", "Wał pęka.")
    info = made(ewa, street, severity="info")
    assert refusal(ewa.post(f"alerts/{info}/bypass", {"reason": "x"}))[:2] == (
        403,
        "bypass_refused",
    )


def test_a_draft_is_sent_where_the_rules_ask_for_nobody_else(bartek, gmina, street):
    ref = made(bartek, street)
    assert refusal(bartek.post(f"alerts/{ref}/send"))[:2] == (403, "two_person_rule")
    gmina.two_person_rule = False
    gmina.save()
    assert "send" in moves(bartek, ref)
    assert bartek.post(f"alerts/{ref}/send").json()["state"] == "sending"
    assert refusal(bartek.post(f"alerts/{ref}/send"))[:2] == (409, "move_refused")


def test_a_preview_of_a_kept_draft_says_how_it_could_go_alone(anna, bartek, ewa, gmina, street):
    ref = made(anna, street)
    rule = {"gmina": gmina, "position": 0, "below_residents": 7, "second_person": False}

    def alone(officer, severity="important", **fields):
        part = {"kind": "feature", "fid": street.fid}
        question = {"parts": [part], "kind": "woda", "severity": severity, "ref": ref} | fields
        return officer.post("audience", question).json()["alone"]

    assert (alone(anna), alone(bartek), alone(ewa)) == ("", "", "")
    assert (alone(bartek, "emergency"), alone(ewa, "emergency")) == ("", "bypass")
    ApprovalRule.objects.create(**rule)
    assert (alone(anna), alone(ewa, "emergency")) == ("send", "send")
    assert alone(anna, ref="") == ""
    ApprovalRule.objects.update(below_residents=6)
    assert alone(anna) == ""


def test_an_alert_is_taken_back_and_a_scheduled_one_called_off(anna, bartek, street):
    ref = submitted(anna, street)
    assert refusal(bartek.post(f"alerts/{ref}/recall"))[:2] == (403, "forbidden")
    assert anna.post(f"alerts/{ref}/recall").json()["state"] == "draft"
    Alert.objects.update(send_at=timezone.now() + timedelta(hours=1))
    anna.post(f"alerts/{ref}/submit")
    assert bartek.approve(ref).json()["state"] == "scheduled"
    assert moves(anna, ref) == ["cancel"]
    ended = anna.post(f"alerts/{ref}/cancel").json()
    assert (ended["state"], ended["end_reason"], ended["messages"]) == ("ended", "cancelled", [])


def test_the_older_of_two_drafts_is_refused_and_says_who_was_quicker(anna, bartek, street):
    created = anna.post("alerts", draft(street))
    path, version = f"alerts/{created.json()['ref']}", created.headers["ETag"]
    assert version == f'"{created.json()["version"]}"'
    changed = bartek.patch(path, {"severity": "info"}, If_Match=version)
    assert changed.status_code == 200
    for answer in (
        anna.patch(path, {"severity": "important"}, If_Match=version),
        anna.delete(path, If_Match=version),
        anna.post(f"{path}/submit", If_Match=version),
        anna.patch(path, {"severity": "important"}, If_Match='"nonsense"'),
    ):
        assert refusal(answer)[:2] == (412, "draft_changed")
        assert answer.json()["details"]["by"] == "Bartek"
    assert anna.get(path).json()["severity"] == "info"
    assert anna.get(path).headers["ETag"] == changed.headers["ETag"]
    assert anna.post(f"{path}/submit", If_Match=changed.headers["ETag"]).status_code == 200


def test_an_update_is_proposed_read_beside_the_old_words_and_approved(anna, bartek, street):
    ref = running(anna, bartek, street)
    waiting = anna.post(f"alerts/{ref}/update", {"texts": NEWS}).json()
    update = waiting["waiting_update"]
    assert update["texts"]["pl"]["title"] == "Woda do 20:00"
    assert (update["proposed_by"], update["expires_at"]) == ("Anna", waiting["expires_at"])
    assert waiting["texts"]["pl"]["title"] != "Woda do 20:00"
    assert refusal(anna.post(f"alerts/{ref}/update", {"texts": NEWS}))[:2] == (
        409,
        "update_awaits",
    )
    choice = {"update_id": update["id"]}
    assert refusal(anna.post(f"alerts/{ref}/update-approve", choice))[:2] == (
        403,
        "two_person_rule",
    )
    sent = bartek.post(f"alerts/{ref}/update-approve", choice).json()
    assert (sent["waiting_update"], sent["texts"]["pl"]["title"]) == (None, "Woda do 20:00")
    assert [message["kind"] for message in sent["messages"]] == ["alert", "update"]
    assert refusal(bartek.post(f"alerts/{ref}/update-approve", choice))[:2] == (409, "update_gone")


def test_an_update_is_sent_back_and_another_alerts_is_not_there(anna, bartek, street):
    ref, other = running(anna, bartek, street), running(anna, bartek, street)
    update = anna.post(f"alerts/{ref}/update", {"texts": NEWS}).json()["waiting_update"]
    choice = {"update_id": update["id"]}
    for move in ("update-approve", "update-drop"):
        assert bartek.post(f"alerts/{other}/{move}", choice).status_code == 404
    dropped = bartek.post(f"alerts/{ref}/update-drop", {**choice, "reason": "Która rura?"}).json()
    assert dropped["waiting_update"] is None
    assert AlertUpdate.objects.get().reason == "Która rura?"


def test_an_emergency_is_updated_alone_with_a_reason(anna, bartek, ewa, street):
    ref = running(anna, bartek, street, severity="emergency")
    path, body = f"alerts/{ref}/update-send", {"texts": NEWS}
    assert refusal(anna.post(path, body))[:2] == (403, "two_person_rule")
    assert refusal(ewa.post(path, body)) == (422, "reason_missing", "reason")
    assert ewa.post(path, {**body, "reason": "Wał pęka."}).status_code == 200


def test_an_alert_is_extended(anna, bartek, street):
    ref = running(anna, bartek, street)
    until = timezone.now() + timedelta(hours=30)
    longer = anna.post(f"alerts/{ref}/extend", {"event_ends_at": until.isoformat()}).json()
    assert longer["messages"][-1]["kind"] == "extension"
    again = anna.post(f"alerts/{ref}/extend", {"event_ends_at": until.isoformat()})
    assert refusal(again) == (422, "extension_not_later", "event_ends_at")
    missing = anna.post(f"alerts/{ref}/extend", {})
    assert refusal(missing) == (400, "invalid", "event_ends_at")
    own = {"event_ends_at": (until + timedelta(hours=1)).isoformat(), "texts": NEWS}
    assert refusal(anna.post(f"alerts/{ref}/extend", own)) == (403, "words_need_approval", "texts")


def test_nothing_happens_to_an_alert_that_is_over(anna, bartek, ewa, street):
    ref = running(anna, bartek, street, severity="emergency")
    anna.post(f"alerts/{ref}/all-clear")
    until = (timezone.now() + timedelta(hours=30)).isoformat()
    for move, body in {
        "send": {},
        "recall": {},
        "cancel": {},
        "submit": {},
        "update": {"texts": NEWS},
        "update-send": {"texts": NEWS, "reason": "x"},
        "extend": {"event_ends_at": until},
        "bypass": {"reason": "x"},
        "withdraw": {},
    }.items():
        assert refusal(ewa.post(f"alerts/{ref}/{move}", body))[:2] == (409, "move_refused"), move
    assert moves(ewa, ref) == []
    assert refusal(bartek.approve(ref))[:2] == (409, "move_refused")


def test_an_exercise_is_chosen_with_the_draft(anna, street):
    ref = made(anna, street, is_drill=True)
    assert anna.get(f"alerts/{ref}").json()["is_drill"] is True
    assert anna.patch(f"alerts/{ref}", {"is_drill": False}).json()["is_drill"] is False


def test_others_do_nothing_and_strangers_find_nothing(anna, bartek, gmina, street):
    ref = running(anna, bartek, street)
    hotline = Officer(gmina, Role.HOTLINE, email="h@a.pl")
    stranger = Officer(gmina, Role.CRISIS, email="c@b.pl", of=make_gmina("obok"))
    for move in ("send", "bypass", "recall", "cancel", "update", "update-send", "extend"):
        assert hotline.post(f"alerts/{ref}/{move}").status_code == 403, move
        assert stranger.post(f"alerts/{ref}/{move}").status_code == 404, move
    for move in ("update-approve", "update-drop"):
        assert hotline.post(f"alerts/{ref}/{move}", {"update_id": 1}).status_code == 403
    assert anna.get(f"alerts/{ref}/extend").status_code == 405
