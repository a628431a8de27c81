"""Sign-in, the account, the people of a gmina."""

from django.urls import URLPattern, URLResolver, include, path
from two_factor.urls import urlpatterns as two_factor_urls

urlpatterns: list[URLPattern | URLResolver] = [path("", include(two_factor_urls))]
