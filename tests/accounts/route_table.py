"""Who may reach which address: the one place where a new route has to be classified.

Routes of a gmina (GMINA_PREFIXES) classify themselves, and are walked as strangers by
test_every_route.py. Every other route stands here, or the test fails.
"""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

GMINA_PREFIXES = (
    "staff/<slug:slug>/",
    "api/v1/gminas/<slug:slug>/",
    "tiles/<slug:slug>/staff",
)

# Open to everyone, signed in or not.
PUBLIC = {
    "",  # leads to the staff pages
    "healthz",
    "readyz",
    "account/login/",
    "account/logout/",
    "account/language/",
    "account/invitation/<uidb64>/<token>/",
    "app/",
    "app/<path:path>",
    "app/config.json",
    "api/v1/schema/",
    "api/v1/docs/",
    # The public layers; what else there is by key or session: tests/gis_layers/ogc/test_access.py.
    "ogc",
    "ogc/",
    "ogc/api",
    "ogc/conformance",
    "ogc/collections",
    "ogc/collections/<str:collection>",
    "ogc/collections/<str:collection>/queryables",
    "ogc/collections/<str:collection>/items",
    "ogc/collections/<str:collection>/items/<str:feature>",
    "tiles/<slug:slug>.json",
    "tiles/<slug:slug>/style.json",
    "tiles/<slug:slug>/<int:revision>/<int:z>/<int:x>/<int:y>.mvt",
}

# By a token, or from the machine's own network: figures of the machinery, of nobody.
MACHINES = {"metrics"}

# Needs both factors and the operator's flag: figures of the machinery, the national registers.
OPERATOR = {"operator/", "operator/registers/"}

# Open to phones without a secret, throttled: what they need before they have one.
PHONES = {
    "app/emulator/inbox/<str:token>",  # the demo only: 404 without FCM_EMULATOR_URL
    "api/v1/devices",
    "api/v1/locate",
    "api/v1/addresses",
}

# Needs a device's own secret.
DEVICE = {
    "api/v1/devices/me",
    "api/v1/devices/me/link",
    "api/v1/devices/me/staff",
    "api/v1/places",
    "api/v1/places/<uuid:place_id>",
    "api/v1/quiet",
    "api/v1/residents/me",
    "api/v1/residents/me/export",
    "api/v1/alerts/active",
    "api/v1/alerts/<ref:ref>",
    "api/v1/receipts",
    "api/v1/mutes",
    "api/v1/kinds",
}

# Needs the password only: where the second factor is set up.
PASSWORD_ONLY = {
    "account/two-factor/",
    "account/two-factor/qr/",
}

# Needs both factors, but no gmina: one's own account.
OWN = {
    "account/",
    "account/password/",
    "account/phones/",
    "account/keys/",
    "account/confirm/",
    "account/two-factor/codes/",
    "staff/",
}

# What the hotline may read: active alerts, addresses; nothing else.
HOTLINE = {
    "staff/<slug:slug>/lookup/",
    "api/v1/gminas/<slug:slug>/alerts",
    "api/v1/gminas/<slug:slug>/alerts/<ref:ref>",
    "api/v1/gminas/<slug:slug>/kinds",
    "api/v1/gminas/<slug:slug>/search",  # addresses only
}


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """Route strings of the whole site: "staff/<slug:slug>/people/"."""
    for entry in (resolver or get_resolver()).url_patterns:
        assert isinstance(entry.pattern, RoutePattern), f"{entry.pattern}: use path()"
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route
        else:
            yield from routes(entry, route)


ALL = sorted(set(routes()))
