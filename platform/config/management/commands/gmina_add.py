"""manage.py gmina_add: a new tenant with its first administrator."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import invite
from accounts.invitations import invitation_url
from accounts.models import Gmina, Membership, User
from audit.record import record
from audit.verbs import Verb
from dispatch.approval import create_default_rules
from dispatch.kinds import create_default_kinds


class Command(BaseCommand):
    help = "Adds a gmina and invites its first administrator; prints the one-time link."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="in addresses: praszka")
        parser.add_argument("--terc", required=True, help="seven digits, the last one is RODZ")
        parser.add_argument("--name", required=True)
        parser.add_argument("--office", required=True, help="as residents read it")
        parser.add_argument("--admin", required=True, help="e-mail of the first administrator")
        parser.add_argument("--admin-name", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            gmina = self.added(options)
            user = self.invited(options, gmina)
        if user.has_usable_password():
            self.stdout.write(_("This person has an account and signs in with their own password."))
        else:
            self.stdout.write(invitation_url(user))

    def added(self, options: dict[str, Any]) -> Gmina:
        terc = options["terc"]
        kind = Gmina.KIND_OF_RODZ.get(terc[6:])
        if kind is None:
            raise CommandError(_("TERC has seven digits and ends in 1, 2 or 3."))
        gmina = Gmina(
            slug=options["slug"],
            name=options["name"],
            office=options["office"],
            kind=kind,
            terc6=terc[:6],
            rodz=terc[6:],
        )
        try:
            gmina.full_clean()
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
        gmina.save()
        create_default_kinds(gmina)
        create_default_rules(gmina)
        record(Verb.GMINA_ADDED, by=None, gmina=None, target_kind="gmina", target_id=gmina.slug)
        return gmina

    def invited(self, options: dict[str, Any], gmina: Gmina) -> User:
        return invite(
            email=options["admin"],
            name=options["admin_name"],
            roles={Membership.Role.ADMIN},
            gmina=gmina,
            by=None,
        )
