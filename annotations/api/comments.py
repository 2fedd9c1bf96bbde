"""Comments, to those who may read their corpus whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet, TextChoices
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.fields import Choice, Time
from annotations.api.filters import CorpusFilters, IdFilter, TextFilter
from annotations.api.operations import operation
from annotations.api.paging import OLDEST_FIRST, Order
from annotations.api.resource import FilteredListing, Resource
from annotations.api.updated import UpdatedSince
from annotations.models import Change, Comment, CommentRelation, Corpus
from annotations.selectors.authors import shown_name
from annotations.selectors.readable import readable_comment, readable_comments
from annotations.services.audit import Act, note_seen


class BlockKind(TextChoices):
    PARAGRAPH = "paragraph"
    CAPTION = "caption"
    SECTION_BREAK = "section_break"
    QUOTE = "quote"


class BlockSerializer(serializers.Serializer[Any]):
    """A part of the text, in code points; ``gap_before`` if something was lost in front of it."""

    kind = Choice(BlockKind)
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    gap_before = serializers.BooleanField()


class LinkSerializer(serializers.Serializer[Any]):
    """An address behind a part of the text, in code points."""

    start = serializers.IntegerField()
    end = serializers.IntegerField()
    url = serializers.CharField()


class RelationSerializer(serializers.Serializer[CommentRelation]):
    """What the comment quotes, or whom it names; offsets in code points."""

    kind = Choice(CommentRelation.Kind)
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    target = serializers.IntegerField(source="target_id", allow_null=True)
    target_author = serializers.SerializerMethodField()
    target_start = serializers.IntegerField(allow_null=True)
    target_end = serializers.IntegerField(allow_null=True)

    def get_target_author(self, relation: CommentRelation) -> str | None:
        return shown_name(relation.target_author, relation.comment.corpus) or None


class CommentFields(serializers.Serializer[Comment]):
    """What every picture of a comment has. One that is gone keeps its place, not its text."""

    id = serializers.IntegerField()
    kind = Choice(Comment.Kind)
    author = serializers.SerializerMethodField()
    reply_to = serializers.IntegerField(source="reply_to_id", allow_null=True)
    reply_basis = Choice(Comment.Basis)
    reply_evidence = serializers.CharField()
    position = serializers.IntegerField(help_text="The reading order in the thread, from 0.")
    depth = serializers.IntegerField()
    status = Choice(Comment.Status)
    text = serializers.CharField()
    text_revision = serializers.IntegerField()
    blocks = BlockSerializer(many=True)
    links = LinkSerializer(many=True)
    language = serializers.CharField(help_text="As it was detected; empty where it was not.")
    posted_at = Time(allow_null=True)
    posted_at_estimated = serializers.BooleanField()
    score = serializers.IntegerField(allow_null=True)
    relations = RelationSerializer(many=True)

    def get_author(self, comment: Comment) -> str | None:
        return shown_name(comment.author, comment.corpus) or None

    def to_representation(self, comment: Comment) -> dict[str, Any]:
        shown = super().to_representation(comment)
        if comment.status != Comment.Status.VISIBLE:
            shown.update(text="", blocks=[], links=[], relations=[], reply_evidence="")
        return shown


class CommentSerializer(CommentFields):
    """A comment with its place. One that is gone keeps its place, not its text."""

    source_id = serializers.CharField()
    thread = serializers.IntegerField(source="thread_id")
    thread_source_id = serializers.CharField(source="thread.source_id")
    edited_at = Time(allow_null=True)


class CommentFilters(CorpusFilters):
    thread = IdFilter(help_text="The thread's id.")
    author = TextFilter(method="by_author", help_text="The author as the API shows them.")
    language = TextFilter(help_text="The language's code, as it was detected.")
    updated_since = UpdatedSince(Change.Kind.COMMENT)

    def by_author(self, rows: QuerySet[Comment], name: str, author: str) -> QuerySet[Comment]:
        named = Q(author__name=author, corpus__author_names=Corpus.AuthorNames.SHOWN)
        return rows.filter(Q(author__pseudonym=author) | named)


class CommentsView(FilteredListing):
    filterset_class = CommentFilters
    queryset = Comment.objects.none()
    orders = {"thread": Order(("thread_id", "position", "id")), **OLDEST_FIRST}

    @operation("comments_list", CommentSerializer(many=True), errors=(404,))
    def get(self, request: Request) -> Response:
        """Comments by thread, in reading order; openings are comments of their kind."""
        return self.list(readable_comments(self.user), CommentSerializer)

    def note_seen(self, rows: Sequence[Comment]) -> None:
        for corpus in {row.corpus for row in rows}:
            note_seen(act=Act.RECORDS_SEEN, about=corpus, now=timezone.now())


class CommentView(Resource):
    @operation("comments_get", CommentSerializer, errors=(404,))
    def get(self, request: Request, pk: int) -> Response:
        """One comment."""
        comment = readable_comment(self.user, pk)
        note_seen(act=Act.RECORDS_SEEN, about=comment.corpus, now=timezone.now())
        return self.show(CommentSerializer, comment)
