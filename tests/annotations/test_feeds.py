"""What waits in feeds that nobody reads is numbered by the sweep, once it is much."""

from __future__ import annotations

from datetime import timedelta

import pytest

from annotations.exporters.contents import Contents
from annotations.models import Change
from annotations.selectors.label_state import label_state
from annotations.services import feeds
from annotations.services.changes import note_annotations
from annotations.services.feeds import settle_feeds
from tests.builders import NOON, build_campaign

pytestmark = pytest.mark.django_db(transaction=True)


def test_little_waits_on_and_much_is_numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "MANY", 5)
    monkeypatch.setattr(feeds, "AT_ONCE", 4)
    little, much = build_campaign(), build_campaign()
    note_annotations(campaign=little, annotations=range(100, 105), now=NOON)
    note_annotations(campaign=much, annotations=range(200, 210), now=NOON)
    assert settle_feeds() == 1
    assert Change.objects.filter(campaign=little, pending=True).count() == 5
    numbers = much.changes.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, 11))
    assert settle_feeds() == 0


def test_what_changes_again_is_told_by_the_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "MANY", 0)
    campaign = build_campaign()
    states = set()
    for minutes in range(3):
        note_annotations(campaign=campaign, annotations=[7], now=NOON + timedelta(minutes=minutes))
        states.add(label_state(campaign, Contents(), "jsonl"))
        settle_feeds()
        states.add(label_state(campaign, Contents(), "jsonl"))
    assert len(states) == 6
