"""What models suggest, sent in bulk by a script."""

from __future__ import annotations

from django.http import FileResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.bulk import RESULTS, BulkResource
from annotations.api.fields import AnswersOfManyField, FiniteNumber, RequestSerializer, WholeNumber
from annotations.api.filters import BIGGEST_ID
from annotations.api.ndjson import NDJSON, is_ndjson
from annotations.api.operations import JSON, operation
from annotations.api.suggestion_lines import SuggestionLineSerializer, SuggestionsTaker
from annotations.errors import InvalidInput
from annotations.permissions import access_campaign
from annotations.queue import enqueue
from annotations.services.ranking import rank_after_suggestions
from annotations.services.suggestions import (
    MOST,
    Refused,
    Suggested,
    Suggestion,
    suggest_answers,
)

IN_THE_BODY = "With JSON, the model's name stands in the body."
MODEL = OpenApiParameter(
    "model", str, description="With lines: the model's name for those that do not say it."
)


class NewSuggestionSerializer(RequestSerializer):
    """A model's answers to one comment's unit."""

    comment = WholeNumber(max_value=BIGGEST_ID, help_text="The comment's id.")
    answers = AnswersOfManyField()
    certainty = FiniteNumber(
        min_value=0,
        max_value=1,
        default=None,
        allow_null=True,
        help_text="How sure the model is, 0 to 1; orders the units of some campaigns.",
    )


class NewSuggestionsSerializer(RequestSerializer):
    """What one model suggests."""

    model = serializers.CharField(max_length=100, help_text="The model's name, with its version.")
    suggestions = serializers.ListField(child=NewSuggestionSerializer(), max_length=MOST)


class RefusedSuggestionSerializer(serializers.Serializer[Refused]):
    comment = serializers.IntegerField()
    message = serializers.CharField()


class SuggestedSerializer(serializers.Serializer[Suggested]):
    """What became of them; those that say what they said before are not counted."""

    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    refused = RefusedSuggestionSerializer(many=True)


class SuggestionsView(BulkResource):
    body_parameters = frozenset({"model"})

    @operation(
        "suggestions_create",
        {200: SuggestedSerializer, (200, NDJSON): RESULTS},
        body={JSON: NewSuggestionsSerializer, NDJSON: SuggestionLineSerializer},
        errors=(404, 409),
        parameters=[MODEL],
    )
    def post(self, request: Request, slug: str) -> Response | FileResponse:
        """Store suggestions of models (managers), at once or as lines; repeats change nothing."""
        access = access_campaign(self.user, slug, "suggestion.write")
        if is_ndjson(request):
            model = request.query_params.get("model", "")
            return self.answer(SuggestionsTaker(access.campaign, model))
        if request.query_params:
            raise InvalidInput(IN_THE_BODY, fields={"model": [IN_THE_BODY]})
        sent = self.read(NewSuggestionsSerializer)
        now = timezone.now()
        told = suggest_answers(
            campaign=access.campaign,
            model=sent["model"],
            suggestions=[Suggestion(**one) for one in sent["suggestions"]],
            now=now,
        )
        if told.created or told.updated:
            ranking = rank_after_suggestions(campaign=access.campaign, now=now)
            if ranking is not None:
                enqueue(ranking)
        return self.show(SuggestedSerializer, told)
