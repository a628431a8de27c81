"""manage.py sign_in_reset: a new way in for someone who lost phone or password."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from accounts.actions import reset_sign_in
from accounts.invitations import invitation_url
from accounts.models import User


class Command(BaseCommand):
    help = "Voids a person's password, app and backup codes; prints a one-time link."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["email"].strip().lower(), is_active=True).first()
        if user is None:
            raise CommandError(_("Nobody active has this e-mail."))
        reset_sign_in(user=user, gmina=None, by=None)
        self.stdout.write(invitation_url(user))
