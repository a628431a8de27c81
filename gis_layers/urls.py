"""Layers: REST for staff and phones; tiles."""

from django.urls import include, path

from gis_layers import api, edition_api

GMINA = "api/v1/gminas/<slug:slug>/"

urlpatterns = [
    path("", include("gis_layers.staff_urls")),
    path("tiles/", include("gis_layers.tile_urls")),
    path(GMINA + "search", api.SearchView.as_view()),
    path(GMINA + "layers", api.LayersView.as_view()),
    path(GMINA + "layers/<slug:layer>/features", api.FeaturesView.as_view()),
    path(GMINA + "layers/<slug:layer>/features/<int:fid>", api.FeatureView.as_view()),
    path(GMINA + "features/<int:fid>", api.AnyFeatureView.as_view()),
    path(GMINA + "localities", api.LocalitiesView.as_view()),
    path(GMINA + "editions/<int:edition_id>/differences", edition_api.DifferencesView.as_view()),
    path("api/v1/locate", api.LocateView.as_view()),
    path("api/v1/addresses", api.AddressesView.as_view()),
]
