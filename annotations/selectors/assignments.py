"""Which units an annotator holds, has done and can still get."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from annotations.models import Annotation, Assignment, Membership, Turn, Unit
from annotations.prepared import Prepared
from annotations.selectors.care import avoided_by, to_avoid
from annotations.selectors.day import Today, midnight_before, pace, today
from annotations.selectors.keeping import KeptForSeconds
from annotations.selectors.stages import to_come

COUNT_AT_MOST = 1_000
COUNTED_EXACTLY = 5_000
KEPT_SECONDS = 5.0
UNKNOWN = ("", "und")


_kept: KeptForSeconds[int, Kept] = KeptForSeconds(KEPT_SECONDS)
_kept_times: KeptForSeconds[tuple[object, ...], tuple[Today, float | None]] = KeptForSeconds(
    KEPT_SECONDS
)


@dataclass(frozen=True)
class Progress:
    """An annotator's own progress in units; ``left`` is counted up to 1,000 and no further."""

    done: int
    skipped: int
    left: int

    @property
    def total(self) -> int:
        return self.done + self.skipped + self.left


@dataclass(frozen=True)
class OwnCounts:
    done: int
    skipped: int
    held: int

    @property
    def is_long(self) -> bool:
        """Whether they take long to count."""
        return self.done + self.skipped > COUNTED_EXACTLY


@dataclass(frozen=True)
class Kept:
    """What is known of one annotator for some seconds: their counts, and all units that they have
    done, hold and can get."""

    own: OwnCounts
    all_units: int


@dataclass(frozen=True)
class Got:
    """Of what an annotator ever got: the largest ``order`` in the sample (-1 before the first),
    and the largest ``number``."""

    order: int
    number: int


@dataclass(frozen=True)
class OwnProgress:
    """An annotator's progress as the workspace shows it.

    ``pace`` is the median of the active seconds of the last 50 units, None before the first.
    """

    units: Progress
    today: Today
    pace: float | None


def free_ahead(membership: Membership) -> list[QuerySet[Assignment]]:
    """Free slots past all that the annotator ever got of the sample.

    This is where the next unit is nearly always found, by one step in an index; what is passed
    by, because a slot that was added or put in a new order is of an own unit, is passed once.
    One queryset for each language that the annotator reads, or one if they read all.
    """
    last = got_by(membership).order
    return [some.filter(order__gt=last) for some in _free(membership)]


def free_behind(membership: Membership) -> list[QuerySet[Assignment]]:
    """Free slots of units that the annotator passed without getting them: given back by others."""
    last = got_by(membership).order
    return [] if last < 0 else [some.filter(order__lte=last) for some in _free(membership)]


def next_ahead(membership: Membership, last: int) -> Assignment | None:
    """The first of ``free_ahead``, locked, for one who gets all: by a query that is prepared."""
    return _next_ahead.first(membership.campaign_id, membership.pk, last)


def gets_all(membership: Membership, avoided: Collection[int]) -> bool:
    """Whether every free slot of the sample may be given to the annotator."""
    return not (avoided or membership.languages or membership.campaign.whole_threads)


def got_by(membership: Membership) -> Got:
    """One index step for each."""
    *orders, number = next(iter(_got(membership.pk)), (None,))
    return Got(max((one for one in orders if one is not None), default=-1), number or 0)


def untouched() -> QuerySet[Assignment]:
    """What is held, with nothing written yet."""
    begun = Annotation.objects.filter(
        unit=OuterRef("unit"), membership=OuterRef("membership"), source=Annotation.Source.HUMAN
    )
    return Assignment.objects.filter(~Exists(begun), state=Assignment.State.LEASED)


def languages_of(membership: Membership) -> list[str] | None:
    """The languages of what the annotator gets; None: all. What cannot be told, everybody gets."""
    read = membership.languages
    return list(dict.fromkeys([*read, *UNKNOWN])) if read else None


def not_avoided(membership: Membership, slots: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """Without those of units that the annotator avoids, for whom alone this costs anything."""
    avoided = avoided_by(membership.user_id)
    return slots.exclude(to_avoid(avoided)) if avoided else slots


def progress(membership: Membership) -> Progress:
    """How far the annotator is, in units."""
    own = own_counts(membership)
    left = min(own.held + _free_units(membership), COUNT_AT_MOST)
    return Progress(done=own.done, skipped=own.skipped, left=left)


def own_counts(membership: Membership) -> OwnCounts:
    """What the annotator has in each state. To count costs more the more they have done."""
    counted = dict(_by_state(membership.pk))
    return OwnCounts(
        done=counted.get(Assignment.State.SUBMITTED, 0),
        skipped=counted.get(Assignment.State.SKIPPED, 0),
        held=counted.get(Assignment.State.LEASED, 0),
    )


def _free_units(membership: Membership) -> int:
    """How many more units the annotator can still get, counted up to 1,000 and no further."""
    campaign = membership.campaign
    most_slots = max(campaign.overlap, campaign.overlap_more or 0)
    free = _count_units(free_ahead(membership), most_slots)
    if free < COUNT_AT_MOST:  # else the slower count of what others gave back tells nothing new
        free += _count_units(free_behind(membership), most_slots)
    return free + to_come(membership, free, COUNT_AT_MOST)


def own_progress(membership: Membership, *, now: datetime) -> OwnProgress:
    """The annotator's progress, in units and in time."""
    units = kept_progress(membership)
    return _in_time(membership, units, now)


def progress_so_far(membership: Membership, *, now: datetime) -> OwnProgress:
    """The same where nothing was saved just now: while the counts stay what they are, so do the
    times, but for those of drafts and of corrections, which show after ``KEPT_SECONDS``."""
    units = kept_progress(membership)
    kept = _kept_times.get(_moment(membership, units, now))
    return OwnProgress(units, *kept) if kept else _in_time(membership, units, now)


def _in_time(membership: Membership, units: Progress, now: datetime) -> OwnProgress:
    times = today(membership, now=now), pace(membership)
    _kept_times.keep(_moment(membership, units, now), times)
    return OwnProgress(units, *times)


def _moment(membership: Membership, units: Progress, now: datetime) -> tuple[object, ...]:
    return membership.pk, units.done, units.skipped, midnight_before(now)


def kept_progress(membership: Membership) -> Progress:
    """``progress`` for every click: what is long to count is kept for some seconds.

    What the annotator does themselves shows at once: to take, save or skip a unit changes nothing
    of all that they have done and can get. What others take or give back shows after at most
    ``KEPT_SECONDS``, and so do the counts of who has done more than ``COUNTED_EXACTLY``.
    """
    kept = _kept.get(membership.pk)
    own = kept.own if kept and kept.own.is_long else own_counts(membership)
    if kept is None:
        kept = Kept(own, own.done + own.skipped + own.held + _free_units(membership))
        _kept.keep(membership.pk, kept)
    left = kept.all_units - own.done - own.skipped
    return Progress(own.done, own.skipped, max(own.held, min(left, COUNT_AT_MOST)))


def _free(membership: Membership) -> list[QuerySet[Assignment]]:
    """Free slots of the sample that the annotator may get, in the order of working."""
    free = not_avoided(membership, _pending(membership.campaign_id, membership.pk))
    languages = languages_of(membership)
    if membership.campaign.whole_threads:
        free = _within_turns(membership, free, languages)
    if languages is None:
        return [free]
    return [free.filter(language=language) for language in languages]


def _pending(campaign: int, membership: int) -> QuerySet[Assignment]:
    own = Assignment.objects.filter(unit=OuterRef("unit"), membership=membership)
    return Assignment.objects.filter(
        ~Exists(own),
        campaign=campaign,
        state=Assignment.State.PENDING,
        purpose=Unit.Purpose.STUDY,
    ).order_by("order", "slot")


def _within_turns(
    membership: Membership, free: QuerySet[Assignment], languages: list[str] | None
) -> QuerySet[Assignment]:
    """Those of turns that are free or the annotator's own."""
    around = Turn.objects.filter(
        campaign=membership.campaign_id,
        thread=OuterRef("unit__thread"),
        first__lte=OuterRef("order"),
        last__gte=OuterRef("order"),
    )
    open_to = Q(membership=None)
    if languages is not None:
        open_to &= Q(language__in=languages)
    in_hand = Q(membership=membership, done_at=None)
    over = around.filter(membership=membership, done_at__isnull=False)
    return free.filter(
        Exists(around.filter(open_to | in_hand, slot=OuterRef("slot"))), ~Exists(over)
    )


def _last_of_each(membership: int) -> QuerySet[Membership]:
    """The largest order of the sample's units that the annotator got in each state, and the
    largest number of all: one index step each."""
    all_own = Assignment.objects.filter(membership=OuterRef("pk"))
    own = all_own.filter(purpose=Unit.Purpose.STUDY).order_by("-order")
    steps = [
        Subquery(own.filter(state=state).values("order")[:1])
        for state in Assignment.State.values
        if state != Assignment.State.PENDING
    ]
    number = all_own.filter(number__isnull=False).order_by("-number").values("number")[:1]
    return Membership.objects.filter(pk=membership).values_list(*steps, Subquery(number))


def _first_ahead(campaign: int, membership: int, last: int) -> QuerySet[Assignment]:
    slots = _pending(campaign, membership).filter(order__gt=last)
    return slots.select_for_update(skip_locked=True, of=("self",))[:1]


_got: Prepared[tuple[int | None, ...]] = Prepared(_last_of_each)
_next_ahead: Prepared[Assignment] = Prepared(_first_ahead)
_by_state: Prepared[tuple[str, int]] = Prepared(
    lambda membership: (
        Assignment.objects.filter(membership=membership)
        .order_by()
        .values("state")
        .annotate(count=Count("pk"))
        .values_list("state", "count")
    )
)


def _count_units(slots: Sequence[QuerySet[Assignment]], most_slots: int) -> int:
    """Units among the first free slots; a unit has no more of them than ``most_slots``."""
    count = 0
    for some in slots:
        first = some.values("unit")[: COUNT_AT_MOST * most_slots]
        count += first.aggregate(count=Count("unit", distinct=True))["count"]
    return min(count, COUNT_AT_MOST)
