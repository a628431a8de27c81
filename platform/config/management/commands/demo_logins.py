"""Where the running demo is, and how to sign in to it."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from config.demo.gate import require_emulator
from config.demo.staff import LOGINS, PASSWORD, current_code, otpauth_url
from config.demo.towns import CHORZOW


class Command(BaseCommand):
    help = "Prints the demo's addresses and logins with a current one-time code."

    def handle(self, *args: Any, **options: Any) -> None:
        require_emulator()
        for line in lines():
            self.stdout.write(line)


def lines() -> list[str]:
    base = settings.BASE_URL
    staff = [f"  {login.email:24} {login.name}" for login in LOGINS]
    return [
        "",
        _("Staff pages:  %(url)s") % {"url": f"{base}/staff/{CHORZOW.slug}/"},
        _("A phone:      %(url)s") % {"url": f"{base}/app/"},
        _("API:          %(url)s") % {"url": f"{base}/api/v1/docs/"},
        "",
        _("Logins (password %(password)s):") % {"password": PASSWORD},
        *staff,
        "",
        _("One-time code now: %(code)s (each counts once, for 30 seconds)")
        % {"code": current_code()},
        _("Another one:       make manage DO=demo_logins"),
        _("Authenticator:     %(url)s") % {"url": otpauth_url()},
        "",
    ]
