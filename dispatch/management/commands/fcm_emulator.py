"""manage.py fcm_emulator: FCM for demonstrations and tests."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from aiohttp import web
from django.core.management.base import BaseCommand

from dispatch.emulator.server import make_app


class Command(BaseCommand):
    help = "Serves an emulator of FCM until it is stopped; point FCM_EMULATOR_URL at it."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="loopback unless told otherwise")
        parser.add_argument("--port", type=int, required=True)
        parser.add_argument("--log", type=Path, required=True, help="its memory")
        parser.add_argument("--latency-ms", type=float, default=0, help="wait before each answer")

    def handle(self, *args: Any, **options: Any) -> None:
        app = make_app(options["log"], latency_s=options["latency_ms"] / 1000)
        web.run_app(
            app,
            host=options["host"],
            port=options["port"],
            access_log=None,
            print=None,
            shutdown_timeout=1,
            handler_cancellation=True,
        )
