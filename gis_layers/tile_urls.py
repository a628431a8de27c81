from django.urls import path

from gis_layers import tile_views

urlpatterns = [
    path("<slug:slug>.json", tile_views.public_tilejson, name="tilejson"),
    path("<slug:slug>/staff.json", tile_views.staff_tilejson, name="staff_tilejson"),
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
