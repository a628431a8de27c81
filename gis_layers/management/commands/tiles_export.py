"""manage.py tiles_export: a gmina's map as one PMTiles file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from accounts.models import Gmina
from gis_layers.tile_export import export
from gis_layers.tiles import Tileset


class Command(BaseCommand):
    help = "Write a gmina's map to a PMTiles file, for use offline or from any file server."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("file", type=Path)
        parser.add_argument("--staff", action="store_true", help="all layers, not the public ones")

    def handle(self, *_args: Any, **said: Any) -> None:
        gmina = Gmina.objects.filter(slug=said["slug"]).first()
        if gmina is None:
            raise CommandError(_("There is no gmina %(slug)s.") % {"slug": said["slug"]})
        path: Path = said["file"]
        try:
            count = export(gmina, Tileset.STAFF if said["staff"] else Tileset.PUBLIC, path)
        except DomainError as error:
            raise CommandError(f"{error.text} [{error.code}]") from error
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        self.stdout.write(
            _("tiles: %(count)d, %(kb)d kB") % {"count": count, "kb": path.stat().st_size // 1000}
        )
