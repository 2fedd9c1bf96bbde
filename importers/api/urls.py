"""The addresses of imports below ``/api/v1/``."""

from __future__ import annotations

from django.urls import path

from importers.api import imports, records

app_name = "imports_api"
urlpatterns = [
    path("corpora/<slug:slug>/records/", records.RecordsView.as_view(), name="records"),
    path("imports/", imports.ImportsView.as_view(), name="imports"),
    path("imports/<int:pk>/", imports.ImportView.as_view(), name="import"),
    path("imports/<int:pk>/cancel/", imports.ImportCancelView.as_view(), name="import_cancel"),
    path("imports/<int:pk>/retry/", imports.ImportRetryView.as_view(), name="import_retry"),
]
