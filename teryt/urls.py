"""Pages of the registers."""

from django.urls import path

from teryt.pages import registers

urlpatterns = [path("operator/registers/", registers, name="registers")]
