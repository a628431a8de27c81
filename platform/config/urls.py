"""The whole address map: what each package serves.

Each package names its paths in full ("api/v1/…", "staff/…"), so that they can be searched for.
Who may reach which is in accounts/access.py and residents/authentication.py; a test walks them all.
"""

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from config import api_docs, resident_app

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="staff:start"), name="first"),
    path("", include("config.health")),
    path("", include("accounts.urls")),
    path("", include("audit.urls")),
    path("", include("teryt.urls")),
    path("", include("gis_layers.urls")),
    path("", include("residents.urls")),
    path("", include("dispatch.urls")),
    path("app/", resident_app.app_file, name="app"),
    path("app/config.json", resident_app.app_config),
    path("app/<path:path>", resident_app.app_file),
    path("api/v1/schema/", api_docs.schema, name="schema"),
    path("api/v1/docs/", api_docs.docs, name="docs"),
]

handler400 = "config.pages.bad_request"
handler403 = "config.pages.forbidden"
handler404 = "config.pages.not_found"
handler500 = "config.pages.server_error"
