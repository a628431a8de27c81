"""Cookies by the public address: closed to other sites always, bound to TLS where there is TLS."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

ASKED = [
    "SESSION_COOKIE_NAME",
    "SESSION_COOKIE_SECURE",
    "SESSION_COOKIE_HTTPONLY",
    "SESSION_COOKIE_SAMESITE",
    "CSRF_COOKIE_SECURE",
    "SECURE_HSTS_SECONDS",
]
SCRIPT = f"""
import json, os, sys
sys.path[:0] = ["platform"]
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
from django.conf import settings
print(json.dumps([getattr(settings, name) for name in {ASKED}]))
"""


def settings_at(base_url):
    """The settings of a process started with this BASE_URL: they are read once, at the start."""
    environment = {**os.environ, "BASE_URL": base_url}
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(
        command, env=environment, cwd=settings.ROOT, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        ("https://alert.gmina.example", ["__Host-session", True, True, "Lax", True, 31_536_000]),
        ("http://localhost:8000", ["session", False, True, "Lax", False, 0]),
    ],
)
def test_cookies_follow_the_public_address(base_url, expected):
    assert settings_at(base_url) == expected
