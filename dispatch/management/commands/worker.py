"""manage.py worker: runs RQ jobs; a sender is `worker emergency normal`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connections
from django_rq.workers import get_worker

from dispatch import queues
from dispatch.worker import PreloadedWorker


class Command(BaseCommand):
    help = "Runs RQ jobs from these queues, in this order, until it is stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("queues", nargs="+", choices=queues.ALL)
        parser.add_argument("--burst", action="store_true", help="stop when the queues are empty")

    def handle(self, *args: Any, **options: Any) -> None:
        worker = get_worker(*options["queues"], worker_class=PreloadedWorker)
        connections.close_all()  # the start-up checks may have opened one
        worker.work(burst=options["burst"])
