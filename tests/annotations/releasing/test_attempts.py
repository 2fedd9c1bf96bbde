"""An attempt at a release may die anywhere: another one makes the same bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from annotations.errors import JobCancelled, JobSuperseded
from annotations.exporters.rows import Row
from annotations.models import Annotation, Campaign, Release
from annotations.services import release_file
from annotations.services.jobs import cancel_job, claim_job, retry_job, run_job
from annotations.services.releases import write_release
from annotations.services.running_job import LEASE, RunningJob
from tests.annotations.released import LATER, archive, confirmed, label_more, made, released, stored
from tests.builders import NOON

State = Release.State


class Killed(BaseException):
    """Stands for kill -9: nothing of the row is written."""


def dies_after(rows: int, release: Release) -> None:
    """An attempt that is killed after so many rows, and leaves its unfinished files behind."""
    report = release_file._Progress.row
    seen: list[Row] = []

    def dies(self: release_file._Progress, one: Row) -> Row:
        seen.append(one)
        if len(seen) > rows:
            raise Killed
        return report(self, one)

    job = claim_job(Release, release.pk, now=NOON)
    assert job is not None
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(release_file._Progress, "row", dies)
        patched.setattr(Path, "unlink", _nothing)
        with pytest.raises(Killed):
            write_release(RunningJob(job, clock=lambda: LATER))


def _nothing(*args: Any, **fields: Any) -> None:
    """What a killed process does."""


def forget_all() -> None:
    for release in Release.objects.all():
        default_storage.delete(release.file)
        default_storage.delete(release.frozen)
        release.delete()


@pytest.mark.django_db(transaction=True)
class TestKilled:
    def test_an_attempt_that_dies_at_any_row_is_taken_up_again_with_the_same_bytes(
        self, campaign: Campaign, storage: Path
    ) -> None:
        """It dies while it freezes 15 rows, counts and compares them, and writes two formats.

        Once they are frozen, what happens in the campaign changes nothing.
        """
        whole = archive(released(campaign))
        forget_all()
        for after in range(0, 75, 5):
            release = confirmed(campaign)
            dies_after(after, release)
            release.refresh_from_db()
            assert (release.file, bool(release.frozen)) == ("", after >= 15)
            answers = Annotation.objects.filter(unit__comment__source_id="t1-0")
            if release.frozen:
                answers.update(flagged=True)
            made(release, LATER + LEASE if release.frozen else LATER)
            assert release.attempt == 2
            assert archive(release) == whole
            assert set(stored(storage)) == {Path(release.file).name, Path(release.frozen).name}
            answers.update(flagged=False)
            forget_all()

    @pytest.mark.parametrize("step", ["freeze_now", "keep", "write_archive", "finish"])
    def test_an_attempt_that_dies_between_the_steps_is_taken_up_again(
        self, campaign: Campaign, monkeypatch: pytest.MonkeyPatch, step: str
    ) -> None:
        whole = archive(released(campaign))
        forget_all()
        release = confirmed(campaign)

        def dies(*args: Any, **fields: Any) -> None:
            raise Killed

        with monkeypatch.context() as patched:
            if step in ("keep", "finish"):
                patched.setattr(RunningJob, step, dies)
            else:
                patched.setattr(release_file, step, dies)
            with pytest.raises(Killed):
                run_job(Release, release.pk, write_release, clock=lambda: LATER - LEASE)
        assert made(release).attempt == 2
        again = archive(release)
        kept_its_moment = step in ("write_archive", "finish")
        assert (release.frozen_at == LATER - LEASE) is kept_its_moment
        if not kept_its_moment:
            assert again == whole

    def test_an_attempt_from_the_dead_does_not_touch_what_a_later_one_made(
        self, campaign: Campaign, storage: Path
    ) -> None:
        release = confirmed(campaign)
        old = claim_job(Release, release.pk, now=LATER - LEASE)
        assert old is not None
        made(release)
        label_more(campaign)
        with pytest.raises(JobSuperseded):
            write_release(RunningJob(old, clock=lambda: LATER))
        assert hashlib.sha256(archive(release)).hexdigest() == release.sha256
        assert set(stored(storage)) == {Path(release.file).name, Path(release.frozen).name}

    def test_a_cancelled_one_stops_and_starts_again_with_its_rows(
        self, campaign: Campaign, storage: Path
    ) -> None:
        release = confirmed(campaign)
        job = claim_job(Release, release.pk, now=NOON)
        assert job is not None
        cancel_job(job=release, now=NOON)
        with pytest.raises(JobCancelled):
            write_release(RunningJob(job, clock=lambda: NOON))
        assert stored(storage) == []
        Release.objects.filter(pk=release.pk).update(state=State.CANCELLED, lease_until=None)
        retry_job(job=release, now=NOON)
        assert made(release).attempt == 2
