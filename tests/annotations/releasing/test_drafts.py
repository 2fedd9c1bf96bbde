"""What may be relied on while a release is a draft, and who sees it."""

from __future__ import annotations

from typing import Any

import pytest

from annotations.errors import Conflict, InvalidInput, NotFound
from annotations.exporters.contents import Contents
from annotations.models import Campaign, Release
from annotations.releases.card import Card
from annotations.selectors.releases import readable_release, readable_releases
from annotations.services.releases import (
    change_release,
    confirm_release,
    discard_release,
    draft_release,
)
from tests.annotations.released import NO_CARD, confirmed, drafted, made, released
from tests.annotations.releases.edition import CARD
from tests.builders import NOON, build_membership, build_user

State = Release.State


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
