"""Annotations saved in bulk: one's own, and those that managers carry over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from annotations.api import ndjson
from annotations.models import Annotation, Assignment, Membership, Revision, Turn, Unit, User
from annotations.services.annotations import save_annotation
from annotations.services.assignments import take_unit
from tests.annotations.api.world import API, World, build_slots, hold, save_body
from tests.annotations.study import Study, a_save, at_once, build_study
from tests.builders import (
    NOON,
    build_annotation,
    build_answer,
    build_membership,
    build_unit,
    build_user,
)

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
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        taken: list[str] = []

        def take(key: str, _: Any) -> float:
            taken.append(key)
            return 0.0

        monkeypatch.setattr("annotations.api.throttling.take", take)
        script = world.script("annotator", "annotations:write")
        send(script, *(a_line(unit=world.unit.pk) for _ in range(5)))
        assert [key.partition(":")[0] for key in taken] == ["token", "saves"]


@pytest.fixture
def study(db: None) -> Study:
    """Three units for two people each, three annotators, and a manager."""
    study = build_study(3, annotators=3, overlap=2)
    build_membership(study.campaign, build_user("maren"), "manager")
    return study


@pytest.fixture
def maren(study: Study) -> APIClient:
    client = APIClient(raise_request_exception=True)
    client.force_login(User.objects.get(username="maren"))
    return client


def carry(client: APIClient, study: Study, *lines: Told) -> list[Told]:
    return send(client, *lines, slug=study.campaign.slug)


class TestCarryingOver:
    def test_it_takes_a_free_slot_and_says_who_carried_it(
        self, study: Study, maren: APIClient
    ) -> None:
        first, member = study.units[0], study.members[0]
        sent = a_line(unit=first.pk, annotator="A1", note="From the pilot.", confidence=None)
        assert outcomes(carry(maren, study, sent)) == ["created"]
        saved = Annotation.objects.get()
        assert (saved.membership, saved.source, saved.state) == (member, "human", "submitted")
        by = Membership.objects.get(user__username="maren")
        assert saved.context == {"carried_over": {"by": by.pseudonym, "user": by.user_id}}
        assert saved.revisions.get().content["context"] == saved.context
        slot = Assignment.objects.get(unit=first, membership=member)
        assert (slot.state, slot.number) == ("submitted", 1)
        assert Assignment.objects.filter(unit=first).count() == 2

    def test_people_are_named_by_their_user_names_too(self, study: Study, maren: APIClient) -> None:
        user = study.members[1].user
        assert user is not None
        sent = [
            a_line(unit=study.units[0].pk, annotator=user.username),
            a_line(unit=study.units[0].pk, annotator="A9"),
            a_line(unit=study.units[0].pk, annotator="nobody"),
        ]
        results = carry(maren, study, *sent)
        assert outcomes(results) == ["created", "refused", "refused"]
        assert results[2]["message"] == "Nobody in this campaign is called 'nobody'."
        assert Annotation.objects.get().membership == study.members[1]

    def test_a_name_that_means_two_people_is_refused(self, study: Study, maren: APIClient) -> None:
        User.objects.filter(memberships=study.members[1]).update(username="A1")
        (result,) = carry(maren, study, a_line(unit=study.units[0].pk, annotator="A1"))
        assert "the pseudonym of one and the user name of another" in result["message"]

    def test_never_beyond_the_overlap(self, study: Study, maren: APIClient) -> None:
        lines = [a_line(unit=study.units[0].pk, annotator=f"A{n}") for n in (1, 2, 3)]
        results = carry(maren, study, *lines)
        assert outcomes(results) == ["created", "created", "refused"]
        assert results[2]["message"] == (
            "All 2 slots of this unit are taken. Raise the overlap (POST /api/v1/campaigns/"
            f'{study.campaign.slug}/overlap/ with {{"overlap": 3}}), and send the line again.'
        )
        assert Assignment.objects.filter(unit=study.units[0]).count() == 2

    def test_the_same_again_changes_nothing_whatever_came_since(
        self, study: Study, maren: APIClient
    ) -> None:
        lines = [a_line(unit=study.units[0].pk, annotator=f"A{n}") for n in (1, 2)]
        carry(maren, study, *lines)
        Membership.objects.update(paused_at=NOON, pause_reason="A break.")
        study.campaign.state = "closed"
        study.campaign.save()
        assert outcomes(carry(maren, study, *lines)) == ["unchanged", "unchanged"]
        assert Revision.objects.count() == 2

    def test_another_save_corrects_what_was_carried_over(
        self, study: Study, maren: APIClient
    ) -> None:
        unit = study.units[0].pk
        carry(maren, study, a_line(unit=unit, annotator="A1"))
        again = a_line(unit=unit, annotator="A1", answers={"claim": "no"})
        assert outcomes(carry(maren, study, again)) == ["updated"]
        assert Annotation.objects.get().revision == 2
        assert Assignment.objects.filter(unit=unit, membership=study.members[0]).count() == 1

    def test_what_somebody_said_here_is_not_changed(self, study: Study, maren: APIClient) -> None:
        member = study.members[0]
        unit = take_unit(membership=member, now=NOON).unit
        save_annotation(membership=member, unit=unit, save=a_save(), now=NOON)
        (result,) = carry(maren, study, a_line(unit=unit.pk, annotator="A1"))
        assert result["message"].startswith("A1 has labeled this unit here.")
        assert Annotation.objects.get().revision == 1

    def test_nor_what_they_changed_of_it_themselves(self, study: Study, maren: APIClient) -> None:
        unit, member = study.units[0], study.members[0]
        carry(maren, study, a_line(unit=unit.pk, annotator="A1"))
        save_annotation(membership=member, unit=unit, save=a_save(based_on=1), now=NOON)
        (result,) = carry(maren, study, a_line(unit=unit.pk, annotator="A1"))
        assert result["outcome"] == "refused"

    def test_a_slot_that_they_hold_untouched_is_the_one(
        self, study: Study, maren: APIClient
    ) -> None:
        held = take_unit(membership=study.members[0], now=NOON)
        results = carry(maren, study, a_line(unit=held.unit_id, annotator="A1"))
        assert outcomes(results) == ["created"]
        held.refresh_from_db()
        assert held.state == "submitted"

    def test_only_units_of_the_sample(self, study: Study, maren: APIClient) -> None:
        check = build_unit(study.campaign, purpose="check", overlap=0, order=99)
        build_answer(build_annotation(check, source="gold"), "claim", label="yes")
        repeat = build_unit(
            study.campaign,
            study.comments[0],
            purpose="repeat",
            repeat_of=study.units[0],
            overlap=0,
            order=98,
        )
        lines = [a_line(unit=unit.pk, annotator="A1") for unit in (check, repeat)]
        lines.append(a_line(unit=7, annotator="A1"))
        results = carry(maren, study, *lines)
        assert outcomes(results) == ["refused"] * 3
        assert results[0]["message"].startswith("This unit is no part of the sample")
        assert results[2]["message"] == "There is no unit with the id 7 in this campaign."
        assert not Annotation.objects.filter(source="human").exists()

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"role": "viewer"}, "A1 is a viewer in this campaign, and does not label."),
            ({"paused_at": NOON, "pause_reason": "Too fast."}, "The reason: Too fast."),
        ],
    )
    def test_only_for_those_who_label_here(
        self, study: Study, maren: APIClient, fields: Told, message: str
    ) -> None:
        Membership.objects.filter(pk=study.members[0].pk).update(**fields)
        (result,) = carry(maren, study, a_line(unit=study.units[0].pk, annotator="A1"))
        assert result["message"].endswith(message)
        assert not Assignment.objects.exclude(state="pending").exists()

    def test_who_is_in_training_has_nothing_carried_over(
        self, study: Study, maren: APIClient
    ) -> None:
        training = build_unit(study.campaign, purpose="training", overlap=0, order=99)
        build_answer(build_annotation(training, source="gold"), "claim", label="yes")
        line = a_line(unit=study.units[0].pk, annotator="A1")
        (result,) = carry(maren, study, line)
        assert "has the training or the test of this campaign still to do" in result["message"]
        Membership.objects.filter(pk=study.members[0].pk).update(admitted_at=NOON)
        assert outcomes(carry(maren, study, line)) == ["created"]

    def test_a_refused_save_leaves_the_slot_free(self, study: Study, maren: APIClient) -> None:
        wrong = a_line(unit=study.units[0].pk, annotator="A1", answers={"claim": "maybe"})
        assert outcomes(carry(maren, study, wrong)) == ["refused"]
        assert not Assignment.objects.exclude(state="pending").exists()

    def test_whole_threads_are_taken_as_turns(self, db: None) -> None:
        study = build_study(3, annotators=3, overlap=2, whole_threads=True)
        build_membership(study.campaign, build_user("maren"), "manager")
        client = APIClient()
        client.force_login(User.objects.get(username="maren"))
        lines = [a_line(unit=unit.pk, annotator="A1") for unit in study.units[:2]]
        assert outcomes(carry(client, study, *lines)) == ["created", "created"]
        turn = Turn.objects.get(membership=study.members[0])
        own = Assignment.objects.filter(membership=study.members[0])
        assert {slot.slot for slot in own} == {turn.slot}
        assert take_unit(membership=study.members[0], now=NOON).unit == study.units[2]
        other = take_unit(membership=study.members[1], now=NOON)
        assert (other.unit, other.slot == turn.slot) == (study.units[0], False)
        (result,) = carry(client, study, a_line(unit=study.units[2].pk, annotator="A3"))
        assert "this thread is others' turn" in result["message"]

    def test_a_lease_of_a_draft_runs_on(self, study: Study, maren: APIClient) -> None:
        carry(maren, study, a_line(unit=study.units[0].pk, annotator="A1", state="draft"))
        slot = Assignment.objects.get(membership=study.members[0])
        assert slot.state == "leased"
        assert slot.leased_until is not None
        assert slot.changed_at is not None
        assert slot.leased_until - slot.changed_at == timedelta(minutes=120)


def test_a_body_that_ends_too_soon_keeps_what_was_saved(
    study: Study, maren: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ndjson, "MOST_LINES", 2)
    lines = [a_line(unit=unit.pk, annotator="A1") for unit in study.units]
    body = "\n".join(map(json.dumps, lines)).encode()
    address = f"{API}campaigns/{study.campaign.slug}/annotations/"
    response = maren.post(address, body, content_type=NDJSON)
    assert response.status_code == 413
    assert "Lines 1 to 2 were taken" in response.json()["message"]
    assert Annotation.objects.count() == 2
    monkeypatch.undo()
    assert outcomes(carry(maren, study, *lines)) == ["unchanged", "unchanged", "created"]


def test_the_page_and_the_lines_know_each_other(world: World) -> None:
    """A save of the page that was taken is not taken again as a line."""
    saved = save_body(revision=1)
    client = world.client("annotator")
    address = f"{API}campaigns/study/units/{world.unit.pk}/annotation/"
    assert client.put(address, saved, format="json").status_code == 200
    line = a_line(unit=world.unit.pk, id=saved["save_id"])
    assert outcomes(send(client, line)) == ["unchanged"]


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_never_fill_a_unit_beyond_its_overlap() -> None:
    study = build_study(4, annotators=4, overlap=2)
    build_membership(study.campaign, build_user("maren"), "manager")
    maren = User.objects.get(username="maren")

    def request(names: list[str]) -> list[Told]:
        client = APIClient(raise_request_exception=True)
        client.force_authenticate(maren)
        lines = [a_line(unit=unit.pk, annotator=name) for unit in study.units for name in names]
        return carry(client, study, *lines)

    both = at_once([lambda: request(["A1", "A2"]), lambda: request(["A4", "A3"])])
    told = [result for results in both for result in results]  # type: ignore[union-attr]
    assert sorted(outcomes(told)) == ["created"] * 8 + ["refused"] * 8
    for unit in study.units:
        assert Annotation.objects.filter(unit=unit).count() == 2
        assert Assignment.objects.filter(unit=unit).count() == 2
