"""Codebooks that are written and compared, through the API."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from annotations.codebooks.library import LIBRARY
from annotations.models import Answer, Campaign, Codebook, Recoding
from annotations.services.codebooks import load_codebook
from tests.annotations.api.world import API, World
from tests.builders import NOON

STARTER = (LIBRARY / "claims-misinformation-sentiment.yaml").read_text(encoding="utf-8")


def preview(world: World, source: str) -> dict[str, Any]:
    response = world.client("staff").post(
        f"{API}codebooks/preview/", {"source": source}, format="json"
    )
    assert response.status_code == 200
    told: dict[str, Any] = response.json()
    return told


def test_a_preview_is_what_a_loaded_codebook_would_be_and_stores_nothing(world: World) -> None:
    before = Codebook.objects.count()
    shown = preview(world, STARTER)["codebook"]
    assert Codebook.objects.count() == before
    load_codebook(text=STARTER, now=NOON)
    stored = world.client("staff").get(f"{API}codebooks/{shown['key']}/{shown['version']}/").json()
    only_of_rows = {"licence", "sha256", "created_at"}
    assert shown == {name: stored[name] for name in stored.keys() - only_of_rows}


@pytest.mark.parametrize("source", ["", "- a", "key: [", "version: 1\nkey: a\nkey: b", "x" * 9])
def test_a_preview_says_of_any_text_what_is_wrong(world: World, source: str) -> None:
    if not source:
        response = world.client("staff").post(
            f"{API}codebooks/preview/", {"source": source}, format="json"
        )
        assert response.status_code == 400
        return
    told = preview(world, source)
    assert told["codebook"] is None
    assert all(one["line"] >= 1 and one["sentence"] for one in told["problems"])
    assert told["problems"]


def test_a_preview_knows_what_is_loaded(world: World) -> None:
    load_codebook(text=STARTER, now=NOON)
    same = preview(world, STARTER)
    assert (same["loaded"], same["taken"], same["newest"], same["next_version"]) == (
        *(True, False),
        *(2, 3),
    )
    other = STARTER.replace("Three keys", "Four keys")
    assert preview(world, other)["taken"]
    newer = preview(world, other.replace("version: 2", "version: 3"))
    assert not newer["taken"]
    assert not newer["loaded"]
    assert [(one["field"], one["kind"]) for one in newer["changes"]] == [("description", "changed")]
    inserted = [one["text"] for one in newer["changes"][0]["pieces"] if one["kind"] == "inserted"]
    assert inserted == ["Four"]


def test_a_preview_checks_what_is_said_of_the_version_before(world: World) -> None:
    load_codebook(text=STARTER, now=NOON)
    said = yaml.safe_load(STARTER) | {"version": 3, "dropped": ["nothing"]}
    told = preview(world, yaml.safe_dump(said, sort_keys=False))
    assert [one["path"] for one in told["problems"]] == ["dropped[0]"]


def test_labels_are_carried_on_through_the_api(world: World) -> None:
    first = "key: talk\nversion: {}\ntitle: T\nquestions:\n- {{key: {}, title: T, kind: text}}\n"
    before = load_codebook(text=first.format(1, "why"), now=NOON)
    load_codebook(text=first.format(2, "reason"), now=NOON)
    Campaign.objects.filter(pk=world.campaign.pk).update(codebook=before)
    manager, root = world.client("manager"), f"{API}campaigns/study/recodings/"
    open_still = manager.post(root, {"version": 2}, format="json")
    assert open_still.status_code == 409
    assert "pause it first" in open_still.json()["message"]
    Campaign.objects.update(state="paused")
    unknown = manager.post(root + "preview/", {"version": 9}, format="json")
    assert unknown.status_code == 404
    Answer.objects.all().delete()
    told = manager.post(root + "preview/", {"version": 2}, format="json").json()
    assert (told["before"], told["after"], told["obstacles"]) == (1, 2, [])
    assert not Recoding.objects.exists()
    begun = manager.post(root, {"version": 2, "reopen": True}, format="json").json()
    assert (begun["state"], begun["reopen"], begun["campaign"]) == ("queued", True, "study")
    again = manager.post(root, {"version": 2}, format="json")
    assert again.status_code == 409
    opened = manager.patch(f"{API}campaigns/study/", {"state": "open"}, format="json")
    assert opened.status_code == 409
