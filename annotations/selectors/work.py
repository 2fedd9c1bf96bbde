"""What an annotator gets to see of one unit: the thread as the campaign's context allows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import prefetch_related_objects

from annotations.errors import NotFound
from annotations.models import (
    Annotation,
    Assignment,
    Campaign,
    Comment,
    CommentRelation,
    Membership,
    Thread,
    Unit,
)
from annotations.prepared import Prepared
from annotations.selectors.answers import WITH_ANSWERS
from annotations.selectors.assignments import OwnProgress, progress_so_far
from annotations.selectors.context import STRETCH, Side, Window, context_of, window_of
from annotations.selectors.stages import Stage, stage_of


@dataclass(frozen=True)
class Have:
    """The comments of a thread that the client has already: those from ``first`` to ``last``."""

    thread: int
    first: int
    last: int


@dataclass(frozen=True)
class Work:
    """One unit with everything that its page shows; ``comments`` are in reading order.

    ``stage`` is where it stands in training or test; nothing here tells a check or a repeat.
    """

    unit: Unit
    campaign: Campaign
    thread: Thread
    comments: list[Comment]
    window: Window
    assignment: Assignment
    annotation: Annotation | None
    suggestions: list[Annotation]
    progress: OwnProgress
    stage: Stage | None


@dataclass(frozen=True)
class MoreComments:
    """The next comments of a unit's context, and how many lie beyond them on either side."""

    campaign: Campaign
    comments: list[Comment]
    before: int
    after: int


def own_unit(membership: Membership, unit_id: int) -> Unit:
    """A unit that this annotator holds or has done. Raises NotFound for every other."""
    return own_assignment(membership, unit_id).unit


def own_assignment(membership: Membership, unit_id: int) -> Assignment:
    """The slot in which the annotator holds or has done a unit, with it. Raises NotFound."""
    found = _own_slot.first(membership.campaign_id, membership.pk, unit_id)
    if found is None:
        raise NotFound("This unit is not yours, or there is none of this number.")
    found.campaign = found.unit.campaign = membership.campaign
    return found


def work_on(
    membership: Membership, unit_id: int, *, now: datetime, have: Have | None = None
) -> Work:
    """The annotator's own unit with its context, without what the client has. Raises NotFound."""
    assignment = own_assignment(membership, unit_id)
    unit = assignment.unit
    places, window = window_of(context_of(unit))
    return Work(
        unit=unit,
        campaign=unit.campaign,
        thread=unit.thread,
        comments=with_relations(places.keys() - _had(unit, places, have)),
        window=window,
        assignment=assignment,
        annotation=own_annotation(membership, unit),
        suggestions=suggestions_for(unit),
        progress=progress_so_far(membership, now=now),
        stage=stage_of(membership, unit, assignment.number),
    )


def more_comments(
    membership: Membership, unit_id: int, *, side: Side, position: int
) -> MoreComments:
    """Up to 500 comments next to a position that the unit's context allows. Raises NotFound."""
    return comments_beside(own_unit(membership, unit_id), side=side, position=position)


def comments_beside(unit: Unit, *, side: Side, position: int) -> MoreComments:
    """The same for any unit, whoever asks."""
    context = context_of(unit, whole=True)
    places = context.near(side, position, STRETCH)
    beyond = 0
    if places:
        end = min(places.values()) if side == "before" else max(places.values())
        beyond = context.count(side, end)
    return MoreComments(
        campaign=unit.campaign,
        comments=with_relations(places.keys()),
        before=beyond if side == "before" else 0,
        after=beyond if side == "after" else 0,
    )


def own_annotation(membership: Membership, unit: Unit) -> Annotation | None:
    annotation = _own.first(unit.pk, membership.pk)
    if annotation is not None:
        annotation.membership = membership
        prefetch_related_objects([annotation], *WITH_ANSWERS)
    return annotation


def suggestions_for(unit: Unit) -> list[Annotation]:
    """What models suggest for the unit as its text is now; nothing where labeling is blind."""
    if not unit.campaign.show_suggestions:
        return []
    about = unit.repeat_of_id or unit.pk
    suggested = Annotation.objects.filter(unit=about, source=Annotation.Source.MODEL)
    if unit.comment is not None:
        suggested = suggested.filter(text_revision=unit.comment.text_revision)
    return list(suggested.prefetch_related(*WITH_ANSWERS).order_by("model"))


def _had(unit: Unit, places: dict[int, int], have: Have | None) -> set[int]:
    """The ids that need not be sent again; only where every unit has the same context."""
    if have is None or have.thread != unit.thread_id:
        return set()
    if unit.campaign.context != Campaign.Context.THREAD:
        return set()
    had = {pk for pk, position in places.items() if have.first <= position <= have.last}
    return had - {unit.comment_id}


def with_relations(ids: Collection[int]) -> list[Comment]:
    """These comments with all that a page shows of them, in reading order."""
    comments = _comments(sorted(ids))
    found: dict[int, list[CommentRelation]] = {comment.pk: [] for comment in comments}
    for relation in _relations(list(found)):
        found[relation.comment_id].append(relation)
    for comment in comments:
        comment.shown_relations = found[comment.pk]
    return comments


_own_slot: Prepared[Assignment] = Prepared(
    lambda campaign, membership, unit: (
        Assignment.objects.filter(campaign=campaign, membership=membership, unit=unit)
        .select_related("unit__thread", "unit__comment")
        .defer("unit__thread__raw", "unit__comment__raw", "unit__comment__html")
        .order_by()
    )
)
_own: Prepared[Annotation] = Prepared(
    lambda unit, membership: Annotation.objects.filter(
        unit=unit, membership=membership, source=Annotation.Source.HUMAN
    )
)
_comments: Prepared[Comment] = Prepared(
    lambda ids: (
        Comment.objects.filter(pk__in=ids)
        .defer("raw", "html")
        .select_related("author")
        .order_by("position", "pk")
    )
)
_relations: Prepared[CommentRelation] = Prepared(
    lambda comments: CommentRelation.objects.filter(comment__in=comments).select_related(
        "target_author"
    )
)
