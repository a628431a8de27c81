"""manage.py erase_resident ID: erase a resident who asked for it outside the app."""

import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from residents.models import Resident
from residents.privacy import erase


class Command(BaseCommand):
    help = "Erase a resident with devices, places and mutes, at once and for good."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "resident_id", type=uuid.UUID, help="the id that the app shows its resident"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        resident = Resident.objects.filter(public_id=options["resident_id"]).first()
        if resident is None:
            raise CommandError(f"There is no resident {options['resident_id']}.")
        devices, places = resident.devices.count(), resident.places.count()
        erase(resident)
        self.stdout.write(f"Erased: 1 resident, {devices} devices, {places} places.")
