"""manage.py tiles_warm: encode tiles before anybody asks, as after a restart or a publication."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.models import Gmina
from gis_layers.errors import MapEmpty
from gis_layers.generalise import copy_all
from gis_layers.tile_answer import kept_tile
from gis_layers.tile_export import current_revision
from gis_layers.tile_walk import walk
from gis_layers.tiles import MAX_ZOOM, MIN_ZOOM, Tileset


class Command(BaseCommand):
    help = "Fill the tile cache with the map of one gmina, or of all."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", nargs="?", help="one gmina; without it, all")
        parser.add_argument("--staff", action="store_true", help="the staff's tiles too")
        parser.add_argument(
            "--deepest",
            type=int,
            choices=range(MIN_ZOOM, MAX_ZOOM + 1),
            default=MAX_ZOOM,
            metavar=f"{MIN_ZOOM}..{MAX_ZOOM}",
            help="no tiles of deeper zooms",
        )

    def handle(self, *_args: Any, **said: Any) -> None:
        gminas = Gmina.objects.order_by("slug")
        chosen = gminas.filter(slug=said["slug"]) if said["slug"] else gminas
        if said["slug"] and not chosen:
            raise CommandError(_("There is no gmina %(slug)s.") % {"slug": said["slug"]})
        tilesets = list(Tileset) if said["staff"] else [Tileset.PUBLIC]
        for gmina in chosen:
            copy_all(gmina)
            for tileset in tilesets:
                self.stdout.write(warmed(gmina, tileset, said["deepest"]))


def warmed(gmina: Gmina, tileset: Tileset, deepest: int) -> str:
    """Encode the tileset's tiles into the cache; what was done, as a sentence."""
    try:
        revision = current_revision(gmina)
    except MapEmpty as empty:
        return f"{gmina.slug}: {empty.text}"
    bodies = (kept_tile(revision, tileset, *zxy) for zxy in walk(revision, tileset, deepest))
    sizes = [len(body.as_gzip()) for body in bodies if not body.is_empty]
    return _("%(slug)s, %(tileset)s: tiles: %(count)d, %(kb)d kB") % {
        "slug": gmina.slug,
        "tileset": tileset.value,
        "count": len(sizes),
        "kb": sum(sizes) // 1000,
    }
