"""What is done so that the work harms nobody: warnings, avoided categories, exposure, caps.

What somebody avoids is theirs alone: these selectors are asked for the owner, never about others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from annotations.models import (
    Annotation,
    Assignment,
    Campaign,
    Comment,
    ContentCategory,
    ContentWarning,
    Corpus,
    Membership,
    User,
)
from annotations.preferences import Preferences, kept_preferences
from annotations.prepared import Prepared
from annotations.selectors.day import midnight_before, own_annotations, today


@dataclass(frozen=True)
class Exposure:
    """What an annotator worked on in a campaign since midnight, by the server's time zone.

    ``warned`` counts its units by category, ``warned_units`` those with any. ``enough`` is the
    sentence that ends the day, None while more may be taken.
    """

    units: int
    seconds: int
    warned: dict[str, int]
    warned_units: int
    enough: str | None


@dataclass(frozen=True)
class Care:
    """All that the workspace needs to know to be kind to one annotator."""

    campaign: Campaign
    categories: list[ContentCategory]
    avoided: list[str]
    exposure: Exposure
    preferences: Preferences


def care_for(membership: Membership, user: User, *, now: datetime) -> Care:
    """The annotator's own; nobody else may be shown it."""
    return Care(
        campaign=membership.campaign,
        categories=list(ContentCategory.objects.all()),
        avoided=avoided_keys(user),
        exposure=exposure(membership, now=now),
        preferences=kept_preferences(user.preferences),
    )


def avoided_keys(user: User) -> list[str]:
    return list(user.avoided.order_by("position", "key").values_list("key", flat=True))


def avoided_by(user_id: int | None) -> list[int]:
    """The ids of the categories that are never given to this user."""
    return [] if user_id is None else _avoided(user_id)


def to_avoid(categories: Collection[int], *, comment: str = "unit__comment") -> Q:
    """For a query over assignments: those whose comment or corpus carries one of these.

    ``comment`` is the path to the comment: for a query over units it is another one.
    """
    of_comment = ContentWarning.objects.filter(comment=OuterRef(comment), category__in=categories)
    of_corpus = Corpus.content_categories.through.objects.filter(
        corpus=OuterRef("campaign__corpus"), contentcategory__in=categories
    )
    return Q(Exists(of_comment)) | Q(Exists(of_corpus))


def warning_keys(corpus: Corpus, comments: Iterable[Comment]) -> dict[int, list[str]]:
    """The categories of each of the corpus's comments by its id, the corpus's own first."""
    of_all = corpus_keys(corpus)
    found = {comment.pk: list(of_all) for comment in comments}
    for pk, key in _warnings(list(found)):
        if key not in of_all:
            found[pk].append(key)
    return found


def corpus_keys(corpus: Corpus) -> list[str]:
    """The categories that every comment of the corpus carries."""
    return _corpus_keys(corpus.pk)


_avoided: Prepared[int] = Prepared(
    lambda user: User.avoided.through.objects.filter(user=user).values_list(
        "contentcategory", flat=True
    )
)
_corpus_keys: Prepared[str] = Prepared(
    lambda corpus: ContentCategory.objects.filter(corpora=corpus).values_list("key", flat=True)
)
_warnings: Prepared[tuple[int, str]] = Prepared(
    lambda comments: (
        ContentWarning.objects.filter(comment__in=comments)
        .order_by("category__position", "category__key")
        .values_list("comment", "category__key")
    )
)


def exposure(membership: Membership, *, now: datetime) -> Exposure:
    """What the annotator worked on so far on the day that ``now`` lies in."""
    campaign = membership.campaign
    worked = _worked_on(membership, now)
    count = worked.count()
    of_all = corpus_keys(campaign.corpus)
    warned = Counter(dict.fromkeys(of_all, count))
    warnings = ContentWarning.objects.filter(comment__in=worked.values("unit__comment"))
    by_key = warnings.exclude(category__key__in=of_all).order_by().values_list("category__key")
    warned.update(dict(by_key.annotate(Count("pk"))))
    units = count if of_all else warnings.values("comment").distinct().count()
    return Exposure(
        units=count,
        seconds=round(today(membership, now=now).seconds),
        warned={key: count for key, count in sorted(warned.items()) if count},
        warned_units=units,
        enough=_enough(campaign, count, units),
    )


def enough_for_today(membership: Membership, *, now: datetime) -> str | None:
    """Why no fresh unit is given today: a cap is reached by what was worked on and what is held.

    Units in hand count, so that fetching ahead leads nobody past a cap. Costs nothing in a
    campaign without caps.
    """
    campaign = membership.campaign
    if campaign.daily_units is None and campaign.daily_warned is None:
        return None
    done = exposure(membership, now=now)
    held = Assignment.objects.filter(membership=membership, state=Assignment.State.LEASED).exclude(
        unit__in=_worked_on(membership, now).values("unit")
    )
    warned = done.warned_units
    if campaign.daily_warned is not None:
        warned += held.filter(to_avoid(_all_categories())).count()
    return _enough(campaign, done.units + held.count(), warned)


def _worked_on(membership: Membership, now: datetime) -> QuerySet[Annotation]:
    """Everything that was saved since midnight: begun, submitted or skipped."""
    worked = own_annotations(membership).filter(saved_at__gte=midnight_before(now))
    return worked.order_by()


def _all_categories() -> list[int]:
    return list(ContentCategory.objects.values_list("pk", flat=True))


def _enough(campaign: Campaign, units: int, warned: int) -> str | None:
    if campaign.daily_units is not None and units >= campaign.daily_units:
        return (
            f"That is enough for today: {campaign.name} gives at most {campaign.daily_units} "
            "units a day. Thank you, and see you tomorrow!"
        )
    if campaign.daily_warned is not None and warned >= campaign.daily_warned:
        return (
            f"That is enough for today: {campaign.name} gives at most {campaign.daily_warned} "
            "units with a content warning a day. Thank you, and take care of yourself!"
        )
    return None
