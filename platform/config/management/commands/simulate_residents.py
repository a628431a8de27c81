"""Fill a gmina with made residents, their phones and places (only where the emulator is)."""

import time
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from accounts.models import Gmina
from config.demo.doors import Doors, NoAddresses, doors_of
from config.demo.gate import require_emulator
from config.demo.moving_in import analyse, move_in
from config.demo.people import draw
from config.demo.settled import are_settled
from config.demo.towns import QUOTAS


class Command(BaseCommand):
    help = "Makes residents for a gmina from a seed, in place of those simulated there before."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--gmina", required=True, metavar="SLUG")
        parser.add_argument("--residents", type=int, default=18_000)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--elsewhere", action="append", default=[], metavar="SLUG",
            help="another gmina where a few have a further place",
        )  # fmt: skip

    def handle(
        self,
        *args: Any,
        gmina: str,
        residents: int,
        seed: int,
        elsewhere: list[str],
        **options: Any,
    ) -> None:
        require_emulator()
        if residents < 1:
            raise CommandError(_("--residents must be at least 1."))
        begun = time.monotonic()
        try:
            settle(gmina, residents=residents, seed=seed, elsewhere=elsewhere)
        except NoAddresses as none:
            raise CommandError(_("The gmina has no published addresses.")) from none
        took = time.monotonic() - begun
        text = _("%(gmina)s: %(count)d residents in %(seconds).1f s")
        self.stdout.write(text % {"gmina": gmina, "count": residents, "seconds": took})


def settle(
    slug: str, *, residents: int, seed: int, elsewhere: Sequence[str] = (), anew: bool = True
) -> None:
    """Draw the people of a gmina and store them; not `anew`: unless just they are there already.

    Raises CommandError for an unknown gmina, NoAddresses where it has none.
    """
    towns = [doors_of(gmina_named(slug)), *(visited_doors(other) for other in elsewhere)]
    people = draw(towns, count=residents, seed=seed, quota=QUOTAS.get(slug))
    if anew or not are_settled(people, towns, gmina=slug, seed=seed):
        move_in(people, towns, gmina=slug, seed=seed)
        analyse()


def visited_doors(slug: str) -> Doors:
    """Where people of elsewhere may have a further place: not on the street of the quota."""
    doors, quota = doors_of(gmina_named(slug)), QUOTAS.get(slug)
    return doors.without(quota.street) if quota else doors


def gmina_named(slug: str) -> Gmina:
    try:
        return Gmina.objects.get(slug=slug)
    except Gmina.DoesNotExist as missing:
        raise CommandError(_("There is no gmina %(slug)s.") % {"slug": slug}) from missing
