"""Codebooks: loaded from YAML, never changed."""

from __future__ import annotations

from django.contrib import admin

from annotations.admin.tables import LargeTableAdmin, ReadOnlyAdmin
from annotations.models import Codebook, Label, Question


@admin.register(Codebook)
class CodebookAdmin(ReadOnlyAdmin):
    list_display = ("title", "key", "version", "language", "created_at")
    list_filter = ("language",)
    search_fields = ("title", "key")
    ordering = ("key", "-version")


@admin.register(Question)
class QuestionAdmin(LargeTableAdmin):
    list_display = ("id", "key", "title", "kind", "unit", "required", "codebook")
    list_select_related = ("codebook",)
    list_filter = ("kind", "unit")
    search_fields = ("key", "title", "codebook__key")
    unread = ("codebook__source", "codebook__guidelines", "codebook__translations")


@admin.register(Label)
class LabelAdmin(LargeTableAdmin):
    list_display = ("id", "key", "title", "hotkey", "value", "question")
    list_select_related = ("question",)
    search_fields = ("key", "title", "question__key")
