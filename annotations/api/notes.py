"""Notes: what annotators wrote about units, and the answers to them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.fields import RequestSerializer, Time
from annotations.api.filters import TrueOrFalseFilter, UserFilterSet
from annotations.api.operations import operation
from annotations.api.paging import LATEST_SAVED_FIRST
from annotations.api.resource import FilteredListing, Resource
from annotations.api.rulings import RulingSerializer
from annotations.models import Annotation, NoteReply
from annotations.permissions import Permission, access_campaign
from annotations.selectors.notes import note_of, notes_of
from annotations.services.audit import Act, note_seen
from annotations.services.notes import LONGEST_REMARK, answer_note
from annotations.services.rulings import LONGEST


class NoteReplySerializer(serializers.Serializer[NoteReply]):
    id = serializers.IntegerField()
    note = serializers.CharField(help_text="What the note said when it was answered.")
    ruling = RulingSerializer(allow_null=True, help_text="Null where it was only seen.")
    text = serializers.CharField(help_text="A remark for the record; annotators do not read it.")
    created_at = Time()


class NoteSerializer(serializers.Serializer[Annotation]):
    """A note on a unit, with what became of it."""

    id = serializers.IntegerField(help_text="The annotation's id.")
    unit = serializers.IntegerField(source="unit_id")
    thread = serializers.IntegerField(source="unit.thread_id")
    comment = serializers.IntegerField(source="unit.comment_id", allow_null=True)
    annotator = serializers.CharField(source="membership.pseudonym")
    note = serializers.CharField()
    flagged = serializers.BooleanField()
    answered = serializers.BooleanField(help_text="The note as it stands got an answer.")
    saved_at = Time()
    replies = NoteReplySerializer(many=True)


class ReplySerializer(RequestSerializer):
    """An answer: a ruling for all annotators (managers), or a remark that it was seen."""

    note = serializers.CharField(
        max_length=10_000, trim_whitespace=False, help_text="The note that was read."
    )
    ruling = serializers.CharField(
        max_length=LONGEST, default="", allow_blank=True, help_text="Markdown."
    )
    text = serializers.CharField(max_length=LONGEST_REMARK, default="", allow_blank=True)


class NoteFilters(UserFilterSet):
    open = TrueOrFalseFilter(method="that_wait", help_text="Those that wait for an answer, or not.")

    def that_wait(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        return rows.filter(answered=not value)


class NotesView(FilteredListing):
    orders = LATEST_SAVED_FIRST
    filterset_class = NoteFilters
    queryset = Annotation.objects.none()

    @operation("notes_list", NoteSerializer(many=True), errors=(403, 404))
    def get(self, request: Request, slug: str) -> Response:
        """The notes of a campaign's annotators, the latest first."""
        access = access_campaign(self.user, slug, "note.answer")
        note_seen(act=Act.ANNOTATIONS_SEEN, about=access.campaign, now=timezone.now())
        return self.list(notes_of(access.campaign), NoteSerializer)


class NoteReplyView(Resource):
    @operation(
        "notes_reply", NoteReplySerializer, body=ReplySerializer, status=201, errors=(404, 409)
    )
    def post(self, request: Request, slug: str, pk: int) -> Response:
        """Answer a note. A ruling is announced to all annotators, and never changes."""
        sent = self.read(ReplySerializer)
        rules = bool(sent["ruling"].strip())
        needed: Permission = "campaign.manage" if rules else "note.answer"
        access = access_campaign(self.user, slug, needed)
        made = answer_note(
            annotation=note_of(access.campaign, pk), **sent, user=self.user, now=timezone.now()
        )
        return self.show(NoteReplySerializer, made, status=201)
