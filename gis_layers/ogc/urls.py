from django.urls import path

from gis_layers.ogc import views

COLLECTION = "collections/<str:collection>"

urlpatterns = [
    path("", views.LandingView.as_view(), name="ogc"),
    path("api", views.ApiView.as_view(), name="ogc_api"),
    path("conformance", views.ConformanceView.as_view(), name="ogc_conformance"),
    path("collections", views.CollectionsView.as_view(), name="ogc_collections"),
    path(COLLECTION, views.CollectionView.as_view(), name="ogc_collection"),
    path(f"{COLLECTION}/queryables", views.QueryablesView.as_view(), name="ogc_queryables"),
    path(f"{COLLECTION}/items", views.ItemsView.as_view(), name="ogc_items"),
    path(f"{COLLECTION}/items/<str:feature>", views.ItemView.as_view(), name="ogc_item"),
]
