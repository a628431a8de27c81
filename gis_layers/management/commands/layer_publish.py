"""manage.py layer_publish: make a staged edition the map, or throw it away."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from gis_layers import editions, findings
from gis_layers.models import Edition

ACKNOWLEDGE_HELP = "codes of the report's warnings that you accept, comma between"


class Command(BaseCommand):
    help = "Publish a staged edition, or --discard it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("edition", type=int, help="id that layer_import printed")
        parser.add_argument("--discard", action="store_true")
        parser.add_argument("--acknowledge", default="", metavar="CODES", help=ACKNOWLEDGE_HELP)

    def handle(self, *_args: Any, **said: Any) -> None:
        edition = Edition.objects.filter(pk=said["edition"]).first()
        if edition is None:
            raise CommandError(_("There is no edition %(id)d.") % {"id": said["edition"]})
        try:
            acknowledged = codes_of(said["acknowledge"])
            self.stdout.write(settle(edition, acknowledged, discard=said["discard"]))
        except DomainError as error:
            raise CommandError(f"{error.text} [{error.code}]") from error


def settle(edition: Edition, acknowledged: list[str], *, discard: bool) -> str:
    if discard:
        editions.discard(edition, None)
        return _("Discarded.")
    number = publish(edition, acknowledged).number
    return _("Published as edition %(number)d.") % {"number": number}


def codes_of(said: str) -> list[str]:
    return [code for code in said.split(",") if code]


@transaction.atomic
def publish(edition: Edition, acknowledged: list[str]) -> Edition:
    """Accept the warnings named, then publish: both or neither."""
    findings.refresh(edition)
    findings.acknowledge(edition, acknowledged, None)
    return editions.publish(edition, None)
