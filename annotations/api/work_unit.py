"""One unit as the annotator sees it: what the campaign hides is null."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotations.api.annotations import OwnAnnotationSerializer
from annotations.api.comments import CommentFields, RelationSerializer
from annotations.api.fields import AnswersField, Choice
from annotations.models import Annotation, Assignment, Campaign, Comment, Question, Thread
from annotations.selectors.answers import answers_of
from annotations.selectors.assignments import OwnProgress
from annotations.selectors.care import warning_keys
from annotations.selectors.context import Window
from annotations.selectors.day import Today
from annotations.selectors.stages import STAGES, Stage
from annotations.selectors.work import Work


class UnitSerializer(serializers.Serializer[Work]):
    id = serializers.IntegerField(source="unit.id")
    order = serializers.SerializerMethodField(help_text="Which of your units it is.")
    kind = serializers.SerializerMethodField()

    @extend_schema_field(serializers.IntegerField())
    def get_order(self, work: Work) -> int:
        return work.assignment.number or 0

    @extend_schema_field(Choice(Question.Unit))
    def get_kind(self, work: Work) -> str:
        return Question.Unit.COMMENT if work.unit.comment_id else Question.Unit.THREAD


class StageSerializer(serializers.Serializer[Stage]):
    """Where the unit stands before the campaign opens to you."""

    name = serializers.ChoiceField(choices=[str(name) for name in STAGES])
    place = serializers.IntegerField(help_text="From 1 on.")
    total = serializers.IntegerField()


class WorkCampaignSerializer(serializers.Serializer[Campaign]):
    slug = serializers.SlugField()
    name = serializers.CharField()
    state = Choice(Campaign.State)
    context = Choice(Campaign.Context)  # type: ignore[assignment]
    show_article = serializers.BooleanField()
    show_names = serializers.BooleanField()
    show_scores = serializers.BooleanField()
    show_times = serializers.BooleanField()


class WorkThreadSerializer(serializers.Serializer[Thread]):
    id = serializers.IntegerField()
    title = serializers.CharField()
    url = serializers.CharField()
    platform = serializers.CharField()
    missing = serializers.IntegerField()


class WindowSerializer(serializers.Serializer[Window]):
    """The stretch of the context that is sent, and how many comments outside of it are not.

    What stands above the focus, and the opening, is sent wherever it lies.
    """

    before = serializers.IntegerField(help_text="Allowed, but neither sent nor in the stretch.")
    after = serializers.IntegerField()
    first = serializers.IntegerField(help_text="The position at which the stretch begins.")
    last = serializers.IntegerField(help_text="That of its last comment.")


class AssignmentSerializer(serializers.Serializer[Assignment]):
    state = Choice(Assignment.State)


class TodaySerializer(serializers.Serializer[Today]):
    """One's own work since midnight in the server's time zone."""

    units = serializers.IntegerField(help_text="Submitted today for the first time.")
    seconds = serializers.FloatField(help_text="Active time.")


class ProgressSerializer(serializers.Serializer[OwnProgress]):
    """One's own progress in units; ``left`` is counted up to 1,000."""

    done = serializers.IntegerField(source="units.done")
    skipped = serializers.IntegerField(source="units.skipped")
    left = serializers.IntegerField(source="units.left")
    total = serializers.IntegerField(source="units.total")
    today = TodaySerializer()
    pace = serializers.FloatField(
        allow_null=True, help_text="Median active seconds of the last 50 submitted units."
    )


class SuggestionSerializer(serializers.Serializer[Annotation]):
    """What a model suggests for the unit."""

    id = serializers.IntegerField()
    model = serializers.CharField()
    answers = AnswersField(source="*")

    def to_representation(self, annotation: Annotation) -> dict[str, Any]:
        return {**super().to_representation(annotation), "answers": answers_of(annotation)}


class WorkCommentSerializer(CommentFields):
    """A comment of the unit's thread; what the campaign hides is null."""

    relations = RelationSerializer(many=True, source="shown_relations")
    warnings = serializers.SerializerMethodField()

    def get_warnings(self, comment: Comment) -> list[str]:
        keys: list[str] = self.context["warnings"][comment.pk]
        return keys

    def to_representation(self, comment: Comment) -> dict[str, Any]:
        campaign: Campaign = self.context["campaign"]
        comment.corpus = campaign.corpus
        for relation in comment.shown_relations:
            relation.comment = comment
        shown = super().to_representation(comment)
        if not campaign.show_names:
            shown["author"] = None
            shown["relations"] = [{**one, "target_author": None} for one in shown["relations"]]
        if not campaign.show_times:
            shown["posted_at"] = None
        if not campaign.show_scores:
            shown["score"] = None
        return shown


class WorkUnitSerializer(serializers.Serializer[Work]):
    unit = UnitSerializer(source="*")
    campaign = WorkCampaignSerializer()
    codebook = serializers.SerializerMethodField(help_text="The codebook's address.")
    thread = WorkThreadSerializer()
    focus = serializers.IntegerField(source="unit.comment_id", allow_null=True)
    comments = serializers.SerializerMethodField()
    window = WindowSerializer()
    assignment = AssignmentSerializer()
    annotation = OwnAnnotationSerializer(allow_null=True)
    suggestions = SuggestionSerializer(
        many=True, help_text="Empty unless the campaign shows what models suggest."
    )
    progress = ProgressSerializer()
    stage = StageSerializer(
        allow_null=True, help_text="In training or test; null once the campaign is open to you."
    )

    def get_codebook(self, work: Work) -> str:
        codebook = work.campaign.codebook
        return reverse("api:codebook", args=[codebook.key, codebook.version])

    @extend_schema_field(WorkCommentSerializer(many=True))
    def get_comments(self, work: Work) -> Any:
        return comments_as_fields(work.comments, work.campaign)


def comments_as_fields(comments: Any, campaign: Campaign) -> Any:
    """The comments as the schema describes them: what ``comments_shown`` gives."""
    context = {"campaign": campaign, "warnings": warning_keys(campaign.corpus, comments)}
    return WorkCommentSerializer(comments, many=True, context=context).data
