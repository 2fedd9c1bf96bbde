"""Exports: asked for, watched, downloaded."""

from __future__ import annotations

from django.core.files.storage import default_storage
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.contents import CONTENTS_FIELDS, ContentsField
from annotations.api.errors import fields_below
from annotations.api.fields import RequestSerializer
from annotations.api.filters import CampaignFilters
from annotations.api.jobs import JobSerializer, job_context
from annotations.api.operations import operation
from annotations.api.paging import NEWEST_FIRST
from annotations.api.ranges import FILE, RANGES, StoredFile, file_answer
from annotations.api.resource import FilteredListing, Resource
from annotations.api.taking import note_taken
from annotations.errors import Conflict
from annotations.exporters.registry import exporter
from annotations.models import ExportRun
from annotations.permissions import access_campaign
from annotations.queue import enqueue
from annotations.selectors.readable import readable_export, readable_exports
from annotations.services.audit import Act
from annotations.services.exports import start_export
from annotations.services.jobs import cancel_job, retry_job


class ExportSerializer(JobSerializer):
    """An export of a campaign's labels, as a job."""

    campaign = serializers.SlugField(source="campaign.slug")
    format = serializers.CharField()
    rows = serializers.IntegerField()
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField()
    contents = ContentsField()
    withheld = serializers.IntegerField(
        help_text="Comments that stayed behind because their source took them back."
    )
    warnings = serializers.ListField(
        child=serializers.CharField(), help_text="What you should know before you use the file."
    )


class NewExportSerializer(RequestSerializer):
    """An export to start."""

    campaign = serializers.SlugField(help_text="The campaign's slug.")
    format = serializers.CharField(max_length=20, help_text="Such as `jsonl` or `csv`.")
    contents = ContentsField(required=False)


class ExportsView(FilteredListing):
    filterset_class = CampaignFilters
    queryset = ExportRun.objects.none()
    orders = NEWEST_FIRST

    @operation("exports_list", ExportSerializer(many=True), errors=(404,))
    def get(self, request: Request) -> Response:
        """The exports of the campaigns that you may export, the newest first."""
        context = job_context(timezone.now())
        return self.list(readable_exports(self.user), ExportSerializer, context)

    @operation(
        "exports_create", ExportSerializer, body=NewExportSerializer, status=202, errors=(404,)
    )
    def post(self, request: Request) -> Response:
        """Start an export; watch it by its id."""
        wanted = self.read(NewExportSerializer)
        access = access_campaign(self.user, wanted["campaign"], "export.create")
        now = timezone.now()
        with fields_below("contents", CONTENTS_FIELDS):
            run = start_export(
                campaign=access.campaign,
                format=wanted["format"],
                contents=wanted.get("contents"),
                user=self.user,
                now=now,
            )
        enqueue(run)
        return self.show(ExportSerializer, run, status=202, context=job_context(now))


class ExportView(Resource):
    @operation("exports_get", ExportSerializer, errors=(404,))
    def get(self, request: Request, pk: int) -> Response:
        """One export: its state and progress."""
        run = readable_export(self.user, pk)
        return self.show(ExportSerializer, run, context=job_context(timezone.now()))


class ExportFileView(Resource):
    @operation("exports_file", FILE, errors=(404, 409), parameters=RANGES)
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """The finished file, to be kept under its name; or the part of it that you ask for."""
        run = readable_export(self.user, pk)
        if run.state != ExportRun.State.DONE:
            raise Conflict(f"The {run} is {run.state}: it has no file.")
        if not default_storage.exists(run.file):
            raise Conflict("The file of this export is not kept any more: export again.")
        chosen = exporter(run.format)
        file = StoredFile(
            stored=run.file,
            name=f"{run.campaign.slug}-{run.pk}.{chosen.extension}",
            size=run.bytes,
            sha256=run.sha256,
            content_type=chosen.content_type,
        )
        note_taken(request, act=Act.EXPORT_TAKEN, about=run)
        return file_answer(request, file)


class ExportCancelView(Resource):
    @operation("exports_cancel", ExportSerializer, errors=(404, 409))
    def post(self, request: Request, pk: int) -> Response:
        """Stop an export that has not ended."""
        now = timezone.now()
        run = cancel_job(job=readable_export(self.user, pk), now=now)
        return self.show(ExportSerializer, run, context=job_context(now))


class ExportRetryView(Resource):
    @operation("exports_retry", ExportSerializer, status=202, errors=(404, 409))
    def post(self, request: Request, pk: int) -> Response:
        """Start a failed or cancelled export again."""
        now = timezone.now()
        run = retry_job(job=readable_export(self.user, pk), now=now)
        enqueue(run)
        return self.show(ExportSerializer, run, status=202, context=job_context(now))
