"""The pages about languages and copies, and who may see and do what."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations.models import Comment, Corpus, DuplicateGroup, DuplicateMember, TextScan
from annotations.selectors.texts import MEMBERS_SHOWN, corpus_texts
from annotations.services.texts import start_scan
from tests import builders as build
from tests.builders import NOON

pytestmark = pytest.mark.django_db


def build_group(corpus: Corpus, rank: int, size: int = 2, text: str = "") -> DuplicateGroup:
    thread = build.build_thread(corpus, title=f"Thread of group {rank}")
    author = build.build_author(corpus, "Grace Hopper", pseudonym=f"xk3q{rank}")
    comments = [
        build.build_comment(thread, text or f"Copy {n} of text {rank}.", author=author)
        for n in range(size)
    ]
    group = DuplicateGroup.objects.create(
        corpus=corpus,
        rank=rank,
        size=size,
        authors=1,
        threads=1,
        first_at=NOON,
        last_at=NOON + timedelta(days=2),
        example=comments[0],
    )
    DuplicateMember.objects.bulk_create(
        DuplicateMember(group=group, comment=comment, position=n, similarity=1 - n / 100)
        for n, comment in enumerate(comments)
    )
    return group


def build_scan(corpus: Corpus, **fields: Any) -> TextScan:
    return TextScan.objects.create(corpus=corpus, created_at=NOON, **fields)


@pytest.fixture
def corpus() -> Corpus:
    return build.build_corpus("talk")


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(build.build_user("sue", is_staff=True))
    return client


def page(client: Client, name: str, *args: object, query: str = "") -> str:
    response = client.get(reverse(name, args=args) + query)
    assert response.status_code == 200
    return response.content.decode()


def test_groups_are_listed_with_figures_example_and_members(staff: Client, corpus: Corpus) -> None:
    group = build_group(corpus, 1, 3)
    html = page(staff, "duplicates", "talk")
    assert "3 copies" in html
    assert "1 author · 1 thread · 1 Mar 2026" in html
    assert "3 Mar 2026" in html
    assert "Copy 0 of text 1." in html
    second = group.members.get(position=1).comment
    assert f'href="/threads/{second.thread_id}/?at=1#c{second.pk}"' in html
    assert "99 % alike" in html
    assert "xk3q1" in html
    assert "Grace" not in html, "authors are pseudonyms"


def test_only_the_first_members_stand_in_the_list_and_all_on_the_group_s_page(
    staff: Client, corpus: Corpus
) -> None:
    build_group(corpus, 1, 60)
    listed = page(staff, "duplicates", "talk")
    assert listed.count("of text 1.</p>") == MEMBERS_SHOWN
    assert f"The first {MEMBERS_SHOWN} of them" in listed
    first = page(staff, "duplicates_alike", "talk", 1)
    assert first.count("of text 1.</p>") == 50
    onward = re.search(r'rel="next" href="([^"]+)"', first)
    assert onward is not None
    rest = page(staff, "duplicates_alike", "talk", 1, query=onward[1].replace("&amp;", "&"))
    assert rest.count("of text 1.</p>") == 10


def test_groups_come_in_pages_at_a_cost_that_does_not_grow(staff: Client, corpus: Corpus) -> None:
    build_group(corpus, 1)
    page(staff, "duplicates", "talk")
    with CaptureQueriesContext(connection) as few:
        page(staff, "duplicates", "talk")
    for rank in range(2, 31):
        build_group(corpus, rank)
    with CaptureQueriesContext(connection) as many:
        html = page(staff, "duplicates", "talk")
    assert len(many) == len(few)
    assert html.count("<details>") == 20
    onward = re.search(r'rel="next" href="([^"]+)"', html)
    assert onward is not None
    assert page(staff, "duplicates", "talk", query=onward[1]).count("<details>") == 10


def test_a_copy_that_is_gone_shows_no_text(staff: Client, corpus: Corpus) -> None:
    group = build_group(corpus, 1, text="Something rude about the harbour.")
    Comment.objects.filter(pk=group.example_id).update(status="deleted_by_author")
    html = page(staff, "duplicates", "talk")
    assert "The earliest of them is gone since." in html
    assert html.count("Something rude") == 1


def test_text_is_shown_as_text(staff: Client, corpus: Corpus) -> None:
    build_group(corpus, 1, text="<script>alert(1)</script>")
    for html in (page(staff, "duplicates", "talk"), page(staff, "duplicates_alike", "talk", 1)):
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert(1)" in html


def test_a_corpus_without_groups_says_so_and_a_group_that_is_not_there_is_not_found(
    staff: Client, corpus: Corpus
) -> None:
    assert "as far as was looked" in page(staff, "duplicates", "talk")
    assert staff.get(reverse("duplicates_alike", args=["talk", 1])).status_code == 404
    assert staff.get(reverse("duplicates_alike", args=["talk", 10**30])).status_code == 404
    assert staff.get(reverse("duplicates", args=["talk"]) + "?after=x").status_code == 400


class TestCorpusSection:
    """The part of the corpus's page, drawn as that page draws it."""

    def draw(self, corpus: Corpus, *, is_staff: bool = True) -> str:
        texts = corpus_texts(corpus, now=NOON)
        user = build.build_user(is_staff=is_staff)
        context = {"corpus": corpus, "texts": texts, "user": user}
        return render_to_string("annotations/corpus_texts.html", context)

    def test_before_the_first_scan_staff_may_start_one_and_others_are_told(
        self, corpus: Corpus
    ) -> None:
        html = self.draw(corpus)
        assert "Look for languages and copies<" in html
        assert reverse("new_scan", args=["talk"]) in html
        others = self.draw(corpus, is_staff=False)
        assert "The texts were not looked at yet." in others
        assert "<form" not in others

    def test_languages_and_the_largest_groups_are_shown(self, corpus: Corpus) -> None:
        counts = {"de": 1200, "und": 7, **dict.fromkeys(("a1", "a2", "a3", "a4", "a5", "a6"), 5)}
        build_scan(corpus, state="done", languages={**counts, "a7": 4, "a8": 3}, finished_at=NOON)
        for rank in range(1, 8):
            build_group(corpus, rank)
        html = self.draw(corpus)
        assert "<dt>German</dt><dd>1,200</dd>" in html
        assert "<dt>Not told</dt><dd>7</dd>" in html
        assert "<dt>Other languages</dt><dd>7</dd>" in html
        assert html.count("2 copies</a>") == 5
        assert reverse("duplicates", args=["talk"]) in html
        assert "Look for languages and copies again" in html
        assert "Last time done, 1 Mar 2026" in html

    def test_a_running_scan_is_followed_and_can_be_cancelled(self, corpus: Corpus) -> None:
        scan = build_scan(
            corpus, state="running", lease_until=NOON + timedelta(seconds=60), done=3, total=9
        )
        html = self.draw(corpus)
        assert f'data-job-url="/api/v1/scans/{scan.pk}/"' in html
        assert "3 of 9 comments" in html
        assert reverse("cancel_scan", args=[scan.pk]) in html
        assert "No worker is running" in html
        assert reverse("new_scan", args=["talk"]) not in html

    def test_a_failed_scan_says_why(self, corpus: Corpus) -> None:
        build_scan(corpus, state="failed", error="The disk is full.", finished_at=NOON)
        assert "The disk is full." in self.draw(corpus)


def test_staff_starts_and_cancels_a_scan(staff: Client, corpus: Corpus) -> None:
    answer = staff.post(reverse("new_scan", args=["talk"]))
    assert answer.headers["Location"] == reverse("corpus", args=["talk"])
    scan = TextScan.objects.get()
    assert (scan.corpus, scan.state, scan.sent_at is not None) == (corpus, "queued", True)
    answer = staff.post(reverse("cancel_scan", args=[scan.pk]))
    assert answer.headers["Location"] == reverse("corpus", args=["talk"])
    scan.refresh_from_db()
    assert scan.state == "cancelled"
    assert staff.post(reverse("cancel_scan", args=[scan.pk])).status_code == 409
    assert staff.post(reverse("cancel_scan", args=[987_654])).status_code == 404


@pytest.mark.parametrize(
    ("role", "reading", "acting"),
    [
        ("manager", 200, 403),
        ("adjudicator", 200, 403),
        ("viewer", 200, 403),
        ("annotator", 404, 403),
        (None, 404, 403),
    ],
)
def test_who_may_read_the_corpus_sees_its_copies_and_only_staff_scans(
    client: Client, corpus: Corpus, role: str | None, reading: int, acting: int
) -> None:
    build_group(corpus, 1)
    scan = start_scan(corpus=corpus, user=None, now=NOON)
    user = build.build_user("ann")
    if role:
        build.build_membership(build.build_campaign(corpus), user, role)
    client.force_login(user)
    assert client.get(reverse("duplicates", args=["talk"])).status_code == reading
    assert client.get(reverse("duplicates_alike", args=["talk", 1])).status_code == reading
    assert client.post(reverse("new_scan", args=["talk"])).status_code == acting
    assert client.post(reverse("cancel_scan", args=[scan.pk])).status_code == acting
    assert TextScan.objects.get().state == "queued"


def test_visitors_are_asked_to_log_in(client: Client, corpus: Corpus) -> None:
    for answer in (
        client.get(reverse("duplicates", args=["talk"])),
        client.post(reverse("new_scan", args=["talk"])),
    ):
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(reverse("login"))


class TestApi:
    def test_a_scan_is_started_once_watched_and_cancelled(
        self, staff: Client, corpus: Corpus
    ) -> None:
        made = staff.post("/api/v1/corpora/talk/scans/")
        assert made.status_code == 202
        assert staff.post("/api/v1/corpora/talk/scans/").json()["id"] == made.json()["id"]
        address = f"/api/v1/scans/{made.json()['id']}/"
        TextScan.objects.update(languages={"de": 2, "und": 1}, groups=1, copies=2)
        seen = staff.get(address).json()
        assert (seen["corpus"], seen["state"], seen["measure"]) == ("talk", "queued", "comments")
        assert (seen["languages"], seen["groups"], seen["copies"]) == ({"de": 2, "und": 1}, 1, 2)
        assert staff.post(f"{address}cancel/").json()["state"] == "cancelled"
        assert staff.post(f"{address}cancel/").status_code == 409

    def test_comments_are_filtered_by_their_language(self, staff: Client, corpus: Corpus) -> None:
        thread = build.build_thread(corpus)
        german = build.build_comment(thread, language="de")
        build.build_comment(thread, language="en")
        found = staff.get("/api/v1/comments/?corpus=talk&language=de").json()["results"]
        assert [comment["id"] for comment in found] == [german.pk]
        assert staff.get("/api/v1/comments/?language=xx").json()["results"] == []
