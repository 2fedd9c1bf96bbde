"""The corpus page: its numbers, and its threads searched, filtered, sorted and paged."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.models import Corpus, Thread
from tests import builders as build

pytestmark = pytest.mark.django_db
PLACE = "/corpora/bridge/"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(build.build_user("sue", is_staff=True))
    return client


@pytest.fixture
def corpus() -> Corpus:
    return build.build_corpus("bridge")


def _day(day: int, hour: int = 12) -> datetime:
    return datetime(2025, 4, day, hour, tzinfo=UTC)


@pytest.fixture
def threads(corpus: Corpus) -> None:
    known = [
        ("old", {"platform": "disqus", "language": "de", "comment_count": 2, "max_depth": 1}),
        ("mid", {"platform": "reddit", "language": "en", "comment_count": 90, "max_depth": 7}),
        ("new", {"platform": "", "language": "", "comment_count": 5, "max_depth": 0}),
    ]
    for day, (name, figures) in zip((1, 9, None), known, strict=True):
        begun = _day(day) if day else None
        build.build_thread(corpus, name, title=f"The {name} one", started_at=begun, **figures)


def titles(client: Client, **query: Any) -> list[str]:
    page = client.get(PLACE, query).context["page"]
    return [thread.source_id for thread in page]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["new", "mid", "old"]),
        ({"q": "MID"}, ["mid"]),
        ({"q": "old"}, ["old"]),
        ({"platform": "reddit"}, ["mid"]),
        ({"platform": "-"}, ["new"]),
        ({"language": "de"}, ["old"]),
        ({"begun_from": "2025-04-02"}, ["mid"]),
        ({"begun_to": "2025-04-01"}, ["old"]),
        ({"begun_to": "9999-12-31"}, ["mid", "old"]),
        ({"min_comments": "5"}, ["new", "mid"]),
        ({"min_depth": "1"}, ["mid", "old"]),
        ({"has_labels": "yes"}, []),
        ({"has_labels": "no", "q": "mid"}, ["mid"]),
        ({"sort": "size"}, ["mid", "new", "old"]),
        ({"sort": "date"}, ["mid", "old", "new"]),
    ],
)
def test_threads_are_filtered_and_sorted(
    staff: Client, threads: None, query: dict[str, str], expected: list[str]
) -> None:
    assert titles(staff, **query) == expected


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles"])
def test_a_day_begins_where_the_pages_are_read(
    staff: Client, threads: None, settings: Any, zone: str
) -> None:
    settings.TIME_ZONE = zone
    Thread.objects.filter(source_id="mid").update(started_at=_day(9, hour=2))
    found = titles(staff, begun_from="2025-04-09")
    assert found == (["mid"] if zone == "Asia/Tokyo" else [])
    assert titles(staff, begun_from="0001-01-01") == ["mid", "old"]
    assert titles(staff, begun_to="9999-12-31") == ["mid", "old"]
    assert titles(staff, begun_to="0001-01-01") == []


def test_the_text_of_visible_comments_is_searched(staff: Client, corpus: Corpus) -> None:
    said, gone = build.build_thread(corpus, "said"), build.build_thread(corpus, "gone")
    build.build_comment(said, "The Ferry sank.")
    build.build_comment(gone, "The ferry sank.", status="removed_by_moderator")
    assert titles(staff, text="ferry") == ["said"]
    page = staff.get(PLACE, {"text": "fe"})
    assert "at least 3 characters" in page.content.decode()
    assert len(page.context["page"]) == 2


def test_labels_are_those_of_campaigns_that_one_may_read(client: Client, corpus: Corpus) -> None:
    own, other = build.build_campaign(corpus), build.build_campaign(corpus)
    reader = build.build_user()
    build.build_membership(own, reader, role="viewer")
    for campaign, name in ((own, "own"), (other, "other")):
        comment = build.build_comment(build.build_thread(corpus, name))
        build.build_annotation(build.build_unit(campaign, comment))
    client.force_login(reader)
    assert titles(client, has_labels="yes") == ["own"]
    assert titles(client, has_labels="no") == ["other"]


def test_each_filter_is_a_chip_that_takes_itself_away(staff: Client, threads: None) -> None:
    query = {"q": "one", "min_comments": "3", "sort": "size", "after": '["5", "3"]'}
    filters = staff.get(PLACE, query).context["filters"]
    chips = {chip.words: chip.without for chip in filters.chips()}
    assert chips == {
        "Title or id: one": "?min_comments=3&sort=size",
        "Comments, at least: 3": "?q=one&sort=size",
    }
    assert filters.unfiltered() == "?sort=size"


def test_a_chip_says_what_was_chosen_in_words(staff: Client, threads: None) -> None:
    query = {"platform": "-", "begun_from": "2025-04-02", "has_labels": "no"}
    html = staff.get(PLACE, query).content.decode()
    for words in ("Platform: not known", "Begun from: 2 Apr 2025", "Labels: without labels"):
        assert f'Remove the filter </span><span dir="auto">{words}</span>' in html


def test_nothing_found_says_what_to_do(staff: Client, threads: None) -> None:
    html = staff.get(PLACE, {"q": "zeppelin"}).content.decode()
    assert "No thread fits." in html
    assert '<a href="?">show all threads</a>' in html


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"begun_from": "soon"}, "Enter a valid date."),
        ({"min_comments": "-1"}, "greater than or equal to 0"),
        ({"platform": "usenet"}, "not one of the available choices"),
        ({"sort": "mood"}, "not one of the available choices"),
    ],
)
def test_a_filter_that_makes_no_sense_says_so_and_hides_nothing(
    staff: Client, threads: None, query: dict[str, str], sentence: str
) -> None:
    response = staff.get(PLACE, query)
    assert sentence in response.content.decode()
    assert len(response.context["page"]) == 3


@pytest.mark.parametrize("sort", ["", "size", "date"])
def test_turning_pages_shows_every_thread_once_forth_and_back(
    staff: Client, corpus: Corpus, sort: str
) -> None:
    for n in range(120):
        begun = _day(1) + timedelta(days=n % 7) if n % 3 else None
        build.build_thread(corpus, f"t{n}", comment_count=n % 5, started_at=begun)
    pages = [staff.get(PLACE, {"sort": sort, "q": "bridge"}).context["page"]]
    while pages[-1].next:
        assert "q=bridge" in pages[-1].next
        pages.append(staff.get(PLACE + pages[-1].next).context["page"])
    forth = [[thread.pk for thread in page] for page in pages]
    assert [len(page) for page in forth] == [50, 50, 20]
    every = Thread.objects.values_list("pk", flat=True)
    assert sorted(pk for page in forth for pk in page) == sorted(every)
    back = [pages[-1]]
    while back[-1].previous:
        back.append(staff.get(PLACE + back[-1].previous).context["page"])
    assert [[thread.pk for thread in page] for page in back] == forth[::-1]


@pytest.mark.parametrize(
    "place", ["x", "[1, 2]", '["1"]', '["x", "y"]', "{}", "[[], []]", "9" * 40]
)
def test_a_place_that_is_none_is_refused_in_words(staff: Client, threads: None, place: str) -> None:
    response = staff.get(PLACE, {"sort": "date", "after": place})
    assert response.status_code == 400
    assert "names no place in the list" in response.content.decode()


def test_the_page_costs_the_same_queries_for_many_threads(staff: Client, corpus: Corpus) -> None:
    query = {"sort": "size", "has_labels": "no", "text": "bridge", "min_depth": "0"}
    counts = []
    for wanted in (2, 40):
        while corpus.threads.count() < wanted:
            build.build_comment(build.build_thread(corpus, platform=f"p{wanted}"))
        with CaptureQueriesContext(connection) as queries:
            assert len(staff.get(PLACE, query).context["page"]) == wanted
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 17


def test_a_corpus_counts_articles_apart_from_comments(staff: Client, corpus: Corpus) -> None:
    thread = build.build_thread(corpus, missing=3)
    build.build_comment(thread, kind="article")
    for _ in range(4):
        build.build_comment(thread)
    build.build_comment(thread, "", status="spam")
    numbers = staff.get(PLACE).context["numbers"]
    assert (numbers.threads, numbers.openings, numbers.comments) == (1, 1, 5)
    assert (numbers.gone, numbers.missing) == (1, 3)


def test_a_row_tells_size_depth_dates_and_language(staff: Client, corpus: Corpus) -> None:
    figures: dict[str, Any] = {"comment_count": 1234, "max_depth": 9, "missing": 7}
    figures |= {"started_at": _day(1), "ended_at": _day(3)}
    build.build_thread(corpus, platform="reddit", language="de", **figures)
    html = staff.get(PLACE).content.decode()
    row = html.partition("</thead>")[2].partition("</tr>")[0]
    cells = [cell.partition(">")[2].partition("</td>")[0] for cell in row.split("<td")[1:]]
    assert [cell.strip() for cell in cells] == [
        "reddit",
        "de",
        "1,234",
        "9",
        "1 Apr 2025 to 3 Apr 2025",
        "7",
    ]


def test_an_empty_corpus_offers_an_import_and_no_filters(staff: Client, corpus: Corpus) -> None:
    html = staff.get(PLACE).content.decode()
    assert "This corpus is empty." in html
    assert 'role="search"' not in html


def test_the_key_of_a_place_is_json_only_where_there_are_several(
    staff: Client, corpus: Corpus
) -> None:
    for n in range(60):
        build.build_thread(corpus, comment_count=n)
    response = staff.get(PLACE, {"sort": "size"})
    last = response.context["page"].rows[-1]
    following = staff.get(PLACE + response.context["page"].next)
    assert json.loads(following.wsgi_request.GET["after"]) == [
        str(last.comment_count),
        str(last.pk),
    ]
