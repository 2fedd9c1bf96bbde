"""What somebody does themselves shows at once; what others do, after some seconds."""

from __future__ import annotations

import pytest

from annotations.selectors import assignments, keeping
from annotations.selectors.assignments import KEPT_SECONDS, kept_progress, progress
from tests.annotations.study import a_save, build_study, label_next

pytestmark = pytest.mark.django_db


def test_one_s_own_doing_shows_at_once() -> None:
    member = build_study(5).members[0]
    for done in range(4):
        assert kept_progress(member) == progress(member)
        assert kept_progress(member).done == done
        label_next(member)
    label_next(member, a_save({}, state="skipped"))
    assert kept_progress(member) == progress(member)
    assert (kept_progress(member).skipped, kept_progress(member).left) == (1, 0)


def test_what_others_take_shows_when_it_is_counted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000.0
    monkeypatch.setattr("annotations.selectors.keeping.time.monotonic", lambda: now)
    study = build_study(5, annotators=2, overlap=1)
    mine, other = study.members
    assert kept_progress(mine).left == 5
    label_next(other)
    assert kept_progress(mine).left == 5
    now += KEPT_SECONDS
    assert kept_progress(mine).left == 4


def test_who_has_done_very_much_is_counted_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assignments, "COUNTED_EXACTLY", 1)
    member = build_study(5).members[0]
    label_next(member)
    assert kept_progress(member).done == 1
    label_next(member)
    assert kept_progress(member).done == 2  # not yet much when it was kept
    keeping.forget_all()
    assert kept_progress(member).done == 2
    label_next(member)
    assert kept_progress(member).done == 2
    keeping.forget_all()
    assert kept_progress(member) == progress(member)
