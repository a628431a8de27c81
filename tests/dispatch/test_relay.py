"""The phone page's way to its inbox in the demonstration."""

import pytest
from django.test import Client

from dispatch import sender
from tests.builders import make_alert, make_device, make_gmina, make_message
from tests.emulator import free_port


@pytest.mark.django_db(transaction=True)
def test_a_phone_page_reads_what_was_sent_to_its_token(emulator):
    device = make_device(token="relay:APA91-x_y")
    make_message(make_alert(make_gmina()), [device])
    sender.drain(lambda: False)
    answer = Client().get("/app/emulator/inbox/relay:APA91-x_y").json()
    [entry] = answer["messages"]
    assert entry["message"]["data"]["title"] == "Brak wody"
    again = Client().get(f"/app/emulator/inbox/relay:APA91-x_y?after={answer['last']}").json()
    assert again["messages"] == []


def test_without_an_emulator_there_is_no_such_page(settings):
    settings.FCM_EMULATOR_URL = ""
    assert Client().get("/app/emulator/inbox/abc").status_code == 404


@pytest.mark.parametrize("path", ["service-account.json", "inject", "stream", "stats"])
def test_nothing_else_of_the_emulator_is_passed_on(emulator, path):
    assert Client().get(f"/app/emulator/{path}").status_code == 404
    assert Client().post(f"/app/emulator/{path}").status_code in {404, 405}


def test_a_token_cannot_lead_to_another_address(emulator):
    assert Client().get("/app/emulator/inbox/..%2Fstats").status_code in {200, 404}
    answer = Client().get("/app/emulator/inbox/x%3Fafter=0%23")
    assert answer.json()["messages"] == []


def test_an_emulator_that_is_away_is_said(settings):
    settings.FCM_EMULATOR_URL = f"http://127.0.0.1:{free_port()}"
    answer = Client().get("/app/emulator/inbox/abc")
    assert (answer.status_code, answer.json()) == (502, {"code": "emulator_away"})


def test_only_reading_is_allowed(emulator):
    assert Client().post("/app/emulator/inbox/abc").status_code == 405
