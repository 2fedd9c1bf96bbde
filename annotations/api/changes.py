"""What changed since a mirror looked: the feeds of corpora and campaigns."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from annotations.api.annotations import AnnotationSerializer
from annotations.api.comments import CommentSerializer
from annotations.api.fields import Choice, Time
from annotations.api.operations import operation
from annotations.api.paging import KeyPagination, Order
from annotations.api.resource import Resource
from annotations.api.threads import ThreadSerializer
from annotations.errors import Conflict, InvalidInput
from annotations.models import Campaign, Change, Corpus
from annotations.permissions import access_campaign, access_corpus
from annotations.selectors.changes import (
    BEGINNING,
    ELSEWHERE,
    Changed,
    Place,
    changes_after,
    feed_key,
    require_place,
)
from annotations.services.audit import Act, note_seen
from annotations.services.changes import number_changes

LARGEST = 2**63 - 1


class ChangeFields(serializers.Serializer[Changed]):
    """The last change of a row; the row is null where it is no more."""

    kind = Choice(Change.Kind, source="change.kind")
    id = serializers.IntegerField(source="change.row", help_text="The id of the row.")
    changed_at = Time(source="change.changed_at", help_text="When it changed last.")
    gone = serializers.BooleanField(
        help_text="Its comment was taken back by the source, or the row is no more."
    )


class CorpusChangeSerializer(ChangeFields):
    """The last change of a thread or a comment; the row is null where it is no more."""

    thread = ThreadSerializer(allow_null=True)
    comment = CommentSerializer(allow_null=True)


class CampaignChangeSerializer(ChangeFields):
    """The last change of an annotation, which is null where it is nobody's to read any more."""

    annotation = AnnotationSerializer(allow_null=True)


class ChangesPagination(KeyPagination):
    """Pages of a feed, which has no end: its cursor is kept, and asked with again later."""

    cursor_query_description = "The `cursor` of the page that you have; none: from the beginning."

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        cursor = "Keep it, and ask with it again: now if there is a next page, or else later."
        return {
            "type": "object",
            "required": ["next", "cursor", "results"],
            "properties": {
                "next": {
                    "type": ["string", "null"],
                    "format": "uri",
                    "description": "Null where nothing more changed so far.",
                },
                "cursor": {"type": "string", "description": cursor},
                "results": schema,
            },
        }


class ChangesView(Resource):
    """A feed: every row that ever changed once, those that changed last at its end."""

    pagination_class = ChangesPagination
    parameters: ClassVar[frozenset[str]] = frozenset({"cursor", "page_size"})
    orders: ClassVar[Mapping[str, Order]] = {}

    def page(
        self, feed: Corpus | Campaign, serializer: type[serializers.BaseSerializer[Any]]
    ) -> Response:
        """Raises InvalidInput for what is no cursor, Conflict for one of another feed."""
        size = ChangesPagination().get_page_size(self.request)
        place = _read(self.request.query_params.get("cursor"), feed)
        require_place(feed, place)
        number_changes(feed=feed, after=place.number, most=size + 1)
        page = changes_after(feed, place, self.user, size)
        cursor = _cursor(page.end, feed)
        following = replace_query_param(self.request.build_absolute_uri(), "cursor", cursor)
        return Response(
            {
                "next": following if page.more else None,
                "cursor": cursor,
                "results": serializer(page.changes, many=True).data,
            }
        )


class CorpusChangesView(ChangesView):
    @operation("corpora_changes", CorpusChangeSerializer(many=True), errors=(404, 409))
    def get(self, request: Request, slug: str) -> Response:
        """Threads and comments that came, changed or went since the cursor was given."""
        corpus = access_corpus(self.user, slug)
        note_seen(act=Act.RECORDS_SEEN, about=corpus, now=timezone.now())
        return self.page(corpus, CorpusChangeSerializer)


class CampaignChangesView(ChangesView):
    @operation("campaigns_changes", CampaignChangeSerializer(many=True), errors=(404, 409))
    def get(self, request: Request, slug: str) -> Response:
        """Annotations that came, changed or went since the cursor was given."""
        access = access_campaign(self.user, slug, "annotation.read_all")
        note_seen(act=Act.LABELS_TAKEN, about=access.campaign, now=timezone.now())
        return self.page(access.campaign, CampaignChangeSerializer)


def _cursor(place: Place, feed: Corpus | Campaign) -> str:
    content = json.dumps([feed_key(feed), place.change, place.number])
    return urlsafe_b64encode(content.encode()).decode().rstrip("=")


def _read(cursor: str | None, feed: Corpus | Campaign) -> Place:
    """Where the cursor stands. Raises InvalidInput, and Conflict where it is of another feed."""
    if cursor is None:
        return BEGINNING
    try:
        padding = "=" * (-len(cursor) % 4)
        key, change, number = json.loads(urlsafe_b64decode(cursor + padding))
        if not (isinstance(key, str) and _is_number(change) and _is_number(number)):
            raise ValueError("These are no numbers of changes.")
    except (ValueError, TypeError, RecursionError):
        sentence = "This is no cursor of a feed: send one as you got it, or none to start anew."
        raise InvalidInput(sentence, fields={"cursor": [sentence]}) from None
    if key != feed_key(feed):
        raise Conflict(ELSEWHERE, fields={"cursor": [ELSEWHERE]})
    return Place(change, number)


def _is_number(value: object) -> bool:
    return type(value) is int and 0 <= value <= LARGEST
