"""The annotator's work through the API: what the workspace relies on."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from annotations.models import Annotation, Assignment, Campaign, CommentRelation
from tests.annotations.api.world import API, TEXT, World, build_slots, hold, save_body
from tests.builders import build_annotation, build_answer, build_comment, build_unit

STUDY = API + "campaigns/study/"


def save(world: World, body: dict[str, Any], role: str = "annotator") -> Any:
    address = reverse("api:unit_annotation", args=["study", world.unit.pk])
    return world.client(role).put(address, body, format="json")


def open_unit(world: World) -> dict[str, Any]:
    response = world.client("annotator").get(f"{STUDY}units/{world.unit.pk}/")
    assert response.status_code == 200
    body: dict[str, Any] = response.json()
    return body


def test_next_gives_back_the_unit_that_is_held(world: World) -> None:
    client = world.client("annotator")
    first = client.post(STUDY + "next/").json()
    assert first["unit"] == {"id": world.unit.pk, "order": 0, "kind": "comment"}
    assert client.post(STUDY + "next/").json()["unit"] == first["unit"]
    assert first["focus"] == world.comments[1].pk
    assert first["assignment"] == {"state": "leased"}
    nothing = {"units": 0, "seconds": 0.0}
    assert first["progress"] == {
        "done": 0, "skipped": 0, "left": 3, "total": 3,
        "today": nothing, "pace": None,
    }
    assert first["window"] == {"before": 0, "after": 0, "first": 0, "last": 3}
    assert first["suggestions"] == []


def test_next_says_when_nothing_is_left(world: World) -> None:
    Assignment.objects.filter(campaign=world.campaign, membership=None).delete()
    response = world.client("manager").post(STUDY + "next/")
    assert (response.status_code, response.json()["code"]) == (409, "nothing_left")


@pytest.mark.parametrize("state", ["paused", "closed"])
def test_a_campaign_that_is_not_open_takes_nothing(world: World, state: str) -> None:
    Campaign.objects.update(state=state)
    taken = world.client("annotator").post(STUDY + "next/")
    saved = save(world, save_body(revision=1))
    for response in (taken, saved):
        assert (response.status_code, response.json()["code"]) == (409, "conflict")
    assert open_unit(world)["annotation"]["revision"] == 1


def test_a_unit_shows_its_codebook_and_own_annotation(world: World) -> None:
    work = open_unit(world)
    codebook = world.client("annotator").get(work["codebook"]).json()
    assert codebook["key"] == "claims"
    assert [question["key"] for question in codebook["questions"]][:2] == ["claim", "reasons"]
    own = work["annotation"]
    assert own["annotator"] == world.membership("annotator").pseudonym
    part = [{"start": 11, "end": 12, "quote": "😀", "label": "fact"}]
    assert own["answers"] == {"part": part}
    assert [one["text"] for one in work["comments"]][1] == TEXT


def test_another_annotators_labels_never_show(world: World) -> None:
    rival = world.membership("adjudicator")
    hold(world.unit, rival)
    theirs = build_annotation(world.unit, rival, note="I say no", seconds=777.0)
    build_answer(theirs, "claim", label="no")
    work = world.client("annotator").get(f"{STUDY}units/{world.unit.pk}/").content.decode()
    assert "I say no" not in work
    assert "777" not in work
    assert world.client("annotator").get(f"{API}annotations/{theirs.pk}/").status_code == 404
    listed = world.client("annotator").get(f"{API}annotations/").json()["results"]
    assert [one["id"] for one in listed] == [world.annotation.pk]


def test_a_units_comments_are_those_the_context_allows(world: World) -> None:
    Campaign.objects.update(context="comment", show_article=False)
    assert [one["id"] for one in open_unit(world)["comments"]] == [world.comments[1].pk]


@pytest.mark.parametrize("shown", [True, False])
def test_what_the_campaign_hides_is_null(world: World, shown: bool) -> None:
    Campaign.objects.update(show_names=shown, show_times=shown, show_scores=shown)
    first, second = open_unit(world)["comments"][1:3]
    assert first["author"] == ("pada" if shown else None)
    assert first["score"] == (7 if shown else None)
    assert (first["posted_at"] is not None) is shown
    assert second["relations"][0]["target_author"] == ("pada" if shown else None)


def test_a_comment_that_is_gone_keeps_its_place_only(world: World) -> None:
    gone = world.comments[3]
    CommentRelation.objects.create(
        comment=gone, kind="quote", basis="given", start=0, end=2, target=world.comments[1]
    )
    shown = open_unit(world)["comments"][3]
    assert (shown["id"], shown["status"]) == (gone.pk, "deleted_by_author")
    assert (shown["text"], shown["blocks"], shown["relations"]) == ("", [], [])


def test_a_save_is_acknowledged_with_what_stands(world: World) -> None:
    answers = {"claim": "yes", "reasons": ["rude", "old"], "certainty": 4, "why": "Because 😀"}
    body = save(world, save_body(revision=1, answers=answers, flagged=True, note="Hm")).json()
    saved = body["annotation"]
    assert saved["answers"] == answers
    assert (saved["state"], saved["revision"], saved["flagged"]) == ("submitted", 2, True)
    assert (saved["note"], saved["seconds"]) == ("Hm", 12.5)
    assert saved["saved_at"].endswith("Z")
    assert saved["submitted_at"] == saved["saved_at"]
    assert body["progress"] == {
        "done": 1, "skipped": 0, "left": 2, "total": 3,
        "today": {"units": 1, "seconds": 12.5}, "pace": 12.5,
    }
    assert open_unit(world)["annotation"] == saved


def test_the_same_save_again_changes_nothing(world: World) -> None:
    body = save_body(revision=1)
    first = save(world, body)
    again = save(world, {**body, "answers": {"claim": "no"}})
    assert (again.status_code, again.json()) == (200, first.json())


def test_a_stale_save_gets_both_versions(world: World) -> None:
    save(world, save_body(revision=1, note="from the other window"))
    offered = save_body(revision=1, answers={"claim": "no"}, note="mine", text_revision=1)
    response = save(world, offered)
    assert response.status_code == 409
    body = response.json()
    assert (body["code"], body["fields"]) == ("revision_conflict", {})
    assert body["current"] == open_unit(world)["annotation"]
    assert body["current"]["note"] == "from the other window"
    assert body["offered"] == offered


def test_a_wrong_answer_is_named_by_its_path(world: World) -> None:
    spans = [{"start": 4, "end": 10, "quote": "bridgé", "label": "fact"}]
    response = save(world, save_body(revision=1, answers={"part": spans, "sense": 1}))
    assert (response.status_code, response.json()["code"]) == (400, "invalid_answers")
    assert set(response.json()["fields"]) == {"answers.part[0]", "answers.sense"}


def test_a_unit_that_was_given_back_says_so(world: World) -> None:
    Assignment.objects.filter(unit=world.unit, slot=1).delete()
    response = save(world, save_body(revision=1))
    assert (response.status_code, response.json()["code"]) == (409, "conflict")
    assert world.annotation.revisions.count() == 1


def test_history_is_own_and_latest_first(world: World) -> None:
    unit = build_unit(world.campaign, build_comment(world.thread, "x" * 500))
    build_slots(unit, 1)
    hold(unit, world.membership("annotator"))
    address = reverse("api:unit_annotation", args=["study", unit.pk])
    world.client("annotator").put(address, save_body(), format="json")
    rows = world.client("annotator").get(STUDY + "history/").json()["results"]
    assert [row["unit"] for row in rows] == [unit.pk, world.unit.pk]
    assert rows[0]["excerpt"] == "x" * 120
    assert rows[1]["excerpt"] == TEXT
    assert (rows[0]["state"], rows[1]["state"]) == ("submitted", "draft")
    assert world.client("adjudicator").get(STUDY + "history/").json()["results"] == []


def test_every_save_stays_readable(world: World) -> None:
    save(world, save_body(revision=1, context={"comments": [1, 2]}))
    address = f"{API}annotations/{world.annotation.pk}/revisions/"
    first, second = world.client("viewer").get(address).json()["results"]
    assert (first["number"], first["state"]) == (1, "draft")
    assert first["answers"]["part"][0]["quote"] == "😀"
    assert (second["number"], second["answers"]) == (2, {"claim": "yes"})
    assert second["context"] == {"comments": [1, 2]}


def test_a_save_id_of_another_annotation_is_refused(world: World) -> None:
    used = world.annotation.revisions.get().save_id
    hold(world.unit, world.membership("manager"))
    response = save(world, save_body(save_id=str(used)), "manager")
    assert (response.status_code, response.json()["code"]) == (400, "invalid")
    assert Annotation.objects.filter(unit=world.unit).count() == 1
    assert save(world, save_body(save_id=str(uuid4())), "manager").status_code == 200
