"""How far a campaign is, as scripts are told."""

from __future__ import annotations

from annotations.models import Assignment
from tests.annotations.api.world import API, World

PROGRESS = f"{API}campaigns/study/progress/"


def test_the_labels_that_are_wanted_are_counted_by_what_became_of_them(world: World) -> None:
    slots = Assignment.objects.filter(campaign=world.campaign, purpose="study")
    told = world.client("viewer").get(PROGRESS).json()
    assert told["leased"] == slots.filter(state="leased").count() > 0
    assert (
        told["wanted"]
        == slots.count()
        == sum(told[state] for state in ("pending", "leased", "submitted", "skipped"))
    )
    assert told["settled"] == told["submitted"] + told["skipped"]
