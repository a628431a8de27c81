"""A member of staff at the REST API, as the tests of it drive one."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from tests.builders import make_user, sign_in


class Officer:
    """A signed-in member of staff at the API of one gmina."""

    def __init__(self, gmina, *roles, email="anna@a.pl", of=None):
        self.user = make_user(email, *roles, gmina=of or gmina)
        self.client = sign_in(Client(), self.user)
        self.root = f"/api/v1/gminas/{gmina.slug}"

    def get(self, path):
        return self.client.get(f"{self.root}/{path}")

    def post(self, path, body=None, **headers):
        url = f"{self.root}/{path}"
        return self.client.post(url, body or {}, "application/json", headers=headers)

    def approve(self, ref, seen=None):
        """Approve what is there, or what this officer read earlier."""
        read = seen or self.get(f"alerts/{ref}").json()
        return self.post(f"alerts/{ref}/approve", {"submitted_at": read["submitted_at"]})

    def patch(self, path, body, **headers):
        return self.client.patch(f"{self.root}/{path}", body, "application/json", headers=headers)

    def delete(self, path, **headers):
        return self.client.delete(f"{self.root}/{path}", headers=headers)


def draft(street, **fields):
    return {
        "kind": "woda",
        "severity": "important",
        "texts": {"pl": {"title": "Brak wody", "body": "Do 18:00."}},
        "parts": [{"kind": "feature", "fid": street.fid, "reach": "addresses"}],
        "event_ends_at": None,
        "expires_at": (timezone.now() + timedelta(hours=8)).isoformat(),
    } | fields


def refusal(response):
    body = response.json()
    assert set(body) == {"code", "message", "field", "details"}
    assert body["message"]
    return response.status_code, body["code"], body["field"]
