"""Staff pages of layers."""

from django.urls import path

from gis_layers import layer_pages, settings_pages

app_name = "layers"

urlpatterns = [
    path("staff/<slug:slug>/layers/", layer_pages.listed, name="list"),
    path(
        "staff/<slug:slug>/layers/editions/<int:edition_id>/", layer_pages.edition, name="edition"
    ),
    path("staff/<slug:slug>/layers/new/", settings_pages.new, name="new"),
    path(
        "staff/<slug:slug>/layers/<slug:layer>/settings/", settings_pages.settings, name="settings"
    ),
    path(
        "staff/<slug:slug>/layers/<slug:layer>/preview.json", settings_pages.preview, name="preview"
    ),
    # After all others: a layer's slug is a word like theirs.
    path("staff/<slug:slug>/layers/<slug:layer>/", layer_pages.layer, name="layer"),
]
