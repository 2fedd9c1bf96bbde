"""Recipes of samples: how units are chosen, and how many comments fit."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.fields import RequestSerializer, WholeNumber
from annotations.api.operations import operation
from annotations.api.resource import Resource
from annotations.permissions import access_corpus
from annotations.samples.recipe import (
    ALLOCATIONS,
    DRAWS,
    LONGEST_WORD,
    MOST_WORDS,
    OF,
    STRATA,
    Recipe,
)
from annotations.selectors.candidates import Fitting, fitting, scope_of


class Words(serializers.ListField):
    """Several words; none: whatever it is."""

    def __init__(self, **kwargs: Any) -> None:
        child = serializers.CharField(max_length=LONGEST_WORD)
        super().__init__(child=child, max_length=MOST_WORDS, required=False, **kwargs)


class FiltersSerializer(RequestSerializer):
    """Which comments fit. What is left out excludes nothing."""

    platforms = Words()
    languages = Words(help_text="ISO 639; `und` where it cannot be told.")
    posted_from = serializers.DateField(required=False, allow_null=True, help_text="UTC.")
    posted_to = serializers.DateField(required=False, allow_null=True, help_text="Inclusive.")
    depth_min = WholeNumber(required=False, allow_null=True)
    depth_max = WholeNumber(required=False, allow_null=True)
    length_min = WholeNumber(required=False, allow_null=True, help_text="In code points.")
    length_max = WholeNumber(required=False, allow_null=True)
    keywords = Words(help_text="A text fits if it holds one of them, whatever the case.")
    excluded = Words(help_text="A text that holds one of them does not fit.")
    without_copies = serializers.BooleanField(
        required=False, help_text="Of near-duplicates only the earliest."
    )
    thread_min = WholeNumber(
        required=False, allow_null=True, help_text="Comments in the thread, at least."
    )
    thread_max = WholeNumber(required=False, allow_null=True)
    not_in = Words(help_text="Slugs of campaigns whose units are left out.")


class RecipeSerializer(FiltersSerializer):
    """How units are chosen. What is left out excludes nothing; by default all that fits is drawn.

    The same recipe gives the same units of the same corpus, on every machine.
    """

    draw = serializers.ChoiceField(DRAWS, required=False)
    of = serializers.ChoiceField(
        OF, required=False, help_text="What `size` counts; of a drawn thread all that fits."
    )
    size = WholeNumber(min_value=1, required=False, allow_null=True)
    by = serializers.ChoiceField(
        STRATA, required=False, allow_null=True, help_text="What a stratified sample goes by."
    )
    allocation = serializers.ChoiceField(ALLOCATIONS, required=False)
    seed = WholeNumber(required=False)


class FittingSerializer(serializers.Serializer[Fitting]):
    """How many comments and threads fit a recipe."""

    comments = serializers.IntegerField()
    threads = serializers.IntegerField()
    platforms = serializers.DictField(child=serializers.IntegerField())
    languages = serializers.DictField(child=serializers.IntegerField())
    complete = serializers.BooleanField(
        help_text="False where counting took too long: there are more."
    )


class FittingView(Resource):
    is_logged = False

    @operation("fitting_count", FittingSerializer, body=RecipeSerializer, errors=(404,))
    def post(self, request: Request, slug: str) -> Response:
        """Count what fits a recipe, before it is drawn; of a large corpus for five seconds."""
        corpus = access_corpus(self.user, slug)
        recipe = Recipe(**self.read(RecipeSerializer))
        return self.show(FittingSerializer, fitting(scope_of(corpus), recipe))
