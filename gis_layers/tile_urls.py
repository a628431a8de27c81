from django.urls import path

from gis_layers import difference_tiles, style_views, tile_views

urlpatterns = [
    path("<slug:slug>.json", tile_views.public_tilejson, name="tilejson"),
    path("<slug:slug>/staff.json", tile_views.staff_tilejson, name="staff_tilejson"),
    path("<slug:slug>/style.json", style_views.public_style, name="style"),
    path("<slug:slug>/staff/style.json", style_views.staff_style, name="staff_style"),
    path(
        "<slug:slug>/staff/editions/<int:edition_id>/<int:z>/<int:x>/<int:y>.mvt",
        difference_tiles.tile,
        name="difference_tile",
    ),
    path(
        "<slug:slug>/<int:revision>/<int:z>/<int:x>/<int:y>.mvt",
        tile_views.public_tile,
        name="tile",
    ),
    path(
        "<slug:slug>/staff/<int:revision>/<int:z>/<int:x>/<int:y>.mvt",
        tile_views.staff_tile,
        name="staff_tile",
    ),
]
