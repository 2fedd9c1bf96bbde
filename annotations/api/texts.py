"""Scans of a corpus's texts: started, watched, cancelled. For staff."""

from __future__ import annotations

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.jobs import JobSerializer, job_context
from annotations.api.operations import operation
from annotations.api.resource import Resource
from annotations.permissions import access_corpus, require_staff
from annotations.queue import enqueue
from annotations.selectors.texts import get_scan
from annotations.services.jobs import cancel_job
from annotations.services.texts import start_scan


class ScanSerializer(JobSerializer):
    """A look at all texts of a corpus, as a job; what it found is there when it is done."""

    corpus = serializers.SlugField(source="corpus.slug")
    languages = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="Comments by language code; `und` where it cannot be told.",
    )
    groups = serializers.IntegerField(help_text="Groups of near-duplicates.")
    copies = serializers.IntegerField(help_text="Comments in these groups.")


class ScansView(Resource):
    @operation("scans_create", ScanSerializer, status=202, errors=(404,))
    def post(self, request: Request, slug: str) -> Response:
        """Look for languages and near-duplicates again (staff); watch the scan by its id."""
        require_staff(self.user)
        now = timezone.now()
        scan = start_scan(corpus=access_corpus(self.user, slug), user=self.user, now=now)
        enqueue(scan)
        return self.show(ScanSerializer, scan, status=202, context=job_context(now))


class ScanView(Resource):
    @operation("scans_get", ScanSerializer, errors=(403, 404))
    def get(self, request: Request, pk: int) -> Response:
        """One scan: its state, its progress and what it found (staff)."""
        require_staff(self.user)
        return self.show(ScanSerializer, get_scan(pk), context=job_context(timezone.now()))


class ScanCancelView(Resource):
    @operation("scans_cancel", ScanSerializer, errors=(404, 409))
    def post(self, request: Request, pk: int) -> Response:
        """Stop a scan that has not ended (staff); the groups stay as they were."""
        require_staff(self.user)
        now = timezone.now()
        scan = cancel_job(job=get_scan(pk), now=now)
        return self.show(ScanSerializer, scan, context=job_context(now))
