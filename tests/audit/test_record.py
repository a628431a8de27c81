"""record(): one row, in the caller's transaction."""

import pytest
from django.db import transaction

from audit.models import Event
from audit.record import record
from audit.verbs import Verb
from tests.builders import make_gmina, make_user

pytestmark = pytest.mark.django_db


def test_a_row_says_who_did_what_to_what_and_where():
    gmina = make_gmina()
    anna = make_user("anna@example.pl", "editor", gmina=gmina)
    record(Verb.ALERT_DRAFTED, by=anna, gmina=gmina, target_kind="alert", target_id="t-1", parts=2)
    event = Event.objects.get(verb="alert_drafted")
    assert (event.actor, event.actor_id, event.gmina_id) == (anna.email, anna.pk, gmina.pk)
    assert (event.target_kind, event.target_id, event.data) == ("alert", "t-1", {"parts": 2})
    assert event.seq is None


def test_what_nobody_did_is_the_systems():
    assert record(Verb.ALERT_EXPIRED, by=None, gmina=None).actor == "system"


def test_the_row_goes_with_the_callers_transaction():
    with transaction.atomic():
        record(Verb.ALERT_APPROVED, by=None, gmina=None)
        transaction.set_rollback(True)
    assert not Event.objects.exists()


def test_a_verb_outside_the_list_is_refused():
    with pytest.raises(ValueError, match="alert_lost"):
        record("alert_lost", by=None, gmina=None)
