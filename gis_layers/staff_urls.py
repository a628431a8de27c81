"""Staff pages of layers."""

from django.urls import path

from gis_layers import (
    edit_pages,
    import_pages,
    layer_pages,
    report_pages,
    settings_pages,
    tile_pages,
)
from gis_layers.districts import pages as district_pages
from gis_layers.register import pages as register_pages

app_name = "layers"

urlpatterns = [
    path("staff/<slug:slug>/layers/", layer_pages.listed, name="list"),
    path("staff/<slug:slug>/teryt/", register_pages.teryt, name="teryt"),
    path("staff/<slug:slug>/tiles/", tile_pages.inspector, name="tiles"),
    path("staff/<slug:slug>/tiles/export", tile_pages.export, name="tiles_export"),
    path(
        "staff/<slug:slug>/layers/editions/<int:edition_id>/", layer_pages.edition, name="edition"
    ),
    path(
        "staff/<slug:slug>/layers/editions/<int:edition_id>/findings.gpkg",
        report_pages.download,
        name="findings",
    ),
    path("staff/<slug:slug>/layers/new/", settings_pages.new, name="new"),
    path(
        "staff/<slug:slug>/layers/<slug:layer>/settings/", settings_pages.settings, name="settings"
    ),
    path(
        "staff/<slug:slug>/layers/<slug:layer>/preview.json", settings_pages.preview, name="preview"
    ),
    path("staff/<slug:slug>/layers/<slug:layer>/edit/", edit_pages.editor, name="edit"),
    path("staff/<slug:slug>/layers/<slug:layer>/download", edit_pages.download, name="download"),
    path("staff/<slug:slug>/layers/<slug:districts>/lists/", district_pages.listed, name="lists"),
    path(
        "staff/<slug:slug>/layers/<slug:districts>/lists/new/", district_pages.new, name="list_new"
    ),
    path(
        "staff/<slug:slug>/layers/<slug:districts>/lists/<int:list_id>/",
        district_pages.one,
        name="list_one",
    ),
    path("staff/<slug:slug>/layers/import/", import_pages.begin, name="import"),
    path("staff/<slug:slug>/layers/import/<int:run_id>/", import_pages.run, name="import_run"),
    # After all others: a layer's slug is a word like theirs.
    path("staff/<slug:slug>/layers/<slug:layer>/", layer_pages.layer, name="layer"),
]
