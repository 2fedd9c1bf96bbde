"""Every real file goes through the command, twice: stored as counted, then nothing new.

conftest.py leaves this module out where the samples are not at hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.db.models import Model

from annotations.models import (
    Annotation,
    Author,
    Comment,
    CommentRelation,
    CommentRevision,
    Thread,
)
from importers.report import Report
from importers.source import Source
from tests.importers.conftest import SAMPLES
from tests.importers.storing import run_command, try_command

pytestmark = pytest.mark.django_db

STORED: tuple[type[Model], ...] = (
    Thread,
    Author,
    Comment,
    CommentRelation,
    CommentRevision,
    Annotation,
)


@dataclass(frozen=True)
class Counts:
    """``replies`` have their parent, ``orphans`` name one that is not in the file."""

    threads: int
    openings: int
    comments: int
    replies: int = 0
    orphans: int = 0
    missing: int = 0
    refused: int = 0
    gold: int = 0


# They take seconds.
LARGE = {"convokit/streamlit", "pheme", "table/xuanli286_reddit_comments.json"}

# The quotes of posts elsewhere that the catalogue shows are what is refused of it. The recorded
# tests of Bluesky share their made-up ids, so of their threads only few are different.
DONE = {
    "4chan/4chanAPI_Catalog_0.json": ("fourchan", Counts(4, 4, 14, 0, 4, 289, 4)),
    "4chan/4chanAPI_Threads_0.json": ("fourchan", Counts(1, 1, 2)),
    "4chan/bekmuroda_po_570368.json": ("fourchan", Counts(1, 1, 2, refused=1)),
    "activitypub": ("mastodon", Counts(14, 7, 11, 4, 2, 1)),
    "bluesky/derived_bsky_thread-v2.json": ("bluesky", Counts(1, 0, 7, 6)),
    "bluesky/derived_bsky_thread.json": ("bluesky", Counts(3, 0, 7, 5, 0, 2)),
    "convokit/streamlit": ("convokit", Counts(50, 50, 1469, 1469)),
    "convokit/streamlit/utterances.jsonl": ("convokit", Counts(50, 50, 1469, 1469)),
    "discord/mlomb_DM_2A_2M.json": ("discord", Counts(1, 0, 2)),
    "discord/mlomb_GC_3A_5M.json": ("discord", Counts(1, 0, 3, 1)),
    "discord/mlomb_SV_5A_5M.json": ("discord", Counts(1, 0, 4, refused=1)),
    "discourse/discourse_api_topic.json": ("discourse", Counts(1, 1, 3, 1)),
    "discourse/urho3d_inverse-kinematics.1819.json": ("discourse", Counts(1, 1, 114, 42)),
    "disqus/isso_disqus.xml": ("disqus", Counts(3, 0, 6, 2)),
    "hackernews/ntdunglc_202408_raw.json": ("hackernews", Counts(1, 1, 288, missing=88)),
    "html_page/extruct_microdata.7.1.html": ("html_page", Counts(1, 1, 2)),
    "html_page/traf_gormulus.wordpress.com.durfen.html": ("html_page", Counts(1, 1, 45, 25)),
    "html_page/traf_hpd.de-Homosexuellenhass.html": ("html_page", Counts(1, 1, 10, 5)),
    "pheme": ("pheme", Counts(23, 0, 302, 279, missing=17, gold=302)),
    "reddit_dump/paul-e_test_comments.ndjson": ("reddit_dump", Counts(27, 0, 27, 0, 9)),
    "reddit_dump/paul-e_test_comments.ndjson.zst": ("reddit_dump", Counts(27, 0, 27, 0, 9)),
    "reddit_dump/paul-e_test_submissions.ndjson": ("reddit_dump", Counts(31, 31, 0)),
    "reddit_listing/3hahrw.json": ("reddit_listing", Counts(1, 1, 476, 339, missing=67)),
    "saved_page/000_9cacfffb59cd1aee.txt": ("saved_page", Counts(1, 1, 45)),
    "saved_page/expected.json": ("table", Counts(1, 0, 45)),
    "stackexchange": ("stackexchange", Counts(54, 54, 345, 159)),
    "stackexchange/Posts.xml": ("stackexchange", Counts(54, 54, 115, missing=230)),
    "table/d2nn_CommentsMarch2018.csv": ("table", Counts(3, 0, 149)),
    "table/fox-news-comments.ndjson": ("table", Counts(10, 0, 1528)),
    "table/xuanli286_reddit_comments.json": ("table", Counts(469, 0, 4443, 2187, 90)),
    "table/youtoxic_english_1000.csv": ("table", Counts(12, 0, 984, refused=16)),
    "telegram/innerdvations_bot.json": ("telegram", Counts(1, 0, 2)),
    "telegram/innerdvations_error-unexpected.json": ("telegram", Counts(1, 0, 12, refused=3)),
    "telegram/innerdvations_personal.json": ("telegram", Counts(1, 0, 0)),
    "telegram/innerdvations_private_channel.json": ("telegram", Counts(1, 0, 5, 2)),
    "telegram/innerdvations_private_group.json": ("telegram", Counts(1, 0, 1)),
    "telegram/innerdvations_public_channel.json": ("telegram", Counts(1, 0, 5, 2)),
    "telegram/innerdvations_public_supergroup.json": ("telegram", Counts(1, 0, 1)),
    "telegram/innerdvations_saved.json": ("telegram", Counts(1, 0, 20, 1)),
    "telegram/innerdvations_users_test.json": ("telegram", Counts(1, 0, 8, 2)),
    "telegram/mlomb_DM_2A_7M.json": ("telegram", Counts(1, 0, 6)),
    "twitter_v2/twarc_edited.jsonl": ("twitter", Counts(1, 0, 1)),
    "twitter_v2/twarc_flat.jsonl": ("twitter", Counts(97, 0, 100, 1, 30)),
    "twitter_v2/twarc_noflat.jsonl": ("twitter", Counts(97, 0, 100, 1, 30)),
    "twitter_v2/twarc_streaming_output_with_error.jsonl": (
        "twitter",
        Counts(7, 0, 7, 0, 3, refused=1),
    ),
    "web_crawl/datajuicer_demo-redpajama-c4-refined.jsonl": (
        "web_documents",
        Counts(0, 0, 0, refused=10),
    ),
    "web_crawl/whirlwind.warc.wet.gz": ("web_documents", Counts(0, 0, 0, refused=1)),
    "wikipedia_talk/sr-latn.html": ("wikipedia_talk", Counts(55, 0, 276, 138)),
    "wordpress_wxr/isso_wordpress.xml": ("wordpress", Counts(2, 2, 8, 3)),
    "wordpress_wxr/themeunittestdata.wordpress.xml": ("wordpress", Counts(6, 6, 32, 10)),
    "wordpress_wxr/wpimporter_valid-wxr-1.1.xml": ("wordpress", Counts(1, 1, 1)),
    "youtube/derived_comments.info.json": ("youtube", Counts(1, 0, 20)),
    "youtube/derived_short.info.json": ("youtube", Counts(1, 0, 20)),
    "youtube/phoenix_comment_threads_response.json": ("youtube", Counts(10, 0, 13, 1)),
}

FAILED = {
    "convokit/streamlit/conversations.json": "none of the known formats",
    "convokit/streamlit/corpus.json": "none of the known formats",
    "convokit/streamlit/index.json": "none of the known formats",
    "convokit/streamlit/speakers.json": "none of the known formats",
    "disqus/remark42_disqus.xml": "line 1, column 1",
    "stackexchange/Comments.xml": "needs Posts.xml beside it",
    "stackexchange/Users.xml": "needs Posts.xml beside it",
    "telegram/innerdvations_error.json": "near line 5. It is not valid JSON",
    "web_crawl/resiliparse_clipped.warc.gz": "cut off or broken",
    "wikipedia_talk/sr-latn.json": "none of the known formats",
    "wordpress_wxr/wpimporter_crazy-cdata.xml": "line 18",
    "wordpress_wxr/wpimporter_malformed.xml": "line 90",
}


def everything() -> list[list[dict[str, Any]]]:
    return [[*model._default_manager.order_by("pk").values()] for model in STORED]


def counts(report: dict[str, Any]) -> Counts:
    return Counts(
        threads=report["threads"]["created"],
        openings=report["openings"]["created"],
        comments=report["comments"]["created"],
        replies=report["replies"]["given"],
        orphans=report["replies"]["orphaned"],
        missing=report["missing"],
        refused=report["refused_count"],
        gold=report["gold"],
    )


def test_every_file_of_the_index_is_here() -> None:
    listed = {
        line.split("`")[1].rstrip("/")
        for line in (SAMPLES / "INDEX.md").read_text().splitlines()
        if line.startswith("| `")
    }
    assert listed <= DONE.keys() | FAILED.keys()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param(name, expected, id=name, marks=[pytest.mark.slow] * (name in LARGE))
        for name, expected in DONE.items()
    ],
)
def test_a_file_is_stored_as_counted_and_once(name: str, expected: tuple[str, Counts]) -> None:
    (report,) = run_command(SAMPLES / name)
    assert (report["state"], report["error"]) == ("done", "")
    assert (report["format"], counts(report)) == expected
    stored = Comment.objects.count()
    assert stored == expected[1].openings + expected[1].comments
    assert Thread.objects.count() == expected[1].threads
    assert Annotation.objects.count() == expected[1].gold
    before = everything()
    (again,) = run_command(SAMPLES / name)
    for noun in ("threads", "openings", "comments", "authors"):
        assert again[noun]["created"] == 0
        assert again[noun]["updated"] == 0
    assert Comment.objects.count() == stored
    assert everything() == before


@pytest.mark.parametrize(("name", "why"), FAILED.items(), ids=FAILED)
def test_what_cannot_be_read_says_why_and_leaves_nothing(name: str, why: str) -> None:
    ((report,), error) = try_command(SAMPLES / name)
    assert error is not None
    assert report["state"] == "failed"
    assert why in report["error"]
    assert Source(SAMPLES / name).name in report["error"]
    assert {key: report[key] for key in Report().counts()} == Report().counts()
    assert not any(everything())
