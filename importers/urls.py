"""The addresses of the import pages."""

from __future__ import annotations

from django.urls import path

from importers import pages

urlpatterns = [
    path("imports/", pages.imports, name="imports"),
    path("imports/new/", pages.new_import, name="new_import"),
    path("imports/<int:pk>/", pages.import_run, name="import"),
    path("imports/<int:pk>/progress/", pages.progress, name="import_progress"),
    path("imports/<int:pk>/refused.csv", pages.refused, name="import_refused"),
    path("imports/<int:pk>/format/", pages.choose_format, name="import_format"),
    path("imports/<int:pk>/start/", pages.start, name="start_import"),
    path("imports/<int:pk>/cancel/", pages.cancel, name="cancel_import"),
    path("imports/<int:pk>/retry/", pages.retry, name="retry_import"),
    path("imports/<int:pk>/repeat/", pages.repeat, name="repeat_import"),
]
