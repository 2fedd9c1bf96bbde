"""Making corpora, codebooks, campaigns and tokens through the API."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from annotations.codebooks.library import LIBRARY
from annotations.models import ApiToken, Assignment, Campaign, Corpus
from tests.annotations.api.world import API, World
from tests.annotations.study import draw


def post(world: World, address: str, body: dict[str, Any], role: str = "staff") -> Any:
    return world.client(role).post(API + address, body, format="json")


def test_a_corpus_is_made_once(world: World) -> None:
    made = post(world, "corpora/", {"slug": "fresh", "licence": "CC0", "author_names": "shown"})
    assert made.status_code == 201
    assert made.json()["name"] == "fresh"
    assert world.client("staff").get(API + "corpora/fresh/").json() == made.json()
    again = post(world, "corpora/", {"slug": "fresh"})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


def test_a_codebook_is_loaded_from_yaml(world: World) -> None:
    text = (LIBRARY / "claims-misinformation-sentiment.yaml").read_text(encoding="utf-8")
    made = post(world, "codebooks/", {"source": text}).json()
    assert made["guidelines_html"].startswith("<")
    question = next(one for one in made["questions"] if one["depends_on"])
    assert set(question["depends_on"]) == {"question", "any_of"}
    assert made["questions"][0]["labels"][0]["hotkey"]
    assert post(world, "codebooks/", {"source": text}).json() == made
    changed = post(world, "codebooks/", {"source": text + "\n# another\n"})
    assert (changed.status_code, changed.json()["code"]) == (409, "conflict")
    wrong = post(world, "codebooks/", {"source": "key: a"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "invalid_codebook")


def test_a_campaign_is_made_with_its_design_and_people(world: World) -> None:
    body = {
        "slug": "second",
        "name": "Second look",
        "corpus": "talk",
        "codebook": {"key": "claims", "version": 1},
        "annotators": ["annotator", "outsider"],
        "overlap": 2,
        "context": "parent",
        "show_names": False,
        "show_suggestions": True,
    }
    made = post(world, "campaigns/", body).json()
    wanted = {key: value for key, value in body.items() if key != "annotators"}
    assert wanted.items() <= made.items()
    assert (made["state"], made["show_times"]) == ("open", True)
    draw(Campaign.objects.get(slug="second"))
    assert Assignment.objects.filter(campaign__slug="second").count() == 2 * 2
    members = world.client("staff").get(API + "campaigns/second/members/").json()["results"]
    assert {(one["username"], one["role"]) for one in members} == {
        ("staff", "manager"),
        ("annotator", "annotator"),
        ("outsider", "annotator"),
    }


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"slug": "study"}, 409, None),
        ({"corpus": "nothing"}, 404, None),
        ({"codebook": {"key": "claims", "version": 9}}, 404, None),
        ({"codebook": "claims"}, 400, "codebook"),
        ({"codebook": {"key": "claims"}}, 400, "codebook.version"),
        ({"annotators": ["annotator", "nobody"]}, 400, "annotators[1]"),
        ({"annotators": ["a\0"]}, 400, "annotators[0]"),
        ({"overlap": 0}, 400, "overlap"),
        ({"context": "all"}, 400, "context"),
        ({"overlapp": 2}, 400, "overlapp"),
    ],
    ids=str,
)
def test_a_wrong_campaign_is_refused_whole(
    world: World, changes: dict[str, Any], status: int, field: str | None
) -> None:
    body = {"slug": "x", "corpus": "talk", "codebook": {"key": "claims", "version": 1}}
    response = post(world, "campaigns/", {**body, **changes})
    assert response.status_code == status
    assert list(response.json()["fields"]) == ([field] if field else [])
    assert Campaign.objects.count() == 1


def test_a_manager_closes_and_opens(world: World) -> None:
    client = world.client("manager")
    for state in ("closed", "open"):
        made = client.patch(API + "campaigns/study/", {"state": state}, format="json")
        assert made.json()["state"] == state
    assert client.patch(API + "campaigns/study/", {}, format="json").status_code == 400


def test_a_member_takes_part_once(world: World) -> None:
    body = {"username": "outsider", "role": "viewer"}
    made = post(world, "campaigns/study/members/", body, "manager").json()
    assert (made["pseudonym"], made["role"]) == ("A5", "viewer")
    again = post(world, "campaigns/study/members/", body, "manager")
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert world.client("outsider").get(API + "campaigns/study/").status_code == 200


def test_a_token_does_what_its_owner_may(world: World) -> None:
    sent = {"name": "pandas", "scopes": ["all"], "days": 30}
    made = post(world, "tokens/", sent, "viewer").json()
    token = made["token"]
    assert token.startswith(made["prefix"])
    assert token.startswith("tm_")
    script = APIClient(headers={"Authorization": f"Token {token}"}, enforce_csrf_checks=True)
    assert script.get(API + "me/").json()["username"] == "viewer"
    listed = script.get(API + "tokens/").json()["results"]
    assert listed[0].pop("last_used_at")
    assert listed == [
        {key: made[key] for key in made if key not in ("token", "last_used_at")},
    ]
    assert script.delete(f"{API}tokens/{made['prefix']}/").status_code == 204
    assert script.get(API + "me/").status_code == 401


def test_a_token_makes_no_token(world: World) -> None:
    _, token = ApiToken.objects.create(user=world.users["staff"], name="a script")
    script = APIClient(headers={"Authorization": f"Token {token}"})
    response = script.post(API + "tokens/", {"name": "another", "scopes": ["all"]}, format="json")
    assert (response.status_code, response.json()["code"]) == (403, "not_permitted")
    assert script.post(API + "corpora/", {"slug": "fresh"}, format="json").status_code == 201


def test_a_token_without_days_is_good_for_a_year(world: World) -> None:
    made = post(world, "tokens/", {"name": "a script", "scopes": ["all"]}, "viewer").json()
    left = ApiToken.objects.get(token_key=made["prefix"]).expiry - timezone.now()
    assert timedelta(days=364, hours=23) < left <= timedelta(days=365)


def test_a_token_ends_on_its_day(world: World) -> None:
    sent = {"name": "short", "scopes": ["all"], "days": 2}
    made = post(world, "tokens/", sent, "viewer").json()
    left = ApiToken.objects.get(token_key=made["prefix"]).expiry - timezone.now()
    assert timedelta(days=1, hours=23) < left <= timedelta(days=2)
    ApiToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    script = APIClient(headers={"Authorization": f"Token {made['token']}"})
    assert script.get(API + "me/").status_code == 401


def test_changes_are_logged_without_what_was_sent(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="threadmark.api"):
        sent = {"name": "my secret plan", "scopes": ["all"]}
        made = post(world, "tokens/", sent, "viewer").json()
        post(world, "campaigns/study/members/", {"username": "outsider"}, "manager")
        world.client("viewer").get(API + "me/")
        world.client("viewer").delete(f"{API}tokens/{made['prefix']}/")
    lines = [record.getMessage() for record in caplog.records if record.name == "threadmark.api"]
    viewer, manager = world.users["viewer"].pk, world.users["manager"].pk
    assert lines == [
        f"POST TokensView {{}} by user {viewer}",
        f"POST MembersView {{'slug': 'study'}} by user {manager}",
        f"DELETE TokenView {{}} by user {viewer}",
    ]
    assert Corpus.objects.count() == 1
