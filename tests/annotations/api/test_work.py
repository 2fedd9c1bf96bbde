"""The annotator's work through the API: what the workspace relies on."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from annotations.models import Annotation, Assignment, Campaign, CommentRelation
from tests.annotations.api.world import API, TEXT, World, build_slots, hold, save_body
from tests.builders import build_annotation, build_answer, build_codebook, build_comment, build_unit

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
        "done": 0,
        "skipped": 0,
        "left": 3,
        "total": 3,
        "today": nothing,
        "pace": None,
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
    theirs = build_annotation(world.unit, rival, note="I say no", seconds=777.25)
    build_answer(theirs, "claim", label="no")
    work = world.client("annotator").get(f"{STUDY}units/{world.unit.pk}/").content.decode()
    assert "I say no" not in work
    assert "777.25" not in work
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
        "done": 1,
        "skipped": 0,
        "left": 2,
        "total": 3,
        "today": {"units": 1, "seconds": 12.5},
        "pace": 12.5,
    }
    assert open_unit(world)["annotation"] == saved


def test_the_same_save_again_changes_nothing(world: World) -> None:
    body = save_body(revision=1)
    first = save(world, body)
    again = save(world, {**body, "answers": {"claim": "no"}})
    assert (again.status_code, again.json()) == (200, first.json())


def test_a_stale_save_gets_both_versions(world: World) -> None:
    save(world, save_body(revision=1, note="from the other window"))
    read = {"text_revision": 1, "codebook_version": 1}
    offered = save_body(revision=1, answers={"claim": "no"}, note="mine", **read)
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


def test_a_unit_after_the_one_on_screen_is_fetched_ahead(world: World) -> None:
    client = world.client("annotator")
    body = {"after": [world.unit.pk]}
    ahead = client.post(STUDY + "next/", body, format="json").json()
    assert ahead["unit"]["order"] == 1
    assert client.post(STUDY + "next/").json()["unit"]["id"] == world.unit.pk
    held = {"thread": world.thread.pk, "first": 0, "last": 3}
    again = client.post(STUDY + "next/", {**body, "have": held}, format="json").json()
    assert [one["id"] for one in again["comments"]] == [ahead["focus"]]
    assert again["window"] == ahead["window"]


@pytest.mark.parametrize(
    "body",
    [
        {"after": ["x"]},
        {"after": list(range(101))},
        {"have": {"thread": 1}},
        {"have": {"thread": 1, "first": -1, "last": 2}},
        {"befor": [1]},
    ],
)
def test_what_cannot_be_held_is_refused(world: World, body: dict[str, Any]) -> None:
    response = world.client("annotator").post(STUDY + "next/", body, format="json")
    assert (response.status_code, response.json()["code"]) == (400, "invalid")


def test_more_comments_are_as_the_campaign_shows_them(world: World) -> None:
    Campaign.objects.update(show_names=False)
    address = f"{STUDY}units/{world.unit.pk}/comments/"
    body = world.client("annotator").get(address, {"after": 0}).json()
    assert [one["position"] for one in body["comments"]] == [1, 2, 3]
    assert (body["before"], body["after"]) == (0, 0)
    assert {one["author"] for one in body["comments"]} == {None}
    assert body["comments"][2]["text"] == ""
    assert world.client("annotator").get(address, {"before": 0}).json()["comments"] == []


@pytest.mark.parametrize(
    "query", [{}, {"before": 1, "after": 1}, {"before": "x"}, {"after": -1}, {"after": 2**40}]
)
def test_they_are_asked_for_on_one_side_of_a_position(world: World, query: dict[str, Any]) -> None:
    address = f"{STUDY}units/{world.unit.pk}/comments/"
    response = world.client("annotator").get(address, query)
    assert (response.status_code, response.json()["code"]) == (400, "invalid")


def test_a_save_says_how_sure_one_is(world: World) -> None:
    refused = save(world, save_body(revision=1, confidence=2))
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["confidence"])
    sure = build_codebook(confidence=True)
    Campaign.objects.update(codebook=sure)
    saved = save(world, save_body(revision=1, confidence=2)).json()["annotation"]
    assert saved["confidence"] == open_unit(world)["annotation"]["confidence"] == 2
    codebook = world.client("annotator").get(open_unit(world)["codebook"]).json()
    assert codebook["confidence"] is True
    assert save(world, save_body(revision=2, confidence=4)).status_code == 400


def test_a_save_put_aside_stays_readable_beside_what_stands(world: World) -> None:
    save(world, save_body(revision=1))
    aside = save_body(revision=2, answers={"claim": "no"}, note="the other", aside=True)
    saved = save(world, aside).json()["annotation"]
    assert (saved["answers"], saved["revision"], saved["note"]) == ({"claim": "yes"}, 3, "")
    address = f"{API}annotations/{world.annotation.pk}/revisions/"
    revisions = world.client("annotator").get(address).json()["results"]
    assert [one["aside"] for one in revisions] == [False, False, True]
    assert (revisions[2]["answers"], revisions[2]["note"]) == ({"claim": "no"}, "the other")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"search": "bridge 😀"}, 1),
        ({"search": "nowhere"}, 0),
        ({"state": "draft"}, 1),
        ({"state": "submitted"}, 0),
        ({"flagged": "true"}, 0),
        ({"flagged": "false"}, 1),
        ({"search": "bridge", "state": "draft", "flagged": "false"}, 1),
    ],
)
def test_history_is_searched_and_filtered(world: World, query: dict[str, str], found: int) -> None:
    response = world.client("annotator").get(STUDY + "history/", query)
    assert len(response.json()["results"]) == found


@pytest.mark.parametrize("query", [{"state": "done"}, {"flagged": "maybe"}, {"note": "x"}])
def test_history_refuses_other_filters(world: World, query: dict[str, str]) -> None:
    assert world.client("annotator").get(STUDY + "history/", query).status_code == 400


def test_the_workplace_is_asked_once(world: World) -> None:
    client = world.client("annotator")
    manager = world.client("manager")
    ruling = manager.post(STUDY + "rulings/", {"text": "Irony is *no* claim."}, format="json")
    place = client.get(STUDY + "workplace/").json()
    assert (place["campaign"]["slug"], place["campaign"]["show_suggestions"]) == ("study", False)
    assert client.get(place["codebook"]).json()["key"] == "claims"
    assert place["rulings"] == [ruling.json()]
    assert place["rulings"][0]["text_html"] == "<p>Irony is <em>no</em> claim.</p>\n"
    assert (place["rulings_seen"], place["codebook_seen"]) == (None, False)
    seen = client.post(STUDY + "guidelines/seen/", {"ruling": ruling.json()["id"]}, format="json")
    assert (seen.status_code, seen.content) == (204, b"")
    place = client.get(STUDY + "workplace/").json()
    assert (place["rulings_seen"], place["codebook_seen"]) == (ruling.json()["id"], True)
    missing = client.post(STUDY + "guidelines/seen/", {"ruling": 987_654}, format="json")
    assert missing.status_code == 404


def test_a_model_s_suggestions_come_in_bulk_and_show_only_where_wanted(world: World) -> None:
    first, second, gone = (comment.pk for comment in world.comments[1:])
    part = [{"start": 11, "end": 12, "quote": "😀", "label": "fact"}]
    body = {
        "model": "guesser-1",
        "suggestions": [
            {"comment": first, "answers": {"claim": "no", "part": part}},
            {"comment": second, "answers": {"claim": "maybe"}},
            {"comment": gone, "answers": {"claim": "yes"}},
        ],
    }
    manager = world.client("manager")
    told = manager.post(STUDY + "suggestions/", body, format="json").json()
    assert (told["created"], told["updated"]) == (2, 0)
    assert [one["comment"] for one in told["refused"]] == [second]
    assert "no label of" in told["refused"][0]["message"]
    assert manager.post(STUDY + "suggestions/", body, format="json").json()["created"] == 0
    assert open_unit(world)["suggestions"] == []
    blind = world.client("annotator").get(f"{API}annotations/").content.decode()
    assert "guesser-1" not in blind
    Campaign.objects.update(show_suggestions=True)
    shown = open_unit(world)["suggestions"]
    assert [(one["model"], one["answers"]) for one in shown] == [
        ("guesser-1", {"claim": "no", "part": part})
    ]
    assert open_unit(world)["annotation"]["answers"] == {"part": part}
    listed = manager.get(f"{API}annotations/", {"source": "model"}).json()["results"]
    assert {(one["model"], one["annotator"]) for one in listed} == {("guesser-1", None)}
    revisions = manager.get(f"{API}annotations/{listed[0]['id']}/revisions/").json()["results"]
    assert (revisions[0]["note"], revisions[0]["confidence"]) == ("", None)


def test_the_other_routes_of_an_annotator_show_no_suggestion(world: World) -> None:
    body = {
        "model": "guesser-1",
        "suggestions": [{"comment": world.comments[1].pk, "answers": {"why": "A guess."}}],
    }
    world.client("manager").post(STUDY + "suggestions/", body, format="json")
    client = world.client("annotator")
    for address in (
        *(f"{STUDY}units/{world.unit.pk}/", f"{STUDY}units/{world.unit.pk}/comments/?after=0"),
        *(STUDY + "history/", STUDY + "workplace/", STUDY, API + "annotations/", API + "me/"),
    ):
        answer = client.get(address)
        assert answer.status_code == 200
        assert b"guess" not in answer.content.lower(), address
    assert b"guess" not in client.post(STUDY + "next/").content.lower()
