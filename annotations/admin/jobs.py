"""Jobs as rows: exports here, imports in their own package, and the workers that do them."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from annotations.admin.acts import for_each
from annotations.admin.tables import ReadOnlyAdmin
from annotations.models import ExportRun, Job, Recoding, TextScan, Worker
from annotations.queue import enqueue
from annotations.services.jobs import cancel_job, retry_job


class JobAdmin(ReadOnlyAdmin):
    """A job can be cancelled and tried again; everything else is the worker's to write."""

    ordering = ("-pk",)
    actions = ("cancel", "retry")

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


@admin.register(ExportRun)
class ExportRunAdmin(JobAdmin):
    list_display = ("id", "campaign", "format", "state", "rows", "bytes", "created_at")
    list_select_related = ("campaign",)
    list_filter = ("state", "format")
    search_fields = ("=campaign__slug", "=created_by__username")


@admin.register(TextScan)
class TextScanAdmin(JobAdmin):
    list_display = ("id", "corpus", "state", "groups", "copies", "created_at")
    list_select_related = ("corpus",)
    list_filter = ("state",)
    search_fields = ("=corpus__slug", "=created_by__username")


@admin.register(Recoding)
class RecodingAdmin(JobAdmin):
    list_display = ("id", "campaign", "before", "after", "state", "created_at")
    list_select_related = ("campaign", "before", "after")
    list_filter = ("state",)
    search_fields = ("=campaign__slug", "=created_by__username")


@admin.register(Worker)
class WorkerAdmin(ReadOnlyAdmin):
    list_display = ("name", "seen_at")
    search_fields = ("name",)
