"""manage.py simulate_phones: the demonstration's phones, see dispatch/emulator/phones.py."""

import asyncio
import signal
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from dispatch.emulator.phones import Phones


class Command(BaseCommand):
    help = "Lets the simulated residents' phones report what the emulator delivered to them."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--speed", type=float, default=60, help="how much faster than in life people look"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.FCM_EMULATOR_URL:
            raise CommandError(_("FCM_EMULATOR_URL is not set: there are no simulated phones."))
        if options["speed"] <= 0:
            raise CommandError(_("--speed must be above 0."))
        phones = Phones(settings.FCM_EMULATOR_URL, settings.BASE_URL, options["speed"])
        asyncio.run(_until_told_to_stop(phones))


async def _until_told_to_stop(phones: Phones) -> None:
    running = asyncio.ensure_future(phones.run())
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, running.cancel)
    await asyncio.wait([running])
    if not running.cancelled():
        running.result()
