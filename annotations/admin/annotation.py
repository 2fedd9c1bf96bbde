"""What was labeled: to look at, never to touch."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from annotations.admin.tables import LargeTableAdmin, excerpt
from annotations.models import Annotation, Answer, Revision
from annotations.services.audit import Act


@admin.register(Annotation)
class AnnotationAdmin(LargeTableAdmin):
    seen_as = Act.ANNOTATIONS_SEEN
    list_display = (
        *("id", "unit_id", "campaign", "source", "membership", "model", "state", "confidence"),
        "saved_at",
    )
    list_select_related = ("unit__campaign", "membership")
    list_filter = ("source", "state", "flagged")
    search_fields = ("=membership__user__username", "=unit__campaign__slug", "=model")
    unread = ("note", "context")
    exclude = ("harmful",)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """That a comment harmed somebody is theirs alone: no address finds people by it."""
        return lookup.partition("__")[0] != "harmful" and super().lookup_allowed(
            lookup, value, request
        )

    @admin.display
    def campaign(self, annotation: Annotation) -> str:
        return annotation.unit.campaign.name


@admin.register(Answer)
class AnswerAdmin(LargeTableAdmin):
    seen_as = Act.ANNOTATIONS_SEEN
    list_display = ("id", "annotation_id", "question", "label", "number", "beginning")
    list_select_related = ("question", "label")
    search_fields = ("=question__key", "=label__key", "quote", "text")

    @admin.display(description="quote or text")
    def beginning(self, answer: Answer) -> str:
        return excerpt(answer.quote or answer.text)


@admin.register(Revision)
class RevisionAdmin(LargeTableAdmin):
    seen_as = Act.ANNOTATIONS_SEEN
    list_display = ("id", "annotation_id", "number", "state", "aside", "saved_at")
    list_filter = ("state", "aside")
    search_fields = ("=save_id",)
    unread = ("content",)
