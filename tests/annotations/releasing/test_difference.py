"""What two releases of a campaign say of each other."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import call_command

from annotations.errors import Conflict
from annotations.models import Campaign, Comment, Release
from annotations.selectors import releases
from annotations.selectors.releases import difference
from annotations.services.releases import withdraw_release
from tests.annotations.released import LATER, drafted, label_more, released


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

    def test_large_ones_are_compared_by_the_command_while_nobody_waits(
        self, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = released(campaign)
        label_more(campaign)
        after = released(campaign, version="1.1")
        both = sum(
            one.manifest["counts"][kind]
            for one in (before, after)
            for kind in ("threads", "comments", "annotations")
        )
        monkeypatch.setattr(releases, "MOST_COMPARED", both - 1)
        told = difference(before, after)
        assert told.kinds == {}
        assert told.counts["annotations"] == [27, 28]
        assert f"release --compare {before.pk} {after.pk}" in told.reason
        out = io.StringIO()
        call_command("release", "--compare", str(before.pk), str(after.pk), stdout=out)
        said = json.loads(out.getvalue())
        assert said["reason"] == ""
        assert said["kinds"]["annotations"]["added"]["examples"] == ["t1/t1-new/A1"]
        monkeypatch.setattr(releases, "MOST_COMPARED", both)
        assert difference(before, after).kinds["comments"].added.number == 1

    def test_only_finished_ones_of_one_campaign_are_compared(self, campaign: Campaign) -> None:
        release = released(campaign)
        with pytest.raises(Conflict, match="compare finished ones"):
            difference(release, drafted(campaign, version="2"))
        campaign.slug = "other"
        other = Release(campaign_id=campaign.pk + 1, state="done")
        with pytest.raises(Conflict, match="same campaign"):
            difference(release, other)
