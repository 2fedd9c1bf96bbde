"""Labels made elsewhere, carried over in bulk by managers."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from annotations.api import ndjson
from annotations.models import Annotation, Assignment, Membership, Revision, Turn, User
from annotations.services.annotations import save_annotation
from annotations.services.assignments import take_unit
from tests.annotations.api.test_annotation_lines import NDJSON, Told, a_line, outcomes, send
from tests.annotations.api.world import API
from tests.annotations.study import Study, a_save, at_once, build_study
from tests.builders import (
    NOON,
    build_annotation,
    build_answer,
    build_membership,
    build_unit,
    build_user,
)


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
