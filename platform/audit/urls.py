"""The audit log's page."""

from django.urls import path

from audit import views

urlpatterns = [path("staff/<slug:slug>/audit/", views.log, name="audit")]
