"""One unit as the annotator sees it: what the campaign hides is null."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotations.api.annotations import OwnAnnotationSerializer
from annotations.api.comments import CommentFields
from annotations.api.fields import Choice
from annotations.models import Assignment, Campaign, Comment, Question, Thread, Unit
from annotations.selectors.assignments import Progress
from annotations.selectors.care import warning_keys
from annotations.selectors.work import Work


class UnitSerializer(serializers.Serializer[Unit]):
    id = serializers.IntegerField()
    order = serializers.IntegerField()
    kind = serializers.SerializerMethodField()

    @extend_schema_field(Choice(Question.Unit))
    def get_kind(self, unit: Unit) -> str:
        return Question.Unit.COMMENT if unit.comment_id else Question.Unit.THREAD


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


class WindowSerializer(serializers.Serializer[Work]):
    """How many comments that belong to the context are too far away to be sent."""

    before = serializers.IntegerField()
    after = serializers.IntegerField()


class AssignmentSerializer(serializers.Serializer[Assignment]):
    state = Choice(Assignment.State)


class ProgressSerializer(serializers.Serializer[Progress]):
    """One's own progress in units; ``left`` is counted up to 1,000."""

    done = serializers.IntegerField()
    skipped = serializers.IntegerField()
    left = serializers.IntegerField()
    total = serializers.IntegerField()


class WorkCommentSerializer(CommentFields):
    """A comment of the unit's thread; what the campaign hides is null."""

    warnings = serializers.SerializerMethodField()

    def get_warnings(self, comment: Comment) -> list[str]:
        keys: list[str] = self.context["warnings"][comment.pk]
        return keys

    def to_representation(self, comment: Comment) -> dict[str, Any]:
        campaign: Campaign = self.context["campaign"]
        comment.corpus = campaign.corpus
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
    unit = UnitSerializer()
    campaign = WorkCampaignSerializer()
    codebook = serializers.SerializerMethodField(help_text="The codebook's address.")
    thread = WorkThreadSerializer()
    focus = serializers.IntegerField(source="unit.comment_id", allow_null=True)
    comments = serializers.SerializerMethodField()
    window = WindowSerializer(source="*")
    assignment = AssignmentSerializer()
    annotation = OwnAnnotationSerializer(allow_null=True)
    progress = ProgressSerializer()

    def get_codebook(self, work: Work) -> str:
        codebook = work.campaign.codebook
        return reverse("api:codebook", args=[codebook.key, codebook.version])

    @extend_schema_field(WorkCommentSerializer(many=True))
    def get_comments(self, work: Work) -> Any:
        warnings = warning_keys(work.campaign.corpus, work.comments)
        context = {"campaign": work.campaign, "warnings": warnings}
        comments: Any = work.comments
        return WorkCommentSerializer(comments, many=True, context=context).data
