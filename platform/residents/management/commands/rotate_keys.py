"""manage.py rotate_keys: bring encrypted fields under the newest of FIELD_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from residents.rotation import rotate_all


class Command(BaseCommand):
    help = (
        "Re-encrypt push targets and addresses under the first of FIELD_KEYS. Put a new key first "
        "on every server, run this, then drop the old one. May be stopped and run again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        done = rotate_all()
        self.stdout.write(_("Rows brought under the newest key: %(n)d.") % {"n": done.rotated})
        if done.unreadable:
            words = ngettext(
                "%(n)d row is under a key that FIELD_KEYS does not list. Add the key again; until "
                "then it cannot be read.",
                "%(n)d rows are under a key that FIELD_KEYS does not list. Add the key again; "
                "until then they cannot be read.",
                done.unreadable,
            )
            raise CommandError(words % {"n": done.unreadable})
