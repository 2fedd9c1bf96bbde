"""More slots for the units that a campaign has."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Count, Max

from annotations.models import Annotation, Assignment, Campaign, Sample, Turn, Unit
from annotations.selectors.samples import next_order
from annotations.services.running_job import RunningJob
from annotations.services.unit_writing import (
    BATCH,
    DrawnUnit,
    give_way,
    hold,
    require_room,
    threads_of,
    turn_of,
    units_in_batches,
)


def add_labels(running: RunningJob[Sample]) -> int:
    """Raise each unit of the study to the sample's overlap; the number of units raised.

    The new slots come after all others, so that who has passed a unit of theirs finds the new
    ones ahead; those of whole threads stand in the thread's order, in turns of their own. A unit
    that was raised is not raised again, so another attempt goes on; one that is cancelled leaves
    those that were raised as they are.
    """
    sample, campaign = running.job, running.job.campaign
    overlap: int = sample.recipe["overlap"]
    units = Unit.objects.filter(campaign=campaign, purpose=Unit.Purpose.STUDY)
    total = units.count()
    done = raised = 0
    for some in units_in_batches(units, campaign.whole_threads):
        with transaction.atomic():
            hold(running)
            raised += _raise(campaign, some, overlap)
        done += len(some)
        running.progress(done, total)
        give_way()
    with transaction.atomic():
        hold(running)
        _keep_design(campaign, overlap)
    return raised


def _raise(campaign: Campaign, units: Sequence[DrawnUnit], overlap: int) -> int:
    ids = [unit.pk for unit in units if unit.overlap < overlap]
    # Locked as a spare slot is, so that nobody makes one in between.
    rows = Unit.objects.select_for_update(no_key=True).filter(pk__in=ids, overlap__lt=overlap)
    low = set(rows.values_list("pk", flat=True))
    found = [unit for unit in units if unit.pk in low]
    if not found:
        return 0
    counts = _slot_counts(found)
    wanted = {unit.pk: overlap - counts[unit.pk][0] for unit in found}
    if campaign.whole_threads:
        slots = _slots_in_turns(campaign, found, wanted, counts)
    else:
        slots = _slots_at_the_end(campaign, found, wanted, counts)
    Assignment.objects.bulk_create(slots, batch_size=BATCH)
    Unit.objects.filter(pk__in=low).update(overlap=overlap)
    return len(found)


def _slot_counts(units: Sequence[DrawnUnit]) -> dict[int, tuple[int, int]]:
    """By unit: the slots that bring a label, and the largest number of a slot."""
    ids = [unit.pk for unit in units]
    harmful = Annotation.objects.filter(unit__in=ids, harmful=True).order_by()
    spent: Counter[int] = Counter(dict(harmful.values_list("unit").annotate(Count("pk"))))
    slots = Assignment.objects.filter(unit__in=ids).order_by().values_list("unit")
    counts: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for unit, count, last in slots.annotate(Count("pk"), Max("slot")):
        counts[unit] = (count - spent[unit], last)
    return counts


def _slots_at_the_end(
    campaign: Campaign,
    units: Sequence[DrawnUnit],
    wanted: dict[int, int],
    counts: dict[int, tuple[int, int]],
) -> list[Assignment]:
    first = next_order(campaign)
    require_room(campaign, first + len(units))
    return [
        _slot(campaign, unit, counts[unit.pk][1] + number, first + place)
        for place, unit in enumerate(units)
        for number in range(1, wanted[unit.pk] + 1)
    ]


def _slots_in_turns(
    campaign: Campaign,
    units: Sequence[DrawnUnit],
    wanted: dict[int, int],
    counts: dict[int, tuple[int, int]],
) -> list[Assignment]:
    """The new slots of a thread have numbers that none of its units has yet: one for each turn."""
    slots, turns = [], []
    for thread in threads_of(units):
        free = max(counts[unit.pk][1] for unit in thread)
        for number in range(1, max(wanted[unit.pk] for unit in thread) + 1):
            some = [unit for unit in thread if wanted[unit.pk] >= number]
            turns.append(turn_of(campaign, some, free + number))
            slots += [_slot(campaign, unit, free + number, unit.order) for unit in some]
    Turn.objects.bulk_create(turns)
    return slots


def _slot(campaign: Campaign, unit: DrawnUnit, slot: int, order: int) -> Assignment:
    return Assignment(
        campaign=campaign, unit_id=unit.pk, slot=slot, order=order, language=unit.language
    )


def _keep_design(campaign: Campaign, overlap: int) -> None:
    """Units that are added later get as many labels; no share has more where all have as many."""
    campaign.refresh_from_db(fields=["overlap", "overlap_more", "share_more"])
    campaign.overlap = max(campaign.overlap, overlap)  # another raise may have gone further
    if campaign.overlap_more is not None and campaign.overlap_more <= campaign.overlap:
        campaign.overlap_more, campaign.share_more = None, 0
    campaign.save(update_fields=["overlap", "overlap_more", "share_more"])
