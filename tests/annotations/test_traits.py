"""What annotators tell of themselves: of their own will, seen by nobody, gone when they say so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from annotations.errors import InvalidInput
from annotations.exporters.contents import Contents
from annotations.models import Membership
from annotations.selectors.dataset import dataset_of
from annotations.services.traits import ask_traits, tell_traits
from annotations.traits import LONGEST, TRAITS
from project.environment import ROOT
from tests.annotations.api.world import API, World, build_world
from tests.builders import NOON, build_annotation, build_answer

PAGE = "/campaigns/study/about-you/"
OWN = f"{API}campaigns/study/me/traits/"
SECRET = "Quite unmistakably Volapük"


@pytest.fixture
def world(db: None) -> World:
    """The annotator labeled something; three traits are asked for."""
    world = build_world()
    answered = build_annotation(
        world.campaign.units.exclude(annotations__membership__isnull=False)[0],
        world.membership("annotator"),
    )
    build_answer(answered, "claim", label="yes")
    ask_traits(campaign=world.campaign, traits=["first_language", "age", "gender"])
    return world


def tell(world: World, traits: Mapping[str, object], *, agreed: bool = True) -> Membership:
    member = world.membership("annotator")
    return tell_traits(membership=member, traits=traits, agreed=agreed, now=NOON)


def leaves(world: World, *, wanted: bool = True) -> Any:
    """What a dataset that is made now says of the annotator."""
    dataset = dataset_of(world.campaign, Contents(traits=wanted))
    name = world.membership("annotator").pseudonym
    (told,) = [one.traits for one in dataset.study.annotators if one.name == name]
    return told


def in_browser(world: World, role: str) -> Client:
    client = Client()
    client.force_login(world.users[role])
    return client


class TestAsking:
    def test_traits_are_asked_for_in_one_order_and_each_once(self, world: World) -> None:
        assert world.campaign.traits == ["age", "gender", "first_language"]

    def test_what_is_no_trait_is_refused_with_those_that_are(self, world: World) -> None:
        with pytest.raises(InvalidInput, match=r"no trait 'shoe_size': the known ones are age,"):
            ask_traits(campaign=world.campaign, traits=["age", "shoe_size"])


class TestTelling:
    def test_what_is_empty_is_nothing(self, world: World) -> None:
        member = tell(world, {"age": "25-34", "gender": " ", "first_language": ""})
        assert member.traits == {"age": "25-34"}

    def test_who_tells_nothing_agrees_to_nothing(self, world: World) -> None:
        assert tell(world, {"age": ""}).traits_agreed_at is None

    def test_what_is_told_replaces_what_was(self, world: World) -> None:
        tell(world, {"age": "25-34", "gender": "woman"})
        assert tell(world, {"gender": "agender"}).traits == {"gender": "agender"}

    @pytest.mark.parametrize(
        ("traits", "field", "sentence"),
        [
            ({"age": "27"}, "age", "Age: one of under 18, 18-24"),
            ({"age": 27}, "age", "Age: give words"),
            ({"gender": "x" * (LONGEST + 1)}, "gender", "Gender: at most 100 characters, not 101."),
            ({"first_language": "a\nb"}, "first_language", "First language: one line"),
            ({"first_language": "a\0b"}, "first_language", "First language: one line"),
            ({"country": "Chad"}, "country", "The campaign does not ask for 'country'"),
            ({"shoe_size": "43"}, "shoe_size", "The campaign does not ask for 'shoe_size'"),
        ],
    )
    def test_what_does_not_fit_is_refused_beside_its_trait(
        self, world: World, traits: dict[str, object], field: str, sentence: str
    ) -> None:
        tell(world, {"age": "25-34"})
        with pytest.raises(InvalidInput) as refused:
            tell(world, traits)
        assert refused.value.fields[field][0].startswith(sentence)
        assert world.membership("annotator").traits == {"age": "25-34"}

    def test_what_is_asked_for_no_more_can_still_be_taken_back(self, world: World) -> None:
        tell(world, {"age": "25-34", "gender": "man"})
        ask_traits(campaign=world.campaign, traits=["age"])
        assert leaves(world) == {"age": "25-34"}
        html = in_browser(world, "annotator").get(PAGE).content.decode()
        assert '<option value="man" selected>' in html
        assert tell(world, {"age": "25-34"}).traits == {"age": "25-34"}


OPTIONS = [value for trait in TRAITS.values() for value, _ in trait.options]


@given(
    key=st.sampled_from(list(TRAITS)),
    words=st.text(max_size=2 * LONGEST) | st.sampled_from(OPTIONS),
)
def test_what_is_read_is_one_line_without_space_around_it_or_refused(key: str, words: str) -> None:
    trait = TRAITS[key]
    known = {value for value, _ in trait.options}
    stripped = words.strip()
    fits = trait.is_open and len(stripped) <= LONGEST and stripped.isprintable()
    if fits or stripped in {*known, ""}:
        assert trait.read(words) == stripped
    else:
        with pytest.raises(InvalidInput) as refused:
            trait.read(words)
        assert list(refused.value.fields) == [key]


class TestLeaving:
    def test_nothing_leaves_without_consent(self, world: World) -> None:
        tell(world, {"age": "25-34"}, agreed=False)
        assert leaves(world) == {}

    def test_what_was_agreed_to_leaves_where_it_is_wanted(self, world: World) -> None:
        tell(world, {"age": "25-34", "first_language": "Volapük"})
        assert leaves(world) == {"age": "25-34", "first_language": "Volapük"}
        assert leaves(world, wanted=False) == {}

    def test_consent_is_taken_back_for_all_that_is_made_later(self, world: World) -> None:
        tell(world, {"age": "25-34"})
        member = tell(world, {"age": "25-34"}, agreed=False)
        assert (member.traits, member.traits_agreed_at) == ({"age": "25-34"}, None)
        assert leaves(world) == {}


class TestThePage:
    def test_it_says_what_it_is_for_and_under_which_name_it_leaves(self, world: World) -> None:
        name = world.membership("annotator").pseudonym
        html = in_browser(world, "annotator").get(PAGE).content.decode()
        for shown in ("It is voluntary", f"beside your pseudonym {name}", "take the tick away"):
            assert shown in html

    def test_one_tells_in_a_form_and_finds_it_again(self, world: World) -> None:
        client = in_browser(world, "annotator")
        sent = {"age": "35-44", "gender": "", "gender_own": "genderqueer", "agreed": "on"}
        html = client.post(PAGE, sent, follow=True).content.decode()
        member = world.membership("annotator")
        assert member.traits == {"age": "35-44", "gender": "genderqueer"}
        assert member.traits_agreed_at is not None
        for shown in ("leave in datasets from now on", 'value="genderqueer"', "You agreed on"):
            assert shown in html
        html = client.post(PAGE, {"age": "35-44"}, follow=True).content.decode()
        assert "leave in no dataset" in html
        html = client.post(PAGE, {"age": ""}, follow=True).content.decode()
        assert "nothing is kept" in html
        assert world.membership("annotator").traits == {}

    def test_what_does_not_fit_stands_beside_its_field(self, world: World) -> None:
        response = in_browser(world, "annotator").post(PAGE, {"first_language": "a\u2028b"})
        assert response.status_code == 400
        assert "one line of characters" in response.content.decode()

    def test_the_way_to_it_is_on_the_campaign_s_page_where_something_is_asked(
        self, world: World
    ) -> None:
        client = in_browser(world, "annotator")
        assert PAGE in client.get("/campaigns/study/").content.decode()
        ask_traits(campaign=world.campaign, traits=[])
        assert PAGE not in client.get("/campaigns/study/").content.decode()
        assert "asks for nothing" in client.get(PAGE).content.decode()

    @pytest.mark.parametrize(
        ("role", "status"), [("viewer", 403), ("staff", 403), ("outsider", 404)]
    )
    def test_who_labels_nothing_tells_nothing(self, world: World, role: str, status: int) -> None:
        assert in_browser(world, role).get(PAGE).status_code == status

    def test_a_manager_chooses_what_is_asked_for(self, world: World) -> None:
        client = in_browser(world, "manager")
        sent = {"traits": ["education", "politics"]}
        html = client.post("/campaigns/study/traits/", sent, follow=True).content.decode()
        world.campaign.refresh_from_db()
        assert world.campaign.traits == ["education", "politics"]
        assert 'value="politics" id="id_traits_5" checked' in html
        client.post("/campaigns/study/traits/", {"traits": ["shoe_size"]})
        world.campaign.refresh_from_db()
        assert world.campaign.traits == ["education", "politics"]

    @pytest.mark.parametrize("role", ["annotator", "adjudicator", "viewer"])
    def test_others_do_not(self, world: World, role: str) -> None:
        client = in_browser(world, role)
        assert client.post("/campaigns/study/traits/", {"traits": []}).status_code == 403
        assert world.campaign.traits


class TestTheApi:
    def test_one_tells_and_asks_what_one_told(self, world: World) -> None:
        client = world.client("annotator")
        before = client.get(OWN).json()
        assert [one["key"] for one in before["offered"]] == ["age", "gender", "first_language"]
        assert (before["traits"], before["agreed"], before["agreed_at"]) == ({}, False, None)
        sent = {"traits": {"age": "35-44", "gender": ""}, "agreed": True}
        after = client.put(OWN, sent, format="json").json()
        assert (after["traits"], after["agreed"]) == ({"age": "35-44"}, True)
        assert client.get(OWN).json() == after

    @pytest.mark.parametrize(
        ("sent", "field"),
        [
            ({"traits": {"age": "27"}, "agreed": True}, "traits.age"),
            ({"traits": {"country": "Chad"}, "agreed": True}, "traits.country"),
            ({"traits": ["age"], "agreed": True}, "traits"),
            ({"traits": {}}, "agreed"),
            ({"traits": {}, "agreed": True, "of": "A1"}, "of"),
        ],
    )
    def test_what_cannot_be_taken_is_said_of_its_field(
        self, world: World, sent: dict[str, object], field: str
    ) -> None:
        response = world.client("annotator").put(OWN, sent, format="json")
        assert (response.status_code, list(response.json()["fields"])) == (400, [field])

    def test_a_manager_says_what_is_asked_for(self, world: World) -> None:
        client = world.client("manager")
        place = f"{API}campaigns/study/"
        assert client.patch(place, {"traits": ["age"]}, format="json").json()["traits"] == ["age"]
        refused = client.patch(place, {"traits": ["shoe_size"]}, format="json")
        assert (refused.status_code, list(refused.json()["fields"])) == (400, ["traits"])


class TestNobodyElseSeesThem:
    def test_not_on_pages_and_not_by_the_api(self, world: World) -> None:
        tell(world, {"first_language": SECRET})
        name = world.membership("annotator").pseudonym
        pages = ["", "people/", "progress/", "quality/", "notes/", "stages/", "about-you/"]
        asked = ["", "members/", "labels/", "workplace/", "me/traits/", "notes/"]
        places = [f"/campaigns/study/{place}" for place in pages]
        places += [f"{API}campaigns/study/{place}" for place in asked]
        places += [f"{API}me/", f"{API}annotations/", "/", "/account/"]
        for role in ("manager", "adjudicator", "viewer", "staff"):
            client = in_browser(world, role)
            for place in places:
                response = client.get(place)
                body = b"".join(response) if response.streaming else response.content
                assert SECRET not in body.decode(), f"{role} at {place}"
        own = in_browser(world, "annotator").get(PAGE).content.decode()
        assert SECRET in own
        assert name in own

    def test_not_in_the_admin(self, world: World) -> None:
        tell(world, {"first_language": SECRET})
        client = Client()
        world.users["staff"].is_superuser = True
        world.users["staff"].save()
        client.force_login(world.users["staff"])
        member = world.membership("annotator")
        for place in ("", f"{member.pk}/change/", f"{member.pk}/history/"):
            response = client.get(f"/admin/annotations/membership/{place}")
            assert response.status_code == 200
            assert SECRET not in response.content.decode()

    def test_not_in_the_log(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        sent = {"traits": {"first_language": SECRET}, "agreed": True}
        with caplog.at_level("INFO", logger="threadmark"):
            world.client("annotator").put(OWN, sent, format="json")
        assert "OwnTraits" not in caplog.text
        assert SECRET not in caplog.text


def test_the_docs_name_every_trait_and_its_values() -> None:
    text = (ROOT / "docs" / "people.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", text, re.MULTILINE))
    assert list(rows) == list(TRAITS)
    for key, trait in TRAITS.items():
        assert re.findall(r"`(.+?)`", rows[key]) == [value for value, _ in trait.options]
        assert ("own words" in rows[key]) is trait.is_open
