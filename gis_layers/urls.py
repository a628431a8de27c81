"""Layers: REST for staff and phones; tiles."""

from django.urls import include, path

from gis_layers import api, edit_api, edition_api, import_api, report_api
from gis_layers.ogc.views import LandingView

GMINA = "api/v1/gminas/<slug:slug>/"
EDITION = GMINA + "editions/<int:edition_id>/"
EDITS = GMINA + "layers/<slug:layer>/edits/"

urlpatterns = [
    path("", include("gis_layers.staff_urls")),
    # Not led to /ogc/: QGIS drops the slash of an address and follows no redirect.
    path("ogc", LandingView.as_view()),
    path("ogc/", include("gis_layers.ogc.urls")),
    path("tiles/", include("gis_layers.tile_urls")),
    path(GMINA + "search", api.SearchView.as_view()),
    path(GMINA + "layers", api.LayersView.as_view()),
    path(GMINA + "layers/<slug:layer>/features", api.FeaturesView.as_view()),
    path(GMINA + "layers/<slug:layer>/features/<int:fid>", api.FeatureView.as_view()),
    path(EDITS + "board", edit_api.BoardView.as_view()),
    path(EDITS + "features", edit_api.DrawView.as_view()),
    path(EDITS + "features/<int:fid>", edit_api.FeatureEditView.as_view()),
    path(EDITS + "features/<int:fid>/settle", edit_api.SettleView.as_view()),
    path(EDITS + "move", edit_api.MoveView.as_view()),
    path(EDITS + "vertex", edit_api.VertexView.as_view()),
    path(EDITS + "split", edit_api.SplitView.as_view()),
    path(EDITS + "merge", edit_api.MergeView.as_view()),
    path(EDITS + "undo", edit_api.UndoView.as_view()),
    path(EDITS + "redo", edit_api.RedoView.as_view()),
    path(GMINA + "features/<int:fid>", api.AnyFeatureView.as_view()),
    path(GMINA + "imports/<int:run_id>", import_api.ImportRunView.as_view()),
    path(GMINA + "localities", api.LocalitiesView.as_view()),
    path(EDITION + "differences", edition_api.DifferencesView.as_view()),
    path(EDITION + "report", report_api.ReportView.as_view()),
    path(EDITION + "report/acknowledge", report_api.AcknowledgeView.as_view()),
    path(EDITION + "findings", report_api.FindingsView.as_view()),
    path(EDITION + "findings/<int:finding_id>", report_api.FindingShapesView.as_view()),
    path("api/v1/locate", api.LocateView.as_view()),
    path("api/v1/addresses", api.AddressesView.as_view()),
]
