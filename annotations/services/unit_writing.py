"""Writing drawn units and their slots, and taking away what nobody touched.

Each transaction is short, so that annotators go on saving; each first makes sure that this
attempt still has the job, so that one that comes back from the dead writes nothing.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from annotations.errors import JobSuperseded
from annotations.models import Annotation, Assignment, Campaign, Job, Sample, Turn, Unit
from annotations.samples.pool import Drawn
from annotations.selectors.samples import next_order
from annotations.services.running_job import RunningJob

BATCH = 1_000
LARGEST_ORDER = 2**31 - 1
UNKNOWN_LANGUAGES = ("", "und")
State = Assignment.State
Row = tuple[int, int, bool]
"""A drawn unit: its thread, its comment (0: the thread), whether more people label it."""


class DrawnUnit:
    """A unit as its slots need it: ``language`` is that of its text."""

    __slots__ = ("language", "order", "overlap", "pk", "thread")

    def __init__(self, pk: int, order: int, overlap: int, thread: int, language: str) -> None:
        self.pk, self.order, self.overlap = pk, order, overlap
        self.thread, self.language = thread, language


def hold(running: RunningJob[Sample]) -> None:
    """Lock the campaign's orders and the job. Raises JobSuperseded if a later attempt has it."""
    sample = running.job
    Campaign.objects.select_for_update(no_key=True).get(pk=sample.campaign_id)
    held = Sample.objects.select_for_update().filter(
        pk=sample.pk, attempt=running.attempt, state=Job.State.RUNNING
    )
    if held.first() is None:
        raise JobSuperseded(f"Attempt {running.attempt} lost its {sample} to a later attempt.")


def give_way() -> None:
    """Let others write: SQLite has one writer at a time, and who waits asks only now and then."""
    if connection.vendor == "sqlite":
        time.sleep(0.02)


def write_units(running: RunningJob[Sample], drawn: Drawn) -> None:
    """The units, without slots, in the order of working, after all that the campaign has."""
    sample, campaign = running.job, running.job.campaign
    kept = _kept(sample)
    rows = (row for row in drawn if row[:2] not in kept)
    written = 0
    while some := list(islice(rows, BATCH)):
        with transaction.atomic():
            hold(running)
            some = _not_taken(campaign, some)
            first = next_order(campaign)
            require_room(campaign, first + len(some))
            Unit.objects.bulk_create(
                Unit(
                    campaign=campaign,
                    sample=sample,
                    thread_id=thread,
                    comment_id=comment or None,
                    order=first + place,
                    overlap=overlap_of(campaign, more),
                )
                for place, (thread, comment, more) in enumerate(some)
            )
        written += len(some)
        running.progress(written // 2, len(drawn))
        give_way()


def _not_taken(campaign: Campaign, drawn: list[Row]) -> list[Row]:
    """Without comments that got a known answer after they were drawn; the campaign is locked."""
    comments = {comment for _, comment, _ in drawn if comment}
    units = Unit.objects.filter(campaign=campaign, comment__in=comments)
    taken = set(units.values_list("comment", flat=True))
    return [row for row in drawn if not row[1] or row[1] not in taken]


def overlap_of(campaign: Campaign, more: bool) -> int:
    """How many label a unit: one of the share that more label, or another."""
    return campaign.overlap_more if more and campaign.overlap_more else campaign.overlap


def require_room(campaign: Campaign, order: int) -> None:
    """Raises OverflowError where the numbers for orders are used up."""
    if order > LARGEST_ORDER:
        raise OverflowError(f"The orders of {campaign.name} are used up: make a new campaign.")


def open_slots(running: RunningJob[Sample]) -> None:
    """As many free slots for each unit as labels are wanted, and turns for whole threads."""
    sample, campaign = running.job, running.job.campaign
    opened = 0
    for units in units_in_batches(sample.drawn.all(), campaign.whole_threads):
        with transaction.atomic():
            hold(running)
            ids = [unit.pk for unit in units]
            done = set(
                Assignment.objects.filter(unit__in=ids).values_list("unit", flat=True).distinct()
            )
            new = [unit for unit in units if unit.pk not in done]
            Assignment.objects.bulk_create(slots_of(campaign, new), batch_size=BATCH)
            if campaign.whole_threads:
                Turn.objects.bulk_create(_turns(campaign, new))
        opened += len(units)
        running.progress((sample.units + opened) // 2, sample.units)
        give_way()


def units_in_batches(
    units: QuerySet[Unit], whole_threads: bool = False
) -> Iterator[list[DrawnUnit]]:
    """Units of the study in their order, a thousand at a time; or more, to the end of a thread."""
    rows = (
        units.filter(purpose=Unit.Purpose.STUDY)
        .order_by("order")
        .annotate(language=Coalesce("comment__language", "thread__language"))
    )
    last = -1
    while some := _read(rows.filter(order__gt=last)[:BATCH]):
        if whole_threads:
            some += _read(rows.filter(order__gt=some[-1].order, thread=some[-1].thread))
        last = some[-1].order
        yield some


def slots_of(campaign: Campaign, units: Sequence[DrawnUnit]) -> list[Assignment]:
    return [
        Assignment(
            campaign=campaign, unit_id=unit.pk, slot=slot, order=unit.order, language=unit.language
        )
        for unit in units
        for slot in range(1, unit.overlap + 1)
    ]


def common_language(languages: Sequence[str]) -> str:
    """The most frequent of those that are known; blank where none is."""
    known = Counter(language for language in languages if language not in UNKNOWN_LANGUAGES)
    return min(known, key=lambda language: (-known[language], language), default="")


def threads_of(units: Sequence[DrawnUnit]) -> list[list[DrawnUnit]]:
    """The units of each thread together."""
    together: dict[int, list[DrawnUnit]] = {}
    for unit in units:
        together.setdefault(unit.thread, []).append(unit)
    return list(together.values())


def turn_of(campaign: Campaign, units: Sequence[DrawnUnit], slot: int) -> Turn:
    """A free turn over units of one thread."""
    return Turn(
        campaign=campaign,
        thread_id=units[0].thread,
        slot=slot,
        first=min(unit.order for unit in units),
        last=max(unit.order for unit in units),
        language=common_language([unit.language for unit in units]),
    )


def take_away(sample: Sample, still_allowed: Callable[[], None]) -> None:
    """Delete the sample's units that nobody holds, labeled or suggested a label for.

    ``still_allowed`` is called in each transaction and raises where it must stop.
    """
    last = -1
    while some := list(
        _untouched(sample)
        .filter(order__gt=last)
        .order_by("order")
        .values_list("pk", "order")[:BATCH]
    ):
        with transaction.atomic():
            still_allowed()
            _delete(sample, [pk for pk, _ in some])
        last = some[-1][1]
        give_way()
    with transaction.atomic():
        still_allowed()
        if sample.campaign.whole_threads:
            _delete_empty_turns(sample.campaign)
        sample.drawn_at = None
        sample.candidates, sample.units = 0, sample.drawn.count()
        sample.save(update_fields=["drawn_at", "candidates", "units"])


def _read(rows: QuerySet[Unit]) -> list[DrawnUnit]:
    columns = ("pk", "order", "overlap", "thread_id", "language")
    return [DrawnUnit(*row) for row in rows.values_list(*columns)]


def _turns(campaign: Campaign, units: Sequence[DrawnUnit]) -> list[Turn]:
    return [
        turn_of(campaign, thread, slot)
        for thread in threads_of(units)
        for slot in range(1, thread[0].overlap + 1)
    ]


def _kept(sample: Sample) -> set[tuple[int, int]]:
    """What an earlier attempt drew that somebody touched: it is not drawn twice."""
    rows = sample.drawn.values_list("thread", "comment")
    return {(thread, comment or 0) for thread, comment in rows.iterator()}


def _untouched(sample: Sample) -> QuerySet[Unit]:
    begun = Assignment.objects.filter(unit=OuterRef("pk")).exclude(state=State.PENDING)
    said = Annotation.objects.filter(unit=OuterRef("pk"))
    return Unit.objects.filter(~Exists(begun), ~Exists(said), sample=sample)


def _delete(sample: Sample, units: Sequence[int]) -> None:
    """Those of the units that are still untouched once their free slots are locked."""
    slots = Assignment.objects.filter(unit__in=units)
    list(slots.select_for_update(of=("self",)).values_list("pk", flat=True))
    untouched = list(_untouched(sample).filter(pk__in=units).values_list("pk", flat=True))
    slots.filter(unit__in=untouched).delete()
    Unit.objects.filter(pk__in=untouched).delete()


def _delete_empty_turns(campaign: Campaign) -> None:
    inside = Assignment.objects.filter(
        campaign=OuterRef("campaign"),
        slot=OuterRef("slot"),
        order__gte=OuterRef("first"),
        order__lte=OuterRef("last"),
    )
    Turn.objects.filter(~Exists(inside), campaign=campaign).delete()
