"""What is left in the storage of releases that came to no end, and storages that are no folder."""

from __future__ import annotations

import errno
import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from annotations.models import Campaign, Release
from annotations.selectors.releases import difference, release_files
from annotations.services import export_file, release_file
from annotations.services.jobs import cancel_job, retry_job, run_job
from annotations.services.releases import (
    discard_release,
    verify_release,
    withdraw_release,
    write_release,
)
from annotations.services.running_job import LEASE, RunningJob
from tests.annotations.released import LATER, build_study, confirmed, made, released

pytestmark = pytest.mark.django_db(transaction=True)

IN_MEMORY = "django.core.files.storage.InMemoryStorage"
State = Release.State


class Killed(BaseException):
    """The worker is gone."""


@pytest.fixture
def storage(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    return Path(settings.MEDIA_ROOT) / "releases"


@pytest.fixture
def campaign(db: None) -> Campaign:
    return build_study()


@pytest.mark.parametrize("step", [1, 2])
def test_a_full_disk_fails_the_release_and_leaves_nothing_half(
    campaign: Campaign, storage: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """At the frozen rows, and at the archive once these are there."""
    release = confirmed(campaign)
    kept = export_file.store
    calls: list[str] = []

    def store(written: export_file.WrittenFile, name: str) -> str:
        calls.append(name)
        if len(calls) == step:
            raise OSError(errno.ENOSPC, "No space left on device")
        return kept(written, name)

    with monkeypatch.context() as patched:
        patched.setattr(export_file, "store", store)
        run_job(Release, release.pk, write_release, clock=lambda: LATER)
    release.refresh_from_db()
    assert release.state == State.FAILED
    assert "disk is full" in release.error
    assert [one.name for one in storage.iterdir()] == [Path(release.frozen).name] * (step - 1)
    retry_job(job=release, now=LATER)
    made(release)


def test_a_discarded_release_leaves_no_file_of_any_attempt(
    campaign: Campaign, storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the worker died after the archive was stored, before the row named it."""
    release = confirmed(campaign)

    def dies(*args: Any, **fields: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(RunningJob, "finish", dies)
        with pytest.raises(Killed):
            run_job(Release, release.pk, write_release, clock=lambda: LATER - LEASE)
    assert len(list(storage.glob("*.zip"))) == 1
    cancel_job(job=release, now=LATER + LEASE)
    discard_release(release=release)
    assert list(storage.glob("bridge-study*")) == []


def test_a_storage_that_is_no_folder_keeps_releases_as_well(
    campaign: Campaign, settings: Any
) -> None:
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": IN_MEMORY}}
    before = set(Path(tempfile.gettempdir()).glob(".bridge-study*"))
    release = released(campaign)
    assert default_storage.exists(release.file)
    assert {one.name for one in release_files(release)} >= {"README.md", "csv/bridge-study.csv"}
    found = verify_release(release)
    assert found.stored.same
    assert found.again.same
    assert set(Path(tempfile.gettempdir()).glob(".bridge-study*")) == before
    withdraw_release(release=release, reason="An error.", now=LATER)
    assert default_storage.listdir("releases") == ([], [])


def test_one_that_is_asked_for_again_tells_nothing_that_was_taken_back_since(
    campaign: Campaign, storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = confirmed(campaign, "jsonl")

    def fails(*args: Any, **fields: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(release_file, "write_archive", fails)
        run_job(Release, release.pk, write_release, clock=lambda: LATER)
    release.refresh_from_db()
    assert (release.state, bool(release.frozen)) == (State.FAILED, True)
    campaign.corpus.comments.filter(source_id="t2-0").update(status="deleted_by_author")
    retry_job(job=release, now=LATER)
    with default_storage.open(made(release).file) as file:
        assert b'"t2-0"' not in file.read()
    assert {one.name for one in storage.iterdir()} == {
        Path(release.file).name,
        Path(release.frozen).name,
    }


def test_rows_that_are_lost_leave_the_counts_to_compare(campaign: Campaign, storage: Path) -> None:
    before, after = released(campaign, "jsonl"), released(campaign, "csv", version="1.1")
    (storage / Path(before.frozen).name).unlink()
    found = difference(before, after)
    assert found.reason == "The rows of version 1.0 are missing from the storage."
    assert found.kinds == {}
