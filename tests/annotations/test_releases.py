"""What may be relied on when a release is drafted, made, withdrawn, verified and compared."""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from annotations.errors import (
    Conflict,
    InvalidInput,
    JobCancelled,
    JobSuperseded,
    NotFound,
)
from annotations.exporters.contents import Contents
from annotations.exporters.rows import Row
from annotations.models import Annotation, Campaign, Comment, Release
from annotations.releases.card import Card
from annotations.selectors.releases import (
    difference,
    readable_release,
    readable_releases,
    release_files,
)
from annotations.services import release_file
from annotations.services.jobs import cancel_job, claim_job, retry_job, run_job
from annotations.services.releases import (
    change_release,
    confirm_release,
    discard_release,
    draft_release,
    verify_release,
    withdraw_release,
    write_release,
)
from annotations.services.running_job import LEASE, RunningJob
from tests.annotations.released import (
    LATER,
    NO_CARD,
    build_study,
    confirmed,
    drafted,
    made,
    released,
)
from tests.annotations.releases.edition import CARD
from tests.builders import (
    NOON,
    build_annotation,
    build_comment,
    build_membership,
    build_unit,
    build_user,
)

CASES = Path(__file__).parents[1] / "cases" / "releases"
State = Release.State


@pytest.fixture(autouse=True)
def storage(settings: Any, tmp_path: Path) -> Path:
    """The file storage of the test, as a folder."""
    settings.MEDIA_ROOT = tmp_path / "files"
    return Path(settings.MEDIA_ROOT)


@pytest.fixture
def campaign(db: None) -> Campaign:
    return build_study()


def archive(release: Release) -> bytes:
    with default_storage.open(release.file) as file:
        return bytes(file.read())


def files_of(release: Release) -> Mapping[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive(release))) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def stored(storage: Path) -> list[str]:
    folder = storage / "releases"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def label_more(campaign: Campaign) -> None:
    """Somebody labels a comment that was not labeled yet, and changes an answer."""
    thread = campaign.corpus.threads.get(source_id="t1")
    comment = build_comment(thread, "It does not.", source_id="t1-new")
    build_annotation(build_unit(campaign, comment), campaign.memberships.get(number=1))
    Annotation.objects.filter(unit__comment__source_id="t1-0", source="model").update(certainty=0.5)


class TestDraft:
    def test_a_draft_changes_until_it_is_confirmed(self, campaign: Campaign) -> None:
        release = drafted(campaign, "jsonl", "csv", card=NO_CARD)
        assert (release.state, release.formats) == (State.STAGED, ["csv", "jsonl"])
        changed = change_release(release=release, title=" The bridge ", card=Card(licence="MIT"))
        assert (changed.title, changed.version) == ("The bridge", "1.0")
        with pytest.raises(InvalidInput, match="who made the dataset") as refused:
            confirm_release(release=release, now=NOON)
        assert refused.value.fields.keys() == {"creators"}
        change_release(release=release, card=CARD)
        assert confirm_release(release=release, now=NOON).state == State.QUEUED
        with pytest.raises(Conflict, match="draft a new version"):
            change_release(release=release, title="Another")
        with pytest.raises(Conflict, match="confirmed already"):
            confirm_release(release=release, now=NOON)

    @pytest.mark.parametrize(
        ("fields", "name"),
        [
            ({"title": " "}, "title"),
            ({"version": "1 0"}, "version"),
            ({"version": "../1"}, "version"),
            ({"formats": []}, "formats"),
            ({"formats": ["xml"]}, "formats"),
            ({"key": "short"}, "key"),
            ({"contents": Contents(layers=("aggregated",), method="mace")}, "method"),
        ],
    )
    def test_a_mistake_is_told_beside_its_field(
        self, campaign: Campaign, fields: dict[str, Any], name: str
    ) -> None:
        usual: dict[str, Any] = {
            "title": "A",
            "version": "1.0",
            "contents": Contents(),
            "formats": ["csv"],
            "card": Card(),
        }
        with pytest.raises(InvalidInput) as refused:
            draft_release(campaign=campaign, user=None, now=NOON, **{**usual, **fields})
        assert refused.value.fields.keys() == {name}
        assert not Release.objects.exists()

    def test_a_version_is_there_once_until_it_is_discarded(self, campaign: Campaign) -> None:
        first = drafted(campaign)
        with pytest.raises(Conflict, match=r"has a release 1\.0 already"):
            drafted(campaign)
        second = drafted(campaign, version="1.1")
        with pytest.raises(Conflict, match="already"):
            change_release(release=second, version="1.0")
        discard_release(release=first)
        assert drafted(campaign).version == "1.0"

    def test_what_is_made_or_being_made_is_not_discarded(self, campaign: Campaign) -> None:
        release = confirmed(campaign)
        with pytest.raises(Conflict, match="only a draft"):
            discard_release(release=release)
        made(release)
        with pytest.raises(Conflict, match="only a draft"):
            discard_release(release=release)

    def test_keys_are_drawn_where_none_is_given(self, campaign: Campaign) -> None:
        one, other = drafted(campaign, key=""), drafted(campaign, key="", version="2")
        assert len(one.key) == len(other.key) == 64
        assert one.key != other.key


class TestMaking:
    def test_the_row_describes_the_archive(self, campaign: Campaign, storage: Path) -> None:
        release = released(campaign)
        content = archive(release)
        assert (release.bytes, release.sha256) == (
            len(content),
            hashlib.sha256(content).hexdigest(),
        )
        assert (release.rows, release.done, release.total) == (27, 27, 27)
        assert release.frozen_at == LATER
        assert set(stored(storage)) == {Path(release.file).name, Path(release.frozen).name}
        files = files_of(release)
        assert json.loads(files["manifest.json"]) == release.manifest
        for line in files["SHA256SUMS"].decode().splitlines():
            digest, _, name = line.partition("  ")
            assert hashlib.sha256(files[name]).hexdigest() == digest
        assert files.keys() - {"SHA256SUMS"} == {
            line.partition("  ")[2] for line in files["SHA256SUMS"].decode().splitlines()
        }

    def test_the_manifest_counts_what_is_there_and_what_is_not(self, campaign: Campaign) -> None:
        manifest = released(campaign, split_by="thread").manifest
        counts = manifest["counts"]
        assert (counts["threads"], counts["comments"], counts["labeled_comments"]) == (3, 12, 9)
        assert counts["layers"]["human"] == {"annotations": 18, "answers": 60, "skipped": 0}
        assert counts["layers"]["model"]["annotations"] == 9
        assert sum(part["comments"] for part in counts["splits"].values()) == 12
        assert manifest["withheld_comments"] == 3
        assert manifest["annotators"] == 2
        assert [
            (one["key"], one["comments"], one["everywhere"]) for one in manifest["content_warnings"]
        ] == [("insult", 1, False), ("war", 0, True)]
        rows = {one["name"]: one["rows"] for one in manifest["files"]}
        assert rows["jsonl/bridge-study.jsonl"] == 27
        assert rows["csv/bridge-study.csv"] == 69
        assert rows["annotators.csv"] == 2

    def test_a_file_is_a_stretch_of_the_archive(self, campaign: Campaign) -> None:
        release = released(campaign)
        content, files = archive(release), files_of(release)
        told = release_files(release)
        assert [one.name for one in told] == sorted(files)
        for one in told:
            stretch = content[one.offset : one.offset + one.size]
            assert stretch == files[one.name]
            assert hashlib.sha256(stretch).hexdigest() == one.sha256

    def test_what_was_labeled_later_is_not_in_it(self, campaign: Campaign) -> None:
        """The rows are frozen by an attempt that is then stopped; the next one takes them."""
        release = confirmed(campaign)
        whole = hashlib.sha256(archive(released(campaign, version="0.9"))).hexdigest()
        frozen_only(release)
        label_more(campaign)
        again = made(release)
        assert again.attempt == 2
        assert again.manifest["counts"]["annotations"] == 27
        assert whole != again.sha256  # of another version
        assert verify_release(again).again.same

    def test_formats_lie_in_folders_of_their_own(self, campaign: Campaign) -> None:
        files = files_of(released(campaign, "jsonl", "threads"))
        assert b'"comments":[' in files["threads/bridge-study.jsonl"]
        assert files["codebook.yaml"] == b"key: claims\nversion: 3\n"
        assert files["guidelines.md"].startswith(b"# Claims\n\nRead *all* of it.")
        assert files["annotators.csv"].startswith(
            b"annotator,role,annotations,answers,skipped,first_language\r\nA1,annotator,9,30,0,de"
        )

    def test_without_an_agreement_run_there_is_no_file_of_it(self, campaign: Campaign) -> None:
        campaign.agreements.all().delete()
        release = released(campaign)
        assert "agreement.json" not in files_of(release)
        assert release.manifest["agreement"] is False


def frozen_only(release: Release) -> None:
    """An attempt that ends right after the rows were frozen, as a killed one does."""
    job = claim_job(Release, release.pk, now=LATER - LEASE)
    assert job is not None
    release_file._freeze(RunningJob(job, clock=lambda: LATER - LEASE))


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


class TestGolden:
    """``UPDATE_CASES=1 pytest`` writes the listings anew."""

    @pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
    @pytest.mark.parametrize("privacy", ["full", "pseudonymous", "redacted", "dehydrated"])
    def test_the_same_study_gives_the_same_bytes_on_every_database(
        self, db: None, privacy: str, backwards: bool
    ) -> None:
        release = released(
            build_study(backwards=backwards),
            "csv",
            "jsonl",
            "threads",
            privacy=privacy,
            split_by="author",
        )
        path = CASES / f"{privacy}.SHA256SUMS"
        listing = files_of(release)["SHA256SUMS"]
        if os.environ.get("UPDATE_CASES") and not backwards:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(listing)
        assert listing.decode() == path.read_text()


class TestFrozen:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("contents", {}),
            ("formats", ["csv"]),
            ("card", {}),
            ("key", "0" * 64),
            ("manifest", {}),
            ("sha256", "0" * 64),
            ("frozen", "elsewhere"),
            ("frozen", ""),
            ("file", ""),
            ("frozen_at", NOON),
            ("version", "2.0"),
            ("title", "Another"),
            ("state", "queued"),
        ],
    )
    def test_the_database_refuses_to_change_a_finished_release(
        self, campaign: Campaign, field: str, value: Any
    ) -> None:
        release = released(campaign, "jsonl")
        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
            Release.objects.filter(pk=release.pk).update(**{field: value})
        release.save()  # nothing changes

    def test_a_withdrawal_is_for_good(self, campaign: Campaign) -> None:
        release = withdraw_release(release=released(campaign), reason="An error", now=LATER)
        for changes in ({"withdrawn_at": None}, {"withdrawn_reason": "x"}, {"file": "back"}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Release.objects.filter(pk=release.pk).update(**changes)


@pytest.mark.django_db(transaction=True)
class TestWithdrawal:
    def test_the_files_go_and_the_manifest_stays(self, campaign: Campaign, storage: Path) -> None:
        release = released(campaign)
        with pytest.raises(InvalidInput, match="Say why"):
            withdraw_release(release=release, reason="  ", now=LATER)
        gone = withdraw_release(release=release, reason="Names were left in it.", now=LATER)
        assert stored(storage) == []
        assert gone.manifest == release.manifest
        assert (gone.withdrawn_at, gone.state) == (LATER, State.DONE)
        with pytest.raises(Conflict, match=r"was withdrawn: Names were left in it\."):
            release_files(gone)
        with pytest.raises(Conflict, match="was withdrawn"):
            verify_release(gone)
        with pytest.raises(Conflict, match="withdrawn already"):
            withdraw_release(release=gone, reason="Again", now=LATER)

    def test_a_draft_is_not_withdrawn(self, campaign: Campaign) -> None:
        with pytest.raises(Conflict, match="only a finished one"):
            withdraw_release(release=drafted(campaign), reason="No", now=LATER)


class TestVerification:
    @pytest.mark.parametrize("privacy", ["full", "redacted"])
    def test_an_untouched_one_is_the_same_in_every_way(
        self, campaign: Campaign, privacy: str
    ) -> None:
        found = verify_release(released(campaign, privacy=privacy))
        assert (found.stored.same, found.again.same, found.now.same) == (True, True, True)

    def test_after_more_labels_only_today_differs(self, campaign: Campaign) -> None:
        release = released(campaign)
        label_more(campaign)
        found = verify_release(release)
        assert (found.stored.same, found.again.same, found.now.same) == (True, True, False)
        assert "jsonl/bridge-study.jsonl" in found.now.files
        assert "codebook.yaml" not in found.now.files

    def test_a_damaged_archive_names_the_files(self, campaign: Campaign, storage: Path) -> None:
        release = released(campaign)
        place = next(one for one in release_files(release) if one.name == "codebook.yaml")
        with (storage / release.file).open("rb+") as file:
            file.seek(place.offset)
            file.write(b"K")
        found = verify_release(release)
        assert (found.stored.same, found.stored.files) == (False, ("codebook.yaml",))
        assert found.again.same

    def test_lost_or_damaged_files_are_told(self, campaign: Campaign, storage: Path) -> None:
        release = released(campaign)
        (storage / release.file).write_bytes(b"no archive")
        content = (storage / release.frozen).read_bytes()
        (storage / release.frozen).write_bytes(content[:-40])
        found = verify_release(release)
        assert "cannot be read" in found.stored.reason
        assert "frozen dataset" in found.again.reason
        (storage / release.file).unlink()
        (storage / release.frozen).unlink()
        found = verify_release(release)
        assert not found.stored.same
        assert not found.again.same
        assert found.now.same


class TestDifference:
    def test_it_says_what_changed_by_id(self, campaign: Campaign) -> None:
        before = released(campaign)
        label_more(campaign)
        Comment.objects.filter(source_id="t2-3").update(text="Says nobody.")
        Comment.objects.filter(source_id="t2-2").update(status="deleted_by_author")
        after = released(campaign, version="1.1", notes=False)
        told = difference(before, after)
        comments = told.kinds["comments"]
        assert (comments.before, comments.after) == (12, 12)
        assert comments.added.examples == ("t1/t1-new",)
        assert comments.removed.examples == ("t2/t2-2",)
        assert comments.changed.examples == ("t2/t2-3",)
        said = told.kinds["annotations"]
        assert said.added.examples == ("t1/t1-new/A1",)
        assert said.changed.examples == ("t1/t1-0/model:guesser-1",)
        assert said.removed.number == 3
        assert told.kinds["threads"].changed.number == 0
        assert told.contents == {"notes": [True, False]}
        assert (told.codebook, told.card, told.formats, told.reason) == ({}, {}, {}, "")
        assert told.counts["withheld_comments"] == [3, 4]

    def test_pseudonyms_of_different_keys_are_not_compared(self, campaign: Campaign) -> None:
        before = released(campaign, privacy="pseudonymous")
        same = released(campaign, privacy="redacted", version="1.1")
        other = released(campaign, privacy="pseudonymous", version="1.2", key="f" * 64)
        plain = released(campaign, version="1.3")
        assert difference(before, same).kinds["threads"].added.number == 0
        for one in (other, plain):
            told = difference(before, one)
            assert told.kinds == {}
            assert "different keys" in told.reason

    def test_of_a_withdrawn_one_only_counts_are_left(self, campaign: Campaign) -> None:
        before = released(campaign)
        label_more(campaign)
        after = released(campaign, version="1.1")
        before = withdraw_release(release=before, reason="An error", now=LATER)
        told = difference(before, after)
        assert "withdrawn" in told.reason
        assert told.counts["annotations"] == [27, 28]

    def test_only_finished_ones_of_one_campaign_are_compared(self, campaign: Campaign) -> None:
        release = released(campaign)
        with pytest.raises(Conflict, match="compare finished ones"):
            difference(release, drafted(campaign, version="2"))
        campaign.slug = "other"
        other = Release(campaign_id=campaign.pk + 1, state="done")
        with pytest.raises(Conflict, match="same campaign"):
            difference(release, other)


class TestReading:
    def test_who_exports_sees_what_is_done_and_who_releases_sees_all(
        self, campaign: Campaign
    ) -> None:
        done, draft = released(campaign), drafted(campaign, version="2")
        for role, seen in (
            ("manager", {done.pk, draft.pk}),
            ("viewer", {done.pk}),
            ("annotator", set()),
            ("adjudicator", set()),
        ):
            user = build_user(role)
            build_membership(campaign, user, role)
            assert set(readable_releases(user).values_list("pk", flat=True)) == seen
        staff = build_user("staff", is_staff=True)
        assert readable_release(staff, draft.pk) == draft
        with pytest.raises(NotFound):
            readable_release(build_user("stranger"), done.pk)
