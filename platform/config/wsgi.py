"""The web server's entry: granian --interface wsgi config.wsgi:application."""

import os
from typing import TYPE_CHECKING

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# The only process kind with a connection pool: threads, no forks after start.
os.environ.setdefault("DB_POOL", "1")

from django.core.wsgi import get_wsgi_application

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def build() -> "WSGIApplication":
    """Django's application, with public tiles answered before it."""
    django = get_wsgi_application()
    # Needs Django's models, which are there only now.
    from gis_layers.tile_wsgi import with_public_tiles

    return with_public_tiles(django)


application = build()
