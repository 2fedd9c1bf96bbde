"""The agreement of a campaign: computed anew, watched, read."""

from __future__ import annotations

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.fields import JSONObject, RequestSerializer, WholeNumber
from annotations.api.jobs import JobSerializer, job_context
from annotations.api.operations import operation
from annotations.api.paging import NEWEST_FIRST
from annotations.api.resource import Listing, Resource
from annotations.permissions import access_campaign
from annotations.queue import enqueue
from annotations.selectors.readable import readable_agreement
from annotations.services.agreement import MOST_RESAMPLES, start_agreement
from annotations.services.jobs import cancel_job


class AgreementRunSerializer(JobSerializer):
    """The figures of agreement of a campaign, as a job."""

    campaign = serializers.SlugField(source="campaign.slug")
    seed = serializers.IntegerField()
    resamples = serializers.IntegerField(help_text="Samples drawn for each interval.")
    labels = serializers.IntegerField(help_text="Answers that the figures are made of.")


class AgreementResultSerializer(AgreementRunSerializer):
    """The same with its figures; docs/quality.md has the shape of `result`."""

    result = JSONObject()


class NewAgreementSerializer(RequestSerializer):
    """How intervals are made."""

    seed = WholeNumber(default=1)
    resamples = WholeNumber(
        default=1000, max_value=MOST_RESAMPLES, help_text="0: figures without intervals."
    )


class AgreementRunsView(Listing):
    orders = NEWEST_FIRST

    @operation("campaigns_agreement_list", AgreementRunSerializer(many=True), errors=(403, 404))
    def get(self, request: Request, slug: str) -> Response:
        """What was computed, the newest first; without the figures themselves."""
        access = access_campaign(self.user, slug, "annotation.read_all")
        runs = access.campaign.agreements.select_related("campaign").defer("result")
        return self.list(runs, AgreementRunSerializer, job_context(timezone.now()))

    @operation(
        "campaigns_agreement_create",
        AgreementRunSerializer,
        body=NewAgreementSerializer,
        status=202,
        errors=(404,),
    )
    def post(self, request: Request, slug: str) -> Response:
        """Compute all figures anew; the one that waits already, where it asks the same."""
        access = access_campaign(self.user, slug, "annotation.read_all")
        wanted = self.read(NewAgreementSerializer)
        now = timezone.now()
        run = start_agreement(campaign=access.campaign, user=self.user, now=now, **wanted)
        enqueue(run)
        return self.show(AgreementRunSerializer, run, status=202, context=job_context(now))


class AgreementRunView(Resource):
    @operation("agreement_get", AgreementResultSerializer, errors=(404,))
    def get(self, request: Request, pk: int) -> Response:
        """Its state and progress, and its figures once it is done."""
        run = readable_agreement(self.user, pk)
        return self.show(AgreementResultSerializer, run, context=job_context(timezone.now()))


class AgreementCancelView(Resource):
    @operation("agreement_cancel", AgreementRunSerializer, errors=(404, 409))
    def post(self, request: Request, pk: int) -> Response:
        """Stop one that has not ended."""
        now = timezone.now()
        run = cancel_job(job=readable_agreement(self.user, pk), now=now)
        return self.show(AgreementRunSerializer, run, context=job_context(now))
