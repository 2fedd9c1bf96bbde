"""Campaigns, their people, and who works on what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from annotations.admin.acts import ServiceAdmin, for_each
from annotations.admin.campaign_acts import CampaignActs
from annotations.admin.tables import LargeTableAdmin, excerpt
from annotations.models import Assignment, Campaign, Membership, Ruling, Unit
from annotations.queue import enqueue
from annotations.services.assignments import release_unit
from annotations.services.audit import Act
from annotations.services.campaigns import (
    Design,
    add_member,
    change_role,
    create_campaign,
)
from annotations.services.care import CareSettings, set_care

TEXTS = ("name", "slug", "description")
SOURCES = ("corpus", "codebook")
DESIGN = (
    *("overlap", "overlap_more", "share_more", "whole_threads"),
    *("order", "seed", "context", "lease_minutes"),
    *("show_article", "show_names", "show_scores", "show_times", "show_suggestions"),
)

CARE = ("cover_content", "support_text", "break_minutes", "daily_units", "daily_warned")
KEPT = (
    *("joined_at", "codebook_seen", "rulings_seen"),
    *("languages", "admitted_at", "paused_at", "pause_reason"),
)


@admin.register(Campaign)
class CampaignAdmin(CampaignActs, ServiceAdmin):
    """A new campaign draws all units that fit; later only its texts and its care change."""

    list_display = ("name", "slug", "state", "corpus", "codebook", "overlap", "created_at")
    list_select_related = ("corpus", "codebook")
    list_filter = ("state",)
    search_fields = ("name", "slug")
    fields = (*TEXTS, *SOURCES, *DESIGN, *CARE)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Campaign | None = None
    ) -> tuple[str, ...]:
        return ("slug", "state", "created_at", *SOURCES, *DESIGN) if obj else ()

    def get_fields(self, request: HttpRequest, obj: Campaign | None = None) -> tuple[str, ...]:
        return (*self.fields, "state", "created_at") if obj else self.fields

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Campaign | None = None
    ) -> dict[str, Sequence[str]]:
        return {} if obj else {"slug": ("name",)}

    def save_model(
        self, request: HttpRequest, obj: Campaign, form: forms.ModelForm[Campaign], change: bool
    ) -> None:
        values: dict[str, Any] = dict(form.cleaned_data)
        care = CareSettings(**{name: values.pop(name) for name in CARE})
        if change:
            set_care(campaign=obj, settings=care)
            super().save_model(request, obj, form, change)
            return
        design = Design(**{name: values.pop(name) for name in DESIGN})
        made = create_campaign(**values, design=design, care=care, now=timezone.now())
        enqueue(made.samples.get())
        obj.pk = made.pk
        obj.refresh_from_db()


@admin.register(Membership)
class MembershipAdmin(ServiceAdmin):
    seen_as = Act.PEOPLE_SEEN
    list_display = ("pseudonym", "user", "role", "campaign", "joined_at")
    list_select_related = ("user", "campaign")
    list_filter = ("role",)
    search_fields = ("user__username", "campaign__slug", "campaign__name")
    raw_id_fields = ("campaign", "user")
    fields = ("campaign", "user", "role")
    ordering = ("-pk",)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Membership | None = None
    ) -> tuple[str, ...]:
        return ("campaign", "user", "pseudonym", *KEPT) if obj else ()

    def get_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        return ("pseudonym", *self.fields, *KEPT) if obj else self.fields

    def save_model(
        self, request: HttpRequest, obj: Membership, form: forms.ModelForm[Membership], change: bool
    ) -> None:
        if change:
            change_role(membership=obj, role=form.cleaned_data["role"], now=timezone.now())
        else:
            made = add_member(**form.cleaned_data, now=timezone.now())
            obj.pk = made.pk
            obj.refresh_from_db()


@admin.register(Unit)
class UnitAdmin(LargeTableAdmin):
    list_display = ("id", "campaign", "order", "purpose", "thread", "comment_id")
    list_select_related = ("campaign", "thread")
    list_filter = ("purpose", "campaign")
    search_fields = ("=comment__source_id", "=thread__source_id")
    unread = ("thread__raw",)


@admin.register(Assignment)
class AssignmentAdmin(LargeTableAdmin):
    list_display = ("id", "campaign", "order", "slot", "state", "membership", "changed_at")
    list_select_related = ("campaign", "membership")
    list_filter = ("state", "campaign")
    search_fields = ("=membership__user__username", "=campaign__slug")
    actions = ("give_back",)

    @admin.action(description="Give back: others may take these units", permissions=["view"])
    def give_back(self, request: HttpRequest, assignments: QuerySet[Assignment]) -> None:
        def act(assignment: Assignment) -> None:
            release_unit(assignment=assignment, now=timezone.now())

        for_each(request, assignments, act, "units are free again")


@admin.register(Ruling)
class RulingAdmin(LargeTableAdmin):
    list_display = ("id", "campaign", "beginning", "created_by", "created_at")
    list_select_related = ("campaign", "created_by")
    search_fields = ("=campaign__slug", "text")

    @admin.display(description="text")
    def beginning(self, ruling: Ruling) -> str:
        return excerpt(ruling.text)
