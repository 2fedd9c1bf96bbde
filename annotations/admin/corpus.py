"""Corpora and what is in them."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from annotations.admin.acts import ServiceAdmin
from annotations.admin.erasing import ErasesPeople
from annotations.admin.tables import LargeTableAdmin, excerpt
from annotations.models import (
    Author,
    Comment,
    CommentRelation,
    CommentRevision,
    Corpus,
    DuplicateGroup,
    DuplicateMember,
    Thread,
)
from annotations.services.audit import Act
from annotations.services.corpora import change_corpus, create_corpus


@admin.register(Corpus)
class CorpusAdmin(ServiceAdmin):
    list_display = ("name", "slug", "author_names", "licence", "created_at")
    list_filter = ("author_names",)
    search_fields = ("name", "slug")
    fields = ("name", "slug", "description", "licence", "author_names", "created_at")
    prepopulated_fields = {"slug": ("name",)}
    actions = ("import_file",)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Corpus | None = None
    ) -> tuple[str, ...]:
        return ("slug", "created_at") if obj else ("created_at",)

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Corpus | None = None
    ) -> dict[str, Sequence[str]]:
        return {} if obj else {"slug": ("name",)}

    @admin.action(description="Import a file into this corpus", permissions=["view"])
    def import_file(self, request: HttpRequest, corpora: QuerySet[Corpus]) -> HttpResponse | None:
        chosen = list(corpora[:2])
        if len(chosen) != 1:
            messages.error(request, "A file is imported into one corpus: choose one.")
            return None
        return redirect(f"{reverse('admin:start_import')}?corpus={chosen[0].pk}")

    def save_model(
        self, request: HttpRequest, obj: Corpus, form: forms.ModelForm[Corpus], change: bool
    ) -> None:
        if change:
            change_corpus(corpus=obj, **form.cleaned_data, now=timezone.now())
        else:
            made = create_corpus(**form.cleaned_data, now=timezone.now())
            obj.pk = made.pk
            obj.refresh_from_db()


@admin.register(Thread)
class ThreadAdmin(LargeTableAdmin):
    seen_as = Act.RECORDS_SEEN
    list_display = ("id", "beginning", "platform", "corpus", "source_id", "missing")
    list_select_related = ("corpus",)
    list_filter = ("corpus",)
    search_fields = ("title", "source_id")
    unread = ("raw",)

    @admin.display(description="title")
    def beginning(self, thread: Thread) -> str:
        return excerpt(str(thread))


@admin.register(Author)
class AuthorAdmin(ErasesPeople, LargeTableAdmin):
    seen_as = Act.AUTHORS_SEEN
    list_display = ("id", "pseudonym", "name", "source_id", "corpus")
    list_select_related = ("corpus",)
    list_filter = ("corpus",)
    search_fields = ("pseudonym", "name", "source_id")
    actions = ("erase",)


@admin.register(Comment)
class CommentAdmin(LargeTableAdmin):
    seen_as = Act.RECORDS_SEEN
    list_display = ("id", "beginning", "kind", "status", "author", "thread", "position", "depth")
    list_select_related = ("author", "thread")
    list_filter = ("kind", "status", "corpus")
    search_fields = ("text", "source_id")
    unread = ("raw", "html", "blocks", "thread__raw")

    @admin.display(description="text")
    def beginning(self, comment: Comment) -> str:
        return excerpt(comment.text)


@admin.register(CommentRevision)
class CommentRevisionAdmin(LargeTableAdmin):
    seen_as = Act.RECORDS_SEEN
    list_display = ("id", "comment_id", "number", "beginning", "replaced_at")
    search_fields = ("=comment__source_id",)

    @admin.display(description="text")
    def beginning(self, revision: CommentRevision) -> str:
        return excerpt(revision.text)


@admin.register(CommentRelation)
class CommentRelationAdmin(LargeTableAdmin):
    list_display = ("id", "kind", "basis", "comment_id", "target_id", "target_author")
    list_select_related = ("target_author",)
    list_filter = ("kind", "basis")
    search_fields = ("=comment__source_id",)


@admin.register(DuplicateGroup)
class DuplicateGroupAdmin(LargeTableAdmin):
    list_display = ("id", "corpus", "rank", "size", "authors", "threads", "first_at", "last_at")
    list_select_related = ("corpus",)
    list_filter = ("corpus",)


@admin.register(DuplicateMember)
class DuplicateMemberAdmin(LargeTableAdmin):
    list_display = ("id", "group_id", "position", "comment_id", "similarity")
    search_fields = ("=comment__source_id",)
