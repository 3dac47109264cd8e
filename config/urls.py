"""The HTTP surface, as a table of contents: each app's paths are in its api/urls.py."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("accounts.api.urls")),
    path("admin/", admin.site.urls),
]
