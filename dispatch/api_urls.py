"""REST for staff: a gmina's audience, kinds and alerts."""

from django.urls import path

from dispatch import api, api_updates
from dispatch.plan_api import PlanView
from dispatch.progress_api import ProgressView
from dispatch.template_api import TemplatesView
from dispatch.teryt_api import PasteView, TreeView

GMINA = "api/v1/gminas/<slug:slug>"
ALERT = f"{GMINA}/alerts/<ref:ref>"

urlpatterns = [
    path(f"{GMINA}/audience", api.AudienceView.as_view()),
    path(f"{GMINA}/teryt", TreeView.as_view()),
    path(f"{GMINA}/teryt/resolve", PasteView.as_view()),
    path(f"{GMINA}/plan", PlanView.as_view()),
    path(f"{GMINA}/kinds", api.KindsView.as_view()),
    path(f"{GMINA}/templates", TemplatesView.as_view()),
    path(f"{GMINA}/alerts", api.AlertsView.as_view()),
    path(ALERT, api.AlertView.as_view()),
    path(f"{ALERT}/submit", api.SubmitView.as_view()),
    path(f"{ALERT}/recall", api.RecallView.as_view()),
    path(f"{ALERT}/return", api.ReturnView.as_view()),
    path(f"{ALERT}/approve", api.ApproveView.as_view()),
    path(f"{ALERT}/send", api.SendView.as_view()),
    path(f"{ALERT}/bypass", api.BypassView.as_view()),
    path(f"{ALERT}/cancel", api.CancelView.as_view()),
    path(f"{ALERT}/update", api_updates.ProposeUpdateView.as_view()),
    path(f"{ALERT}/update-send", api_updates.SendUpdateView.as_view()),
    path(f"{ALERT}/update-approve", api_updates.ApproveUpdateView.as_view()),
    path(f"{ALERT}/update-drop", api_updates.DropUpdateView.as_view()),
    path(f"{ALERT}/extend", api_updates.ExtendView.as_view()),
    path(f"{ALERT}/all-clear", api.AllClearView.as_view()),
    path(f"{ALERT}/withdraw", api.WithdrawView.as_view()),
    path(f"{ALERT}/progress", ProgressView.as_view()),
]
