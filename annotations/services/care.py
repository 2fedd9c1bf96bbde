"""What an annotator or a manager sets so that the work harms nobody."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from annotations.errors import InvalidInput
from annotations.models import Campaign, ContentCategory, Membership, User
from annotations.preferences import Preferences, read_preferences
from annotations.selectors.care import avoided_by
from annotations.services.assignments import release_avoided, release_untouched
from annotations.services.audit import Act, note_act

LONGEST_SUPPORT_TEXT = 10_000
LONGEST_STRETCH = 480
LARGEST_CAP = 100_000


@dataclass(frozen=True, kw_only=True)
class CareSettings:
    """How a campaign cares for its annotators (see Campaign); None is no cap, 0 no reminder."""

    cover_content: bool = True
    support_text: str = ""
    break_minutes: int = 30
    daily_units: int | None = None
    daily_warned: int | None = None

    def __post_init__(self) -> None:
        if len(self.support_text) > LONGEST_SUPPORT_TEXT:
            raise InvalidInput(f"A support text has at most {LONGEST_SUPPORT_TEXT:,} characters.")
        if not 0 <= self.break_minutes <= LONGEST_STRETCH:
            raise InvalidInput(f"A break comes after 1 to {LONGEST_STRETCH} minutes, or 0: never.")
        for cap in (self.daily_units, self.daily_warned):
            if cap is not None and not 1 <= cap <= LARGEST_CAP:
                raise InvalidInput(f"A day's cap is between 1 and {LARGEST_CAP:,} units.")


@transaction.atomic
def set_care(*, campaign: Campaign, settings: CareSettings) -> Campaign:
    """The campaign with these settings, which may change while it runs."""
    values = asdict(settings)
    changed = [name for name, value in values.items() if getattr(campaign, name) != value]
    for name, value in values.items():
        setattr(campaign, name, value)
    campaign.save(update_fields=list(values))
    note_act(act=Act.CAMPAIGN_CHANGED, about=campaign, details={"changed": changed})
    return campaign


def care_settings(campaign: Campaign, **changes: Any) -> CareSettings:
    """The campaign's settings with these changes."""
    kept = {name: getattr(campaign, name) for name in CareSettings.__dataclass_fields__}
    return CareSettings(**{**kept, **changes})


@transaction.atomic
def set_avoided(*, user: User, categories: Collection[str], now: datetime) -> None:
    """Never give the user anything of these categories, by their keys; what is held and not
    begun is given back. Raises InvalidInput for a category that is not there."""
    found = ContentCategory.objects.filter(key__in=set(categories))
    unknown = sorted(set(categories) - {category.key for category in found})
    if unknown:
        sentence = f"There is no content category {', '.join(unknown)[:200]}."
        raise InvalidInput(sentence, fields={"categories": [sentence]})
    user.avoided.set(found)
    avoided = avoided_by(user.pk)
    for membership in Membership.objects.select_for_update(no_key=True).filter(user=user):
        release_avoided(membership=membership, categories=avoided, now=now)


def set_preferences(*, user: User, preferences: Mapping[str, Any]) -> Preferences:
    """Keep the user's preferences. Raises InvalidInput for what does not fit."""
    read = read_preferences(preferences)
    user.preferences = read.model_dump()
    user.save(update_fields=["preferences"])
    return read


@transaction.atomic
def stop_for_today(*, membership: Membership, now: datetime) -> int:
    """Give back what the annotator holds and has not begun; how many units.

    What they began stays theirs: it waits for the next time.
    """
    locked = Membership.objects.select_for_update(no_key=True).get(pk=membership.pk)
    return release_untouched(membership=locked, now=now)
