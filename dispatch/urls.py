"""Everything of alerts: staff pages, REST of staff and phones."""

from django.urls import URLPattern, URLResolver, include, path

from dispatch.emulator import relay
from dispatch.progress_api import ProgressView

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("dispatch.staff_urls")),
    path("", include("dispatch.phone_urls")),
    path("app/emulator/inbox/<str:token>", relay.inbox),
    path("api/v1/gminas/<slug:slug>/alerts/<str:ref>/progress", ProgressView.as_view()),
]
