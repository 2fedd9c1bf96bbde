"""Who wrote the comments, as their corpus says that they appear."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.filters import CorpusFilters, TextFilter
from annotations.api.operations import operation
from annotations.api.resource import FilteredListing
from annotations.models import Author
from annotations.selectors.authors import authors_shown_as, readable_authors, shown_name
from annotations.services.audit import Act, note_seen


class AuthorSerializer(serializers.Serializer[Author]):
    """An author; never with the id that the source has for them."""

    id = serializers.IntegerField()
    corpus = serializers.SlugField(source="corpus.slug")
    author = serializers.SerializerMethodField(help_text="As comments name them.")
    pseudonym = serializers.CharField()
    comments = serializers.IntegerField(
        source="comments_written", help_text="That they wrote; 0: they are only named."
    )

    def get_author(self, author: Author) -> str:
        return shown_name(author, author.corpus)


class AuthorFilters(CorpusFilters):
    author = TextFilter(
        method="shown_as", max_length=300, help_text="The author as the API shows them."
    )

    def shown_as(self, rows: QuerySet[Author], name: str, value: str) -> QuerySet[Author]:
        return authors_shown_as(rows, value)


class AuthorsView(FilteredListing):
    filterset_class = AuthorFilters
    queryset = Author.objects.none()

    @operation("authors_list", AuthorSerializer(many=True), errors=(404,))
    def get(self, request: Request) -> Response:
        """The authors in the corpora that you may read."""
        return self.list(readable_authors(self.user), AuthorSerializer)

    def note_seen(self, rows: Sequence[Author]) -> None:
        for corpus in {row.corpus for row in rows}:
            note_seen(act=Act.AUTHORS_SEEN, about=corpus, now=timezone.now())
