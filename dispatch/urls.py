"""Everything of alerts: staff pages, REST of staff and phones."""

from django.urls import URLPattern, URLResolver, include, path, register_converter

from dispatch.emulator import relay
from dispatch.metrics import metrics
from dispatch.operator_page import operator
from dispatch.refs import RefConverter

register_converter(RefConverter, "ref")  # before the modules below use it

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("dispatch.staff_urls")),
    path("", include("dispatch.phone_urls")),
    path("app/emulator/inbox/<str:token>", relay.inbox),
    path("", include("dispatch.api_urls")),
    path("metrics", metrics, name="metrics"),
    path("operator/", operator, name="operator"),
]
