"""The HTTP surface, as a table of contents: each app's paths are in its api/urls.py."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.generic import RedirectView
from drf_yasg.views import get_schema_view
from rest_framework.permissions import AllowAny

from config.facts import page as metrics
from config.health import Health, Live, Ready
from config.schema import INFO

description = get_schema_view(INFO, public=True, permission_classes=[AllowAny], authentication_classes=[])

urlpatterns: list[URLPattern | URLResolver] = [
    # what the platform does; the busiest door first
    path("", include("offers.api.urls")),
    path("", include("accounts.api.urls")),
    path("", include("webhooks.api.urls")),
    path("", include("bots.api.urls")),
    path("", include("broadcasts.api.urls")),
    path("", include("giveaways.api.urls")),
    path("", include("participants.api.urls")),
    # what anybody may look at
    path("", include("participants.urls")),
    # whether it does it
    re_path(r"^health/?$", Health.as_view(), name="health"),
    re_path(r"^health/live/?$", Live.as_view(), name="live"),
    re_path(r"^health/ready/?$", Ready.as_view(), name="ready"),
    re_path(r"^metrics/?$", metrics, name="metrics"),
    # what it says about itself
    re_path(r"^swagger\.(?P<format>json|yaml)$", description.without_ui(), name="swagger-file"),
    re_path(r"^swagger/?$", description.with_ui("swagger"), name="swagger"),
    re_path(r"^redoc/?$", description.with_ui("redoc"), name="redoc"),
    path("", RedirectView.as_view(pattern_name="swagger"), name="index"),
    # where staff look after it
    re_path(r"^admin$", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
]
