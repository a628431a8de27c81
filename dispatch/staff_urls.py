"""Staff pages of alerts."""

from django.urls import path

from dispatch import (
    account_pages,
    notice_pages,
    roster_pages,
    rules_pages,
    statistics_page,
    template_pages,
    views,
)

app_name = "staff"

urlpatterns = [
    path("account/phones/", account_pages.phones, name="phones"),
    path("staff/", views.start, name="start"),
    path("staff/<slug:slug>/", views.desk, name="desk"),
    path("staff/<slug:slug>/alerts/", views.history, name="history"),
    path("staff/<slug:slug>/alerts/new/", views.new, name="new"),
    path("staff/<slug:slug>/alerts/<ref:ref>/", views.alert, name="alert"),
    path("staff/<slug:slug>/alerts/<ref:ref>/edit/", views.edit, name="edit"),
    path("staff/<slug:slug>/notices/", notice_pages.page, name="notices"),
    path("staff/<slug:slug>/rules/", rules_pages.page, name="rules"),
    path("staff/<slug:slug>/roster/", roster_pages.page, name="roster"),
    path("staff/<slug:slug>/templates/", template_pages.listed, name="templates"),
    path("staff/<slug:slug>/templates/new/", template_pages.new, name="template_new"),
    path(
        "staff/<slug:slug>/templates/<int:template_id>/",
        template_pages.one,
        name="template",
    ),
    path("staff/<slug:slug>/statistics/", statistics_page.statistics, name="statistics"),
    path("staff/<slug:slug>/lookup/", views.lookup, name="lookup"),
]
