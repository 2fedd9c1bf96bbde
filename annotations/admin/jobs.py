"""Jobs as rows: those of a campaign here, imports in their own package, and their workers."""

from __future__ import annotations

from typing import ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from annotations.admin.acts import for_each
from annotations.admin.tables import ReadOnlyAdmin
from annotations.models import (
    Aggregation,
    AgreementRun,
    ExportRun,
    Job,
    Ranking,
    Recoding,
    Release,
    RuleRun,
    Sample,
    TextScan,
    Worker,
)
from annotations.queue import enqueue
from annotations.services.jobs import cancel_job, retry_job
from annotations.services.releases import withdraw_release
from annotations.services.sampling import retry_sample


class JobAdmin(ReadOnlyAdmin):
    """A job can be cancelled and tried again; everything else is the worker's to write."""

    ordering = ("-pk",)
    actions: tuple[str, ...] = ("cancel", "retry")

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")

    @admin.action(description="Cancel", permissions=["operate"])
    def cancel(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        for_each(request, jobs, lambda job: cancel_job(job=job, now=timezone.now()), "cancelled")

    @admin.action(description="Try again", permissions=["operate"])
    def retry(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        def again(job: Job) -> None:
            enqueue(retry_job(job=job, now=timezone.now()))

        for_each(request, jobs, again, "sent again")


@admin.register(TextScan)
class TextScanAdmin(JobAdmin):
    list_display = ("id", "corpus", "state", "groups", "copies", "created_at")
    list_select_related = ("corpus",)
    list_filter = ("state",)
    search_fields = ("=corpus__slug", "=created_by__username")


class CampaignJobAdmin(JobAdmin):
    """A job of a campaign: who asked for it and where is what one looks for."""

    search_fields: ClassVar[tuple[str, ...]] = ("=campaign__slug", "=created_by__username")


@admin.register(ExportRun)
class ExportRunAdmin(CampaignJobAdmin):
    list_display = ("id", "campaign", "format", "state", "rows", "bytes", "created_at")
    list_select_related = ("campaign",)
    list_filter = ("state", "format")
    search_fields = (*CampaignJobAdmin.search_fields, "=sha256")
    readonly_fields = ("download",)

    @admin.display(description="download")
    def download(self, run: ExportRun) -> str:
        if run.state != Job.State.DONE:
            return "when it is done"
        return format_html('<a href="{}">the file</a>', reverse("api:export_file", args=[run.pk]))


class ReasonForm(ActionForm):
    reason = forms.CharField(required=False, label="Reason to withdraw")


@admin.register(Release)
class ReleaseAdmin(CampaignJobAdmin):
    """Releases are drafted and confirmed on their campaign's page; the key is nobody's to see."""

    list_display = (
        *("id", "campaign", "version", "title", "state", "withdrawn_at"),
        *("rows", "bytes", "created_at"),
    )
    list_select_related = ("campaign",)
    list_filter = ("state", ("withdrawn_at", admin.EmptyFieldListFilter))
    search_fields = (*CampaignJobAdmin.search_fields, "title", "=version", "=sha256")
    exclude = ("manifest", "key")
    action_form = ReasonForm
    actions = (*JobAdmin.actions, "withdraw")

    @admin.action(
        description="Withdraw for the reason given: the files go", permissions=["operate"]
    )
    def withdraw(self, request: HttpRequest, releases: QuerySet[Release]) -> None:
        reason = request.POST.get("reason", "")

        def act(release: Release) -> None:
            withdraw_release(release=release, reason=reason, now=timezone.now())

        for_each(request, releases, act, "withdrawn")


@admin.register(Sample)
class SampleAdmin(CampaignJobAdmin):
    list_display = ("id", "campaign", "kind", "state", "candidates", "units", "created_at")
    list_select_related = ("campaign",)
    list_filter = ("state", "kind")

    @admin.action(description="Try again", permissions=["operate"])
    def retry(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        def again(job: Job) -> None:
            assert isinstance(job, Sample)
            enqueue(retry_sample(sample=job, now=timezone.now()))

        for_each(request, jobs, again, "sent again")


@admin.register(Ranking)
class RankingAdmin(CampaignJobAdmin):
    list_display = ("id", "campaign", "state", "units", "created_at")
    list_select_related = ("campaign",)
    list_filter = ("state",)


@admin.register(AgreementRun)
class AgreementRunAdmin(CampaignJobAdmin):
    list_display = ("id", "campaign", "state", "labels", "created_at")
    list_select_related = ("campaign",)
    list_filter = ("state",)
    exclude = ("result",)


@admin.register(Aggregation)
class AggregationAdmin(CampaignJobAdmin):
    list_display = ("id", "campaign", "method", "state", "units", "created_at")
    list_select_related = ("campaign",)
    list_filter = ("state", "method")
    exclude = ("result",)


@admin.register(Recoding)
class RecodingAdmin(CampaignJobAdmin):
    list_display = ("id", "campaign", "before", "after", "state", "created_at")
    list_filter = ("state",)
    list_select_related = ("campaign", "before", "after")


@admin.register(RuleRun)
class RuleRunAdmin(CampaignJobAdmin):
    list_display = ("id", "campaign", "least", "agree", "state", "settled", "created_at")
    list_select_related = ("campaign",)
    list_filter = ("state",)


@admin.register(Worker)
class WorkerAdmin(ReadOnlyAdmin):
    list_display = ("name", "seen_at")
    search_fields = ("name",)
