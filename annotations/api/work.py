"""The annotator's own work: the next unit, one unit, a save, what was done before."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.annotations import OwnAnnotationSerializer
from annotations.api.errors import ErrorSerializer
from annotations.api.feedback import FeedbackSerializer
from annotations.api.fields import (
    AnswersField,
    Choice,
    ConfidenceField,
    FiniteNumber,
    JSONObject,
    RequestSerializer,
    Time,
    WholeNumber,
)
from annotations.api.filters import BIGGEST_ID, HistoryFilters
from annotations.api.operations import operation
from annotations.api.paging import LATEST_SAVED_FIRST
from annotations.api.resource import FilteredListing, Resource
from annotations.api.rulings import RulingSerializer
from annotations.api.throttling import SaveThrottle
from annotations.api.work_shown import (
    WorkRenderer,
    annotation_shown,
    comments_shown,
    progress_shown,
    work_shown,
)
from annotations.api.work_unit import (
    ProgressSerializer,
    WorkCommentSerializer,
    WorkUnitSerializer,
)
from annotations.errors import InvalidInput, RevisionConflict
from annotations.models import Annotation, Comment, Membership, NoteReply
from annotations.permissions import access_work
from annotations.selectors.assignments import own_progress
from annotations.selectors.context import Side
from annotations.selectors.history import history
from annotations.selectors.known import feedback_on
from annotations.selectors.readable import unit_of
from annotations.selectors.work import Have, MoreComments, more_comments, own_annotation, work_on
from annotations.services.annotations import Save, save_annotation
from annotations.services.assignments import take_unit

EXCERPT = 120
LONGEST_SECONDS = 10_000_000
MOST_AFTER = 100
BEFORE = OpenApiParameter("before", int, description="The position before which they lie.")
AFTER = OpenApiParameter("after", int, description="The position after which they lie.")


class SaveSerializer(RequestSerializer):
    """One save. The same ``save_id`` sent again changes nothing."""

    save_id = serializers.UUIDField(help_text="Made by the client for this save.")
    revision = WholeNumber(help_text="The revision that the client had seen; 0 if there is none.")
    state = Choice(Annotation.State)
    answers = AnswersField()
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
    note = serializers.CharField(max_length=10_000, default="", allow_blank=True)
    flagged = serializers.BooleanField(default=False)
    confidence = ConfidenceField(default=None)
    aside = serializers.BooleanField(
        default=False,
        help_text="Keep these answers as a revision; the annotation says what it said before.",
    )
    skip_reason = serializers.CharField(max_length=500, default="", allow_blank=True)
    harmful = serializers.BooleanField(
        default=False,
        help_text="Skipped because it harms: others get the unit, and nobody counts it.",
    )
    seconds = FiniteNumber(min_value=0, max_value=LONGEST_SECONDS, default=0.0)
    context = JSONObject(  # type: ignore[assignment]
        default=dict, help_text="What was on screen: the ids of the comments shown, and more."
    )


class HaveSerializer(RequestSerializer):
    """The stretch of a thread that the client has, by positions."""

    thread = WholeNumber(max_value=BIGGEST_ID)
    first = WholeNumber()
    last = WholeNumber()


class NextSerializer(RequestSerializer):
    """What the client holds already; all of it may be left out."""

    after = serializers.ListField(
        child=WholeNumber(max_value=BIGGEST_ID),
        default=list,
        max_length=MOST_AFTER,
        help_text="The ids of the units on screen or fetched ahead; you go on holding them.",
    )
    have = HaveSerializer(
        required=False,
        allow_null=True,
        help_text="Comments that need not be sent again, where every unit shows whole threads.",
    )


class MoreCommentsSerializer(serializers.Serializer[MoreComments]):
    """Comments in reading order, and how many of the context lie beyond them."""

    comments = serializers.SerializerMethodField()
    before = serializers.IntegerField()
    after = serializers.IntegerField()

    @extend_schema_field(WorkCommentSerializer(many=True))
    def get_comments(self, more: MoreComments) -> Any:
        return comments_shown(more.comments, more.campaign)


class SavedSerializer(serializers.Serializer[Any]):
    annotation = OwnAnnotationSerializer()
    progress = ProgressSerializer()
    feedback = FeedbackSerializer(
        allow_null=True, help_text="After a submitted unit of the training; null for all others."
    )


class SaveConflictSerializer(ErrorSerializer):
    """With the code ``revision_conflict``, both versions stand beside each other."""

    current = OwnAnnotationSerializer(required=False, allow_null=True)
    offered = SaveSerializer(required=False)


class PastReplySerializer(serializers.Serializer[NoteReply]):
    """The answer to one's own note: a ruling, or null where it was seen."""

    ruling = RulingSerializer(allow_null=True)
    created_at = Time()


class PastUnitSerializer(serializers.Serializer[Annotation]):
    """What a list shows of a unit; for its `warnings` a page may cover the excerpt."""

    unit = serializers.IntegerField(source="unit_id")
    order = serializers.IntegerField()
    thread_title = serializers.CharField(source="unit.thread.title")
    excerpt = serializers.SerializerMethodField()
    warnings = serializers.SerializerMethodField()
    state = Choice(Annotation.State)
    flagged = serializers.BooleanField()
    reply = serializers.SerializerMethodField(help_text="The newest answer to your note, if any.")
    saved_at = Time()

    @extend_schema_field(PastReplySerializer(allow_null=True))
    def get_reply(self, annotation: Annotation) -> Any:
        replies = list(annotation.replies.all())
        return PastReplySerializer(replies[-1]).data if replies else None

    @extend_schema_field(serializers.ListField(child=serializers.SlugField()))
    def get_warnings(self, annotation: Annotation) -> list[str]:
        comment = annotation.unit.comment
        of_all = annotation.unit.campaign.corpus.content_categories.all()
        own = [warning.category for warning in comment.warnings.all()] if comment else []
        return list(dict.fromkeys(category.key for category in [*of_all, *own]))

    def get_excerpt(self, annotation: Annotation) -> str:
        comment = annotation.unit.comment
        if comment is None or comment.status != Comment.Status.VISIBLE:
            return ""
        return comment.text[:EXCERPT]


class Work(Resource):
    """A view of one annotator in one campaign."""

    renderer_classes = (WorkRenderer,)

    def membership(self, slug: str) -> Membership:
        return access_work(self.user, slug)


class NextUnitView(Work):
    @operation("work_next", WorkUnitSerializer, body=NextSerializer, errors=(404, 409))
    def post(self, request: Request, slug: str) -> Response:
        """A unit that you hold and do not name in `after`, or else the next free one."""
        membership, now = self.membership(slug), timezone.now()
        wanted = self.read(NextSerializer)
        have = Have(**wanted["have"]) if wanted.get("have") else None
        taken = take_unit(membership=membership, after=wanted["after"], now=now)
        assert taken.membership is not None  # as it is now: it may just have been admitted
        work = work_on(taken.membership, taken.unit_id, now=now, have=have)
        return Response(work_shown(work))


class UnitView(Work):
    @operation("work_unit", WorkUnitSerializer, errors=(403, 404))
    def get(self, request: Request, slug: str, pk: int) -> Response:
        """A unit that you hold or have done, with its context."""
        work = work_on(self.membership(slug), pk, now=timezone.now())
        return Response(work_shown(work))


class UnitCommentsView(Work):
    parameters = frozenset({"before", "after"})

    @operation(
        "work_comments", MoreCommentsSerializer, errors=(403, 404), parameters=(BEFORE, AFTER)
    )
    def get(self, request: Request, slug: str, pk: int) -> Response:
        """Up to 500 more comments of the unit's context, before or after a position."""
        membership = self.membership(slug)
        side, position = place_asked(self.request)
        more = more_comments(membership, pk, side=side, position=position)
        return self.show(MoreCommentsSerializer, more)


def place_asked(request: Request) -> tuple[Side, int]:
    """The side of the position beyond which comments are asked for. Raises InvalidInput."""
    given = {side: value for side, value in request.query_params.items() if side != "fields"}
    if len(given) != 1:
        raise InvalidInput("Say either before or after which position.")
    side: Side = "before" if "before" in given else "after"
    field = WholeNumber()
    try:
        return side, field.run_validation(given[side])
    except serializers.ValidationError as error:
        raise serializers.ValidationError({side: error.detail}) from None


class UnitAnnotationView(Work):
    throttle_classes = (*Work.throttle_classes, SaveThrottle)

    @operation(
        "work_save",
        SavedSerializer,
        body=SaveSerializer,
        errors=(404, 409),
        conflict=SaveConflictSerializer,
    )
    def put(self, request: Request, slug: str, pk: int) -> Response:
        """Save your answers to a unit; acknowledged saves are never lost."""
        membership, now = self.membership(slug), timezone.now()
        unit = unit_of(membership, pk)
        sent = self.read(SaveSerializer)
        save = Save(based_on=sent["revision"], **{k: v for k, v in sent.items() if k != "revision"})
        try:
            annotation = save_annotation(membership=membership, unit=unit, save=save, now=now)
        except RevisionConflict as error:
            current = own_annotation(membership, unit)
            raise RevisionConflict(
                error.message,
                current=OwnAnnotationSerializer(current).data if current else None,
                offered=SaveSerializer(sent).data,
            ) from error
        annotation.membership = membership
        told = feedback_on(annotation, unit)
        return Response(
            {
                "annotation": annotation_shown(annotation),
                "progress": progress_shown(own_progress(membership, now=now)),
                "feedback": dict(FeedbackSerializer(told).data) if told else None,
            }
        )


class HistoryView(Work, FilteredListing):
    orders = LATEST_SAVED_FIRST
    filterset_class = HistoryFilters
    queryset = Annotation.objects.none()

    @operation("work_history", PastUnitSerializer(many=True), errors=(403, 404))
    def get(self, request: Request, slug: str) -> Response:
        """What you have worked on in this campaign, the latest first."""
        unread = ("unit__thread__raw", "unit__comment__raw", "unit__comment__html", "context")
        rows = history(self.membership(slug)).defer(*unread)
        return self.list(rows, PastUnitSerializer)
