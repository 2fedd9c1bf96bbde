"""Where an annotator stands between training and work, and which units with known answers are
theirs.

Only annotators go through stages and get checks and repeats: managers and adjudicators may read
the known answers, so theirs would say nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from hmac import new as hmac

from django.conf import settings
from django.db.models import Avg, Exists, Max, OuterRef, QuerySet

from annotations.models import (
    Annotation,
    Assignment,
    Campaign,
    Membership,
    Unit,
)
from annotations.selectors.care import avoided_by, to_avoid

Purpose = Unit.Purpose
State = Assignment.State
STAGES = (Purpose.TRAINING, Purpose.TEST)
REPEAT_AFTER = 20
LEAST_CHECKS = 5


@dataclass(frozen=True)
class Stage:
    """The unit is the ``place``-th of ``total`` in the training or the test."""

    name: str
    place: int
    total: int


@dataclass(frozen=True)
class Places:
    """Whether the unit after so many others is to be a check, and whether a repeat."""

    check: bool
    repeat: bool


def is_tested(membership: Membership) -> bool:
    """Whether the member goes through stages and gets checks and repeats."""
    return membership.role == Membership.Role.ANNOTATOR


def known_units(campaign: Campaign) -> QuerySet[Unit]:
    """Units with a known answer that stands; one that was taken back stays as a row."""
    gold = Annotation.objects.filter(
        unit=OuterRef("pk"), source=Annotation.Source.GOLD, state=Annotation.State.SUBMITTED
    )
    units = Unit.objects.filter(
        Exists(gold), campaign=campaign, purpose__in=(*STAGES, Purpose.CHECK)
    )
    # Said once more as the index of the few units beside the sample says it: SQLite does not infer
    # it, and would read the sample.
    return units.exclude(purpose=Purpose.STUDY).order_by("order")


def has_known_answer(unit: Unit) -> bool:
    return known_units(unit.campaign).filter(pk=unit.pk).exists()


def has_stages(campaign: Campaign) -> bool:
    """Whether there is anything to do before the campaign opens to an annotator."""
    return known_units(campaign).filter(purpose__in=STAGES).exists()


def known_units_for(membership: Membership, purpose: str) -> QuerySet[Unit]:
    """Those of a purpose that the member may get, seen or not, in their order."""
    units = known_units(membership.campaign).filter(purpose=purpose)
    if membership.languages:
        units = units.filter(comment__language__in=_read_by(membership))
    avoided = avoided_by(membership.user_id)
    return units.exclude(to_avoid(avoided, comment="comment")) if avoided else units


def unseen_by(membership: Membership, purpose: str) -> QuerySet[Unit]:
    own = Assignment.objects.filter(membership=membership, purpose=purpose)
    return known_units_for(membership, purpose).exclude(pk__in=own.values("unit"))


def next_stage(membership: Membership) -> str | None:
    """The stage that the member stands in; None where both are behind them."""
    if membership.admitted_at is not None or not is_tested(membership):
        return None
    open_ones = Assignment.objects.filter(membership=membership, state=State.LEASED)
    for purpose in STAGES:
        if open_ones.filter(purpose=purpose).exists() or unseen_by(membership, purpose).exists():
            return purpose
    return None


def stages_of(campaign: Campaign, memberships: Iterable[Membership]) -> dict[int, str]:
    """Training or test for each of the campaign's annotators who is not admitted, by their id.

    As a manager sees it: who has begun the test is in it, whatever they read or avoid.
    """
    waiting = [one for one in memberships if one.admitted_at is None and is_tested(one)]
    if not waiting:
        return {}
    known = known_units(campaign).filter(purpose__in=STAGES).order_by()
    there = set(known.values_list("purpose", flat=True).distinct())
    if not there:
        return {}
    begun = Assignment.objects.filter(membership__in=waiting, purpose=Purpose.TEST)
    tested = set(begun.order_by().values_list("membership", flat=True))
    first = Purpose.TRAINING if Purpose.TRAINING in there else Purpose.TEST
    return {one.pk: Purpose.TEST if one.pk in tested else first for one in waiting}


def stage_of(membership: Membership, unit: Unit, number: int | None) -> Stage | None:
    """The stage that a unit of the member's belongs to; None once they are admitted."""
    if membership.admitted_at is not None or unit.purpose not in STAGES:
        return None
    own = Assignment.objects.filter(membership=membership, purpose=unit.purpose)
    place = own.filter(number__lte=number or 0).count()
    total = own.count() + unseen_by(membership, unit.purpose).count()
    return Stage(unit.purpose, place, total)


def last_number(membership: Membership) -> int:
    """How many units the member was given so far."""
    own = Assignment.objects.filter(membership=membership)
    return own.aggregate(last=Max("number"))["last"] or 0


def places(membership: Membership, count: int) -> Places:
    """Decided by a keyed hash of the campaign's seed, the member and the count: it cannot be
    foreseen without the installation's secret key, and comes out the same when asked again."""
    campaign, drawn = membership.campaign, draw(membership, "place", count)
    return Places(
        check=_falls(drawn % 2**32, campaign.check_every),
        repeat=_falls(drawn // 2**32, campaign.repeat_every),
    )


def draw(membership: Membership, what: str, count: int) -> int:
    """A number that nobody can foresee, always the same for the same arguments."""
    about = f"{membership.campaign_id}:{membership.campaign.seed}:{membership.number}:{count}"
    digest = hmac(_key(settings.SECRET_KEY), f"{what}:{about}".encode(), sha256).digest()
    return int.from_bytes(digest[:8])


def repeatable(membership: Membership, count: int) -> QuerySet[Assignment]:
    """What the member submitted at least 20 units ago and was not given again.

    Nothing that they avoid by now, or that is in a language that they read no more.
    """
    again = Assignment.objects.filter(membership=membership, unit__repeat_of=OuterRef("unit"))
    own = Assignment.objects.filter(
        ~Exists(again),
        membership=membership,
        state=State.SUBMITTED,
        purpose=Purpose.STUDY,
        number__lte=count + 1 - REPEAT_AFTER,
    )
    if membership.languages:
        own = own.filter(language__in=_read_by(membership))
    avoided = avoided_by(membership.user_id)
    return (own.exclude(to_avoid(avoided)) if avoided else own).order_by("number")


def to_come(membership: Membership, free: int, most: int) -> int:
    """How many units with another purpose the member gets beside so many of the sample.

    So an annotator's own total stays the same when one of them is given. Counted until both
    together are ``most``.
    """
    if not is_tested(membership):
        return 0
    campaign, extra = membership.campaign, 0
    if membership.admitted_at is None and has_stages(campaign):
        extra = sum(unseen_by(membership, purpose).count() for purpose in STAGES)
    if not free or (campaign.check_every is None and campaign.repeat_every is None):
        return extra
    checks = unseen_by(membership, Purpose.CHECK).count() if campaign.check_every else 0
    count, left = last_number(membership), free
    ripe, recent = _to_repeat(membership, count, most)
    count += extra
    while left and free + extra < most:
        place = places(membership, count)
        while recent and recent[0] <= count + 1 - REPEAT_AFTER:
            recent.popleft()
            ripe += 1
        if place.check and checks:
            checks, extra = checks - 1, extra + 1
        elif place.repeat and ripe:
            ripe, extra = ripe - 1, extra + 1
        else:
            left -= 1
            recent.append(count + 1)
        count += 1
    return extra


def _to_repeat(membership: Membership, count: int, most: int) -> tuple[int, deque[int]]:
    """How many own units can be repeated now, counted up to ``most``, and the numbers of those
    that can be later."""
    if membership.campaign.repeat_every is None:
        return 0, deque()
    later = Assignment.objects.filter(
        membership=membership, purpose=Purpose.STUDY, number__gt=count + 1 - REPEAT_AFTER
    ).exclude(state=State.SKIPPED)
    numbers = later.order_by("number").values_list("number", flat=True)
    return repeatable(membership, count)[:most].count(), deque(one for one in numbers if one)


def score_in_test(membership: Membership) -> float | None:
    """The mean score in the test; None where nothing in it has one."""
    tested = Assignment.objects.filter(membership=membership, purpose=Purpose.TEST)
    score: float | None = tested.aggregate(score=Avg("score"))["score"]
    return score


def check_scores_of(membership: Membership, most: int) -> list[float]:
    """The scores of the newest checks since the member was admitted, the newest first."""
    checks = Assignment.objects.filter(
        membership=membership,
        purpose=Purpose.CHECK,
        score__isnull=False,
        changed_at__gte=membership.admitted_at or membership.joined_at,
    )
    scores = checks.order_by("-number").values_list("score", flat=True)[:most]
    return [score for score in scores if score is not None]


def _read_by(membership: Membership) -> tuple[str, ...]:
    """The languages that the member names; what cannot be told, everybody reads."""
    return (*membership.languages, "", "und")


def _falls(drawn: int, every: int | None) -> bool:
    return every is not None and drawn % every == 0


@cache
def _key(secret: str) -> bytes:
    return sha256(b"annotations.stages" + secret.encode()).digest()
