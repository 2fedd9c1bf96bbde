"""Of what corpora and their comments warn, and why."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.care import CategorySerializer
from annotations.api.fields import Choice, Time
from annotations.api.filters import ChoiceFilter, CorpusFilters, IdFilter, TextFilter
from annotations.api.operations import operation
from annotations.api.paging import Order
from annotations.api.resource import FilteredListing, Listing, Resource
from annotations.models import ContentCategory, ContentRule, ContentWarning, Corpus
from annotations.permissions import access_corpus
from annotations.selectors.content import CorpusContent, corpus_content, readable_warnings, rules_of


class CorpusCategoriesSerializer(serializers.Serializer[CorpusContent]):
    """Of what a corpus warns."""

    of_all = serializers.SerializerMethodField(
        help_text="The categories that every comment carries, by their keys."
    )
    counts = serializers.SerializerMethodField(
        help_text="How many comments carry each category by themselves."
    )

    def get_of_all(self, content: CorpusContent) -> list[str]:
        return [category.key for category in content.of_all]

    def get_counts(self, content: CorpusContent) -> dict[str, int]:
        return {category.key: count for category, count in content.counts}


class RuleSerializer(serializers.Serializer[ContentRule]):
    """Where a corpus warns: at words, or at a field of the source's record."""

    id = serializers.IntegerField()
    category = serializers.SlugField(source="category.key")
    kind = Choice(ContentRule.Kind)
    words = serializers.ListField(child=serializers.CharField())
    field = serializers.CharField()
    value = serializers.CharField(help_text="Empty: any that is set.")
    warned = serializers.IntegerField(help_text="How many comments it warns of.")
    created_at = Time()


class WarningSerializer(serializers.Serializer[ContentWarning]):
    """A comment carries a category."""

    id = serializers.IntegerField()
    comment = serializers.IntegerField(source="comment_id")
    category = serializers.SlugField(source="category.key")
    basis = Choice(ContentWarning.Basis)
    rule = serializers.IntegerField(
        source="rule_id", allow_null=True, help_text="Null: a person said so, or it was taken away."
    )
    created_at = Time()


class WarningFilters(CorpusFilters):
    comment = IdFilter(help_text="The comment's id.")
    category = TextFilter(
        field_name="category__key", max_length=40, help_text="The category's key."
    )
    basis = ChoiceFilter(ContentWarning.Basis, help_text="Who warned.")

    def in_corpus(self, rows: Any, name: str, slug: str) -> Any:
        corpus: Corpus = access_corpus(self.user, slug)
        return rows.filter(comment__corpus=corpus)


class CategoriesView(Listing):
    orders = {"position": Order(("position", "key"))}

    @operation("categories_list", CategorySerializer(many=True))
    def get(self, request: Request) -> Response:
        """The kinds of content that one may be warned of, the same in all corpora."""
        return self.list(ContentCategory.objects.all(), CategorySerializer)


class CorpusCategoriesView(Resource):
    @operation("corpora_categories", CorpusCategoriesSerializer, errors=(404,))
    def get(self, request: Request, slug: str) -> Response:
        """Of what a corpus warns, and how often."""
        content = corpus_content(access_corpus(self.user, slug))
        return self.show(CorpusCategoriesSerializer, content)


class RulesView(Listing):
    @operation("corpora_rules", RuleSerializer(many=True), errors=(404,))
    def get(self, request: Request, slug: str) -> Response:
        """The rules by which a corpus warns."""
        return self.list(rules_of(access_corpus(self.user, slug)), RuleSerializer)


class WarningsView(FilteredListing):
    filterset_class = WarningFilters
    queryset = ContentWarning.objects.none()

    @operation("warnings_list", WarningSerializer(many=True), errors=(404,))
    def get(self, request: Request) -> Response:
        """The content warnings of comments in the corpora that you may read."""
        return self.list(readable_warnings(self.user), WarningSerializer)
