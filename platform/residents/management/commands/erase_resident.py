"""manage.py erase_resident ID: erase a resident who asked for it outside the app."""

import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

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
            raise CommandError(_("There is no resident %(id)s.") % {"id": options["resident_id"]})
        counts = {"devices": resident.devices.count(), "places": resident.places.count()}
        erase(resident)
        done = _("The resident is erased. Devices: %(devices)d, places: %(places)d.")
        self.stdout.write(done % counts)
