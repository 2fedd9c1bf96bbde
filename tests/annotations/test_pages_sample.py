"""The page of a campaign's sample: what managers find there, and may do."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.models import Campaign, Ranking, Sample, User
from annotations.samples.recipe import Recipe
from annotations.services.assignments import take_unit
from tests import builders as build
from tests.annotations.study import build_study, draw

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Campaign:
    """Three comments of a thread, read whole by two annotators; a manager and a viewer."""
    campaign = build_study(3, annotators=2, whole_threads=True).campaign
    campaign.corpus.threads.update(title="The bridge")
    for name, role in {"mia": "manager", "vic": "viewer"}.items():
        build.build_membership(campaign, build.build_user(name), role=role)
    return campaign


def as_user(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client


def address(campaign: Campaign, rest: str = "") -> str:
    return f"/campaigns/{campaign.slug}/sample/{rest}"


def shown(client: Client, campaign: Campaign) -> str:
    return client.get(address(campaign)).content.decode()


def test_a_viewer_reads_how_the_units_were_drawn_and_changes_nothing(study: Campaign) -> None:
    html = shown(as_user("vic"), study)
    assert "All that fits." in html
    assert "3 of 3" in html
    for hidden in ("Add units", "Raise the overlap", "Threads in hand"):
        assert hidden not in html
    for act in ("units/", "overlap/", "order/"):
        assert as_user("vic").post(address(study, act)).status_code == 403


def test_an_annotator_does_not_see_it(study: Campaign) -> None:
    member = study.memberships.filter(role="annotator").first()
    assert member
    assert member.user
    assert as_user(member.user.username).get(address(study)).status_code == 403
    overview = as_user(member.user.username).get(f"/campaigns/{study.slug}/").content.decode()
    assert "/sample/" not in overview


def test_units_are_counted_and_then_drawn(study: Campaign) -> None:
    for text in ("More of it", "And more", "Nothing else"):
        build.build_comment(study.corpus.threads.get(), text)
    sent = {"draw": "all", "keywords": "more", "act": "count"}
    html = as_user("mia").post(address(study, "units/"), sent).content.decode()
    assert "Comments that fit: 2, threads: 1" in html
    assert study.samples.count() == 1
    sent = {"draw": "random", "size": "1", "keywords": "more"}
    html = as_user("mia").post(address(study, "units/"), sent, follow=True).content.decode()
    assert "1 at random (seed 1)." in html
    assert "data-job-url" in html
    draw(study)
    assert study.units.count() == 4


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (
            {"draw": "all", "posted_from": "2024-05-02", "posted_to": "2024-05-01"},
            "before the first",
        ),
        ({"draw": "all", "not_in": "nowhere"}, "There is no campaign &#x27;nowhere&#x27;"),
        ({"draw": "all", "depth_min": 3, "depth_max": 1}, "below the lower one"),
    ],
)
def test_what_makes_no_sense_is_told_beside_its_field(
    study: Campaign, sent: dict[str, Any], words: str
) -> None:
    for act in ({}, {"act": "count"}):
        response = as_user("mia").post(address(study, "units/"), {**sent, **act})
        assert response.status_code == 400
        assert words in response.content.decode()
    assert study.samples.count() == 1


def test_what_fits_is_counted_before_a_size_is_chosen(study: Campaign) -> None:
    sent = {"draw": "stratified", "keywords": "nowhere"}
    html = as_user("mia").post(address(study, "units/"), {**sent, "act": "count"}).content.decode()
    assert "Comments that fit: 0, threads: 0" in html
    assert 'aria-current="page">Sample' in html
    response = as_user("mia").post(address(study, "units/"), sent)
    assert response.status_code == 400
    assert "Say how many units are drawn" in response.content.decode()


def test_an_overlap_is_raised_once_at_a_time(study: Campaign) -> None:
    client = as_user("mia")
    html = client.post(address(study, "overlap/"), {"overlap": 1}).content.decode()
    assert "greater than or equal to 2" in html
    html = client.post(address(study, "overlap/"), {"overlap": 2}, follow=True).content.decode()
    assert "Each unit is labeled by 2 annotators." in html
    again = client.post(address(study, "overlap/"), {"overlap": 3})
    assert "being drawn already" in again.content.decode()
    draw(study)
    assert study.assignments.count() == 6


def test_a_drawing_is_cancelled_and_begun_again(study: Campaign) -> None:
    sample = study.samples.create(recipe=Recipe().to_json(), created_at=build.NOON)
    client = as_user("mia")
    assert as_user("vic").post(f"/samples/{sample.pk}/cancel/").status_code == 404
    client.post(f"/samples/{sample.pk}/cancel/")
    sample.refresh_from_db()
    assert sample.state == "cancelled"
    client.post(f"/samples/{sample.pk}/retry/")
    sample.refresh_from_db()
    assert sample.state == "queued"


def test_the_overview_says_that_units_are_drawn_or_why_they_are_not(study: Campaign) -> None:
    overview = f"/campaigns/{study.slug}/"
    sample = study.samples.create(recipe=Recipe().to_json(), created_at=build.NOON)
    assert "The units are being drawn." in as_user("vic").get(overview).content.decode()
    Sample.objects.filter(pk=sample.pk).update(state="failed", error="The disk is full.")
    html = as_user("vic").get(overview).content.decode()
    assert "The units could not be drawn. The disk is full." in html


def test_threads_in_hand_are_given_back(study: Campaign) -> None:
    member = study.memberships.order_by("number")[0]
    take_unit(membership=member, now=build.NOON)
    html = shown(as_user("mia"), study)
    assert "The bridge" in html
    assert "0 of 3" in html
    turn = study.turns.get()
    as_user("mia").post(address(study, f"turns/{turn.pk}/"))
    turn.refresh_from_db()
    assert turn.membership is None
    assert "Nobody holds a thread just now." in shown(as_user("mia"), study)


def test_units_are_ordered_anew_where_the_order_is_by_uncertainty(study: Campaign) -> None:
    assert "Order by uncertainty" not in shown(as_user("mia"), study)
    Campaign.objects.filter(pk=study.pk).update(order="uncertain", whole_threads=False)
    client = as_user("mia")
    html = client.post(address(study, "order/"), follow=True).content.decode()
    ranking = Ranking.objects.get()
    assert f"/api/v1/rankings/{ranking.pk}/" in html
    client.post(f"/rankings/{ranking.pk}/cancel/")
    ranking.refresh_from_db()
    assert ranking.state == "cancelled"


def test_a_closed_campaign_is_not_extended(study: Campaign) -> None:
    Campaign.objects.filter(pk=study.pk).update(state="closed")
    assert "Add units" not in shown(as_user("mia"), study)
    refused = as_user("mia").post(address(study, "units/"), {"draw": "all"})
    assert "is closed" in refused.content.decode()


def test_more_samples_cost_no_more_queries(study: Campaign) -> None:
    client, counts = as_user("mia"), []
    for more in (1, 6):
        for _ in range(more):
            study.samples.create(recipe=Recipe().to_json(), created_at=build.NOON, state="done")
        with CaptureQueriesContext(connection) as queries:
            client.get(address(study))
        counts.append(len(queries))
    assert counts[0] == counts[1]


class TestNewCampaign:
    def sent(self, **fields: Any) -> dict[str, Any]:
        comment = build.build_comment(build.build_thread(build.build_corpus()), "The ferry is late")
        build.build_user("sue", is_staff=True)
        return {
            "name": "New",
            "slug": "fresh",
            "corpus": comment.corpus_id,
            "codebook": build.build_codebook().pk,
            "overlap": 1,
            "order": "thread",
            "context": "thread",
            "lease_minutes": 30,
            "break_minutes": 45,
            **fields,
        }

    def test_it_has_a_recipe_and_a_design(self) -> None:
        sent = self.sent(
            draw="random",
            size=5,
            seed=4,
            keywords="Ferry",
            share_more=50,
            overlap_more=2,
            whole_threads="on",
        )
        as_user("sue").post("/campaigns/new/", sent)
        made = Campaign.objects.get()
        assert (made.share_more, made.overlap_more, made.whole_threads) == (0.5, 2, True)
        recipe = Recipe(draw="random", size=5, seed=4, keywords=("Ferry",))
        assert Recipe.from_json(made.samples.get().recipe) == recipe
        assert made.samples.get().state == "queued"

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            (
                {"draw": "all", "posted_from": "2024-05-02", "posted_to": "2024-05-01"},
                "before the first",
            ),
            ({"share_more": 50}, "Say both which share"),
            ({"whole_threads": "on", "order": "random"}, "thread order only"),
            ({"keywords": "never"}, "fits the recipe"),
        ],
    )
    def test_what_makes_no_sense_makes_nothing(self, fields: dict[str, Any], words: str) -> None:
        html = as_user_after(self.sent(**fields))
        assert words in html
        assert not Campaign.objects.exists()

    def test_counting_keeps_what_was_filled_in_and_blames_nothing(self) -> None:
        sent = self.sent(act="count", name="", keywords="ferry")
        html = as_user_after(sent)
        assert "Comments that fit: 1, threads: 1" in html
        assert "This field is required" not in html
        assert 'value="fresh"' in html
        assert "Choose the corpus first." in as_user_after({**sent, "corpus": ""})


def as_user_after(sent: dict[str, Any]) -> str:
    return as_user("sue").post("/campaigns/new/", sent).content.decode()
