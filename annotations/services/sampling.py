"""Drawing a campaign's units by a recipe: the job, from its row to its end.

docs/campaigns.md says in words what this page does.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from annotations.errors import Conflict, InvalidInput, JobCancelled
from annotations.models import Campaign, Job, Sample, User
from annotations.samples.pool import Drawn, Plan, Pool
from annotations.samples.recipe import Recipe
from annotations.selectors.candidates import candidates, scope_of
from annotations.selectors.recipe_conditions import require_known
from annotations.selectors.samples import left_behind, unfinished_sample
from annotations.services.audit import Act, note_act
from annotations.services.jobs import retry_job
from annotations.services.more_labels import add_labels
from annotations.services.running_job import RunningJob
from annotations.services.unit_writing import hold, open_slots, take_away, write_units

TELL_EVERY = 1_000


def start_sample(*, campaign: Campaign, recipe: Recipe, user: User | None, now: datetime) -> Sample:
    """A waiting drawing of units for the campaign, which the caller enqueues.

    Raises Conflict for a closed campaign, or while other units of it are being drawn, and
    InvalidInput where the recipe names a campaign that there is not.
    """
    require_known(campaign.corpus, recipe)
    with transaction.atomic():
        locked = require_extensible(campaign)
        sample = Sample.objects.create(
            campaign=locked, recipe=recipe.to_json(), created_by=user, created_at=now
        )
        note_act(act=Act.UNITS_ADDED, about=sample, now=now)
        return sample


def raise_overlap(*, campaign: Campaign, overlap: int, user: User | None, now: datetime) -> Sample:
    """A waiting job that lets ``overlap`` annotators label each unit; the caller enqueues it.

    Raises InvalidInput unless that is more than now and 100 at most, and Conflict as
    ``start_sample`` does.
    """
    with transaction.atomic():
        locked = require_extensible(campaign)
        if not locked.overlap < overlap <= 100:
            sentence = (
                f"Each unit is labeled {locked.overlap} times already: "
                "an overlap can only be raised, to 100 at most."
            )
            raise InvalidInput(sentence, fields={"overlap": [sentence]})
        sample = Sample.objects.create(
            campaign=locked,
            kind=Sample.Kind.OVERLAP,
            recipe={"overlap": overlap},
            created_by=user,
            created_at=now,
        )
        note_act(act=Act.UNITS_ADDED, about=sample, details={"overlap": overlap}, now=now)
        return sample


def retry_sample(*, sample: Sample, now: datetime) -> Sample:
    """Draw a failed or cancelled sample again; the caller enqueues it. Raises Conflict."""
    with transaction.atomic():
        require_extensible(sample.campaign)
        return retry_job(job=sample, now=now)


def require_extensible(campaign: Campaign) -> Campaign:
    """The campaign, locked. Raises Conflict if no units may be added to it now."""
    locked = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    if locked.state == Campaign.State.CLOSED:
        raise Conflict(f"{locked.name} is closed: open it again before you add to it.")
    if unfinished_sample(locked) is not None:
        raise Conflict(f"Units of {locked.name} are being drawn already: wait until that is done.")
    return locked


def draw_sample(running: RunningJob[Sample]) -> dict[str, Any]:
    """Draw the units, or add slots, and return what the finished row says.

    The units are written first, in small transactions, without slots, so that nobody gets one
    yet; then the slots. Another attempt goes on where the slots end, or else takes away what an
    earlier one left and draws again. Where it is cancelled, what nobody touched is taken away.
    Raises Conflict where nothing fits.
    """
    sample = running.job
    if sample.kind == Sample.Kind.OVERLAP:
        return {"units": add_labels(running)}
    try:
        if sample.drawn_at is None:
            _draw(running)
        open_slots(running)
    except JobCancelled:
        take_away(sample, lambda: hold(running))
        raise
    return {}


def tidy_samples(*, now: datetime) -> int:
    """Take away what cancelled drawings left whose worker had died; how many."""
    samples = list(left_behind(now))
    for sample in samples:
        take_away(sample, lambda one=sample: _require_cancelled(one))  # type: ignore[misc]
    return len(samples)


def _draw(running: RunningJob[Sample]) -> None:
    sample = running.job
    campaign, recipe = sample.campaign, Recipe.from_json(sample.recipe)
    take_away(sample, lambda: hold(running))
    seen, drawn = _drawn(running, campaign, recipe)
    if not len(drawn):
        raise Conflict(
            f"No comment of the corpus {campaign.corpus.slug} fits the recipe, or all that fit "
            "are units of the campaign already: make a campaign with another recipe."
        )
    write_units(running, drawn)
    with transaction.atomic():
        hold(running)
        written = sample.drawn.count()
        sample.candidates, sample.units, sample.drawn_at = seen, written, running.now()
        sample.save(update_fields=["candidates", "units", "drawn_at"])


def _drawn(running: RunningJob[Sample], campaign: Campaign, recipe: Recipe) -> tuple[int, Drawn]:
    """How many fit, and those that are drawn of them."""
    plan = Plan(
        by_thread=campaign.order == Campaign.Order.THREAD,
        seed=campaign.seed,
        share_more=campaign.share_more if campaign.overlap_more else 0,
        whole_threads=campaign.whole_threads,
    )
    pool = Pool(recipe, plan)
    scope = scope_of(campaign.corpus, campaign.codebook, campaign=campaign, sample=running.job)
    for one in candidates(scope, recipe):
        pool.add(one)
        if pool.seen % TELL_EVERY == 0:
            running.progress(0)
    return pool.seen, pool.draw()


def _require_cancelled(sample: Sample) -> None:
    """Raises Conflict where somebody has the sample drawn again meanwhile."""
    rows = Sample.objects.select_for_update().filter(pk=sample.pk, state=Job.State.CANCELLED)
    if rows.first() is None:
        raise Conflict(f"The {sample} is drawn again.")
