"""The whole address map: what each package serves, under the names of DESIGN section 9."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from config import api_docs

# Each package names its paths in full ("api/v1/…", "staff/…"), so that they can be searched for.
PACKAGES = ["accounts", "audit", "gis_layers", "residents", "dispatch"]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("config.health")),
    path("api/v1/schema/", api_docs.schema, name="schema"),
    path("api/v1/docs/", api_docs.docs, name="docs"),
    *(path("", include(f"{name}.urls")) for name in PACKAGES if find_spec(f"{name}.urls")),
]

handler400 = "config.pages.bad_request"
handler403 = "config.pages.forbidden"
handler404 = "config.pages.not_found"
handler500 = "config.pages.server_error"
