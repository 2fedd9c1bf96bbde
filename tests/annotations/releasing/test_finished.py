"""A finished release never changes; it is withdrawn for good."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from annotations.errors import Conflict, InvalidInput
from annotations.models import Campaign, Release
from annotations.selectors.releases import release_files
from annotations.services.releases import verify_release, withdraw_release
from tests.annotations.released import LATER, drafted, released, stored
from tests.builders import NOON

State = Release.State


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
