"""Everything of alerts: staff pages, REST of staff and phones."""

from django.urls import URLPattern, URLResolver, include, path

from dispatch.emulator import relay

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("dispatch.staff_urls")),
    path("", include("dispatch.phone_urls")),
    path("app/emulator/inbox/<str:token>", relay.inbox),
    path("", include("dispatch.api_urls")),
]
