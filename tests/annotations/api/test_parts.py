"""Some fields of an answer instead of all, and no answer at all to who has it already."""

from __future__ import annotations

import pytest

from annotations.api.operations import SOME_FIELDS
from annotations.models import Campaign
from tests.annotations.api.routes import addresses, listings
from tests.annotations.api.world import API, World


def test_a_list_and_an_object_come_with_the_chosen_fields_alone(world: World) -> None:
    client = world.client("manager")
    page = client.get(API + "comments/", {"fields": "id,text"})
    assert page.headers["Content-Type"] == SOME_FIELDS
    assert {"next", "previous", "results"} == page.json().keys()
    assert [set(row) for row in page.json()["results"]] == [{"id", "text"}] * 4
    one = client.get(API + f"comments/{world.comments[1].pk}/", {"fields": "text"})
    assert one.json() == {"text": world.comments[1].text}
    annotation = client.get(API + f"annotations/{world.annotation.pk}/", {"fields": "answers"})
    assert annotation.json().keys() == {"answers"}


def test_chosen_fields_go_along_from_page_to_page(world: World) -> None:
    client = world.client("manager")
    page = client.get(API + "comments/", {"fields": "id", "page_size": "3"})
    assert set(client.get(page.json()["next"]).json()["results"][0]) == {"id"}


@pytest.mark.parametrize("chosen", ["nothing", "", ",", "id,author__name", "id;text"])
def test_a_field_that_is_not_there_is_refused_with_those_that_are(
    world: World, chosen: str
) -> None:
    refused = world.client("manager").get(API + "comments/", {"fields": chosen})
    assert refused.status_code == 400
    assert "id, kind, author" in refused.json()["fields"]["fields"][0]


@pytest.mark.parametrize("name", sorted(listings()))
def test_every_list_can_be_asked_for_some_fields(world: World, name: str) -> None:
    """A field that is not there is told from those that are, whatever the list."""
    refused = world.client("manager").get(addresses()[name], {"fields": "no_such_field"})
    assert refused.status_code == 400, name
    assert "the known ones are: " in refused.json()["message"]


def test_who_has_the_answer_gets_none(world: World) -> None:
    client = world.client("manager")
    for address in ("campaigns/study/", "comments/", "annotations/"):
        first = client.get(API + address)
        assert first.headers["ETag"]
        again = client.get(API + address, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
    tag = client.get(API + "campaigns/study/").headers["ETag"]
    Campaign.objects.update(name="Another name")
    changed = client.get(API + "campaigns/study/", headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.json()["name"] == "Another name"


def test_other_people_s_tags_tell_nothing(world: World) -> None:
    """An answer is compared with what the one who asks may see, never with another's."""
    tag = world.client("manager").get(API + "annotations/").headers["ETag"]
    theirs = world.client("outsider").get(API + "annotations/", headers={"If-None-Match": tag})
    assert theirs.status_code == 200
    assert theirs.json()["results"] == []
