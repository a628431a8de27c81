"""manage.py layer_import: a layer file to a staged edition of a layer."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from accounts.models import Gmina
from gis_layers.imports.load import import_file
from gis_layers.imports.options import Options
from gis_layers.management.commands import layer_publish
from gis_layers.management.commands.layer_publish import ACKNOWLEDGE_HELP, codes_of
from gis_layers.models import Edition, LayerKind

FIELDS = ("id", "name", "code", "simc", "street", "number", "postcode")


class Command(BaseCommand):
    help = "Read a layer file, report on it and stage what differs; --publish makes it the map."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="GeoPackage, GML, GeoJSON, FlatGeobuf, zipped Shapefile")
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--gmina", metavar="SLUG")
        whose.add_argument("--national", action="store_true")
        parser.add_argument("--kind", required=True, choices=LayerKind.values)
        parser.add_argument("--slug", default="", help="name of the layer; else by its kind")
        parser.add_argument("--title-pl", default="")
        parser.add_argument("--title-en", default="")
        parser.add_argument("--attribution", default="", help="source, as the map shows it")
        parser.add_argument("--attribution-en", default="", help="the same in English")
        parser.add_argument("--group-by", default="", metavar="COLUMN", help="lines of one street")
        parser.add_argument("--attrs", default="", help="further columns to keep, comma between")
        parser.add_argument("--simc", default="", help="locality of features that name none")
        parser.add_argument("--source-layer", default="", help="which table of several")
        parser.add_argument("--srid", type=int, help="overrules what the file says")
        parser.add_argument("--swap-axes", action="store_true")
        parser.add_argument("--encoding", default="", help="UTF-8 or windows-1250; overrules too")
        parser.add_argument("--accuracy-m", type=float)
        parser.add_argument("--public", action="store_true", default=None)
        parser.add_argument("--simulated", action="store_true", help="made for a demonstration")
        parser.add_argument("--publish", action="store_true")
        parser.add_argument("--acknowledge", default="", metavar="CODES", help=ACKNOWLEDGE_HELP)
        for name in FIELDS:
            parser.add_argument(f"--{name}-field", default="", metavar="COLUMN")

    def handle(self, *_args: Any, **said: Any) -> None:
        gmina = gmina_of(said["gmina"]) if said["gmina"] else None
        try:
            edition, report = import_file(
                said["file"], gmina=gmina, kind=said["kind"], by=None, options=options(said)
            )
            self.stdout.write(str(report))
            acknowledged = codes_of(said["acknowledge"])
            self.finish(edition, acknowledged, publish=said["publish"])
        except DomainError as error:
            raise CommandError(f"{error.text} [{error.code}]") from error

    def finish(self, edition: Edition, acknowledged: list[str], *, publish: bool) -> None:
        if publish:
            number = layer_publish.publish(edition, acknowledged).number
            self.stdout.write(_("Published as edition %(number)d.") % {"number": number})
        else:
            hint = _("Staged. Publish it with: manage.py layer_publish %(id)d")
            self.stdout.write(hint % {"id": edition.pk})


def gmina_of(slug: str) -> Gmina:
    try:
        return Gmina.objects.get(slug=slug)
    except Gmina.DoesNotExist:
        raise CommandError(_("There is no gmina %(slug)s.") % {"slug": slug}) from None


def options(said: dict[str, Any]) -> Options:
    return Options(
        slug=said["slug"],
        title_pl=said["title_pl"],
        title_en=said["title_en"],
        attribution=said["attribution"],
        attribution_en=said["attribution_en"],
        public=said["public"],
        is_simulated=said["simulated"],
        accuracy_m=said["accuracy_m"],
        group_by=said["group_by"],
        fields={name: said[f"{name}_field"] for name in FIELDS if said[f"{name}_field"]},
        attrs=[name for name in said["attrs"].split(",") if name],
        simc=said["simc"],
        source_layer=said["source_layer"],
        srid=said["srid"],
        swap_axes=said["swap_axes"],
        encoding=said["encoding"],
    )
