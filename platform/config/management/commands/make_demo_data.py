"""Make the demo gminas' layer files anew from their real sources; the same bytes every time."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.demo.chorzow import Chorzow
from config.demo.files import FIXTURES, Row, write_rows
from config.demo.praszka import Praszka


class Command(BaseCommand):
    help = "Makes fixtures/chorzow and fixtures/praszka (ulice, osiedla, adresy, granica)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, default=FIXTURES, help="folder to write into")

    def handle(self, *args: Any, to: Path, **options: Any) -> None:
        for name, rows in made_files().items():
            write_rows(to / name, rows)
            self.stdout.write(f"{name}: {len(rows)}")


def made_files() -> dict[str, list[Row]]:
    chorzow, praszka = Chorzow(), Praszka()
    return {
        "chorzow/granica.geojson.gz": chorzow.boundary_rows(),
        "chorzow/ulice.geojson.gz": chorzow.street_rows(),
        "chorzow/osiedla.geojson.gz": chorzow.district_rows(),
        "chorzow/adresy.geojson.gz": chorzow.address_rows(),
        "praszka/granica.geojson.gz": praszka.boundary_rows(),
        "praszka/ulice.geojson.gz": praszka.street_rows(),
        "praszka/adresy.geojson.gz": praszka.address_rows(),
    }
