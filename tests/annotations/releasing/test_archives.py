"""What may be relied on of the archive of a release."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from annotations.models import Aggregation, Annotation, Campaign, Release
from annotations.selectors.releases import release_files
from annotations.services import release_file
from annotations.services.jobs import claim_job
from annotations.services.releases import verify_release
from annotations.services.running_job import LEASE, RunningJob
from tests.annotations.released import (
    LATER,
    archive,
    build_study,
    confirmed,
    files_of,
    label_more,
    made,
    released,
    stored,
)
from tests.builders import NOON, build_unit

CASES = Path(__file__).parents[2] / "cases" / "releases"


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

    def test_the_card_tells_of_training_test_and_checks(self, campaign: Campaign) -> None:
        for purpose in ("check", "training", "check"):
            build_unit(campaign, purpose=purpose)
        card = files_of(released(campaign))["README.md"].decode()
        assert "not in the data: 1 to train annotators, 2 to check them unseen." in card

    def test_figures_of_another_version_of_the_codebook_stay_behind(
        self, campaign: Campaign
    ) -> None:
        run = campaign.agreements.get()
        run.result["codebook"]["version"] = 2
        run.save()
        release = released(campaign)
        assert "agreement.json" not in files_of(release)
        assert "Agreement was not computed." in files_of(release)["README.md"].decode()

    def test_labels_that_are_newer_than_what_was_computed_are_told(
        self, campaign: Campaign
    ) -> None:
        computed = {"state": "done", "created_at": NOON, "started_at": NOON}
        Aggregation.objects.create(campaign=campaign, method="majority", **computed)
        saved = Annotation.objects.filter(unit__comment__source_id="t1-0", membership__number=1)
        saved.update(saved_at=LATER)
        release = released(campaign, layers=("human", "aggregated"), method="majority")
        assert release.manifest["newer_labels"] == {"than_agreement": 1, "than_aggregation": 1}
        card = files_of(release)["README.md"].decode()
        assert "agreement.csv. 1 label is newer than these figures." in card
        assert "by majority (seed 1). 1 label is newer than these answers." in card


def frozen_only(release: Release) -> None:
    """An attempt that ends right after the rows were frozen, as a killed one does."""
    job = claim_job(Release, release.pk, now=LATER - LEASE)
    assert job is not None
    release_file._freeze(RunningJob(job, clock=lambda: LATER - LEASE))


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
