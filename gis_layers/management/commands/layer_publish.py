"""manage.py layer_publish: make a staged edition the map, or throw it away."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from gis_layers import editions
from gis_layers.models import Edition


class Command(BaseCommand):
    help = "Publish a staged edition, or --discard it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("edition", type=int, help="id that layer_import printed")
        parser.add_argument("--discard", action="store_true")

    def handle(self, *_args: Any, **said: Any) -> None:
        edition = Edition.objects.filter(pk=said["edition"]).first()
        if edition is None:
            raise CommandError(_("There is no edition %(id)d.") % {"id": said["edition"]})
        try:
            self.stdout.write(settle(edition, discard=said["discard"]))
        except DomainError as error:
            raise CommandError(f"{error.text} [{error.code}]") from error


def settle(edition: Edition, *, discard: bool) -> str:
    if discard:
        editions.discard(edition, None)
        return _("Discarded.")
    number = editions.publish(edition, None).number
    return _("Published as edition %(number)d.") % {"number": number}
