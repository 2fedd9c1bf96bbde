"""Suggestions of models, one a line."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from annotations.api import ndjson
from annotations.models import Annotation, Ranking
from annotations.selectors.answers import answers_of
from tests.annotations.api.world import API, World

ADDRESS = f"{API}campaigns/study/suggestions/"
NDJSON = "application/x-ndjson"
Told = dict[str, Any]


def post(client: APIClient, *lines: Told | str, query: str = "?model=guesser-1") -> Any:
    body = "\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines)
    return client.post(ADDRESS + query, body.encode(), content_type=NDJSON)


def send(client: APIClient, *lines: Told | str, query: str = "?model=guesser-1") -> list[Told]:
    response = post(client, *lines, query=query)
    assert response.status_code == 200, response.content
    *results, summary = [json.loads(one) for one in b"".join(response).splitlines()]
    assert summary.pop("lines") == len(results)
    assert sum(summary.values()) == len(results)
    return results


def outcomes(results: list[Told]) -> list[str]:
    return [result["outcome"] for result in results]


@pytest.fixture
def client(world: World) -> APIClient:
    return world.script("manager", "suggestions:write")


def test_each_line_is_told_what_became_of_it(world: World, client: APIClient) -> None:
    first, second = world.comments[1:3]
    lines: list[Told] = [
        {"comment": first.pk, "answers": {"claim": "yes"}, "certainty": 0.8},
        {"comment_source_id": second.source_id, "answers": {"claim": "no"}},
    ]
    assert send(client, *lines)[1] == {
        "line": 2,
        "id": second.source_id,
        "outcome": "created",
        "message": "",
        "fields": {},
    }
    lines[0]["certainty"] = 0.7
    assert outcomes(send(client, *lines)) == ["updated", "unchanged"]
    (said,) = Annotation.objects.filter(unit__comment=first, source="model")
    assert (said.model, said.certainty, said.revision) == ("guesser-1", 0.7, 2)
    assert answers_of(said) == {"claim": "yes"}


def test_lines_may_be_of_several_models(world: World, client: APIClient) -> None:
    comment = world.comments[1].pk
    lines: list[Told] = [
        {"comment": comment, "answers": {"claim": "yes"}, "model": "guesser-2"},
        {"comment": comment, "answers": {"claim": "no"}},
    ]
    assert outcomes(send(client, *lines)) == ["created", "created"]
    models = Annotation.objects.filter(source="model").order_by("model")
    assert list(models.values_list("model", flat=True)) == ["guesser-1", "guesser-2"]
    results = send(client, *lines, query="")
    assert (outcomes(results), results[1]["fields"]) == (
        ["unchanged", "refused"],
        {"model": ["Name the model, in the line or for all lines by ?model=."]},
    )


def test_of_what_comes_again_the_last_holds(world: World, client: APIClient) -> None:
    comment = world.comments[1]
    lines: list[Told] = [
        {"comment": comment.pk, "answers": {"claim": "yes"}},
        {"comment_source_id": comment.source_id, "answers": {"claim": "no"}},
        {"comment": comment.pk, "answers": {"claim": "no"}},
    ]
    assert outcomes(send(client, *lines)) == ["created", "updated", "unchanged"]
    assert answers_of(Annotation.objects.get(source="model")) == {"claim": "no"}


def test_a_refused_line_costs_itself(world: World, client: APIClient) -> None:
    comment = world.comments[1].pk
    results = send(
        client,
        {"comment": comment, "answers": {"claim": "maybe"}},
        "not json",
        {"comment": comment, "answers": {}},
        {"comment": 2**40, "answers": {"claim": "yes"}},
        {"comment_source_id": "nowhere", "answers": {"claim": "yes"}},
        {"answers": {"claim": "yes"}},
        {"comment": comment, "answers": {"claim": "yes"}, "certainty": 2},
        {"comment": comment, "answers": {"claim": "yes"}, "sure": 1},
        {"comment": comment, "answers": {"claim": "yes"}},
    )
    assert outcomes(results) == [*["refused"] * 8, "created"]
    assert [list(result["fields"]) for result in results[:8]] == [
        *(["answers.claim"], [], [], [], [], ["comment"], ["certainty"], ["sure"])
    ]
    assert results[4]["id"] == "nowhere"


def test_a_closed_campaign_takes_none(world: World, client: APIClient) -> None:
    world.campaign.state = "closed"
    world.campaign.save()
    response = post(client, {"comment": world.comments[1].pk, "answers": {"claim": "yes"}})
    assert (response.status_code, response.json()["code"]) == (409, "conflict")


def test_a_body_that_ends_too_soon_keeps_what_was_taken(
    world: World, client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the units are ordered by it."""
    monkeypatch.setattr(ndjson, "MOST_LINES", 1)
    Ranking.objects.all().delete()
    lines = [{"comment": one.pk, "answers": {"claim": "yes"}} for one in world.comments[1:3]]
    response = post(client, *lines)
    assert response.status_code == 413
    assert "Lines 1 to 1 were taken" in response.json()["message"]
    assert Annotation.objects.filter(source="model").count() == 1
    assert Ranking.objects.count() == 1


def test_units_are_ordered_anew_once_a_request(world: World, client: APIClient) -> None:
    Ranking.objects.all().delete()
    lines = [{"comment": one.pk, "answers": {"claim": "yes"}} for one in world.comments[1:3]]
    send(client, *lines)
    assert Ranking.objects.count() == 1
    Ranking.objects.all().delete()
    send(client, *lines)
    assert Ranking.objects.count() == 0


def test_the_model_of_json_stands_in_the_body(world: World, client: APIClient) -> None:
    sent = {"model": "guesser-1", "suggestions": []}
    response = client.post(f"{ADDRESS}?model=other", sent, format="json")
    assert response.json()["fields"] == {
        "model": ["With JSON, the model's name stands in the body."]
    }
    response = client.post(ADDRESS, b"comment,claim", content_type="text/csv")
    assert response.status_code == 415


def test_a_name_that_is_too_long_is_refused(world: World, client: APIClient) -> None:
    response = post(client, {}, query=f"?model={'x' * 101}")
    assert (response.status_code, list(response.json()["fields"])) == (400, ["model"])
