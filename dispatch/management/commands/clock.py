"""manage.py clock: see dispatch/clock.py."""

from typing import Any

from django.core.management.base import BaseCommand

from dispatch.clock import Clock, stop_on_signals


class Command(BaseCommand):
    help = "Runs the clock until it is stopped: leases, expiries, wakes, the audit chain."
    requires_system_checks = ()  # it must start, and wait, while PostgreSQL is away

    def handle(self, *args: Any, **options: Any) -> None:
        stop_on_signals()
        Clock().run()
