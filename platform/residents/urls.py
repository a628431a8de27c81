"""Enrolment API; for staff, whom an edition would concern."""

from django.urls import path

from residents import api, weighing_api

urlpatterns = [
    path("api/v1/devices", api.DevicesView.as_view()),
    path("api/v1/devices/me", api.OwnDeviceView.as_view()),
    path("api/v1/devices/me/link", api.JoinCodeView.as_view()),
    path("api/v1/places", api.PlacesView.as_view()),
    path("api/v1/places/<uuid:place_id>", api.PlaceView.as_view()),
    path("api/v1/quiet", api.QuietView.as_view()),
    path("api/v1/residents/me", api.OwnResidentView.as_view()),
    path(
        "api/v1/gminas/<slug:slug>/editions/<int:edition_id>/effects",
        weighing_api.EffectsView.as_view(),
    ),
    path("api/v1/residents/me/export", api.OwnDataView.as_view()),
]
