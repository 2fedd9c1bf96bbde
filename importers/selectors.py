"""Imports to show."""

from __future__ import annotations

from django.db.models import QuerySet

from annotations.errors import NotFound
from importers.models import ImportRun


def imports() -> QuerySet[ImportRun]:
    return ImportRun.objects.select_related("corpus", "created_by")


def get_import(pk: int) -> ImportRun:
    """Raises NotFound."""
    run = imports().filter(pk=pk).first()
    if run is None:
        raise NotFound(f"There is no import {pk}.")
    return run
