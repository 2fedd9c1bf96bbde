"""Samples, overlap, rankings and turns through the API."""

from __future__ import annotations

from typing import Any

from annotations.models import Campaign, Ranking, Unit
from tests.annotations.api.world import API, World
from tests.annotations.study import draw
from tests.builders import build_comment


def post(world: World, address: str, body: dict[str, Any] | None = None) -> Any:
    return world.client("staff").post(API + address, body or {}, format="json")


def new_campaign(world: World, **fields: Any) -> Any:
    codebook = {"key": "claims", "version": 1}
    return post(
        world,
        "campaigns/",
        {
            "slug": "fresh",
            "corpus": "talk",
            "codebook": codebook,
            "annotators": ["annotator"],
            **fields,
        },
    )


def test_a_campaign_is_drawn_by_its_recipe(world: World) -> None:
    recipe = {"draw": "random", "size": 1, "seed": 3, "posted_from": "2020-01-02"}
    made = new_campaign(world, sample=recipe, share_more=0.5, overlap_more=2)
    assert made.status_code == 201, made.json()
    assert (made.json()["share_more"], made.json()["overlap_more"]) == (0.5, 2)
    client = world.client("annotator")
    waiting = client.post(API + "campaigns/fresh/next/", {}, format="json")
    assert (waiting.status_code, waiting.json()["code"]) == (409, "conflict")
    assert "still being drawn" in waiting.json()["message"]
    draw(Campaign.objects.get(slug="fresh"))
    (told,) = world.client("viewer").get(API + "campaigns/study/samples/").json()["results"][:1]
    assert told["in_words"] == "All that fits."
    (told,) = world.client("staff").get(API + "campaigns/fresh/samples/").json()["results"]
    assert recipe.items() <= told["recipe"].items()
    assert (told["state"], told["candidates"], told["units"]) == ("done", 2, 1)
    assert told["in_words"].startswith("1 at random (seed 3). Posted on 2 Jan")
    taken = client.post(API + "campaigns/fresh/next/", {}, format="json")
    assert taken.status_code == 200


def test_a_recipe_that_makes_no_sense_is_refused_by_field(world: World) -> None:
    refused = new_campaign(world, sample={"draw": "random"})
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["size"])
    unknown = new_campaign(world, sample={"drawn": "random"})
    assert unknown.status_code == 400
    assert not Campaign.objects.filter(slug="fresh").exists()


def test_what_fits_is_counted(world: World) -> None:
    told = post(world, "corpora/talk/fitting/", {"keywords": ["COSTS"]}).json()
    assert (told["comments"], told["threads"], told["complete"]) == (1, 1, True)
    refused = post(world, "corpora/talk/fitting/", {"not_in": ["nowhere"]})
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["not_in"])


def test_units_and_labels_are_added(world: World) -> None:
    build_comment(world.thread, "One more.")
    started = post(world, "campaigns/study/samples/", {"draw": "all"})
    assert started.status_code == 202
    again = post(world, "campaigns/study/overlap/", {"overlap": 2})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    draw(world.campaign)
    assert Unit.objects.filter(campaign=world.campaign, sample=started.json()["id"]).count() == 1
    assert post(world, "campaigns/study/overlap/", {"overlap": 2}).status_code == 202


def test_suggestions_put_the_units_in_a_new_order_by_themselves(world: World) -> None:
    Ranking.objects.all().delete()
    said = {"comment": world.comments[1].pk, "answers": {"claim": "yes"}, "certainty": 0.7}
    body = {"model": "m", "suggestions": [said]}
    for _ in range(2):
        told = post(world, "campaigns/study/suggestions/", body)
        assert told.status_code == 200, told.json()
    assert Ranking.objects.get().state == "queued"
    said["certainty"] = 1.2
    refused = post(world, "campaigns/study/suggestions/", body)
    assert refused.status_code == 400
