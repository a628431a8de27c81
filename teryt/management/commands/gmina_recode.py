"""manage.py gmina_recode: give a gmina the code that TERC has for it now."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from accounts.models import Gmina
from teryt.codes import WHOLE_GMINA, parse_terc
from teryt.gmina_codes import is_in_force, recode


class Command(BaseCommand):
    help = "Its people, layers and pages stay; the old code is kept for files of that time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("gmina", metavar="SLUG")
        parser.add_argument("terc", help="seven digits, in force in TERC")

    def handle(self, *_args: Any, **said: Any) -> None:
        gmina = Gmina.objects.filter(slug=said["gmina"]).first()
        if gmina is None:
            raise CommandError(_("There is no gmina %(slug)s.") % {"slug": said["gmina"]})
        try:
            now = parse_terc(said["terc"])
        except DomainError as error:
            raise CommandError(f"{error.text} [{error.code}]") from error
        if not now.rodz or now.rodz not in WHOLE_GMINA or not is_in_force(str(now)):
            raise CommandError(_("TERC has no gmina %(terc)s in force.") % {"terc": now})
        if Gmina.objects.filter(terc6=now.terc6).exclude(pk=gmina.pk).exists():
            raise CommandError(_("Another gmina here has the code %(terc)s.") % {"terc": now})
        before = gmina.terc
        recode(gmina, now, on=timezone.localdate(), by=None)
        self.stdout.write(f"{gmina}: {before} → {gmina.terc}")
