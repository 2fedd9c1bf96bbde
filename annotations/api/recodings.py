"""Recodings: a campaign's labels carried on to a newer version of its codebook."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.fields import RequestSerializer, WholeNumber
from annotations.api.jobs import JobSerializer, job_context
from annotations.api.operations import operation
from annotations.api.paging import NEWEST_FIRST
from annotations.api.resource import Listing, Resource
from annotations.permissions import access_campaign
from annotations.queue import enqueue
from annotations.selectors.recoding import newer_version, readable_recoding, recodings_of
from annotations.services.jobs import cancel_job, retry_job
from annotations.services.recoding import preview_recoding, start_recoding


class RecodingSerializer(JobSerializer):
    """The labels of a campaign carried on to a newer version of its codebook, as a job."""

    campaign = serializers.SlugField(source="campaign.slug")
    before = serializers.IntegerField(source="before.version", help_text="The version it had.")
    after = serializers.IntegerField(source="after.version", help_text="The version it gets.")
    reopen = serializers.BooleanField()
    mapping = serializers.JSONField(
        help_text="What becomes of each question and its labels; null where answers are dropped."
    )
    counts = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="Annotations, answers kept, changed and dropped, units given back: when done.",
    )


class NewRecodingSerializer(RequestSerializer):
    """The version to go on with."""

    version = WholeNumber(min_value=1)
    reopen = serializers.BooleanField(
        required=False,
        help_text="Whether units that now lack a required answer go back to their annotators.",
    )


class WantedVersionSerializer(RequestSerializer):
    """The version to go on with."""

    version = WholeNumber(min_value=1)


class FlowSerializer(serializers.Serializer[Any]):
    """So many answers, and what they become."""

    question = serializers.CharField()
    label = serializers.CharField(  # type: ignore[assignment]
        help_text="Empty for a question without labels."
    )
    to_question = serializers.CharField(allow_null=True, help_text="Null: dropped, or stuck.")
    to_label = serializers.CharField()
    answers = serializers.IntegerField()
    stuck = serializers.BooleanField(help_text="Nothing says what becomes of them.")


class MissingSerializer(serializers.Serializer[Any]):
    """A question that submitted annotations have no answer to, and that now needs one."""

    question = serializers.CharField()
    title = serializers.CharField()
    annotations = serializers.IntegerField()


class RecodingPreviewSerializer(serializers.Serializer[Any]):
    """What a recoding would do; with obstacles it cannot begin."""

    before = serializers.IntegerField(source="before.version")
    after = serializers.IntegerField(source="after.version")
    annotations = serializers.IntegerField()
    flows = FlowSerializer(many=True)
    missing = MissingSerializer(many=True)
    obstacles = serializers.ListField(child=serializers.CharField())


class RecodingsView(Listing):
    orders = NEWEST_FIRST

    @operation("campaigns_recodings", RecodingSerializer(many=True), errors=(403, 404))
    def get(self, request: Request, slug: str) -> Response:
        """The recodings of the campaign, the newest first (managers)."""
        access = access_campaign(self.user, slug, "campaign.manage")
        context = job_context(timezone.now())
        return self.list(recodings_of(access.campaign), RecodingSerializer, context)

    @operation(
        "campaigns_recode",
        RecodingSerializer,
        body=NewRecodingSerializer,
        status=202,
        errors=(404, 409),
    )
    def post(self, request: Request, slug: str) -> Response:
        """Carry all labels on to a newer version of the codebook (managers; not while open)."""
        access = access_campaign(self.user, slug, "campaign.manage")
        wanted, now = self.read(NewRecodingSerializer), timezone.now()
        recoding = start_recoding(
            campaign=access.campaign,
            after=newer_version(access.campaign, wanted["version"]),
            reopen=wanted.get("reopen", False),
            user=self.user,
            now=now,
        )
        enqueue(recoding)
        return self.show(RecodingSerializer, recoding, status=202, context=job_context(now))


class RecodingPreviewView(Resource):
    is_logged = False

    @operation(
        "campaigns_recodings_preview",
        RecodingPreviewSerializer,
        body=WantedVersionSerializer,
        errors=(404, 409),
    )
    def post(self, request: Request, slug: str) -> Response:
        """What a recoding would do, counted (managers). Nothing is changed."""
        access = access_campaign(self.user, slug, "campaign.manage")
        wanted = self.read(WantedVersionSerializer)
        after = newer_version(access.campaign, wanted["version"])
        plan = preview_recoding(campaign=access.campaign, after=after)
        return self.show(RecodingPreviewSerializer, plan)


class RecodingView(Resource):
    @operation("recodings_get", RecodingSerializer, errors=(404,))
    def get(self, request: Request, pk: int) -> Response:
        """One recoding: its state, its progress and what it did (managers)."""
        recoding = readable_recoding(self.user, pk)
        return self.show(RecodingSerializer, recoding, context=job_context(timezone.now()))


class RecodingCancelView(Resource):
    @operation("recodings_cancel", RecodingSerializer, errors=(404, 409))
    def post(self, request: Request, pk: int) -> Response:
        """Stop a recoding that has not ended; then no label has changed (managers)."""
        now = timezone.now()
        recoding = cancel_job(job=readable_recoding(self.user, pk), now=now)
        return self.show(RecodingSerializer, recoding, context=job_context(now))


class RecodingRetryView(Resource):
    @operation("recodings_retry", RecodingSerializer, status=202, errors=(404, 409))
    def post(self, request: Request, pk: int) -> Response:
        """Start a failed or cancelled recoding again (managers)."""
        now = timezone.now()
        recoding = retry_job(job=readable_recoding(self.user, pk), now=now)
        enqueue(recoding)
        return self.show(RecodingSerializer, recoding, status=202, context=job_context(now))
