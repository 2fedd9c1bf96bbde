"""A full disk is told in a sentence, leaves nothing by half, and is over when there is room."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.application import Application
from tests.chaos.length import seconds
from tests.chaos.people import PASSWORD
from tests.chaos.small_study import SLUG, SmallStudy, a_save, begin, table
from tests.chaos.visitor import Visitor
from tests.conftest import OwnServers
from tests.prepared import Prepared

SIZE = "120m"
FULL = "disk is full"
LARGE = 3_000
RUNNING = 12  # as long as a program must have run to be tried for ever
LASTING = seconds(25)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of its own, of 120 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=700", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"No disk can be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.slow
def test_a_full_disk_is_told_and_loses_nothing(
    small_disk: Path, prepared: Prepared, own_servers: OwnServers
) -> None:
    var = small_disk / "var"
    prepared.copy_state(var)
    application = Application(var, own_servers(empty=False))
    study = begin(application)
    try:
        _keep_working(study)
    finally:
        application.stop()


def _keep_working(study: SmallStudy) -> None:
    var = study.application.var
    page = Visitor(study.application.url).log_in("vera", PASSWORD)
    time.sleep(RUNNING)
    for _ in range(5):
        study.label_next()
    before = _uploads(var)
    imported = _comments(study)
    waiting = study.next_unit()
    with _full(var):
        upload = study.upload(table(LARGE, "d"))
        assert upload.status == 503, upload.text
        assert (upload.data["code"], upload.headers["retry-after"]) == ("disk_full", "30")
        assert FULL in upload.data["message"]
        form = {"new_corpus": "dock", "author_names": "pseudonym"}
        on_page = page.upload("/imports/new/", form, "talk.csv", table(LARGE, "e").encode())
        assert on_page.status == 503
        assert FULL in on_page.text
        assert _uploads(var) == before
        saved = study.save(waiting.data, a_save("mixed"))
        if saved.status != 200:
            assert (saved.status, saved.data["code"]) == (503, "disk_full"), saved.text
        time.sleep(LASTING)
        assert page.get("/healthz").status == 200
        assert page.get(f"/campaigns/{SLUG}/").status == 200
    again = study.save(waiting.data, a_save("mixed", revision=int(saved.status == 200)))
    assert again.status == 200, again.text
    assert _comments(study) == imported

    export = study.start_export()
    study.done("exports", export)
    with _nearly_full(var):
        run = study.upload(table(LARGE, "d"))
        assert run.status in (202, 503), run.text
    if run.status == 202:
        ended = study.ended("imports", run.data)
        if ended["state"] == "failed":
            assert FULL in ended["error"]
            ended = study.manager.api("POST", f"imports/{ended['id']}/retry/").data
            study.done("imports", ended)
    else:
        study.done("imports", study.upload(table(LARGE, "d")).data)
    assert _comments(study) == imported + LARGE
    for _ in range(3):
        study.label_next("strongly_negative")
    with _full(var):
        begun = study.manager.api("POST", "exports/", {"campaign": SLUG, "format": "jsonl"})
        assert begun.status in (202, 503), begun.text
        time.sleep(LASTING if begun.status == 202 else 0)
    if begun.status == 202:
        ended = study.ended("exports", begun.data)
        assert ended["state"] == "done" or FULL in ended["error"], ended
    assert not list((var / "files").rglob("*.part"))
    study.done("exports", study.start_export())
    assert study.exported() == study.taken
    assert "The launcher" not in study.application.output
    assert study.application.processes("celery")


@contextmanager
def _full(folder: Path) -> Iterator[None]:
    with _ballast(folder, left=0):
        yield


@contextmanager
def _nearly_full(folder: Path) -> Iterator[None]:
    """Room for the upload, not for what an import makes of it in SQLite."""
    with _ballast(folder, left=3_000_000):
        yield


@contextmanager
def _ballast(folder: Path, *, left: int) -> Iterator[None]:
    """Fills the disk, also against who frees a little meanwhile, and takes that away again."""
    disk = os.statvfs(folder)
    path = folder.parent / "ballast"
    room = disk.f_bavail * disk.f_frsize - left
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, room - room % disk.f_frsize)
    try:
        yield
    finally:
        path.unlink()


def _uploads(var: Path) -> set[str]:
    return {path.name for path in (var / "files" / "imports").iterdir()}


def _comments(study: SmallStudy) -> int:
    rows = f"Comment.objects.filter(corpus__slug={SLUG!r}).count()"
    script = f"from annotations.models import Comment; print({rows})"
    return int(study.application.manage("shell", "-v", "0", "-c", script).stdout.split()[-1])
