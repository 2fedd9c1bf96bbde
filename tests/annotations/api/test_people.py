"""Members, invitations, known answers and stages through the API, and what annotators see."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from annotations.models import Campaign, Membership, TextScan, Unit
from tests.annotations.api.routes import check_answer
from tests.annotations.api.world import API, World, hold, save_body
from tests.builders import NOON, build_comment, build_unit

STUDY = f"{API}campaigns/study/"


def ask(world: World, role: str, method: str, path: str, body: Any = None) -> Any:
    return getattr(world.client(role), method)(f"{STUDY}{path}", body, format="json")


@pytest.fixture
def training(world: World) -> Unit:
    """A training unit beside the sample, added through the API, which the annotator is next."""
    Membership.objects.filter(user=world.users["annotator"]).update(admitted_at=None)
    world.campaign.assignments.all().delete()
    comment = build_comment(world.thread, "The bridge was built in 1911.")
    known = [{"comment": comment.pk, "answers": {"claim": "yes"}, "reason": "A date."}]
    sent = {"purpose": "training", "known": known}
    assert ask(world, "manager", "post", "known/", sent).json()["created"] == 1
    return Unit.objects.get(comment=comment)


class TestMembers:
    def test_role_languages_and_pause_change_each_alone(self, world: World) -> None:
        TextScan.objects.create(
            corpus=world.corpus, state="done", languages={"en": 1, "de": 1}, created_at=NOON
        )
        number = world.membership("annotator").number
        path = f"members/{number}/"
        for sent, expected in (
            ({"languages": ["de"]}, {"languages": ["de"], "role": "annotator"}),
            (
                {"paused": True},
                {"pause_reason": "A manager paused you. Ask them why, and when you go on."},
            ),
            ({"paused": False}, {"paused_at": None, "pause_reason": ""}),
            ({"role": "viewer"}, {"role": "viewer", "languages": ["de"]}),
        ):
            response = ask(world, "manager", "patch", path, sent)
            assert response.status_code == 200
            check_answer("PATCH", "member", response)
            assert expected.items() <= response.json().items()

    @pytest.mark.parametrize(
        ("sent", "status", "field"),
        [
            ({}, 400, "role"),
            ({"reason": "So."}, 400, "role"),
            ({"languages": ["xx"]}, 400, "languages"),
            ({"role": "king"}, 400, "role"),
            ({"paused": False}, 409, None),
        ],
    )
    def test_what_cannot_be_is_refused(
        self, world: World, sent: dict[str, Any], status: int, field: str | None
    ) -> None:
        number = world.membership("annotator").number
        response = ask(world, "manager", "patch", f"members/{number}/", sent)
        assert response.status_code == status
        if field:
            assert field in response.json()["fields"]

    def test_they_come_with_their_scores(self, world: World) -> None:
        member = world.membership("annotator")
        for number, score in enumerate((0.5, 1.0)):
            unit = build_unit(world.campaign, purpose="check", overlap=0)
            unit.assignments.create(
                campaign=world.campaign,
                slot=9,
                order=90 + number,
                purpose="check",
                membership=member,
                state="submitted",
                score=score,
            )
        listed = ask(world, "manager", "get", "members/").json()["results"]
        scores = {one["username"]: one["check_score"] for one in listed}
        assert (scores["annotator"], scores["viewer"]) == (0.75, None)
        html = world.client("viewer").get("/campaigns/study/people/").content.decode()
        assert "0.75" in html


class TestInvitations:
    def test_the_link_is_told_once_and_leads_in(self, world: World) -> None:
        made = ask(world, "manager", "post", "invitations/", {"role": "viewer"}).json()
        assert Client().get(made["link"]).status_code == 200
        listed = ask(world, "manager", "get", "invitations/").json()["results"]
        assert listed[0]["id"] == made["id"]
        assert "link" not in listed[0]
        assert made["link"].split("/join/")[1].startswith(listed[0]["prefix"])
        ask(world, "manager", "delete", f"invitations/{made['id']}/")
        assert Client().get(made["link"]).status_code == 409


class TestStages:
    def test_the_settings_are_made_and_changed_with_the_campaign(self, world: World) -> None:
        sent = {"test_score": 0.7, "check_every": 10, "check_score": 0.6, "repeat_every": 20}
        made = world.client("staff").post(
            f"{API}campaigns/",
            {
                "slug": "fresh",
                "corpus": "talk",
                "codebook": {"key": "claims", "version": 1},
                **sent,
            },
            format="json",
        )
        assert sent.items() <= made.json().items()
        changed = ask(world, "manager", "patch", "", {"check_every": None, "state": "paused"})
        assert (changed.json()["check_every"], changed.json()["state"]) == (None, "paused")
        wrong = ask(world, "manager", "patch", "", {"check_every": 1})
        assert "check_every" in wrong.json()["fields"]

    def test_a_list_of_known_units_costs_as_many_queries_for_many(
        self, world: World, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        comments = [build_comment(world.thread) for _ in range(12)]
        right = {"claim": "no", "reasons": ["old"]}
        known = [{"comment": comment.pk, "answers": right} for comment in comments]
        ask(world, "manager", "post", "known/", {"purpose": "check", "known": known})
        client = world.client("manager")
        with django_assert_max_num_queries(10):
            results = client.get(f"{STUDY}known/").json()["results"]
        assert len(results) == 13
        assert results[-1]["answers"] == {"claim": "no", "reasons": ["old"]}

    def test_training_says_where_one_stands_and_gives_feedback(
        self, world: World, training: Unit
    ) -> None:
        given = ask(world, "annotator", "post", "next/").json()
        assert given["stage"] == {"name": "training", "place": 1, "total": 1}
        assert given["unit"]["id"] == training.pk
        ahead = ask(world, "annotator", "post", "next/", {"after": [training.pk]})
        assert (ahead.status_code, ahead.json()["code"]) == (409, "conflict")
        path = f"units/{training.pk}/annotation/"
        saved = world.client("annotator").put(
            f"{STUDY}{path}", save_body(answers={"claim": "no"}), format="json"
        )
        check_answer("PUT", "unit_annotation", saved)
        assert saved.json()["feedback"] == {
            "reason": "A date.",
            "questions": [
                {"key": "claim", "title": "Claim", "yours": "no", "right": "yes", "correct": False}
            ],
        }
        assert ask(world, "annotator", "post", "next/").json()["code"] == "nothing_left"

    def test_who_is_paused_is_told_so_with_a_code_of_its_own(self, world: World) -> None:
        number = world.membership("annotator").number
        sent = {"paused": True, "reason": "We talk on Monday."}
        ask(world, "manager", "patch", f"members/{number}/", sent)
        refused = ask(world, "annotator", "post", "next/")
        assert refused.status_code == 409
        assert refused.json()["code"] == "paused"
        assert refused.json()["message"] == "We talk on Monday."


class TestBlind:
    """What an annotator reads of a check or a repeat is what they read of every unit."""

    def shapes(self, world: World, unit: Unit) -> list[Any]:
        client = world.client("annotator")
        shown = client.get(f"{STUDY}units/{unit.pk}/").json()
        saved = client.put(f"{STUDY}units/{unit.pk}/annotation/", save_body(), format="json").json()
        history = client.get(f"{STUDY}history/").json()["results"]
        row = next(one for one in history if one["unit"] == unit.pk)
        own = client.get(f"{API}annotations/?unit={unit.pk}").json()["results"]
        assert [one["source"] for one in own] == ["human"]
        assert "purpose" not in str([shown, saved, row, own])
        return [shown["stage"], saved["feedback"], row["order"], shown["unit"]["order"], row.keys()]

    def give(self, world: World, unit: Unit, number: int) -> None:
        membership = world.membership("annotator")
        unit.assignments.create(
            campaign=world.campaign,
            slot=membership.number,
            order=unit.order,
            purpose=unit.purpose,
            membership=membership,
            state="leased",
            leased_until=NOON,
            number=number,
        )

    def test_a_check_and_a_repeat_look_like_any_other(self, world: World) -> None:
        Campaign.objects.update(check_every=2, repeat_every=2)
        study = Unit.objects.filter(campaign=world.campaign, purpose="study")[1]
        hold(study, world.membership("annotator"))
        study.assignments.filter(membership__isnull=False).update(number=2)
        repeat = Unit.objects.create(
            campaign=world.campaign,
            thread=study.thread,
            comment=study.comment,
            purpose="repeat",
            repeat_of=study,
            overlap=0,
            order=90,
        )
        self.give(world, world.known, 3)
        self.give(world, repeat, 4)
        shapes = [self.shapes(world, unit) for unit in (study, world.known, repeat)]
        numbers = [(shape.pop(2), shape.pop(2)) for shape in shapes]
        assert numbers == [(2, 2), (3, 3), (4, 4)]
        assert shapes[0] == shapes[1] == shapes[2]

    def test_gold_is_served_to_no_annotator(self, world: World) -> None:
        self.give(world, world.known, 3)
        gold = world.known.annotations.get(source="gold")
        client = world.client("annotator")
        assert client.get(f"{API}annotations/{gold.pk}/").status_code == 404
        assert client.get(f"{API}annotations/{gold.pk}/revisions/").status_code == 404
        assert client.get(f"{API}annotations/?source=gold").json()["results"] == []
        shown = client.get(f"{STUDY}units/{world.known.pk}/").json()
        assert (shown["annotation"], shown["suggestions"]) == (None, [])
