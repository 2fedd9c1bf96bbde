"""Lists: whole, in order, without repeats, and at the same cost for any length."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from rest_framework.test import APIClient

from annotations.api.paging import LARGEST_PAGE, PAGE_SIZE
from annotations.models import (
    ApiToken,
    CommentRelation,
    ContentCategory,
    ExportRun,
    Membership,
    Recoding,
    Release,
    Revision,
    Sample,
    Turn,
)
from annotations.samples.recipe import Recipe
from annotations.services.audit import Act, note_act
from annotations.services.invitations import create_invitation
from annotations.services.webhooks import ping_webhook
from importers.models import ImportRun
from tests.annotations.api.routes import listings
from tests.annotations.api.world import API, World
from tests.builders import (
    NOON,
    build_annotation,
    build_answer,
    build_author,
    build_campaign,
    build_category,
    build_codebook,
    build_comment,
    build_corpus,
    build_membership,
    build_thread,
    build_unit,
    build_user,
    build_warning,
)


def walk(client: APIClient, address: str, link: str = "next") -> list[list[Any]]:
    """The pages from an address on, along one kind of link."""
    pages = []
    following: str | None = address
    while following:
        body = client.get(following).json()
        pages.append(body["results"])
        following = body[link]
    return pages


@pytest.mark.slow
class Comments(TestCase):
    """Positions repeat within a thread: then the id decides."""

    @settings(max_examples=30, deadline=None)
    @given(
        positions=st.lists(st.lists(st.integers(0, 3), max_size=12), min_size=1, max_size=4),
        size=st.integers(1, 7),
    )
    def test_pages_together_are_the_list_there_and_back(
        self, positions: list[list[int]], size: int
    ) -> None:
        corpus = build_corpus()
        expected = []
        for places in positions:
            thread = build_thread(corpus)
            made = [build_comment(thread, "a", position=place) for place in places]
            expected += [one.pk for one in sorted(made, key=lambda one: (one.position, one.pk))]
        client = APIClient()
        client.force_login(build_user(is_staff=True))
        pages = walk(client, f"{API}comments/?corpus={corpus.slug}&page_size={size}")
        assert [one["id"] for page in pages for one in page] == expected
        assert all(len(page) == size for page in pages[:-1])
        back = walk(client, _last_address(client, corpus.slug, size), "previous")
        assert back[::-1] == pages


def _last_address(client: APIClient, corpus: str, size: int) -> str:
    address = f"{API}comments/?corpus={corpus}&page_size={size}"
    while following := client.get(address).json()["next"]:
        address = following
    return address


def test_a_page_holds_fifty_rows_unless_asked_for_more(world: World) -> None:
    thread = build_thread(world.corpus)
    for _ in range(LARGEST_PAGE + 1):
        build_comment(thread, "a")
    client = world.client("viewer")
    here = {"thread": thread.pk}
    assert len(client.get(API + "comments/", here).json()["results"]) == PAGE_SIZE == 50
    page = client.get(API + "comments/", {**here, "page_size": 500}).json()
    assert len(page["results"]) == 500
    assert page["next"]


def test_rows_that_come_in_between_do_not_move_the_others(world: World) -> None:
    client = world.client("manager")
    for number in range(4):
        build_membership(world.campaign, number=100 + number)
    first = client.get(API + "campaigns/study/members/?page_size=6").json()
    build_membership(world.campaign, number=50)
    second = client.get(first["next"]).json()
    assert [one["pseudonym"] for one in second["results"]] == ["A102", "A103"]


def _more_corpora(world: World) -> None:
    for role in ("viewer", "annotator"):
        build_membership(build_campaign(), world.users[role], Membership.Role.VIEWER)


def _more_comments(world: World) -> None:
    comment = build_comment(world.thread, "a", author=build_author(world.corpus))
    target = {"target_author": build_author(world.corpus), "basis": "given"}
    CommentRelation.objects.create(comment=comment, kind="mention", start=0, end=1, **target)


def _more_annotations(world: World) -> None:
    unit = build_unit(world.campaign, build_comment(world.thread, "a"))
    annotation = build_annotation(unit, world.membership("annotator"))
    build_answer(annotation, "claim", label="yes")


def _more_notes(world: World) -> None:
    unit = build_unit(world.campaign, build_comment(world.thread, "a"))
    annotation = build_annotation(unit, world.membership("annotator"), note="Is it?")
    ruling = world.campaign.rulings.create(text="So.", created_at=NOON)
    annotation.replies.create(note="Is it?", ruling=ruling, created_at=NOON)


def _more_revisions(world: World) -> None:
    newest = world.annotation.revisions.order_by("-number")[0]
    Revision.objects.create(
        annotation=world.annotation,
        number=newest.number + 1,
        save_id=uuid4(),
        state="draft",
        content=newest.content,
        saved_at=NOON,
    )


def _more_turns(world: World) -> None:
    Turn.objects.create(
        campaign=world.campaign,
        thread=build_thread(world.corpus),
        slot=1,
        first=0,
        last=9,
        membership=build_membership(world.campaign),
        held_until=NOON,
    )


def _more_known(world: World) -> None:
    comment = build_comment(world.thread, "a")
    unit = build_unit(world.campaign, comment, purpose="check", overlap=0)
    build_answer(build_annotation(unit, source="gold"), "claim", label="yes")


def _more_invitations(world: World) -> None:
    create_invitation(
        campaign=world.campaign, role="viewer", days=1, created_by=world.users["manager"], now=NOON
    )


def _more_webhooks(world: World) -> None:
    """More than anybody may make by hand."""
    world.campaign.webhooks.create(url="https://lab.example/", created_at=NOON)


def _more_deliveries(world: World) -> None:
    delivery = ping_webhook(webhook=world.delivery.webhook, now=NOON)
    delivery.log.create(number=1, tried_at=NOON, seconds=0.1, status=500)


def _more_releases(world: World) -> None:
    count = Release.objects.count()
    Release.objects.create(
        campaign=world.campaign,
        version=f"1.{count}",
        state="done",
        sha256="0" * 64,
        manifest={"files": []},
        created_at=NOON,
    )


def _more_rules(world: World) -> None:
    rule = world.corpus.content_rules.create(
        kind="words", words=["damn"], category=build_category("rules"), created_at=NOON
    )
    build_warning(build_comment(world.thread, "a"), "rules", basis="rule", rule=rule)


def _more_assignments(world: World) -> None:
    unit = build_unit(world.campaign, build_comment(world.thread, "a"))
    member = build_membership(world.campaign)
    world.campaign.assignments.create(
        unit=unit, slot=1, order=unit.order, membership=member, state="submitted"
    )


MORE: dict[str, Callable[[World], Any]] = {
    "corpora": _more_corpora,
    "authors": lambda world: build_author(world.corpus),
    "categories": lambda _: build_category(f"kind-{ContentCategory.objects.count()}"),
    "corpus_rules": _more_rules,
    "warnings": lambda world: build_warning(build_comment(world.thread, "a")),
    "audit": lambda world: note_act(act=Act.CAMPAIGN_OPENED, about=world.campaign, now=NOON),
    "threads": lambda world: build_thread(world.corpus),
    "comments": _more_comments,
    "codebooks": lambda _: build_codebook(),
    "campaigns": _more_corpora,
    "members": lambda world: build_membership(world.campaign),
    "invitations": _more_invitations,
    "known": _more_known,
    "webhooks": _more_webhooks,
    "deliveries": _more_deliveries,
    "units": lambda world: build_unit(world.campaign, build_comment(world.thread, "a")),
    "assignments": _more_assignments,
    "history": _more_annotations,
    "annotations": _more_annotations,
    "revisions": _more_revisions,
    "rulings": lambda world: world.campaign.rulings.create(text="So.", created_at=NOON),
    "notes": _more_notes,
    "recodings": lambda world: Recoding.objects.create(
        campaign=world.campaign,
        before=world.campaign.codebook,
        after=build_codebook(),
        created_at=NOON,
    ),
    "exports": lambda world: ExportRun.objects.create(
        campaign=world.campaign, format="csv", created_at=NOON
    ),
    "releases": _more_releases,
    "imports": lambda world: ImportRun.objects.create(
        corpus=world.corpus, file_name="a", format="table", sha256="0" * 64, created_at=NOON
    ),
    "samples": lambda world: Sample.objects.create(
        campaign=world.campaign, recipe=Recipe().to_json(), created_at=NOON
    ),
    "turns": _more_turns,
    "agreement_runs": lambda world: world.campaign.agreements.create(created_at=NOON),
    "aggregations": lambda world: world.campaign.aggregations.create(
        method="mace", created_at=NOON
    ),
    "aggregation_rows": lambda world: world.aggregation.consensus.create(
        unit=build_unit(world.campaign, build_comment(world.thread, "a")),
        question=world.campaign.codebook.questions.get(key="claim"),
        value="no",
    ),
    "tokens": lambda world: ApiToken.objects.create(
        user=world.users["viewer"], name="a", expiry=timedelta(days=1)
    ),
}
MANAGED = (
    *("members", "recodings", "turns", "invitations", "known"),
    *("webhooks", "deliveries"),
)
ASKED_BY = {
    **dict.fromkeys(MANAGED, "manager"),
    "audit": "manager",
    "history": "annotator",
    "assignments": "manager",
    "notes": "adjudicator",
    "imports": "staff",
}
IN_CAMPAIGN = (
    *("members", "history", "rulings", "notes", "samples", "turns", "aggregations", "recodings"),
    *("invitations", "known", "webhooks"),
)
ADDRESSES = {
    "corpus_rules": "corpora/talk/rules",
    "units": "campaigns/study/units",
    "assignments": "campaigns/study/assignments",
    **{name: f"campaigns/study/{name}" for name in IN_CAMPAIGN},
    "agreement_runs": "campaigns/study/agreement",
}


def test_every_list_is_measured() -> None:
    assert listings() == MORE.keys()


@pytest.mark.parametrize("name", MORE)
def test_thirty_rows_cost_as_many_queries_as_three(world: World, name: str) -> None:
    client = world.client(ASKED_BY.get(name, "viewer"))
    address = API + ADDRESSES.get(name, name) + "/"
    if name == "revisions":
        address = f"{API}annotations/{world.annotation.pk}/revisions/"
    elif name == "deliveries":
        address = f"{API}campaigns/study/webhooks/{world.delivery.webhook_id}/deliveries/"
    elif name == "aggregation_rows":
        address = f"{API}aggregations/{world.aggregation.pk}/rows/"
    counts = []
    for wanted in (3, 30):
        while len(client.get(address).json()["results"]) < wanted:
            MORE[name](world)
        with CaptureQueriesContext(connection) as queries:
            assert len(client.get(address).json()["results"]) >= wanted
        counts.append(len(queries))
    assert counts[0] == counts[1], [one["sql"] for one in queries]
