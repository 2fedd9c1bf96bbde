"""Somebody is erased while files are being made: no file that comes of it has a word of theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.db import connection

from annotations.errors import Busy
from annotations.exporters.contents import Contents
from annotations.exporters.registry import exporter
from annotations.models import Author, Campaign, ExportRun, Job, Membership, Release, User
from annotations.services import export_file, jobs, label_files
from annotations.services.erasing import erase_person
from annotations.services.exports import start_export, write_export
from annotations.services.jobs import cancel_job, claim_job, retry_job, run_job
from annotations.services.label_files import label_file
from annotations.services.releases import write_release
from tests.annotations.released import confirmed
from tests.builders import (
    NOON,
    build_annotation,
    build_answer,
    build_author,
    build_campaign,
    build_comment,
    build_membership,
    build_thread,
    build_unit,
    build_user,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
SECRET = "Ada's own words about the bridge"
NOTE = "Grace wonders about that"
POINTS = pytest.mark.parametrize("point", ["reading", "written", "stored"])
PEOPLE = pytest.mark.parametrize("whom", ["author", "annotator"])
Erase = Callable[[], None]


@pytest.fixture(autouse=True)
def storage(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    return Path(settings.MEDIA_ROOT)


@pytest.fixture
def campaign() -> Campaign:
    """Comments by Ada and by Bob, each labeled by Grace, who wrote a note."""
    campaign = build_campaign()
    grace = build_membership(campaign, build_user("grace"))
    thread = build_thread(campaign.corpus)
    for name in ("Ada", "Bob"):
        author = build_author(campaign.corpus, name)
        for number in range(3):
            text = f"{SECRET}, {number}" if name == "Ada" else "It stands."
            unit = build_unit(campaign, build_comment(thread, text, author=author))
            note = NOTE if name == "Bob" else ""
            annotation = build_annotation(unit, grace, note=note)
            build_answer(annotation, "claim", label="yes")
    return campaign


def erasing(campaign: Campaign, whom: str) -> Erase:
    """Somebody else erases the person, over a connection of their own."""
    words = NOTE if whom == "annotator" else SECRET

    def erase() -> None:
        def act() -> None:
            try:
                person: User | Author = (
                    User.objects.get(username="grace")
                    if words == NOTE
                    else Author.objects.get(corpus=campaign.corpus_id, name="Ada")
                )
                erase_person(person=person, by=None, now=NOON)
            finally:
                connection.close()

        other = Thread(target=act)
        other.start()
        other.join()

    return erase


def words_of(whom: str) -> bytes:
    return (SECRET if whom == "author" else NOTE).encode()


def at(point: str, erase: Erase, patched: pytest.MonkeyPatch) -> None:
    """Once, while a job is worked on: when rows were read, or the file is whole on this machine's
    disk and not yet in the storage, or it is there and the row does not say so."""
    once = iter([erase])

    def before(act: Callable[..., Any]) -> Callable[..., Any]:
        def acting(*args: Any, **fields: Any) -> Any:
            next(once, lambda: None)()
            return act(*args, **fields)

        return acting

    if point == "reading":
        patched.setattr(export_file, "measured", before(export_file.measured))
        patched.setattr(export_file, "write_file", _after(export_file.write_file, once))
    elif point == "written":
        patched.setattr(export_file, "store", before(export_file.store))
    else:
        patched.setattr(jobs, "_do", _after(jobs._do, once))


def _after(act: Callable[..., Any], once: Iterator[Erase]) -> Callable[..., Any]:
    def acting(*args: Any, **fields: Any) -> Any:
        done = act(*args, **fields)
        next(once, lambda: None)()
        return done

    return acting


def kept(storage: Path) -> dict[str, bytes]:
    """Every file, finished or not, in the clear."""
    found = {}
    for path in storage.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            if path.name.endswith(".zst"):
                import zstandard

                content = zstandard.ZstdDecompressor().decompressobj().decompress(content)
            found[path.name] = content
    return found


def holding(storage: Path, words: bytes) -> list[str]:
    return [name for name, content in kept(storage).items() if words in content]


@POINTS
@PEOPLE
def test_an_export_begins_anew(
    campaign: Campaign, storage: Path, monkeypatch: pytest.MonkeyPatch, point: str, whom: str
) -> None:
    run = start_export(campaign=campaign, format="jsonl", user=None, now=NOON)
    with monkeypatch.context() as patched:
        at(point, erasing(campaign, whom), patched)
        run_job(ExportRun, run.pk, write_export)
    run.refresh_from_db()
    assert (run.state, run.file) == (Job.State.QUEUED, "")
    assert holding(storage, words_of(whom)) == []
    run_job(ExportRun, run.pk, write_export)
    run.refresh_from_db()
    assert (run.state, run.rows) == (Job.State.DONE, 3 if whom == "author" else 6)
    assert list(kept(storage)) == [Path(run.file).name]
    assert holding(storage, words_of(whom)) == []


@POINTS
@PEOPLE
def test_a_release_is_frozen_anew(
    campaign: Campaign, storage: Path, monkeypatch: pytest.MonkeyPatch, point: str, whom: str
) -> None:
    release = confirmed(campaign, "jsonl", traits=False)
    with monkeypatch.context() as patched:
        at(point, erasing(campaign, whom), patched)
        run_job(Release, release.pk, write_release)
    release.refresh_from_db()
    assert (release.state, release.frozen, release.file) == (Job.State.QUEUED, "", "")
    assert holding(storage, words_of(whom)) == []
    run_job(Release, release.pk, write_release)
    release.refresh_from_db()
    assert release.state == Job.State.DONE, release.error
    assert holding(storage, words_of(whom)) == []
    assert sorted(kept(storage)) == sorted(Path(n).name for n in (release.file, release.frozen))


@PEOPLE
def test_rows_that_were_frozen_and_never_came_to_an_end_go(
    campaign: Campaign, storage: Path, monkeypatch: pytest.MonkeyPatch, whom: str
) -> None:
    """Of a release that waits for another attempt, or was cancelled."""
    release = confirmed(campaign, "jsonl", traits=False)
    with monkeypatch.context() as patched:
        patched.setattr(export_file, "measured", _failing(export_file.measured))
        run_job(Release, release.pk, write_release)
    release.refresh_from_db()
    assert release.frozen
    assert holding(storage, words_of(whom)) != []
    erasing(campaign, whom)()
    assert kept(storage) == {}
    retry_job(job=release, now=NOON)
    run_job(Release, release.pk, write_release)
    release.refresh_from_db()
    assert release.state == Job.State.DONE
    assert holding(storage, words_of(whom)) == []


def _failing(act: Callable[..., Any]) -> Callable[..., Any]:
    """The second file that is measured is the archive."""
    calls = iter([False])

    def acting(*args: Any) -> Any:
        if next(calls, True):
            raise ValueError("The disk is full.")
        return act(*args)

    return acting


@PEOPLE
def test_a_cancelled_release_does_not_come_back_to_life(campaign: Campaign, whom: str) -> None:
    release = confirmed(campaign, "jsonl", traits=False)
    cancel_job(job=release, now=NOON)
    erasing(campaign, whom)()
    release.refresh_from_db()
    assert release.state == Job.State.CANCELLED


def test_what_is_made_of_other_campaigns_goes_on(campaign: Campaign) -> None:
    other = build_campaign(campaign.corpus)
    build_unit(other, build_comment(build_thread(campaign.corpus), "Elsewhere."))
    run = start_export(campaign=other, format="jsonl", user=None, now=NOON)
    assert claim_job(ExportRun, run.pk, now=NOON) is not None
    erasing(campaign, "author")()
    run.refresh_from_db()
    assert run.state == Job.State.RUNNING
    assert Membership.objects.filter(campaign=other).count() == 0


@PEOPLE
def test_a_file_of_labels_is_not_kept(
    campaign: Campaign, storage: Path, monkeypatch: pytest.MonkeyPatch, whom: str
) -> None:
    """Asked for again, it is made without the words."""
    with monkeypatch.context() as patched:
        at("written", erasing(campaign, whom), patched)
        with pytest.raises(Busy, match="erased"):
            label_file(campaign, "jsonl", Contents())
    assert kept(storage) == {}
    made = label_file(campaign, "jsonl", Contents())
    assert made.stored.startswith(label_files.FOLDER)
    assert holding(storage, words_of(whom)) == []
    assert exporter("jsonl").extension in made.stored
