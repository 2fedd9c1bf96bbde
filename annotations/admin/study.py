"""What the study around the labels keeps: turns, invitations, disputes, notes, consensus."""

from __future__ import annotations

from django.contrib import admin

from annotations.admin.tables import LargeTableAdmin, excerpt
from annotations.models import (
    Consensus,
    Dispute,
    DisputedQuestion,
    Invitation,
    NoteReply,
    Turn,
)


@admin.register(Turn)
class TurnAdmin(LargeTableAdmin):
    list_display = ("id", "campaign", "thread_id", "slot", "membership", "held_until", "done_at")
    list_select_related = ("campaign", "membership")
    list_filter = ("campaign",)
    search_fields = ("=membership__user__username", "=campaign__slug")


@admin.register(Invitation)
class InvitationAdmin(LargeTableAdmin):
    list_display = ("prefix", "campaign", "role", "uses", "most_uses", "expires_at", "revoked_at")
    list_select_related = ("campaign",)
    list_filter = ("role",)
    search_fields = ("=campaign__slug", "=created_by__username")
    exclude = ("token_hash",)


@admin.register(Dispute)
class DisputeAdmin(LargeTableAdmin):
    list_display = ("id", "campaign", "unit_id", "share", "ratings", "membership", "decided_at")
    list_select_related = ("campaign", "membership")
    list_filter = ("campaign",)
    search_fields = ("=campaign__slug", "=unit__comment__source_id")


@admin.register(DisputedQuestion)
class DisputedQuestionAdmin(LargeTableAdmin):
    list_display = ("id", "dispute_id", "question", "share")
    list_select_related = ("question",)
    search_fields = ("=question__key", "=dispute__campaign__slug")


@admin.register(NoteReply)
class NoteReplyAdmin(LargeTableAdmin):
    list_display = ("id", "annotation_id", "beginning", "created_by", "created_at")
    list_select_related = ("created_by",)
    search_fields = ("=annotation__unit__campaign__slug", "note")

    @admin.display(description="note")
    def beginning(self, reply: NoteReply) -> str:
        return excerpt(reply.note)


@admin.register(Consensus)
class ConsensusAdmin(LargeTableAdmin):
    list_display = ("id", "aggregation_id", "unit_id", "question", "value")
    list_select_related = ("question",)
    search_fields = ("=question__key", "=aggregation__campaign__slug")
