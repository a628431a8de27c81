"""Both demo gminas with layers, staff and residents; what is there already is left as it is."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from accounts.models import Gmina
from config.demo.gate import require_emulator
from config.demo.loading import load_layer, load_registers, open_gmina
from config.demo.staff import LOGINS, employ
from config.demo.towns import GMINAS, NATIONAL, DemoGmina, LayerFile
from config.management.commands.simulate_residents import settle
from residents import reattachment


class Command(BaseCommand):
    help = "Loads the two demo gminas (needs FCM_EMULATOR_URL: the logins are known to all)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-residents", action="store_true", help="layers and staff only")
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, no_residents: bool, seed: int, **options: Any) -> None:
        require_emulator()
        begun = time.monotonic()
        load_registers()
        self.load(NATIONAL, None)
        gminas = [open_gmina(demo) for demo in GMINAS]
        for login in LOGINS:
            employ(login, gminas)
        for demo, gmina in zip(GMINAS, gminas, strict=True):
            for layer_file in demo.layers:
                self.load(layer_file, gmina)
        # Before anybody lives there, so that no publication waits for a worker.
        reattachment.run_pending()
        if not no_residents:
            for demo in GMINAS:
                self.people(demo, seed)
        took = time.monotonic() - begun
        self.stdout.write(_("The demo is loaded (%(seconds).1f s).") % {"seconds": took})

    def load(self, layer_file: LayerFile, gmina: Gmina | None) -> None:
        edition = load_layer(layer_file, gmina)
        if edition:
            text = _("%(layer)s: edition %(number)d published")
            self.stdout.write(text % {"layer": edition.layer, "number": edition.number})

    def people(self, demo: DemoGmina, seed: int) -> None:
        settle(demo.slug, residents=demo.residents, seed=seed, elsewhere=demo.elsewhere, anew=False)
        text = _("%(gmina)s: %(count)d residents")
        self.stdout.write(text % {"gmina": demo.name, "count": demo.residents})
