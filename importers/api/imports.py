"""Imports: a file handed in, watched, cancelled, started again. For staff."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.fields import JSONObject, RequestSerializer, Time
from annotations.api.filters import ChoiceFilter, CorpusFilters
from annotations.api.jobs import JobSerializer, job_context
from annotations.api.operations import operation
from annotations.api.paging import NEWEST_FIRST
from annotations.api.resource import FilteredListing, Resource
from annotations.permissions import access_corpus, require_staff
from annotations.queue import enqueue
from annotations.services.jobs import cancel_job, retry_job
from importers.models import ImportRun
from importers.selectors import get_import, imports
from importers.services import stage_import, start_import


class RefusalSerializer(serializers.Serializer[Any]):
    line = serializers.IntegerField(allow_null=True)
    message = serializers.CharField()


class ImportSerializer(JobSerializer):
    """The import of one file, as a job."""

    corpus = serializers.SlugField(source="corpus.slug")
    format = serializers.CharField()
    file_name = serializers.CharField()
    sha256 = serializers.CharField()
    options = JSONObject()
    dry_run = serializers.BooleanField()
    stored = serializers.IntegerField(help_text="Records stored so far, while it runs.")
    started_at = Time(allow_null=True)
    counts = JSONObject(
        help_text="What was created, updated, unchanged, refused; empty until done."
    )
    refusals = RefusalSerializer(many=True)


class NewImportSerializer(RequestSerializer):
    """A file to import."""

    file = serializers.FileField(allow_empty_file=True)
    corpus = serializers.SlugField(help_text="The corpus's slug.")
    format = serializers.CharField(
        max_length=40, required=False, help_text="Told by the content if it is left out."
    )
    options = JSONObject(required=False, help_text="Guessed from the file if they are left out.")
    dry_run = serializers.BooleanField(default=False)


class ImportFilters(CorpusFilters):
    state = ChoiceFilter(ImportRun.State, help_text="Only those in this state.")


class ImportsView(FilteredListing):
    parser_classes = (MultiPartParser,)
    filterset_class = ImportFilters
    queryset = ImportRun.objects.none()
    orders = NEWEST_FIRST

    @operation("imports_list", ImportSerializer(many=True), errors=(403, 404))
    def get(self, request: Request) -> Response:
        """All imports, the newest first (staff)."""
        require_staff(self.user)
        return self.list(imports(), ImportSerializer, job_context(timezone.now()))

    @operation(
        "imports_create",
        ImportSerializer,
        body={"multipart/form-data": NewImportSerializer},
        status=202,
        errors=(404, 409),
    )
    def post(self, request: Request) -> Response:
        """Import a file into a corpus (staff); watch it by its id."""
        require_staff(self.user)
        wanted = self.read(NewImportSerializer)
        corpus = access_corpus(self.user, wanted.pop("corpus"))
        now = timezone.now()
        staged = stage_import(
            corpus=corpus, name=wanted["file"].name, user=self.user, now=now, **wanted
        )
        run = start_import(run=staged)
        enqueue(run)
        return self.show(ImportSerializer, run, status=202, context=job_context(now))


class ImportView(Resource):
    @operation("imports_get", ImportSerializer, errors=(403, 404))
    def get(self, request: Request, pk: int) -> Response:
        """One import: its state, progress and report (staff)."""
        require_staff(self.user)
        return self.show(ImportSerializer, get_import(pk), context=job_context(timezone.now()))


class ImportCancelView(Resource):
    @operation("imports_cancel", ImportSerializer, errors=(404, 409))
    def post(self, request: Request, pk: int) -> Response:
        """Stop an import that has not ended (staff); what was stored stays."""
        require_staff(self.user)
        now = timezone.now()
        run = cancel_job(job=get_import(pk), now=now)
        return self.show(ImportSerializer, run, context=job_context(now))


class ImportRetryView(Resource):
    @operation("imports_retry", ImportSerializer, status=202, errors=(404, 409))
    def post(self, request: Request, pk: int) -> Response:
        """Start a failed or cancelled import again (staff); nothing is stored twice."""
        require_staff(self.user)
        now = timezone.now()
        run = retry_job(job=get_import(pk), now=now)
        enqueue(run)
        return self.show(ImportSerializer, run, status=202, context=job_context(now))
