"""The kind part of the API: warnings, the workplace, caps, stopping, preferences."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from annotations.models import Annotation, Assignment, Campaign, User
from tests.annotations.api.routes import check_answer
from tests.annotations.api.world import API, World, hold, save_body
from tests.builders import build_category, build_warning

pytestmark = pytest.mark.django_db
STUDY = f"{API}campaigns/study/"


def test_each_comment_of_a_unit_has_its_warnings(world: World) -> None:
    world.corpus.content_categories.add(build_category("hate"))
    build_warning(world.comments[1], "sexual")
    answer = world.client("annotator").get(f"{STUDY}units/{world.unit.pk}/")
    check_answer("GET", "unit", answer)
    warnings = [comment["warnings"] for comment in answer.json()["comments"]]
    assert warnings == [["hate"], ["hate", "sexual"], ["hate"], ["hate"]]


def test_the_history_says_what_an_excerpt_warns_of(
    world: World, django_assert_max_num_queries: Any
) -> None:
    world.corpus.content_categories.add(build_category("hate"))
    comment = Annotation.objects.get(membership=world.membership("annotator")).unit.comment
    assert comment is not None
    build_warning(comment, "sexual")
    client = world.client("annotator")
    with django_assert_max_num_queries(10):
        answer = client.get(f"{STUDY}history/")
    check_answer("GET", "history", answer)
    assert [row["warnings"] for row in answer.json()["results"]] == [["hate", "sexual"]]


def test_the_workplace_says_how_to_be_kind(world: World) -> None:
    Campaign.objects.update(support_text="Call **Mia**.", daily_units=1, break_minutes=0)
    Annotation.objects.update(saved_at=timezone.now(), seconds=90)
    build_category("hate", title="Hate", description="Of people.")
    build_warning(world.comments[1], "hate")
    world.client("annotator").put(f"{API}me/avoided/", {"categories": ["hate"]}, format="json")
    answer = world.client("annotator").get(f"{STUDY}workplace/")
    check_answer("GET", "workplace", answer)
    body = answer.json()
    assert body["campaign"] == {
        "slug": "study",
        "name": "study",
        "state": "open",
        "show_suggestions": False,
        "cover_content": True,
        "support_text_html": "<p>Call <strong>Mia</strong>.</p>\n",
        "break_minutes": 0,
        "daily_units": 1,
        "daily_warned": None,
    }
    hate = next(one for one in body["categories"] if one["key"] == "hate")
    assert set(hate) == {"key", "title", "description"}
    assert body["avoided"] == ["hate"]
    enough = body["today"].pop("enough")
    assert "at most 1 units a day" in enough
    assert body["today"] == {"units": 1, "seconds": 90, "warned": {"hate": 1}, "warned_units": 1}
    assert body["preferences"]["theme"] == "system"


def test_next_refuses_kindly_when_the_day_is_over(world: World) -> None:
    Campaign.objects.update(daily_units=1)
    Annotation.objects.update(saved_at=timezone.now())
    Assignment.objects.filter(unit=world.unit, state="leased").update(state="submitted")
    answer = world.client("annotator").post(f"{STUDY}next/")
    check_answer("POST", "next", answer)
    assert (answer.status_code, answer.json()["code"]) == (409, "enough_for_today")
    assert "Thank you" in answer.json()["message"]


def test_stopping_gives_back_what_is_not_begun(world: World) -> None:
    other = world.campaign.units.exclude(pk=world.unit.pk).first()
    assert other is not None
    hold(other, world.membership("annotator"))
    answer = world.client("annotator").post(f"{STUDY}stop/")
    check_answer("POST", "stop", answer)
    assert answer.json()["released"] == 1
    assert set(answer.json()["today"]) == {"units", "seconds", "warned", "warned_units", "enough"}
    held = Assignment.objects.get(membership=world.membership("annotator"), state="leased")
    assert held.unit == world.unit


def test_a_harmful_skip_is_saved_and_read_back(world: World) -> None:
    client = world.client("annotator")
    place = f"{STUDY}units/{world.unit.pk}/annotation/"
    answered = client.put(place, save_body(revision=1, harmful=True), format="json")
    assert (answered.status_code, list(answered.json()["fields"])) == (400, ["harmful"])
    body = save_body(revision=1, harmful=True, state="skipped", answers={})
    saved = client.put(place, body, format="json")
    check_answer("PUT", "unit_annotation", saved)
    assert saved.json()["annotation"]["harmful"] is True
    assert saved.json()["progress"]["skipped"] == 1


class TestPreferences:
    def test_are_kept_whole(self, world: World) -> None:
        client = world.client("viewer")
        sent: dict[str, Any] = {
            "shortcuts": False,
            "keys": {"next-unit": "n", "skip": "Escape"},
            "theme": "contrast",
            "text_size": "large",
            "calm": True,
            "width": "wide",
            "language": "ar",
        }
        answer = client.put(f"{API}me/preferences/", sent, format="json")
        check_answer("PUT", "preferences", answer)
        assert answer.json() == sent
        assert client.get(f"{API}me/preferences/").json() == sent
        client.put(f"{API}me/preferences/", {}, format="json")
        assert client.get(f"{API}me/preferences/").json()["theme"] == "system"

    @pytest.mark.parametrize(
        ("sent", "field"),
        [
            ({"keys": {"next": "<img src=x onerror=alert(1)>"}}, "keys.next"),
            ({"theme": "<script>"}, "theme"),
            ({"colour": "red"}, "colour"),
            ({"calm": "yes"}, "calm"),
        ],
    )
    def test_are_refused_by_their_names(
        self, world: World, sent: dict[str, Any], field: str
    ) -> None:
        answer = world.client("viewer").put(f"{API}me/preferences/", sent, format="json")
        check_answer("PUT", "preferences", answer)
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
        assert User.objects.get(username="viewer").preferences == {}


def test_avoided_categories_must_be_there(world: World) -> None:
    answer = world.client("viewer").put(
        f"{API}me/avoided/", {"categories": ["no-such"]}, format="json"
    )
    check_answer("PUT", "avoided", answer)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert list(answer.json()["fields"]) == ["categories"]


class TestCampaign:
    def test_is_made_with_its_care(self, world: World) -> None:
        sent = {
            "slug": "fresh",
            "corpus": "talk",
            "codebook": {"key": "claims", "version": 1},
            "cover_content": False,
            "daily_warned": 7,
        }
        made = world.client("staff").post(f"{API}campaigns/", sent, format="json").json()
        assert (made["cover_content"], made["daily_warned"], made["break_minutes"]) == (
            False,
            7,
            30,
        )

    def test_changes_its_care_while_it_runs(self, world: World) -> None:
        client = world.client("manager")
        answer = client.patch(STUDY, {"daily_units": 9, "support_text": "Hm."}, format="json")
        check_answer("PATCH", "campaign", answer)
        assert (answer.json()["daily_units"], answer.json()["state"]) == (9, "open")
        answer = client.patch(STUDY, {"daily_units": None, "state": "paused"}, format="json")
        assert (answer.json()["daily_units"], answer.json()["state"]) == (None, "paused")
        assert answer.json()["support_text"] == "Hm."

    @pytest.mark.parametrize(
        ("sent", "field"),
        [({}, "state"), ({"daily_units": 0}, "daily_units"), ({"overlap": 2}, "overlap")],
    )
    def test_changes_nothing_else(self, world: World, sent: dict[str, Any], field: str) -> None:
        answer = world.client("manager").patch(STUDY, sent, format="json")
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
