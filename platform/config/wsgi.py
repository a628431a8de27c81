"""The web server's entry: granian --interface wsgi config.wsgi:application."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# The only process kind with a connection pool: threads, no forks after start.
os.environ.setdefault("DB_POOL", "1")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
