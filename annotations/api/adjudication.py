"""Adjudication: what is in dispute, the next case, one case with all answers, its decision."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.annotations import AnnotationFields
from annotations.api.errors import ErrorSerializer
from annotations.api.fields import (
    AnswersField,
    Choice,
    ConfidenceField,
    RequestSerializer,
    Time,
    WholeNumber,
)
from annotations.api.filters import BIGGEST_ID
from annotations.api.operations import operation
from annotations.api.resource import Resource
from annotations.api.work import AFTER, BEFORE, MoreCommentsSerializer, place_asked
from annotations.api.work_shown import comments_shown
from annotations.api.work_unit import (
    SuggestionSerializer,
    WindowSerializer,
    WorkCampaignSerializer,
    WorkCommentSerializer,
    WorkThreadSerializer,
)
from annotations.errors import RevisionConflict
from annotations.models import Annotation, Dispute, Membership, Question, Unit
from annotations.permissions import access_campaign
from annotations.queue import enqueue_deliveries
from annotations.selectors.answers import answers_of
from annotations.selectors.cases import Case, LetteredAnswers, case_of
from annotations.selectors.disputes import QuestionDisputes, Queue, dispute_on, queue_of
from annotations.selectors.work import comments_beside
from annotations.services.adjudication import LONGEST_REASON, Decision, decide, take_dispute
from annotations.services.audit import Act, note_seen
from annotations.services.disputes import measure_disputes

MOST_AFTER = 1_000


class QuestionDisputesSerializer(serializers.Serializer[QuestionDisputes]):
    question = serializers.SlugField(source="question.key")
    title = serializers.CharField(source="question.title")
    open = serializers.IntegerField(help_text="Undecided units with different answers to it.")


class ThreadDisputesSerializer(serializers.Serializer[Any]):
    thread = serializers.IntegerField(source="thread.pk")
    title = serializers.CharField(source="thread.title")
    open = serializers.IntegerField()


class QueueSerializer(serializers.Serializer[Queue]):
    open = serializers.IntegerField(help_text="Units with different answers, to be decided.")
    held = serializers.IntegerField(help_text="Those of them that somebody is deciding now.")
    decided = serializers.IntegerField(help_text="Decided by a person.")
    settled = serializers.IntegerField(help_text="Settled by a rule.")
    agreed = serializers.IntegerField(help_text="Undecided units on which all agree.")
    questions = QuestionDisputesSerializer(many=True)
    threads = ThreadDisputesSerializer(many=True, help_text="The 20 with most to decide.")


class NextCaseSerializer(RequestSerializer):
    """What to decide next; all of it may be left out."""

    question = serializers.SlugField(
        required=False, allow_null=True, max_length=80, help_text="Worst first by this question."
    )
    thread = WholeNumber(
        required=False, allow_null=True, max_value=BIGGEST_ID, help_text="In this thread alone."
    )
    after = serializers.ListField(
        child=WholeNumber(max_value=BIGGEST_ID),
        default=list,
        max_length=MOST_AFTER,
        help_text="The units that you passed over; what you hold of them is given back.",
    )


class LetteredAnswersSerializer(serializers.Serializer[LetteredAnswers]):
    """What one annotator said. Who they are is null until the unit is decided."""

    letter = serializers.CharField()
    answers = AnswersField(source="*")
    note = serializers.CharField(source="annotation.note")
    flagged = serializers.BooleanField(source="annotation.flagged")
    confidence = ConfidenceField(source="annotation.confidence")
    text_revision = serializers.IntegerField(
        source="annotation.text_revision", help_text="The text that its spans point into."
    )
    annotator = serializers.CharField(allow_null=True, help_text="A1, A2, …")
    user = serializers.CharField(allow_null=True, help_text="For managers alone.")
    changed = serializers.BooleanField(help_text="Saved since the unit was decided.")

    def to_representation(self, shown: LetteredAnswers) -> dict[str, Any]:
        return {**super().to_representation(shown), "answers": answers_of(shown.annotation)}


class AdjudicationSerializer(AnnotationFields):
    """A decision: an annotation with the source `adjudication`."""

    reason = serializers.CharField()
    rule = serializers.CharField(help_text="The rule that settled it; empty where a person did.")


class CaseUnitSerializer(serializers.Serializer[Unit]):
    id = serializers.IntegerField()
    kind = serializers.SerializerMethodField()

    @extend_schema_field(Choice(Question.Unit))
    def get_kind(self, unit: Unit) -> str:
        return Question.Unit.COMMENT if unit.comment_id else Question.Unit.THREAD


class CaseSerializer(serializers.Serializer[Case]):
    """A disputed unit: its thread, and what everybody answered."""

    unit = CaseUnitSerializer()
    campaign = WorkCampaignSerializer()
    codebook = serializers.SerializerMethodField(help_text="The codebook's address.")
    thread = WorkThreadSerializer()
    focus = serializers.IntegerField(source="unit.comment_id", allow_null=True)
    comments = serializers.SerializerMethodField()
    window = WindowSerializer()
    suggestions = SuggestionSerializer(
        many=True, help_text="Empty unless the campaign shows what models suggest."
    )
    answers = LetteredAnswersSerializer(many=True)
    shares = serializers.DictField(
        child=serializers.FloatField(),
        help_text="The share of pairs of answers that differ, by question, where it is above 0.",
    )
    decision = AdjudicationSerializer(allow_null=True)
    decided_by_user = serializers.CharField(allow_null=True, help_text="For managers alone.")
    decided_at = Time(source="dispute.decided_at", allow_null=True)
    held_until = Time(source="dispute.held_until", allow_null=True)
    labeled_by_you = serializers.BooleanField(help_text="One of the answers is your own.")
    changed = serializers.BooleanField(help_text="An annotator saved since it was decided.")
    left = serializers.IntegerField(help_text="How many units wait for a decision.")

    def get_codebook(self, case: Case) -> str:
        codebook = case.campaign.codebook
        return reverse("api:codebook", args=[codebook.key, codebook.version])

    @extend_schema_field(WorkCommentSerializer(many=True))
    def get_comments(self, case: Case) -> Any:
        return comments_shown(case.comments, case.campaign)


class DecisionSerializer(RequestSerializer):
    """One decision. The same ``save_id`` sent again changes nothing."""

    save_id = serializers.UUIDField(help_text="Made by the client for this save.")
    revision = WholeNumber(help_text="That of the decision that was seen; 0 if there is none.")
    answers = AnswersField()
    reason = serializers.CharField(max_length=LONGEST_REASON, default="", allow_blank=True)
    text_revision = WholeNumber(
        required=False,
        allow_null=True,
        help_text="The revision of the comment's text that was read; another one is refused.",
    )
    codebook_version = WholeNumber(
        required=False,
        allow_null=True,
        help_text="The version of the codebook that was answered; another one is refused.",
    )


class DecisionConflictSerializer(ErrorSerializer):
    """With the code ``revision_conflict``, both versions stand beside each other."""

    current = AdjudicationSerializer(required=False, allow_null=True)
    offered = DecisionSerializer(required=False)


class Adjudication(Resource):
    """A view of one adjudicator in one campaign."""

    def membership(self, slug: str) -> Membership:
        access = access_campaign(self.user, slug, "annotation.adjudicate")
        assert access.membership is not None
        access.membership.campaign = access.campaign
        return access.membership

    def show_case(self, dispute: Dispute, membership: Membership) -> Response:
        campaign = membership.campaign
        note_seen(act=Act.ANNOTATIONS_SEEN, about=campaign, now=timezone.now())
        return self.show(CaseSerializer, case_of(dispute, membership))


class QueueView(Adjudication):
    @operation("adjudication_queue", QueueSerializer, errors=(403, 404))
    def get(self, request: Request, slug: str) -> Response:
        """How much is in dispute: all, by question, and the threads with most of it."""
        campaign, now = self.membership(slug).campaign, timezone.now()
        measure_disputes(campaign=campaign, now=now)
        return self.show(QueueSerializer, queue_of(campaign, now=now))


class NextCaseView(Adjudication):
    @operation("adjudication_next", CaseSerializer, body=NextCaseSerializer, errors=(404, 409))
    def post(self, request: Request, slug: str) -> Response:
        """The worst unit in dispute that nobody else is deciding; it is yours for half an hour."""
        membership, now = self.membership(slug), timezone.now()
        measure_disputes(campaign=membership.campaign, now=now)
        taken = take_dispute(membership=membership, now=now, **self.read(NextCaseSerializer))
        return self.show_case(dispute_on(membership.campaign, taken.unit_id), membership)


class UnitAdjudicationView(Adjudication):
    @operation("adjudication_case", CaseSerializer, errors=(403, 404))
    def get(self, request: Request, slug: str, pk: int) -> Response:
        """One unit with all answers to it; who gave them is told once it is decided."""
        membership = self.membership(slug)
        return self.show_case(dispute_on(membership.campaign, pk), membership)

    @operation(
        "adjudication_decide",
        AdjudicationSerializer,
        body=DecisionSerializer,
        errors=(404, 409),
        conflict=DecisionConflictSerializer,
    )
    def put(self, request: Request, slug: str, pk: int) -> Response:
        """Decide a unit, or decide it anew: every decision is kept."""
        membership, now = self.membership(slug), timezone.now()
        unit = dispute_on(membership.campaign, pk).unit
        sent = self.read(DecisionSerializer)
        rest = {key: value for key, value in sent.items() if key != "revision"}
        decision = Decision(based_on=sent["revision"], **rest)
        try:
            made = decide(membership=membership, unit=unit, decision=decision, now=now)
        except RevisionConflict as error:
            current = case_of(dispute_on(membership.campaign, pk), membership).decision
            raise RevisionConflict(
                error.message,
                current=AdjudicationSerializer(current).data if current else None,
                offered=DecisionSerializer(sent).data,
            ) from error
        enqueue_deliveries(membership.campaign)
        shown = Annotation.objects.select_related("membership").get(pk=made.pk)
        return self.show(AdjudicationSerializer, shown)


class CaseCommentsView(Adjudication):
    parameters = frozenset({"before", "after"})

    @operation(
        "adjudication_comments",
        MoreCommentsSerializer,
        errors=(403, 404),
        parameters=(BEFORE, AFTER),
    )
    def get(self, request: Request, slug: str, pk: int) -> Response:
        """Up to 500 more comments of the unit's context, before or after a position."""
        unit = dispute_on(self.membership(slug).campaign, pk).unit
        side, position = place_asked(self.request)
        return self.show(
            MoreCommentsSerializer, comments_beside(unit, side=side, position=position)
        )
