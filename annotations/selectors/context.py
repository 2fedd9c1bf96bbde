"""Which comments of a thread the campaign's context lets an annotator of a unit see.

What this costs depends on what is shown, never on the thread: comments are found by their
position in an index, and those that are not sent are counted by arithmetic, since positions run
from 0 without a gap. (While an import has yet to put a thread in order, the comments that it
brought are not counted.)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, Literal

from django.db.models import QuerySet

from annotations.models import Campaign, Comment, Unit
from annotations.prepared import Prepared
from annotations.statements import Statement

AROUND = 100
STRETCH = 500
MOST_ABOVE = 500
MOST_OPENINGS = 20
EVERYTHING = 2**31 - 1
ABOVE = Statement("""
WITH RECURSIVE above(id, reply_to_id, position, kind, step) AS (
    SELECT id, reply_to_id, position, kind, 0 FROM comment WHERE id = %s
    UNION ALL
    SELECT c.id, c.reply_to_id, c.position, c.kind, above.step + 1
    FROM above JOIN comment c ON c.id = above.reply_to_id WHERE above.step < %s
)
SELECT id, position, kind FROM above WHERE step > 0 ORDER BY step
""")
Policy = Campaign.Context
Side = Literal["before", "after"]
Places = dict[int, int]


@dataclass(frozen=True)
class Window:
    """What of the context is sent with a unit: the comments from ``first`` to ``last``.

    ``before`` and ``after`` count the allowed comments outside of that stretch that are not sent.
    """

    before: int
    after: int
    first: int
    last: int


@dataclass(frozen=True)
class Context:
    """What one unit's annotator may see: comments by their ids, with their positions.

    ``above`` are the comments that the unit's answers to, the nearest first, ``openings`` the
    thread's articles and posts; both as far as the campaign shows them.
    """

    unit: Unit
    above: Places
    openings: Places

    @property
    def is_stretch(self) -> bool:
        """Whether the policy allows all up to some position, not only what stands above."""
        return _policy(self.unit) in (Policy.THREAD, Policy.PRECEDING)

    @property
    def always(self) -> Places:
        """What is sent wherever it lies: the openings, and the nearest 500 above the focus."""
        return {**dict(islice(self.above.items(), MOST_ABOVE)), **self.openings}

    @cached_property
    def end(self) -> int:
        """The first position past the thread, or past what comes before the focus."""
        focus = self.unit.comment
        if focus is not None and _policy(self.unit) == Policy.PRECEDING:
            return focus.position + 1
        last = _last_position.first(self.unit.thread_id)
        return 0 if last is None else last + 1

    def near(self, side: Side, position: int, limit: int) -> Places:
        """Up to so many allowed comments before or after the position, the nearest first."""
        if self.is_stretch:
            between = _between[side, self.unit.campaign.show_article, limit]
            return dict(between(self.unit.thread_id, *self._beyond(side, position)))
        first, end = self._beyond(side, position)
        found = [(pk, place) for pk, place in self.above.items() if first <= place < end]
        found.sort(key=lambda item: item[1], reverse=side == "before")
        return dict(found[:limit])

    def around(self, focus: Comment, limit: int) -> Places:
        """The focus, and up to so many allowed comments on either side of it."""
        own = {focus.pk: focus.position}
        if self.is_stretch and self.unit.campaign.show_article:
            # as many positions as comments: one step in the index finds both sides
            first, end = max(focus.position - limit, 0), focus.position + 1
            end += 0 if _policy(self.unit) == Policy.PRECEDING else limit
            return {**dict(_within(self.unit.thread_id, first, end)), **own}
        before = self.near("before", focus.position, limit)
        return {**before, **self.near("after", focus.position, limit), **own}

    def count(self, side: Side, position: int) -> int:
        """How many allowed comments lie before or after the position, but for ``always``."""
        first, end = self._beyond(side, position)
        sent = self.always.items()
        if not self.is_stretch:
            return sum(first <= place < end for place in (dict(self.above.items() - sent)).values())
        hidden = 0
        if not self.unit.campaign.show_article:
            openings = _openings(self.unit.thread_id)
            hidden = openings.filter(position__range=(first, end - 1)).count()
        return max(end - first, 0) - hidden - sum(first <= place < end for _, place in sent)

    def _beyond(self, side: Side, position: int) -> tuple[int, int]:
        if side == "before":
            return 0, position if not self.is_stretch else min(position, self.end)
        return position + 1, self.end if self.is_stretch else EVERYTHING


def context_of(unit: Unit, *, whole: bool = False) -> Context:
    """The unit's context; ``whole`` reads all that stands above, not the nearest 500 alone."""
    article = unit.campaign.show_article
    openings: Places = {}
    if article:
        openings = dict(_first_openings(unit.thread_id))
    most = EVERYTHING if whole else MOST_ABOVE
    most = {Policy.COMMENT: 0, Policy.PARENT: 1}.get(_policy(unit), most)
    return Context(unit, _above(unit, most), openings)


def window_of(context: Context) -> tuple[Places, Window]:
    """What is sent with the unit: up to 100 allowed comments on either side, and the islands."""
    focus = context.unit.comment
    if focus is None:
        stretch = context.near("after", -1, AROUND + 1)
    else:
        stretch = context.around(focus, AROUND)
    first, last = min(stretch.values(), default=0), max(stretch.values(), default=0)
    window = Window(_before(context, first), context.count("after", last), first, last)
    return {**context.always, **stretch}, window


def _before(context: Context, first: int) -> int:
    """As counted; of a longer chain than was read, the rest by the depth of the focus."""
    focus, above = context.unit.comment, len(context.above)
    if context.is_stretch or focus is None or above < MOST_ABOVE:
        return context.count("before", first)
    return max(focus.depth - above, 0)


def _policy(unit: Unit) -> Policy:
    return Policy(unit.campaign.context) if unit.comment_id else Policy.THREAD


def _openings(thread: int) -> QuerySet[Comment]:
    """By their own small index, whose condition is spelt like this."""
    return Comment.objects.filter(thread=thread).exclude(kind=Comment.Kind.COMMENT)


def _above(unit: Unit, most: int) -> Places:
    """Up to so many comments above the unit's, as far as the policy allows them."""
    focus = unit.comment
    if focus is None or focus.reply_to_id is None or not most:
        return {}
    chain = ABOVE([focus.pk, most])
    preceding = _policy(unit) == Policy.PRECEDING
    return {
        pk: position
        for pk, position, kind in chain
        if (kind == Comment.Kind.COMMENT or unit.campaign.show_article)
        and not (preceding and position > focus.position)
    }


def _stretches(side: Side, *, article: bool, limit: int) -> Prepared[tuple[int, int]]:
    """Up to so many comments of a thread between two positions, the nearest first."""
    order = ("-position", "-pk") if side == "before" else ("position", "pk")

    def between(thread: int, first: int, end: int) -> QuerySet[Comment, Any]:
        rows = Comment.objects.filter(thread=thread, position__gte=first, position__lt=end)
        rows = rows if article else rows.filter(kind=Comment.Kind.COMMENT)
        return rows.order_by(*order).values_list("pk", "position")[:limit]

    return Prepared(between)


_within: Prepared[tuple[int, int]] = Prepared(
    lambda thread, first, end: Comment.objects.filter(
        thread=thread, position__gte=first, position__lt=end
    ).values_list("pk", "position")
)
SIDES: tuple[Side, ...] = ("before", "after")
_between = {
    (side, article, limit): _stretches(side, article=article, limit=limit)
    for side in SIDES
    for article in (True, False)
    for limit in (AROUND, AROUND + 1, STRETCH)
}
_first_openings: Prepared[tuple[int, int]] = Prepared(
    lambda thread: (
        _openings(thread).order_by("position", "pk").values_list("pk", "position")[:MOST_OPENINGS]
    )
)
_last_position: Prepared[int] = Prepared(
    lambda thread: (
        Comment.objects.filter(thread=thread)
        .order_by("-position")
        .values_list("position", flat=True)[:1]
    )
)
