"""What somebody avoids, and what harmed them, nobody else finds: no page, no API, no admin."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from annotations.models import Annotation, Campaign, ContentCategory, User
from annotations.services.assignments import take_unit
from annotations.services.care import set_avoided
from annotations.services.content import set_warnings
from tests.annotations.api.world import API, World, build_world, save_body
from tests.builders import NOON, build_category

pytestmark = pytest.mark.django_db
SECRET = "Something quite unmistakable"


@pytest.fixture
def world() -> World:
    return build_world()


@pytest.fixture
def secret(world: World) -> ContentCategory:
    """A category that the annotator avoids; nothing in the study carries it."""
    category = build_category("secretly-avoided", title=SECRET)
    set_avoided(user=world.users["annotator"], categories=[category.key], now=NOON)
    return category


@pytest.fixture
def root() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


def everything_shown(client: Client, world: World) -> dict[str, str]:
    """All that a manager can open in the study."""
    addresses = [
        *("/", "/account/", "/campaigns/", "/campaigns/study/", "/corpora/talk/"),
        *("/corpora/talk/warnings/", f"/threads/{world.thread.pk}/"),
        *(f"{API}{name}/" for name in ("me", "campaigns", "campaigns/study", "annotations")),
        *(f"{API}campaigns/study/{name}/" for name in ("members", "labels", "workplace")),
        f"{API}annotations/{world.annotation.pk}/revisions/",
    ]
    return {address: _text(client.get(address)) for address in addresses}


def _text(response: Any) -> str:
    content = b"".join(response) if response.streaming else response.content
    return f"{response.status_code} {content.decode()}"


def test_a_manager_s_pages_are_the_same_whether_or_not_somebody_avoids(
    world: World, secret: ContentCategory
) -> None:
    client = Client()
    client.force_login(world.users["manager"])
    avoiding = {place: _steady(text) for place, text in everything_shown(client, world).items()}
    set_avoided(user=world.users["annotator"], categories=[], now=NOON)
    not_avoiding = {p: _steady(text) for p, text in everything_shown(client, world).items()}
    assert avoiding == not_avoiding
    assert avoiding["/campaigns/study/"].startswith("200")


def _steady(text: str) -> str:
    """Without the CSRF tokens, which are others each time."""
    import re

    return re.sub(r'(csrfmiddlewaretoken" value=")[^"]+', r"\1", text)


def test_only_the_owner_gets_it_from_the_api(world: World, secret: ContentCategory) -> None:
    place = f"{API}campaigns/study/workplace/"
    assert world.client("annotator").get(place).json()["avoided"] == ["secretly-avoided"]
    assert world.client("manager").get(place).json()["avoided"] == []


def test_the_account_page_shows_only_one_s_own(world: World, secret: ContentCategory) -> None:
    for role, checked in (("annotator", True), ("manager", False)):
        client = Client()
        client.force_login(world.users[role])
        html = client.get("/account/").content.decode()
        assert SECRET in html
        assert ('value="secretly-avoided" id="id_avoided_0" checked' in html) is checked
        assert "nobody else can see it" in html


class TestAdmin:
    def test_shows_it_nowhere(self, world: World, secret: ContentCategory, root: Client) -> None:
        user = world.users["annotator"]
        pages = [
            reverse("admin:annotations_user_changelist"),
            reverse("admin:annotations_user_change", args=[user.pk]),
            reverse("admin:annotations_user_history", args=[user.pk]),
            reverse("admin:annotations_user_delete", args=[user.pk]),
            reverse("admin:annotations_contentcategory_change", args=[secret.pk]),
        ]
        for page in pages:
            html = root.get(page).content.decode()
            shown_as_title = page == pages[-1]
            assert shown_as_title or SECRET not in html, page
            assert "avoided" not in html.replace("secretly-avoided", ""), page
            assert "contentcategory relationship" not in html.lower(), page

    def test_deletes_an_account_without_telling(
        self, world: World, secret: ContentCategory, root: Client
    ) -> None:
        user = world.users["annotator"]
        sent = {"action": "delete_selected", "_selected_action": [user.pk]}
        html = root.post(reverse("admin:annotations_user_changelist"), sent).content.decode()
        assert "Are you sure" in html
        assert "relationship" not in html.lower()
        delete = reverse("admin:annotations_user_delete", args=[user.pk])
        assert "relationship" not in root.get(delete).content.decode().lower()
        root.post(delete, {"post": "yes"})
        assert not User.objects.filter(pk=user.pk).exists()

    @pytest.mark.parametrize(
        "lookup",
        [
            *("avoided", "avoided__id__exact", "avoided__isnull", "avoided__key"),
            *("avoided__in", "preferences__theme"),
        ],
    )
    def test_finds_nobody_by_it(
        self, world: World, secret: ContentCategory, root: Client, lookup: str
    ) -> None:
        place = reverse("admin:annotations_user_changelist")
        assert root.get(place, {lookup: secret.pk}).status_code == 400

    @pytest.mark.parametrize(
        ("model", "lookup"),
        [
            ("contentcategory", "_annotations_user_avoided_+"),
            ("contentcategory", "User_avoided+"),
            ("contentcategory", "User_avoided+__user"),
            ("membership", "user__avoided"),
            ("membership", "user__avoided__key"),
            ("assignment", "membership__user__avoided"),
            ("annotation", "membership__user__avoided"),
            ("annotation", "harmful__exact"),
            ("apitoken", "user__avoided"),
            ("contentwarning", "added_by__avoided"),
        ],
    )
    def test_finds_nothing_else_by_it(
        self, world: World, secret: ContentCategory, root: Client, model: str, lookup: str
    ) -> None:
        place = reverse(f"admin:annotations_{model}_changelist")
        assert root.get(place, {lookup: 1}).status_code == 400

    def test_has_no_table_of_it(self) -> None:
        assert User.avoided.through not in admin.site._registry

    def test_deletes_no_category(self, secret: ContentCategory, root: Client) -> None:
        place = reverse("admin:annotations_contentcategory_delete", args=[secret.pk])
        assert root.get(place).status_code == 403
        listed = root.get(reverse("admin:annotations_contentcategory_changelist"))
        assert "delete_selected" not in listed.content.decode()


def test_no_log_says_that_somebody_chose(world: World, caplog: pytest.LogCaptureFixture) -> None:
    build_category("hate")
    with caplog.at_level(logging.INFO, "threadmark.api"):
        client = world.client("annotator")
        answer = client.put(f"{API}me/avoided/", {"categories": ["hate"]}, format="json")
        assert answer.json() == {"categories": ["hate"]}
        client.put(f"{API}me/preferences/", {"theme": "dark"}, format="json")
    written = [record.getMessage() for record in caplog.records if "threadmark" in record.name]
    assert [line for line in written if "void" in line] == []
    assert any("PreferencesView" in line for line in written)


class TestHarmful:
    @pytest.fixture
    def skipped(self, world: World) -> Annotation:
        body = save_body(revision=1, state="skipped", answers={}, harmful=True, note=SECRET)
        place = f"{API}campaigns/study/units/{world.unit.pk}/annotation/"
        answer = world.client("annotator").put(place, body, format="json")
        assert answer.json()["annotation"]["harmful"] is True
        return Annotation.objects.get(pk=world.annotation.pk)

    @pytest.mark.parametrize("role", ["manager", "adjudicator", "viewer", "staff"])
    def test_nobody_else_reads_it(self, world: World, skipped: Annotation, role: str) -> None:
        client = world.client(role)
        assert client.get(f"{API}annotations/{skipped.pk}/").status_code == 404
        assert client.get(f"{API}annotations/{skipped.pk}/revisions/").status_code == 404
        assert client.get(f"{API}annotations/?source=human").json()["results"] == []
        shown = client.get("/campaigns/study/").content.decode()
        assert SECRET not in shown
        assert "harm" not in shown.replace("so that it harms nobody", "").lower()

    def test_the_owner_does(self, world: World, skipped: Annotation) -> None:
        answer = world.client("annotator").get(f"{API}annotations/{skipped.pk}/")
        assert answer.json()["state"] == "skipped"

    def test_the_admin_s_page_does_not_say_so(
        self, world: World, skipped: Annotation, root: Client
    ) -> None:
        place = reverse("admin:annotations_annotation_change", args=[skipped.pk])
        assert "armful" not in root.get(place).content.decode()


def test_others_get_what_one_avoids_and_nobody_is_told(
    world: World, secret: ContentCategory
) -> None:
    manager = world.users["manager"]
    Campaign.objects.update(overlap=4)
    set_warnings(comment=world.comments[2], categories=[secret], user=manager, now=NOON)
    got = take_unit(membership=world.membership("manager"), now=NOON)
    assert got.unit.comment in world.comments
    rows = APIClient()
    rows.force_login(manager)
    members = rows.get(f"{API}campaigns/study/members/").json()["results"]
    assert {key for member in members for key in member} >= {"username", "role"}
    assert "avoid" not in str(members)
