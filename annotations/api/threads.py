"""Threads, without their comments."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.fields import Time
from annotations.api.filters import ThreadFilters
from annotations.api.operations import operation
from annotations.api.paging import OLDEST_FIRST, Order
from annotations.api.resource import FilteredListing, Resource
from annotations.models import Thread
from annotations.selectors.readable import readable_threads
from annotations.selectors.reading import readable_thread
from annotations.services.audit import Act, note_seen


class ThreadSerializer(serializers.Serializer[Thread]):
    id = serializers.IntegerField()
    corpus = serializers.SlugField(source="corpus.slug")
    source_id = serializers.CharField()
    title = serializers.CharField()
    url = serializers.CharField()
    platform = serializers.CharField()
    missing = serializers.IntegerField(
        help_text="Comments that exist at the source but were not in the file."
    )
    comment_count = serializers.IntegerField(help_text="Without the opening.")
    max_depth = serializers.IntegerField()
    started_at = Time(allow_null=True)
    ended_at = Time(allow_null=True)
    language = serializers.CharField(help_text="That of most comments; empty if not detected.")
    created_at = Time()


class ThreadsView(FilteredListing):
    filterset_class = ThreadFilters
    queryset = Thread.objects.none()
    orders = {
        **OLDEST_FIRST,
        "comment_count": Order(("comment_count", "id"), within="corpus"),
        "-comment_count": Order(("-comment_count", "-id"), within="corpus"),
        "started_at": Order(("started_at", "id"), within="corpus"),
        "-started_at": Order(("-started_at", "-id"), within="corpus"),
    }

    @operation("threads_list", ThreadSerializer(many=True), errors=(404,))
    def get(self, request: Request) -> Response:
        """The threads of the corpora that you may read."""
        return self.list(readable_threads(self.user), ThreadSerializer)

    def note_seen(self, rows: Sequence[Thread]) -> None:
        for corpus in {row.corpus for row in rows}:
            note_seen(act=Act.RECORDS_SEEN, about=corpus, now=timezone.now())


class ThreadView(Resource):
    @operation("threads_get", ThreadSerializer, errors=(404,))
    def get(self, request: Request, pk: int) -> Response:
        """One thread."""
        thread = readable_thread(self.user, pk)
        note_seen(act=Act.RECORDS_SEEN, about=thread.corpus, now=timezone.now())
        return self.show(ThreadSerializer, thread)
