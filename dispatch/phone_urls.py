"""REST for phones."""

from django.urls import path

from dispatch import phone_api, staff_phone_api

urlpatterns = [
    path("api/v1/alerts/active", phone_api.ActiveAlertsView.as_view()),
    path("api/v1/alerts/<ref:ref>", phone_api.AlertView.as_view()),
    path("api/v1/receipts", phone_api.ReceiptsView.as_view()),
    path("api/v1/mutes", phone_api.MutesView.as_view()),
    path("api/v1/devices/me/staff", staff_phone_api.StaffLinkView.as_view()),
    path("api/v1/kinds", phone_api.KindsView.as_view()),
]
