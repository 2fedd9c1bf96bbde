"""When a campaign opens to an annotator, how often they are checked, and what follows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction

from annotations.errors import InvalidInput
from annotations.models import Campaign
from annotations.services.audit import Act, note_act

RAREST = 1_000
WIDEST = 500


@dataclass(frozen=True, kw_only=True)
class StageSettings:
    """Scores are shares from 0 to 1, None for no threshold; ``every`` None for none at all.

    The window is of the last checks. See docs/people.md.
    """

    test_score: float | None = None
    check_every: int | None = None
    check_score: float | None = None
    check_window: int = 20
    repeat_every: int | None = None

    def __post_init__(self) -> None:
        for name in ("test_score", "check_score"):
            score = getattr(self, name)
            if score is not None and not 0 <= score <= 1:
                raise _refused(name, f"A score is a share from 0 to 1, not {score:g}.")
        for name in ("check_every", "repeat_every"):
            every = getattr(self, name)
            if every is not None and not 2 <= every <= RAREST:
                raise _refused(name, f"One unit in 2 to {RAREST:,} can be one, not in {every:,}.")
        if not 5 <= self.check_window <= WIDEST:
            raise _refused("check_window", f"A window holds 5 to {WIDEST} checks.")


@transaction.atomic
def set_stages(*, campaign: Campaign, settings: StageSettings) -> Campaign:
    """The campaign with these settings, which may change while it runs."""
    values = asdict(settings)
    changed = [name for name, value in values.items() if getattr(campaign, name) != value]
    for name, value in values.items():
        setattr(campaign, name, value)
    campaign.save(update_fields=list(values))
    note_act(act=Act.CAMPAIGN_CHANGED, about=campaign, details={"changed": changed})
    return campaign


def stage_settings(campaign: Campaign, **changes: Any) -> StageSettings:
    """The campaign's settings with these changes."""
    kept = {name: getattr(campaign, name) for name in StageSettings.__dataclass_fields__}
    return StageSettings(**{**kept, **changes})


def _refused(name: str, sentence: str) -> InvalidInput:
    return InvalidInput(sentence, fields={name: [sentence]})
