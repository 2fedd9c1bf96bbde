"""What the verification of a release finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotations.models import Campaign
from annotations.selectors.releases import release_files
from annotations.services.releases import verify_release
from tests.annotations.released import label_more, released


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
