"""A small town with its officers, for the tests of what they do with alerts."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import Membership
from dispatch import compose
from dispatch.kinds import create_default_kinds
from dispatch.models import Alert, Batch, Delivery
from dispatch.outcomes import Outcome
from tests.builders import (
    at,
    line,
    make_device,
    make_gmina,
    make_place,
    make_resident,
    make_street,
    make_user,
)

Role = Membership.Role


class Town:
    """A gmina with a street of people, an editor, two approvers and a crisis officer."""

    def __init__(self, people=3, emails="a.pl", **fields):
        self.gmina = make_gmina(**fields)
        create_default_kinds(self.gmina)
        self.street = make_street(self.gmina, "Główna", geom=line((0, 0), (100, 0)))
        self.devices = [self.inhabitant() for _n in range(people)]
        self.anna = make_user(f"anna@{emails}", Role.EDITOR, gmina=self.gmina)
        self.bartek = make_user(f"bartek@{emails}", Role.APPROVER, gmina=self.gmina)
        self.dorota = make_user(f"dorota@{emails}", Role.APPROVER, gmina=self.gmina)
        self.ewa = make_user(f"ewa@{emails}", Role.CRISIS, gmina=self.gmina)

    def inhabitant(self):
        resident = make_resident()
        make_place(resident, self.gmina, at=at(10, 0), street=self.street)
        return make_device(resident)

    def data(self, **fields):
        now = timezone.now()
        return {
            "kind": "woda",
            "severity": "important",
            "texts": {
                "pl": {"title": "Brak wody", "body": "Do 18:00.", "instruction": ""},
                "en": {"title": "No water", "body": "Until 6 p.m.", "instruction": ""},
            },
            "parts": [{"kind": "feature", "fid": self.street.fid}],
            "event_ends_at": now + timedelta(hours=5),
            "expires_at": now + timedelta(hours=8),
        } | fields

    def draft(self, by=None, **fields):
        return compose.create_draft(self.gmina, self.data(**fields), by=by or self.anna)

    def submitted(self, by=None, **fields):
        return compose.submit(self.draft(by, **fields), by=by or self.anna)

    def sent(self, **fields):
        """An alert under way, every delivery accepted."""
        message = compose.approve(self.submitted(**fields), by=self.bartek)
        settle(message, Outcome.ACCEPTED)
        return message.alert


def settle(message, *codes):
    """Every batch done, its deliveries with these outcomes (one for all, or one each)."""
    for batch in Batch.objects.filter(message_id=message.pk):
        batch.codes = list(codes) if len(codes) == batch.n else [codes[0]] * batch.n
        batch.state, batch.attempt = Batch.State.DONE, 1
        batch.save()


def endpoints(message):
    return set(Delivery.objects.filter(message_id=message.pk).values_list("endpoint_id", flat=True))


def state_of(alert):
    return Alert.objects.get(pk=alert.pk).state
