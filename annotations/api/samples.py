"""How a campaign's units are drawn: started, extended, watched; new orders; whole threads."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.fields import Choice, JSONObject, RequestSerializer, Time, WholeNumber
from annotations.api.jobs import JobSerializer, job_context
from annotations.api.operations import operation
from annotations.api.paging import NEWEST_FIRST, OLDEST_FIRST
from annotations.api.recipes import RecipeSerializer
from annotations.api.resource import Listing, Resource
from annotations.models import Sample, Turn
from annotations.permissions import access_campaign
from annotations.queue import enqueue
from annotations.samples.recipe import Recipe
from annotations.selectors.recipe_words import sample_in_words
from annotations.selectors.samples import (
    managed_ranking,
    managed_sample,
    readable_ranking,
    readable_sample,
)
from annotations.selectors.turns import held_turns, turn_of_campaign
from annotations.services.jobs import cancel_job
from annotations.services.ranking import start_ranking
from annotations.services.sampling import raise_overlap, retry_sample, start_sample
from annotations.services.turns import release_turn


class SampleSerializer(JobSerializer):
    """A drawing of units, or more labels for each, as a job. Its recipe never changes."""

    campaign = serializers.SlugField(source="campaign.slug")
    kind = Choice(Sample.Kind)
    recipe = JSONObject(read_only=True, help_text="Whole: the same again gives the same units.")
    in_words = serializers.SerializerMethodField()
    candidates = serializers.IntegerField(help_text="How many fitted.")
    units = serializers.IntegerField(help_text="How many of them were drawn.")

    def get_in_words(self, sample: Sample) -> str:
        """The recipe in English."""
        return " ".join(sample_in_words(sample))


class OverlapSerializer(RequestSerializer):
    """How many annotators label each unit from now on."""

    overlap = WholeNumber(min_value=2, max_value=100)


class RankingSerializer(JobSerializer):
    """A new order of the free units, as a job."""

    campaign = serializers.SlugField(source="campaign.slug")
    units = serializers.IntegerField(help_text="How many were put in order.")


class TurnSerializer(serializers.Serializer[Turn]):
    """A thread that somebody labels whole."""

    id = serializers.IntegerField()
    thread = serializers.IntegerField(source="thread_id")
    annotator = serializers.CharField(source="membership.pseudonym")
    held_until = Time(help_text="Untouched for so long, the rest goes to somebody else.")


class SamplesView(Listing):
    orders = NEWEST_FIRST

    @operation("samples_list", SampleSerializer(many=True), errors=(403, 404))
    def get(self, request: Request, slug: str) -> Response:
        """How the campaign's units were drawn, the newest first."""
        access = access_campaign(self.user, slug, "corpus.read")
        samples = Sample.objects.filter(campaign=access.campaign).select_related("campaign")
        return self.list(samples, SampleSerializer, job_context(timezone.now()))

    @operation(
        "samples_create", SampleSerializer, body=RecipeSerializer, status=202, errors=(404, 409)
    )
    def post(self, request: Request, slug: str) -> Response:
        """Add units to a campaign that is not closed (managers); watch the drawing by its id."""
        access = access_campaign(self.user, slug, "campaign.manage")
        recipe = Recipe(**self.read(RecipeSerializer))
        now = timezone.now()
        sample = start_sample(campaign=access.campaign, recipe=recipe, user=self.user, now=now)
        return _started(self, sample)


class OverlapView(Resource):
    @operation(
        "overlap_raise", SampleSerializer, body=OverlapSerializer, status=202, errors=(404, 409)
    )
    def post(self, request: Request, slug: str) -> Response:
        """Have each unit labeled by more annotators (managers)."""
        access = access_campaign(self.user, slug, "campaign.manage")
        wanted = self.read(OverlapSerializer)
        now = timezone.now()
        sample = raise_overlap(campaign=access.campaign, user=self.user, now=now, **wanted)
        return _started(self, sample)


class SampleView(Resource):
    @operation("samples_get", SampleSerializer, errors=(404,))
    def get(self, request: Request, pk: int) -> Response:
        """One drawing: its recipe, its state and progress."""
        sample = readable_sample(self.user, pk)
        return self.show(SampleSerializer, sample, context=job_context(timezone.now()))


class SampleCancelView(Resource):
    @operation("samples_cancel", SampleSerializer, errors=(404, 409))
    def post(self, request: Request, pk: int) -> Response:
        """Stop a drawing (managers); units that nobody touched are taken away again."""
        now = timezone.now()
        sample = cancel_job(job=managed_sample(self.user, pk), now=now)
        return self.show(SampleSerializer, sample, context=job_context(now))


class SampleRetryView(Resource):
    @operation("samples_retry", SampleSerializer, status=202, errors=(404, 409))
    def post(self, request: Request, pk: int) -> Response:
        """Draw a failed or cancelled sample again (managers)."""
        sample = retry_sample(sample=managed_sample(self.user, pk), now=timezone.now())
        return _started(self, sample)


class RankingsView(Resource):
    @operation("rankings_create", RankingSerializer, status=202, errors=(404, 409))
    def post(self, request: Request, slug: str) -> Response:
        """Put the free units in a new order, what models are least sure of first (managers)."""
        access = access_campaign(self.user, slug, "campaign.manage")
        now = timezone.now()
        ranking = start_ranking(campaign=access.campaign, user=self.user, now=now)
        enqueue(ranking)
        return self.show(RankingSerializer, ranking, status=202, context=job_context(now))


class RankingView(Resource):
    @operation("rankings_get", RankingSerializer, errors=(404,))
    def get(self, request: Request, pk: int) -> Response:
        """One new order: its state and progress."""
        ranking = readable_ranking(self.user, pk)
        return self.show(RankingSerializer, ranking, context=job_context(timezone.now()))


class RankingCancelView(Resource):
    @operation("rankings_cancel", RankingSerializer, errors=(404, 409))
    def post(self, request: Request, pk: int) -> Response:
        """Stop a new order (managers); units that were put in order stay there."""
        now = timezone.now()
        ranking = cancel_job(job=managed_ranking(self.user, pk), now=now)
        return self.show(RankingSerializer, ranking, context=job_context(now))


class TurnsView(Listing):
    orders = OLDEST_FIRST

    @operation("turns_list", TurnSerializer(many=True), errors=(403, 404))
    def get(self, request: Request, slug: str) -> Response:
        """The threads that somebody labels whole just now (managers)."""
        access = access_campaign(self.user, slug, "campaign.manage")
        return self.list(held_turns(access.campaign), TurnSerializer)


class TurnReleaseView(Resource):
    @operation("turns_release", {204: None}, errors=(404, 409))
    def post(self, request: Request, slug: str, pk: int) -> Response:
        """Give the rest of a thread to somebody else (managers); what was begun stays."""
        access = access_campaign(self.user, slug, "campaign.manage")
        release_turn(turn=turn_of_campaign(access.campaign, pk), now=timezone.now())
        return Response(status=204)


def _started(view: Resource, sample: Any) -> Response:
    enqueue(sample)
    context = job_context(timezone.now())
    return view.show(SampleSerializer, sample, status=202, context=context)
