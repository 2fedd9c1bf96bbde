"""Corpora, threads and codebooks, as they are read."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.models import Campaign, Codebook, Comment, CommentRelation, Corpus, Thread
from annotations.pages.marked_text import parts_of
from tests import builders as build

pytestmark = pytest.mark.django_db
YAML = """
key: mood
version: 1
title: Mood
guidelines: |
  # Before you begin

  Read **all** of it. <script>alert(1)</script> [here](javascript:alert(1))
questions:
  - key: mood
    title: How does it sound?
    kind: single_label
    labels:
      - {key: calm, title: Calm, definition: Quiet words., example: Well., hotkey: d}
      - {key: angry, title: Angry, definition: Loud words., example: NO!, hotkey: a}
"""


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(build.build_user("sue", is_staff=True))
    return client


def thread_page(client: Client, thread: Thread, at: int | str = "") -> str:
    response = client.get(f"/threads/{thread.pk}/", {"at": at} if at != "" else {})
    assert response.status_code == 200
    return response.content.decode()


def test_authors_are_pseudonyms_unless_the_corpus_shows_names(staff: Client) -> None:
    corpus = build.build_corpus()
    author = build.build_author(corpus, "Grace Hopper", pseudonym="xk3q")
    thread = build.build_thread(corpus)
    build.build_comment(thread, author=author)
    html = thread_page(staff, thread)
    assert "xk3q" in html
    assert "Grace" not in html
    Corpus.objects.update(author_names="shown")
    assert "Grace Hopper" in thread_page(staff, thread)


def test_a_reply_links_to_what_it_answers_and_says_why_it_is_believed(staff: Client) -> None:
    thread = build.build_thread(build.build_corpus())
    first = build.build_comment(thread)
    build.build_comment(
        thread, reply_to=first, reply_basis="inferred", reply_evidence="It quotes a sentence."
    )
    build.build_comment(thread, reply_to=first)
    html = thread_page(staff, thread)
    assert f'href="/threads/{thread.pk}/#c{first.pk}"' in html
    assert f'id="c{first.pk}"' in html
    assert "inferred" in html
    assert "It quotes a sentence." in html
    assert html.count('class="comment depth-0"') == 2, "an inferred reply stands where it stood"
    assert html.count('class="comment depth-1"') == 1


def test_quotes_and_mentions_are_shown_with_their_words(staff: Client) -> None:
    corpus = build.build_corpus()
    thread = build.build_thread(corpus)
    article = build.build_comment(thread, "The bridge is old.", kind="article")
    comment = build.build_comment(thread, "«The bridge is old.» So is Ada.")
    CommentRelation.objects.create(
        comment=comment, kind="quote", basis="inferred", start=1, end=19, target=article
    )
    ada = build.build_author(corpus, pseudonym="xk3q")
    CommentRelation.objects.create(
        comment=comment, kind="mention", basis="inferred", start=27, end=30, target_author=ada
    )
    html = thread_page(staff, thread)
    assert "quotes the article" in html
    assert 'dir="auto">The bridge is old.</q>' in html
    assert "mentions xk3q" in html
    assert 'dir="auto">Ada</q>' in html


def test_blocks_make_paragraphs_captions_and_breaks(staff: Client) -> None:
    thread = build.build_thread(build.build_corpus())
    text = "One.\n\nA picture\n\n* * *\n\nTwo 🚢."
    kinds = {"paragraph": (0, 4), "caption": (6, 15), "section_break": (17, 22)}
    blocks = [{"kind": kind, "start": s, "end": e} for kind, (s, e) in kinds.items()]
    blocks.append({"kind": "paragraph", "start": 24, "end": 30})
    build.build_comment(thread, text, kind="article", blocks=blocks)
    html = thread_page(staff, thread)
    assert '<p dir="auto">One.</p>' in html
    assert '<p class="muted small" dir="auto">A picture</p>' in html
    assert "<hr" in html
    assert '<p dir="auto">Two 🚢.</p>' in html


def test_quoted_paragraphs_and_links_keep_what_they_are(staff: Client) -> None:
    thread = build.build_thread(build.build_corpus())
    text = "You said 🚢 so.\n\nSee here, http://a.org/x and there."
    blocks = [
        {"kind": "quote", "start": 0, "end": 14},
        {"kind": "paragraph", "start": 16, "end": 52},
    ]
    links = [
        {"start": 9, "end": 10, "url": "javascript:alert(1)"},
        {"start": 20, "end": 24, "url": "https://www.news.example/a?b=1&c"},
        {"start": 26, "end": 40, "url": "http://a.org/x"},
    ]
    build.build_comment(thread, text, blocks=blocks, links=links)
    html = thread_page(staff, thread)
    address = "https://www.news.example/a?b=1&amp;c"
    assert '<blockquote dir="auto">You said <span class="address"' in html
    assert f'<a href="{address}" title="{address}" rel="noreferrer nofollow">here</a>' in html
    assert 'here</a> <span class="muted small">(news.example)</span>, <a' in html
    assert 'nofollow">http://a.org/x</a> and there.' in html, "the address is not said twice"
    assert 'href="javascript' not in html


def test_links_that_overlap_or_cross_blocks_leave_the_text_whole() -> None:
    text = "one two three\n\nfour five"
    blocks = [
        {"kind": "paragraph", "start": 0, "end": 13},
        {"kind": "quote", "start": 15, "end": 24},
    ]
    links = [
        {"start": 8, "end": 19, "url": "http://b.org"},
        {"start": 0, "end": 10, "url": "http://[broken"},
        {"start": 0, "end": 3, "url": "../up"},
    ]
    parts = parts_of(text, blocks, links)
    assert [part.text for part in parts] == ["one two three", "four five"]
    assert [[piece.url for piece in part.pieces] for part in parts] == [
        ["http://[broken", "http://b.org"],
        ["http://b.org", ""],
    ]


def test_what_is_missing_or_not_there_is_told(staff: Client) -> None:
    thread = build.build_thread(build.build_corpus(), missing=3)
    build.build_comment(thread, reply_to_source_id="nobody-knows")
    html = thread_page(staff, thread)
    assert "3 comments are missing here, by the source's own word" in html
    assert "answers a comment that is not in the corpus" in html


def test_a_text_changed_since_it_was_labeled_is_marked(staff: Client) -> None:
    campaign = build.build_campaign()
    thread = build.build_thread(campaign.corpus)
    labeled, changed, relabeled = (build.build_comment(thread) for _ in range(3))
    for comment in (labeled, changed):
        build.build_annotation(build.build_unit(campaign, comment))
    Comment.objects.filter(pk__in=[changed.pk, relabeled.pk]).update(text_revision=2)
    build.build_annotation(build.build_unit(campaign, relabeled), text_revision=2)
    html = thread_page(staff, thread)
    assert html.count("text changed by the source since it was labeled") == 1
    assert "text changed" in html.partition(f'id="c{changed.pk}"')[2].partition("</article>")[0]


def test_text_is_shown_as_text(staff: Client) -> None:
    thread = build.build_thread(build.build_corpus())
    build.build_comment(thread, "<script>alert(1)</script>")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in thread_page(staff, thread)


@pytest.mark.parametrize("status", [s for s in Comment.Status if s != "visible"])
def test_a_comment_that_is_gone_leaves_a_tombstone(staff: Client, status: str) -> None:
    thread = build.build_thread(build.build_corpus())
    gone = build.build_comment(thread, "", status=status)
    build.build_comment(thread, reply_to=gone)
    html = thread_page(staff, thread)
    assert "comment depth-0 deleted" in html
    assert f'href="/threads/{thread.pk}/#c{gone.pk}"' in html


def test_a_long_thread_is_read_in_stretches_of_500(staff: Client) -> None:
    thread = build.build_thread(build.build_corpus())
    first = build.build_comment(thread)
    Comment.objects.bulk_create(
        Comment(
            corpus=thread.corpus,
            thread=thread,
            source_id=f"bulk{n}",
            ordinal=n,
            position=n,
            text=f"number {n}.",
            reply_to=first,
            created_at=build.NOON,
        )
        for n in range(1, 1001)
    )
    assert thread_page(staff, thread).count("<article") == 500
    assert "?at=500" in thread_page(staff, thread)
    middle = thread_page(staff, thread, 700)
    assert middle.count("<article") == 500
    assert "number 500." in middle
    last = thread_page(staff, thread, 99999)
    assert last.count("<article") == 1
    assert "number 1000." in last
    assert "Later comments" not in last
    assert "number 1000." in thread_page(staff, thread, "9" * 5000)


def test_a_thread_costs_the_same_queries_whatever_its_size(staff: Client) -> None:
    corpus = build.build_corpus()
    small, large = build.build_thread(corpus), build.build_thread(corpus)
    _argue(small, 2)
    _argue(large, 30)
    _queries(staff, small)  # a first look is noted in the audit log
    assert _queries(staff, small) == _queries(staff, large) <= 10


def _argue(thread: Thread, count: int) -> None:
    parent = build.build_comment(thread, author=build.build_author(thread.corpus))
    for _ in range(count):
        author = build.build_author(thread.corpus)
        comment = build.build_comment(thread, reply_to=parent, author=author)
        CommentRelation.objects.create(
            comment=comment, kind="quote", basis="given", start=0, end=4, target=parent
        )
        CommentRelation.objects.create(
            comment=comment, kind="mention", basis="given", start=0, end=4, target_author=author
        )


def _queries(client: Client, thread: Thread) -> int:
    with CaptureQueriesContext(connection) as queries:
        thread_page(client, thread)
    return len(queries)


@pytest.mark.parametrize(("role", "status"), [("annotator", 404), ("viewer", 200)])
def test_an_annotator_does_not_read_the_whole_corpus(
    client: Client, role: str, status: int
) -> None:
    campaign = build.build_campaign()
    comment = build.build_comment(build.build_thread(campaign.corpus))
    reader = build.build_user()
    build.build_membership(campaign, reader, role=role)
    client.force_login(reader)
    assert client.get(f"/threads/{comment.thread_id}/").status_code == status
    assert client.get(f"/corpora/{campaign.corpus.slug}/").status_code == status


def test_staff_makes_a_corpus(staff: Client) -> None:
    sent = {"name": "Old", "slug": "old", "author_names": "pseudonym"}
    assert staff.post("/corpora/new/", sent)["Location"] == "/corpora/old/"
    assert "choose another slug" in staff.post("/corpora/new/", sent).content.decode()
    taken = staff.post("/corpora/new/", {**sent, "slug": "new"}).content.decode()
    assert "is taken by this page" in taken


def test_a_codebook_is_loaded_from_text_or_file_and_read_safely(staff: Client) -> None:
    assert staff.post("/codebooks/new/", {"text": YAML})["Location"] == "/codebooks/mood/1/"
    file = SimpleUploadedFile("mood.yaml", YAML.encode())
    assert staff.post("/codebooks/new/", {"file": file})["Location"] == "/codebooks/mood/1/"
    assert Codebook.objects.count() == 1
    html = staff.get("/codebooks/mood/1/").content.decode()
    for shown in ("How does it sound?", "<kbd>d</kbd>", "Quiet words.", "<strong>all</strong>"):
        assert shown in html
    assert ">Before you begin</h3>" in html
    assert "<script>alert" not in html
    assert 'href="javascript' not in html


def test_a_faulty_codebook_is_refused_with_its_paths(staff: Client) -> None:
    text = YAML.replace("kind: single_label", "kind: dance").replace("hotkey: a", "hotkey: d")
    html = staff.post("/codebooks/new/", {"text": text}).content.decode()
    assert "questions[0].kind" in html
    assert not Codebook.objects.exists()


def test_a_changed_text_under_the_same_version_is_refused(staff: Client) -> None:
    staff.post("/codebooks/new/", {"text": YAML})
    html = staff.post("/codebooks/new/", {"text": YAML.replace("Calm", "Cool")}).content.decode()
    assert "raise `version` to 2" in html


@pytest.mark.parametrize("address", ["/corpora/new/", "/codebooks/new/"])
def test_only_staff_brings_things_in(client: Client, address: str) -> None:
    client.force_login(build.build_user())
    response = client.get(address)
    assert response.status_code == 403
    assert "Only staff may do this" in response.content.decode()


def test_campaigns_of_a_corpus_are_listed_with_it(staff: Client) -> None:
    corpus = build.build_corpus("bridge")
    campaign: Campaign = build.build_campaign(corpus, name="The study")
    html = staff.get("/corpora/bridge/").content.decode()
    assert f'href="/campaigns/{campaign.slug}/">The study' in html
