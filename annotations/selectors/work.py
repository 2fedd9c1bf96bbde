"""What an annotator gets to see of one unit: the thread as the campaign's context allows."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from annotations.errors import NotFound
from annotations.models import Annotation, Assignment, Campaign, Comment, Membership, Thread, Unit
from annotations.selectors.answers import WITH_ANSWERS
from annotations.selectors.assignments import Progress, progress

AROUND = 1_000
IS_OPENING = Q(kind__in=(Comment.Kind.ARTICLE, Comment.Kind.POST))


@dataclass(frozen=True)
class Work:
    """One unit with everything that its page shows.

    ``comments`` are in reading order. ``before`` and ``after`` count those that the context allows
    but that are too far away to be sent: at most 1,000 on either side of the comment are.
    """

    unit: Unit
    campaign: Campaign
    thread: Thread
    comments: list[Comment]
    before: int
    after: int
    assignment: Assignment
    annotation: Annotation | None
    progress: Progress


def own_unit(membership: Membership, unit_id: int) -> Unit:
    """A unit that this annotator holds or has done. Raises NotFound for every other."""
    unit = (
        Unit.objects.select_related("campaign__corpus", "campaign__codebook", "thread", "comment")
        .filter(campaign=membership.campaign_id, assignments__membership=membership, pk=unit_id)
        .first()
    )
    if unit is None:
        raise NotFound("This unit is not yours, or there is none of this number.")
    return unit


def work_on(membership: Membership, unit_id: int) -> Work:
    """The annotator's own unit with its context. Raises NotFound."""
    unit = own_unit(membership, unit_id)
    near, before, after = _window(unit)
    return Work(
        unit=unit,
        campaign=unit.campaign,
        thread=unit.thread,
        comments=_with_relations(near),
        before=before,
        after=after,
        assignment=Assignment.objects.get(unit=unit, membership=membership),
        annotation=own_annotation(membership, unit),
        progress=progress(membership),
    )


def own_annotation(membership: Membership, unit: Unit) -> Annotation | None:
    return (
        Annotation.objects.filter(unit=unit, membership=membership, source=Annotation.Source.HUMAN)
        .select_related("membership")
        .prefetch_related(*WITH_ANSWERS)
        .first()
    )


def _window(unit: Unit) -> tuple[Q, int, int]:
    """Which comments are shown, and how many allowed ones lie before and after them."""
    allowed = _allowed(unit)
    center = unit.comment.position if unit.comment else 0
    near = Q(position__gte=center - AROUND, position__lte=center + AROUND)
    always = IS_OPENING | Q(pk__in=_ancestors(unit))
    counts = Comment.objects.filter(allowed & ~always, thread=unit.thread).aggregate(
        before=Count("pk", filter=Q(position__lt=center - AROUND)),
        after=Count("pk", filter=Q(position__gt=center + AROUND)),
    )
    return Q(thread=unit.thread) & allowed & (near | always), counts["before"], counts["after"]


def _allowed(unit: Unit) -> Q:
    """The comments of the thread that the campaign's context policy lets an annotator see."""
    focus = unit.comment
    if focus is None or unit.campaign.context == Campaign.Context.THREAD:
        allowed = Q()
    elif unit.campaign.context == Campaign.Context.PRECEDING:
        allowed = Q(position__lte=focus.position)
    elif unit.campaign.context == Campaign.Context.ANCESTORS:
        allowed = Q(pk__in=[focus.pk, *_ancestors(unit)])
    elif unit.campaign.context == Campaign.Context.PARENT:
        allowed = Q(pk__in=[focus.pk, focus.reply_to_id])
    else:
        allowed = Q(pk=focus.pk)
    if not unit.campaign.show_article:
        return allowed & ~IS_OPENING
    # An empty Q allows all, but to `|` it is nothing.
    return allowed | IS_OPENING if allowed else allowed


def _ancestors(unit: Unit) -> list[int]:
    """The ids of the comments above the unit's, nearest first."""
    if unit.comment is None or unit.comment.reply_to_id is None:
        return []
    earlier = Comment.objects.filter(thread=unit.thread, position__lt=unit.comment.position)
    parents = dict(earlier.filter(reply_to__isnull=False).values_list("pk", "reply_to"))
    chain = [unit.comment.reply_to_id]
    while (parent := parents.get(chain[-1])) is not None and parent not in chain:
        chain.append(parent)
    return chain


def _with_relations(shown: Q) -> list[Comment]:
    comments: QuerySet[Comment] = (
        Comment.objects.filter(shown)
        .defer("raw", "html")
        .select_related("author")
        .prefetch_related("relations__target_author")
        .order_by("position", "pk")
    )
    return list(comments)
