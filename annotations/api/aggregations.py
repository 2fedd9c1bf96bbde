"""One answer from many for each unit of a campaign: made, watched, read."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.fields import Choice, JSONObject, RequestSerializer, WholeNumber
from annotations.api.jobs import JobSerializer, job_context
from annotations.api.operations import operation
from annotations.api.paging import NEWEST_FIRST, OLDEST_FIRST
from annotations.api.resource import Listing, Resource
from annotations.models import Aggregation, Consensus
from annotations.permissions import access_campaign
from annotations.queue import enqueue
from annotations.selectors.readable import consensus_of, readable_aggregation
from annotations.services.aggregation import start_aggregation
from annotations.services.audit import Act, note_seen
from annotations.services.jobs import cancel_job


class AggregationSerializer(JobSerializer):
    """One answer from many for each unit, as a job."""

    campaign = serializers.SlugField(source="campaign.slug")
    method = Choice(Aggregation.Method)
    seed = serializers.IntegerField()
    units = serializers.IntegerField(help_text="Units that have an answer.")


class AggregationResultSerializer(AggregationSerializer):
    """The same with each person's competence; docs/quality.md has the shape of `result`."""

    result = JSONObject()


class NewAggregationSerializer(RequestSerializer):
    """By which method; the seed matters to MACE alone."""

    method = Choice(Aggregation.Method)
    seed = WholeNumber(default=1)


@extend_schema_field(
    {
        "type": ["string", "number", "array", "null"],
        "items": {},
        "description": "A label's key, a list of keys or of spans, a number, or null.",
    }
)
class ConsensusValue(serializers.JSONField):
    """The one answer, in the shape of the question."""


@extend_schema_field({"type": "object", "additionalProperties": {"type": "number"}})
class Shares(serializers.JSONField):
    """The soft labels: from 0 to 1, by key; what is missing is 0."""


class ConsensusSerializer(serializers.Serializer[Any]):
    """The one answer to a question about a unit. `value` is null where two are level."""

    id = serializers.IntegerField()
    unit = serializers.IntegerField(source="unit_id")
    thread = serializers.CharField(source="unit.thread.source_id")
    comment = serializers.SerializerMethodField()
    question = serializers.CharField(source="question.key")
    value = ConsensusValue()
    shares = Shares()
    median = serializers.FloatField(allow_null=True)

    def get_comment(self, row: Consensus) -> str:
        """The comment's id at its source, empty for a whole thread."""
        return row.unit.comment.source_id if row.unit.comment else ""


class AggregationsView(Listing):
    orders = NEWEST_FIRST

    @operation("campaigns_aggregations_list", AggregationSerializer(many=True), errors=(403, 404))
    def get(self, request: Request, slug: str) -> Response:
        """What was made, the newest first."""
        access = access_campaign(self.user, slug, "annotation.read_all")
        runs = access.campaign.aggregations.select_related("campaign").defer("result")
        return self.list(runs, AggregationSerializer, job_context(timezone.now()))

    @operation(
        "campaigns_aggregations_create",
        AggregationSerializer,
        body=NewAggregationSerializer,
        status=202,
        errors=(404,),
    )
    def post(self, request: Request, slug: str) -> Response:
        """Make one answer from many, beside the labels, which stay as they are (managers)."""
        access = access_campaign(self.user, slug, "campaign.manage")
        wanted = self.read(NewAggregationSerializer)
        now = timezone.now()
        run = start_aggregation(campaign=access.campaign, user=self.user, now=now, **wanted)
        enqueue(run)
        return self.show(AggregationSerializer, run, status=202, context=job_context(now))


class AggregationView(Resource):
    @operation("aggregations_get", AggregationResultSerializer, errors=(404,))
    def get(self, request: Request, pk: int) -> Response:
        """Its state and progress, and what it says of each person once it is done."""
        run = readable_aggregation(self.user, pk)
        return self.show(AggregationResultSerializer, run, context=job_context(timezone.now()))


class AggregationCancelView(Resource):
    @operation("aggregations_cancel", AggregationSerializer, errors=(403, 404, 409))
    def post(self, request: Request, pk: int) -> Response:
        """Stop one that has not ended (managers)."""
        run = readable_aggregation(self.user, pk)
        access_campaign(self.user, run.campaign.slug, "campaign.manage")
        now = timezone.now()
        run = cancel_job(job=run, now=now)
        return self.show(AggregationSerializer, run, context=job_context(now))


class ConsensusView(Listing):
    orders = OLDEST_FIRST

    @operation("aggregations_rows", ConsensusSerializer(many=True), errors=(404,))
    def get(self, request: Request, pk: int) -> Response:
        """The answers, in stable order; complete once the aggregation is done."""
        run = readable_aggregation(self.user, pk)
        note_seen(act=Act.LABELS_TAKEN, about=run, now=timezone.now())
        return self.list(consensus_of(run), ConsensusSerializer)
