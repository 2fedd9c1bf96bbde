"""Annotations: one's own, or, with the right role, all of a campaign."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.fields import AnswersField, Choice, ConfidenceField, JSONObject, Time
from annotations.api.filters import CampaignFilters, ChoiceFilter, IdFilter
from annotations.api.operations import operation
from annotations.api.paging import OLDEST_FIRST, Order
from annotations.api.resource import FilteredListing, Listing, Resource
from annotations.api.updated import UpdatedSince
from annotations.models import Annotation, Change, Comment, Revision, User
from annotations.selectors.answers import answers_of
from annotations.selectors.readable import readable_annotation, readable_annotations, revisions_of
from annotations.services.audit import Act, note_seen

NOTHING_SAID = {
    "note": "",
    "flagged": False,
    "confidence": None,
    "skip_reason": "",
    "seconds": 0.0,
    "context": {},
    "recoded": None,
}


class AnnotationFields(serializers.Serializer[Annotation]):
    id = serializers.IntegerField()
    unit = serializers.IntegerField(source="unit_id")
    source = Choice(Annotation.Source)  # type: ignore[assignment]
    annotator = serializers.CharField(
        source="membership.pseudonym",
        allow_null=True,
        help_text="A1, A2, … in the campaign; null for a model or gold.",
    )
    state = Choice(Annotation.State)
    revision = serializers.IntegerField(help_text="How often it was saved.")
    text_revision = serializers.IntegerField(help_text="The text that its spans point into.")
    answers = AnswersField(source="*")
    note = serializers.CharField()
    flagged = serializers.BooleanField()
    confidence = ConfidenceField()
    skip_reason = serializers.CharField()
    seconds = serializers.FloatField(help_text="Active time on the unit.")
    saved_at = Time()
    submitted_at = Time(allow_null=True)

    def to_representation(self, annotation: Annotation) -> dict[str, Any]:
        return {**super().to_representation(annotation), "answers": answers_of(annotation)}


class OwnAnnotationSerializer(AnnotationFields):
    """One's own annotation, as the workspace reads and saves it."""

    harmful = serializers.BooleanField(
        help_text="Skipped because it harms: for nobody's eyes but yours."
    )


class AnnotationSerializer(AnnotationFields):
    """An annotation with its place. Quotes from comments that are gone are empty."""

    campaign = serializers.SlugField(source="unit.campaign.slug")
    thread = serializers.IntegerField(source="unit.thread_id")
    comment = serializers.IntegerField(source="unit.comment_id", allow_null=True)
    model = serializers.CharField(help_text="The suggesting model's name; empty for others.")

    def to_representation(self, annotation: Annotation) -> dict[str, Any]:
        shown = super().to_representation(annotation)
        return {**shown, "answers": _as_readable(annotation, shown["answers"])}


class RecodedSerializer(serializers.Serializer[Any]):
    """Which recoding wrote the revision, from which version of the codebook to which."""

    before = serializers.IntegerField(source="from")
    after = serializers.IntegerField(source="to")
    recoding = serializers.IntegerField()


class RevisionSerializer(serializers.Serializer[Revision]):
    """What the annotation said after one save."""

    number = serializers.IntegerField()
    saved_at = Time()
    state = Choice(Annotation.State)
    aside = serializers.BooleanField(
        help_text="Kept beside what the annotation said before, and says still."
    )
    answers = AnswersField(source="*")
    text_revision = serializers.IntegerField(source="content.text_revision")
    note = serializers.CharField(source="content.note")
    flagged = serializers.BooleanField(source="content.flagged")
    confidence = ConfidenceField(source="content.confidence")
    skip_reason = serializers.CharField(source="content.skip_reason")
    seconds = serializers.FloatField(source="content.seconds")
    context = JSONObject(  # type: ignore[assignment]
        source="content.context", help_text="What was on screen."
    )
    recoded = RecodedSerializer(
        source="content.recoded", allow_null=True, help_text="Null: somebody saved it."
    )

    def to_representation(self, revision: Revision) -> dict[str, Any]:
        revision.content = {**NOTHING_SAID, **revision.content}
        answers = _as_readable(revision.annotation, revision.content["answers"])
        return {**super().to_representation(revision), "answers": answers}


class AnnotationFilters(CampaignFilters):
    campaign_field = "unit__campaign"
    state = ChoiceFilter(Annotation.State, help_text="Only those in this state.")
    source = ChoiceFilter(Annotation.Source, help_text="Only those of this source.")
    unit = IdFilter(help_text="The unit's id.")
    comment = IdFilter(field_name="unit__comment", help_text="The comment's id.")
    updated_since = UpdatedSince(Change.Kind.ANNOTATION)


class AnnotationsView(FilteredListing):
    filterset_class = AnnotationFilters
    orders = OLDEST_FIRST
    queryset = Annotation.objects.none()

    @operation("annotations_list", AnnotationSerializer(many=True), errors=(404,))
    def get(self, request: Request) -> Response:
        """Your own annotations, and all those of campaigns whose labels you may read."""
        return self.list(readable_annotations(self.user), AnnotationSerializer)

    def note_seen(self, rows: Sequence[Annotation]) -> None:
        _note_seen(self.user, rows)


class AnnotationView(Resource):
    @operation("annotations_get", AnnotationSerializer, errors=(404,))
    def get(self, request: Request, pk: int) -> Response:
        """One annotation as it stands."""
        annotation = readable_annotation(self.user, pk)
        _note_seen(self.user, [annotation])
        return self.show(AnnotationSerializer, annotation)


class RevisionsView(Listing):
    orders = {"number": Order(("number",))}

    @operation("annotations_revisions", RevisionSerializer(many=True), errors=(404,))
    def get(self, request: Request, pk: int) -> Response:
        """All that the annotation ever said, the first save first."""
        annotation = readable_annotation(self.user, pk)
        _note_seen(self.user, [annotation])
        return self.list(revisions_of(annotation), RevisionSerializer)


def _note_seen(user: User, annotations: Iterable[Annotation]) -> None:
    """Those of others, once a campaign."""
    others = [one for one in annotations if not one.membership or one.membership.user_id != user.pk]
    for campaign in {one.unit.campaign for one in others}:
        note_seen(act=Act.ANNOTATIONS_SEEN, about=campaign, now=timezone.now())


def _as_readable(annotation: Annotation, answers: dict[str, Any]) -> dict[str, Any]:
    comment = annotation.unit.comment
    if comment is None or comment.status == Comment.Status.VISIBLE:
        return answers
    return {key: _without_quotes(value) for key, value in answers.items()}


def _without_quotes(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return [
        {**item, "quote": ""} if isinstance(item, dict) and "quote" in item else item
        for item in value
    ]
