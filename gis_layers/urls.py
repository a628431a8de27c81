from django.urls import include, path

urlpatterns = [
    path("tiles/", include("gis_layers.tile_urls")),
]
