"""What every answer carries: the policy, the request's id, nothing that lets others in."""

import pytest

from config.csp import CONTENT_SECURITY_POLICY


@pytest.fixture
def page(client, db):
    return client.get("/account/login/")


def test_the_policy_lets_in_nothing_but_our_own_origin(page):
    policy = page["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert len(CONTENT_SECURITY_POLICY["DIRECTIVES"]) == 11


def test_pages_cannot_be_framed_or_sniffed(page):
    assert page["X-Frame-Options"] == "DENY"
    assert page["X-Content-Type-Options"] == "nosniff"
    assert page["Referrer-Policy"] == "same-origin"


def test_each_request_has_an_id_of_its_own(client, page):
    other = client.get("/account/login/")
    assert page["X-Request-Id"] != other["X-Request-Id"]
    assert len(page["X-Request-Id"]) == 16


def test_a_page_names_no_other_site(page):
    """No CDN: django-two-factor-auth's own base template loads from three."""
    text = page.content.decode()
    assert "//cdn" not in text
    assert 'src="http' not in text
    assert 'href="http' not in text
