"""Annotations saved in bulk: one's own, and who may save them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from annotations.api.bulk import Result, Taker, _taken
from annotations.api.ndjson import Line
from annotations.models import Annotation, Assignment, Revision, Unit
from tests.annotations.api.world import API, World, build_slots, hold, save_body

ADDRESS = f"{API}campaigns/study/annotations/"
NDJSON = "application/x-ndjson"
Told = dict[str, Any]


def a_line(**fields: Any) -> Told:
    return {"id": str(uuid4()), "answers": {"claim": "yes"}, **fields}


def send(client: APIClient, *lines: Mapping[str, Any] | str, slug: str = "study") -> list[Told]:
    """The results; the summary adds up."""
    body = "\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines)
    address = f"{API}campaigns/{slug}/annotations/"
    response = client.post(address, body.encode(), content_type=NDJSON)
    assert response.status_code == 200, response.content
    *results, summary = [json.loads(one) for one in b"".join(response).splitlines()]
    assert summary.pop("lines") == len(results)
    assert sum(summary.values()) == len(results)
    return results


def outcomes(results: list[Told]) -> list[str]:
    return [result["outcome"] for result in results]


class TestOnesOwn:
    def test_a_line_is_a_save(self, world: World) -> None:
        sent = a_line(
            unit=world.unit.pk,
            state="submitted",
            answers={"claim": "no"},
            note="Hm.",
            flagged=True,
            seconds=12.5,
            based_on=1,
        )
        assert send(world.client("annotator"), sent) == [
            {"line": 1, "id": sent["id"], "outcome": "updated", "message": "", "fields": {}}
        ]
        saved = Annotation.objects.get(pk=world.annotation.pk)
        assert (saved.state, saved.revision, saved.note) == ("submitted", 2, "Hm.")
        assert (saved.flagged, saved.seconds, saved.context) == (True, 12.5, {})
        assert [answer.label.key for answer in saved.answers.all() if answer.label] == ["no"]
        assert Revision.objects.filter(save_id=sent["id"]).count() == 1
        assert Assignment.objects.get(unit=world.unit, membership=saved.membership).state == (
            "submitted"
        )

    def test_a_unit_is_named_by_its_comment_too(self, world: World) -> None:
        comment = world.comments[1]
        lines = [a_line(comment=comment.pk), a_line(comment_source_id=comment.source_id)]
        assert outcomes(send(world.client("annotator"), *lines)) == ["updated", "updated"]
        assert Annotation.objects.get(pk=world.annotation.pk).revision == 3

    def test_the_first_save_of_a_unit_creates(self, world: World) -> None:
        unit = Unit.objects.get(comment=world.comments[2], purpose="study")
        hold(unit, world.membership("annotator"))
        assert outcomes(send(world.client("annotator"), a_line(unit=unit.pk))) == ["created"]

    def test_the_same_again_changes_nothing(self, world: World) -> None:
        lines = [a_line(unit=world.unit.pk), a_line(unit=world.unit.pk, state="draft")]
        assert outcomes(send(world.client("annotator"), *lines)) == ["updated", "updated"]
        before = Annotation.objects.filter(pk=world.annotation.pk).values().get()
        world.campaign.state = "closed"
        world.campaign.save()
        results = send(world.client("annotator"), *lines, lines[0])
        assert outcomes(results) == ["unchanged"] * 3
        assert Annotation.objects.filter(pk=world.annotation.pk).values().get() == before

    def test_what_was_saved_since_is_not_overwritten_where_the_line_says_so(
        self, world: World
    ) -> None:
        (result,) = send(world.client("annotator"), a_line(unit=world.unit.pk, based_on=0))
        assert result["outcome"] == "refused"
        assert "saved somewhere else in between (revision 1, not 0)" in result["message"]

    def test_a_refused_line_costs_itself(self, world: World) -> None:
        lines: list[Told | str] = [
            a_line(unit=world.unit.pk, answers={"claim": "maybe"}),
            "{broken",
            a_line(unit=world.unit.pk, answers={"claim": "yes"}),
            {"unit": world.unit.pk},
        ]
        results = send(world.client("annotator"), *lines)
        assert outcomes(results) == ["refused", "refused", "updated", "refused"]
        assert list(results[0]["fields"]) == ["answers.claim"]
        assert results[3]["fields"] == {"id": ["This field is required."]}
        assert Annotation.objects.get(pk=world.annotation.pk).revision == 2

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({}, "unit"),
            ({"unit": 1, "comment": 1}, "unit"),
            ({"unit": 1, "harmful": True}, "harmful"),
            ({"unit": "x"}, "unit"),
            ({"unit": 1, "state": "done"}, "state"),
            ({"unit": 1, "answers": []}, "answers"),
            ({"unit": 1, "confidence": 4}, "confidence"),
            ({"unit": 1, "seconds": -1}, "seconds"),
            ({"unit": 1, "based_on": -1}, "based_on"),
            ({"unit": 1, "id": "7"}, "id"),
            ({"unit": 1, "note": "x" * 10_001}, "note"),
        ],
    )
    def test_what_cannot_be_taken_is_named(self, world: World, fields: Told, field: str) -> None:
        (result,) = send(world.client("annotator"), a_line(**fields))
        assert result["outcome"] == "refused"
        assert list(result["fields"]) == [field]

    def test_the_text_and_the_codebook_that_were_read_can_be_said(self, world: World) -> None:
        lines = [
            a_line(unit=world.unit.pk, text_revision=7),
            a_line(unit=world.unit.pk, codebook_version=7),
            a_line(unit=world.unit.pk, text_revision=1, codebook_version=1),
        ]
        results = send(world.client("annotator"), *lines)
        assert outcomes(results) == ["refused", "refused", "updated"]

    def test_units_that_one_does_not_hold_are_as_if_they_were_not(self, world: World) -> None:
        """Whether a comment is in the sample, or has a known answer, is not told."""
        held = Unit.objects.get(comment=world.comments[2], purpose="study")
        names: list[Told] = [
            {"unit": held.pk},
            {"unit": 7},
            {"comment": world.comments[2].pk},
            {"comment": world.known.comment_id},
            {"comment_source_id": "nowhere"},
        ]
        results = send(world.client("annotator"), *(a_line(**name) for name in names))
        assert outcomes(results) == ["refused"] * 5
        assert {result["message"].partition("unit ")[0] for result in results} == {"You have no "}

    def test_checks_are_scored_as_by_the_page(self, world: World) -> None:
        member = world.membership("annotator")
        build_slots(world.known, 1)
        slot = hold(world.known, member)
        Assignment.objects.filter(pk=slot.pk).update(purpose="check")
        send(world.client("annotator"), a_line(unit=world.known.pk))
        slot.refresh_from_db()
        assert (slot.state, slot.score) == ("submitted", 1.0)

    def test_a_paused_campaign_takes_none(self, world: World) -> None:
        world.campaign.state = "paused"
        world.campaign.save()
        (result,) = send(world.client("annotator"), a_line(unit=world.unit.pk))
        assert result["message"] == "study is paused: it takes no labels now."


class TestWhoMay:
    def test_a_viewer_may_not(self, world: World) -> None:
        response = world.client("viewer").post(ADDRESS, b"{}", content_type=NDJSON)
        assert response.status_code == 403

    def test_annotators_do_not_label_for_others(self, world: World) -> None:
        (result,) = send(
            world.client("annotator"), a_line(unit=world.unit.pk, annotator="annotator")
        )
        assert result["message"].startswith("Only managers carry over")

    def test_each_scope_opens_its_own(self, world: World) -> None:
        hold(world.unit, world.membership("manager"))
        own = a_line(unit=world.unit.pk)
        other = a_line(comment=world.comments[2].pk, annotator="annotator")
        labels = world.script("manager", "annotations:write")
        assert outcomes(send(labels, own, other)) == ["created", "refused"]
        manages = world.script("manager", "manage")
        results = send(manages, a_line(unit=world.unit.pk), other)
        assert outcomes(results) == ["refused", "created"]
        assert "the scope `annotations:write` or `all`" in results[0]["message"]
        both = world.script("manager", "all")
        assert outcomes(send(both, own, other)) == ["unchanged", "unchanged"]

    def test_staff_without_a_role_carries_over_and_labels_nothing(self, world: World) -> None:
        lines = [a_line(comment=world.comments[2].pk), a_line(comment=world.comments[2].pk)]
        lines[1]["annotator"] = "annotator"
        assert outcomes(send(world.client("staff"), *lines)) == ["refused", "created"]
        (carried,) = Annotation.objects.filter(unit__comment=world.comments[2])
        assert carried.context == {"carried_over": {"by": "staff", "user": world.users["staff"].pk}}

    def test_a_request_counts_once_as_a_request_and_once_as_a_save(
        self, world: World, settings: Any
    ) -> None:
        settings.TOKEN_BURST, settings.SAVE_BURST = 44, 8
        script = world.script("annotator", "annotations:write")
        body = "\n".join(json.dumps(a_line(unit=world.unit.pk)) for _ in range(5))
        answer = script.post(ADDRESS, body.encode(), content_type=NDJSON)
        left = re.findall(r'"(\w+)";r=(\d+)', answer.headers["RateLimit"])
        assert left == [("requests", "43"), ("saves", "7")]


def test_the_page_and_the_lines_know_each_other(world: World) -> None:
    """A save of the page that was taken is not taken again as a line."""
    saved = save_body(revision=1)
    client = world.client("annotator")
    address = f"{API}campaigns/study/units/{world.unit.pk}/annotation/"
    assert client.put(address, saved, format="json").status_code == 200
    line = a_line(unit=world.unit.pk, id=saved["save_id"])
    assert outcomes(send(client, line)) == ["unchanged"]


class _SaidMeanwhile(Taker):
    """Somebody else commits the same id between the look and the save, once."""

    def __init__(self) -> None:
        self.asked = 0

    def take(self, lines: Sequence[Line]) -> list[Result]:
        self.asked += 1
        with transaction.atomic():
            if self.asked == 1:
                known = Revision.objects.values_list("save_id", "annotation", "saved_at").first()
                assert known is not None
                save_id, annotation, saved_at = known
                Revision.objects.create(
                    annotation_id=annotation,
                    number=99,
                    save_id=save_id,
                    state="draft",
                    content={},
                    saved_at=saved_at,
                )
            return [Result(line.number, None, "unchanged") for line in lines]


@pytest.mark.django_db(transaction=True)
def test_an_id_that_another_request_saves_at_once_costs_no_batch(world: World) -> None:
    taker = _SaidMeanwhile()
    assert [one.outcome for one in _taken(taker, [Line(1)])] == ["unchanged"]
    assert taker.asked == 2
