"""Corpora: those one may read; staff make new ones."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.fields import Choice, RequestSerializer, Time
from annotations.api.operations import operation
from annotations.api.paging import Order
from annotations.api.resource import Listing, Resource
from annotations.models import Corpus
from annotations.permissions import access_corpus, readable_corpora, require_staff
from annotations.services.corpora import change_corpus, create_corpus


class CorpusSerializer(serializers.Serializer[Corpus]):
    slug = serializers.SlugField()
    name = serializers.CharField()
    description = serializers.CharField()
    licence = serializers.CharField()
    author_names = Choice(Corpus.AuthorNames)
    created_at = Time()


class NewCorpusSerializer(RequestSerializer):
    """A corpus to make; without a name it is called by its slug."""

    slug = serializers.SlugField(max_length=80)
    name = serializers.CharField(max_length=200, required=False)
    description = serializers.CharField(required=False, allow_blank=True)
    licence = serializers.CharField(max_length=200, required=False, allow_blank=True)
    author_names = Choice(Corpus.AuthorNames, required=False)


class CorpusChangeSerializer(RequestSerializer):
    """What is to change; what is left out stays as it is."""

    name = serializers.CharField(max_length=200, required=False)
    description = serializers.CharField(required=False, allow_blank=True)
    licence = serializers.CharField(max_length=200, required=False, allow_blank=True)
    author_names = Choice(Corpus.AuthorNames, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError({"name": ["Nothing was asked for."]})
        return attrs


class CorporaView(Listing):
    orders = {"slug": Order(("slug",)), "-slug": Order(("-slug",))}

    @operation("corpora_list", CorpusSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The corpora that you may read."""
        return self.list(readable_corpora(self.user), CorpusSerializer)

    @operation(
        "corpora_create", CorpusSerializer, body=NewCorpusSerializer, status=201, errors=(409,)
    )
    def post(self, request: Request) -> Response:
        """Make an empty corpus (staff)."""
        require_staff(self.user)
        corpus = create_corpus(**self.read(NewCorpusSerializer), now=timezone.now())
        return self.show(CorpusSerializer, corpus, status=201)


class CorpusView(Resource):
    @operation("corpora_get", CorpusSerializer, errors=(404,))
    def get(self, request: Request, slug: str) -> Response:
        """One corpus."""
        return self.show(CorpusSerializer, access_corpus(self.user, slug))

    @operation("corpora_change", CorpusSerializer, body=CorpusChangeSerializer, errors=(404, 409))
    def patch(self, request: Request, slug: str) -> Response:
        """Change what a corpus says of itself, or how its authors appear (staff)."""
        require_staff(self.user)
        wanted = self.read(CorpusChangeSerializer)
        corpus = change_corpus(corpus=access_corpus(self.user, slug), **wanted, now=timezone.now())
        return self.show(CorpusSerializer, corpus)
