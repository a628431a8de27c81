"""The operator's page: what needs a hand in plain words, nothing of any gmina, for nobody else."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone, translation

from audit import chain
from dispatch import heartbeats, operator_page, partitions
from dispatch.models import AlertText, Heartbeat, Incident, Tally
from dispatch.outcomes import Outcome
from tests.builders import make_alert, make_device, make_gmina, make_message, make_user, sign_in
from tests.emulator import free_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator():
    return sign_in(Client(), make_user("ola@operator.example", is_operator=True))


@pytest.fixture
def healthy(queue_server, settings, tmp_path):
    """All that the page asks of a working installation, but for workers."""
    settings.FCM_EMULATOR_URL, settings.FCM_CREDENTIALS = "http://127.0.0.1:1", ""
    settings.AUDIT_HEADS_FILE = str(tmp_path / "heads.log")
    heartbeats.beat(acting=True)
    partitions.make_ahead()


@pytest.fixture
def anchored(healthy, operator):
    operator.get("/operator/")  # signing in left a row in the audit log
    chain.link()
    chain.anchor()


def tasks():
    with translation.override("en"):
        return [task.what for task in operator_page.state()["tasks"]]


def message():
    alert = make_alert(make_gmina("sekretowo", name="Sekretowo"))
    AlertText.objects.create(alert=alert, lang="pl", title="Tajne", body="x")
    return make_message(alert, [make_device()], frozen_at=timezone.now() - timedelta(minutes=2))


def test_it_says_what_needs_a_hand_and_what_to_do(operator, healthy):
    page = operator.get("/operator/").content.decode()
    assert "manage.py worker emergency normal" in page


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (lambda s: setattr(s, "FCM_EMULATOR_URL", ""), "No way to send is set up"),
        (lambda s: Heartbeat.objects.update(acting=False), "No clock is working"),
        (
            lambda s: Heartbeat.objects.update(at=timezone.now() - timedelta(seconds=31)),
            "No clock is working",
        ),
        (
            lambda s: setattr(s, "REDIS_URL", f"redis://127.0.0.1:{free_port()}/0"),
            "Redis does not answer",
        ),
        (lambda s: message(), "Messages have been due for more than a minute"),
        (
            lambda s: Incident.objects.create(
                message=message(), kind="credentials", began_at=timezone.now()
            ),
            "Firebase refuses our key",
        ),
        (
            lambda s: setattr(s, "AUDIT_HEADS_FILE", "/nowhere/heads.log"),
            "The audit log's heads were not written for a day",
        ),
    ],
)
def test_each_fault_is_named(anchored, settings, fault, words):
    assert words not in tasks()
    fault(settings)
    assert words in tasks()


def test_counts_of_the_last_hour_go_in_steps_and_few_are_not_told(operator, healthy):
    for code, n in ((Outcome.ACCEPTED, 1234), (Outcome.TOKEN_DEAD, 3)):
        Tally.objects.create(at=timezone.now(), priority=0, code=code, n=n)
    told = {row.name: row.counts[0] for row in operator_page.state()["outcomes"]}
    assert sorted((count.count, count.below) for count in told.values() if count.count) == [
        (1230, None)
    ]
    assert [count.below for count in told.values() if count.masked] == [5]


def test_nothing_of_a_gmina_or_an_alert_is_on_it(operator, healthy):
    Incident.objects.create(message=message(), kind="halted", began_at=timezone.now())
    page = operator.get("/operator/").content.decode()
    assert "Sekretowo" not in page
    assert "sekretowo" not in page
    assert "Tajne" not in page


def test_it_refreshes_itself_unless_asked_not_to(operator, healthy):
    assert operator.get("/operator/")["Refresh"] == "10"
    assert "Refresh" not in operator.get("/operator/?still=1")


def test_only_operators_with_a_second_factor_get_it(operator, healthy):
    gmina = make_gmina()
    admin = sign_in(Client(), make_user("anna@a.example", "admin", gmina=gmina))
    assert admin.get("/operator/").status_code == 404
    assert Client().get("/operator/").status_code == 302
    one_factor = Client()
    one_factor.force_login(make_user("ela@operator.example", is_operator=True))
    assert one_factor.get("/operator/").status_code == 302
    assert operator.post("/operator/").status_code == 405


def test_an_operator_of_no_gmina_comes_to_it_at_once(operator, healthy):
    assert operator.get("/staff/")["Location"] == "/operator/"
