"""The feeds of changes: whole, in order, without loss under writes, and only for who may read."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import timedelta
from importlib import import_module
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from annotations.models import Annotation, Change, Comment, Corpus, Thread, Unit
from annotations.services.annotations import save_annotation
from annotations.services.changes import (
    note_annotations,
    note_annotations_of,
    note_comments,
    note_threads,
)
from tests.annotations.api.routes import check_answer
from tests.annotations.api.world import API, World, hold
from tests.annotations.mirror import Mirror, listed
from tests.annotations.study import a_save, at_once
from tests.builders import (
    NOON,
    build_annotation,
    build_answer,
    build_campaign,
    build_comment,
    build_corpus,
    build_thread,
    build_unit,
    build_user,
)

CORPUS = f"{API}corpora/talk/changes/"
CAMPAIGN = f"{API}campaigns/study/changes/"
AHEAD = "from ahead of the feed"


def note_all(world: World) -> None:
    """As if services had written the world."""
    threads, comments = (
        list(rows.objects.filter(corpus=world.corpus).values_list("pk", flat=True))
        for rows in (Thread, Comment)
    )
    note_threads(corpus=world.corpus, threads=threads, now=NOON)
    note_comments(corpus=world.corpus, comments=comments, now=NOON)


def get(world: World, address: str, role: str = "viewer", **query: Any) -> dict[str, Any]:
    response = world.client(role).get(address, query)
    assert response.status_code == 200, response.content
    name = "corpus_changes" if "corpora" in address else "campaign_changes"
    check_answer("GET", name, response)
    body: dict[str, Any] = response.json()
    return body


def ids(page: dict[str, Any]) -> list[tuple[str, int]]:
    return [(change["kind"], change["id"]) for change in page["results"]]


def refusal(world: World, status: int, **query: Any) -> dict[str, Any]:
    response = world.client("viewer").get(CORPUS, query)
    assert response.status_code == status, response.content
    check_answer("GET", "corpus_changes", response)
    body: dict[str, Any] = response.json()
    return body


class TestReading:
    def test_an_empty_feed_has_a_cursor_that_later_leads_on(self, world: World) -> None:
        page = get(world, CORPUS)
        assert (page["next"], page["results"]) == (None, [])
        note_all(world)
        assert len(get(world, CORPUS, cursor=page["cursor"])["results"]) == 5

    def test_rows_are_as_their_own_routes_show_them(self, world: World) -> None:
        note_all(world)
        client = world.client("viewer")
        for change in get(world, CORPUS)["results"]:
            kind = change["kind"]
            assert change[kind] == client.get(f"{API}{kind}s/{change['id']}/").json()
            assert change[{"thread": "comment", "comment": "thread"}[kind]] is None
            assert change["changed_at"] == "2026-03-01T12:00:00Z"
        (said,) = get(world, CAMPAIGN)["results"]
        assert said["kind"] == "annotation"
        assert said["annotation"] == client.get(f"{API}annotations/{said['id']}/").json()

    def test_pages_go_on_to_the_end_and_each_row_comes_once(self, world: World) -> None:
        note_all(world)
        client, address, came = world.client("viewer"), f"{CORPUS}?page_size=2", []
        sizes = []
        while address:
            page = client.get(address).json()
            came += ids(page)
            sizes.append(len(page["results"]))
            address = page["next"]
        assert sizes == [2, 2, 1]
        assert sorted(came) == sorted(set(came))
        assert len(came) == 5
        assert get(world, CORPUS, cursor=page["cursor"])["results"] == []

    def test_a_full_last_page_has_no_next(self, world: World) -> None:
        note_all(world)
        assert get(world, CORPUS, page_size=5)["next"] is None

    def test_what_changes_again_comes_again_once(self, world: World) -> None:
        note_all(world)
        first = get(world, CORPUS, page_size=2)
        again = first["results"][0]["id"]
        note_threads(corpus=world.corpus, threads=[again], now=NOON + timedelta(hours=1))
        rest = get(world, CORPUS, cursor=first["cursor"])
        (change,) = (one for one in rest["results"] if one["kind"] == "thread")
        assert (change["id"], change["changed_at"]) == (again, "2026-03-01T13:00:00Z")
        assert len(rest["results"]) == 4
        assert len(get(world, CORPUS)["results"]) == 5

    def test_the_last_row_that_changes_again_is_not_missed(self, world: World) -> None:
        """Its number must not be given to itself a second time."""
        note_all(world)
        page = get(world, CORPUS)
        for _ in range(3):
            kind, last = ids(page)[-1]
            assert kind == "comment"
            note_comments(corpus=world.corpus, comments=[last], now=NOON)
            page = get(world, CORPUS, cursor=page["cursor"])
            assert ids(page) == [("comment", last)]

    def test_anybody_may_begin_anew_at_any_time(self, world: World) -> None:
        note_all(world)
        mirror = Mirror(world.client("viewer"), world.corpus, page_size=2)
        mirror.follow()
        note_comments(corpus=world.corpus, comments=[world.comments[0].pk], now=NOON)
        anew = Mirror(world.client("viewer"), world.corpus, page_size=3)
        anew.follow()
        mirror.follow()
        assert anew.rows == mirror.rows == listed(world.client("viewer"), world.corpus)

    def test_what_was_there_before_there_were_feeds_is_in_them(self, world: World) -> None:
        Change.objects.all().delete()
        fill = import_module("annotations.migrations.0019_first_changes")
        with connection.cursor() as cursor:
            for statement in fill.STATEMENTS:
                cursor.execute(statement)
        for feed in (world.corpus, world.campaign):
            mirror = Mirror(world.client("viewer"), feed)
            mirror.follow()
            assert mirror.rows == listed(world.client("viewer"), feed)

    def test_only_the_wanted_fields(self, world: World) -> None:
        note_all(world)
        response = world.client("viewer").get(CORPUS, {"fields": "id,gone"})
        assert {tuple(one) for one in response.json()["results"]} == {("id", "gone")}
        assert response.json()["cursor"]

    def test_who_has_the_answer_gets_it_not_again(self, world: World) -> None:
        note_all(world)
        client = world.client("viewer")
        first = client.get(CORPUS)
        again = client.get(CORPUS, headers={"If-None-Match": first["ETag"]})
        assert again.status_code == 304

    def test_one_feed_knows_nothing_of_another(self, world: World) -> None:
        other = build_corpus("other")
        note_all(world)
        note_threads(corpus=other, threads=[build_thread(other).pk], now=NOON)
        assert len(get(world, CORPUS)["results"]) == 5
        assert len(get(world, f"{API}corpora/other/changes/", "staff")["results"]) == 1


class TestGone:
    def test_a_comment_that_was_taken_back_keeps_its_place(self, world: World) -> None:
        note_all(world)
        by_id = {change["id"]: change for change in get(world, CORPUS)["results"]}
        gone = by_id[world.comments[3].pk]
        assert gone["gone"] is True
        assert gone["comment"]["text"] == ""
        assert by_id[world.comments[1].pk]["gone"] is False

    def test_with_a_comment_its_annotations_are_gone_and_come_back(self, world: World) -> None:
        page = get(world, CAMPAIGN)
        (said,) = page["results"]
        assert said["gone"] is False
        comment = world.comments[1]
        for status, gone, quote in (("deleted_by_author", True, ""), ("visible", False, "😀")):
            Comment.objects.filter(pk=comment.pk).update(status=status)
            note_annotations_of(comments=[comment.pk], now=NOON)
            page = get(world, CAMPAIGN, cursor=page["cursor"])
            (said,) = page["results"]
            assert said["gone"] is gone
            assert said["annotation"]["answers"]["part"][0]["quote"] == quote

    def test_what_was_skipped_as_harmful_is_nobody_s(self, world: World) -> None:
        page = get(world, CAMPAIGN)
        save = a_save({}, based_on=1, state="skipped", harmful=True)
        member = world.membership("annotator")
        save_annotation(membership=member, unit=world.unit, save=save, now=NOON)
        (said,) = get(world, CAMPAIGN, cursor=page["cursor"])["results"]
        assert (said["id"], said["gone"], said["annotation"]) == (world.annotation.pk, True, None)

    def test_a_row_that_is_no_more_is_told(self, world: World) -> None:
        thread = build_thread(world.corpus)
        note_threads(corpus=world.corpus, threads=[thread.pk], now=NOON)
        page = get(world, CORPUS)
        pk = thread.pk
        thread.delete()
        note_threads(corpus=world.corpus, threads=[pk], now=NOON)
        (change,) = get(world, CORPUS, cursor=page["cursor"])["results"]
        assert (change["id"], change["gone"], change["thread"]) == (pk, True, None)

    def test_the_annotation_of_a_whole_thread_stays(self, world: World) -> None:
        unit = build_unit(world.campaign, thread=world.thread)
        said = build_annotation(unit, world.membership("viewer"))
        note_annotations(campaign=world.campaign, annotations=[said.pk], now=NOON)
        change = get(world, CAMPAIGN)["results"][-1]
        assert (change["id"], change["gone"]) == (said.pk, False)


class TestCursors:
    def test_one_that_is_none_is_refused(self, world: World) -> None:
        for broken in ("x", "[]", "WzFd", "e30", "\0", "é", "9" * 5000, "bnVsbA", "W10"):
            body = refusal(world, 400, cursor=broken)
            assert "no cursor of a feed" in body["fields"]["cursor"][0], broken
        key = _content(get(world, CORPUS)["cursor"])[0]
        numbers: list[list[Any]] = [[1], [1, -1], [1, 2**63], [True, 1], ["1", 1], [1, 1, 1]]
        for wrong in numbers:
            assert refusal(world, 400, cursor=_cursor([key, *wrong]))["code"] == "invalid"

    def test_one_from_ahead_is_told_to_begin_anew(self, world: World) -> None:
        """As after the server was restored from a backup."""
        note_all(world)
        early = get(world, CORPUS, page_size=4)["cursor"]
        late = get(world, CORPUS)["cursor"]
        backup = list(Change.objects.values_list("pk", "number", "pending"))
        note_comments(corpus=world.corpus, comments=[world.comments[0].pk], now=NOON)
        lost = get(world, CORPUS, cursor=late)["cursor"]
        for pk, number, pending in backup:
            Change.objects.filter(pk=pk).update(number=number, pending=pending)
        body = refusal(world, 409, cursor=lost)
        assert body["code"] == "conflict"
        assert AHEAD in body["message"]
        assert len(get(world, CORPUS, cursor=early)["results"]) == 1
        # Others have gone further by now, but what this reader knows last never came to be.
        note_comments(
            corpus=world.corpus, comments=[one.pk for one in world.comments[1:]], now=NOON
        )
        get(world, CORPUS)
        assert AHEAD in refusal(world, 409, cursor=lost)["message"]

    def test_one_of_another_feed_or_server_too(self, world: World) -> None:
        note_all(world)
        build_thread(build_corpus("other"))
        elsewhere = get(world, f"{API}corpora/other/changes/", "staff")["cursor"]
        labels = get(world, CAMPAIGN)["cursor"]
        own = get(world, CORPUS)["cursor"]
        Corpus.objects.filter(pk=world.corpus.pk).update(pseudonym_key="0" * 64)
        for cursor in (elsewhere, labels, own):
            assert AHEAD in refusal(world, 409, cursor=cursor)["message"]

    @pytest.mark.parametrize("size", ["0", "501", "-1", "x", ""])
    def test_the_size_of_a_page_has_limits(self, world: World, size: str) -> None:
        assert refusal(world, 400, page_size=size)["fields"].keys() == {"page_size"}

    def test_another_parameter_is_refused(self, world: World) -> None:
        assert "cursor, fields, page_size" in refusal(world, 400, since="now")["message"]


def _content(cursor: str) -> list[Any]:
    content: list[Any] = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return content


def _cursor(content: list[Any]) -> str:
    return urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


class TestWhoMayRead:
    def test_annotators_stay_blind(self, world: World) -> None:
        note_all(world)
        client = world.client("annotator")
        assert client.get(CAMPAIGN).status_code == 403
        assert client.get(CORPUS).status_code == 404

    def test_tokens_read_what_their_scopes_open(self, world: World) -> None:
        labels, corpus = (world.script("viewer", f"{one}:read") for one in ("labels", "corpus"))
        assert labels.get(CAMPAIGN).status_code == corpus.get(CORPUS).status_code == 200
        assert labels.get(CORPUS).status_code == corpus.get(CAMPAIGN).status_code == 403

    def test_a_token_of_another_campaign_finds_nothing(self, world: World) -> None:
        script = world.script("staff", "all", campaigns=[build_campaign()])
        assert script.get(CAMPAIGN).status_code == script.get(CORPUS).status_code == 404


class TestCost:
    def test_thirty_rows_cost_as_many_queries_as_three(self, world: World) -> None:
        for address in (CORPUS, CAMPAIGN):
            world.client("viewer").get(address)  # the audit log is told once an hour
        counts = []
        for number in (3, 30):
            annotations, comments = [], []
            for _ in range(number):
                comment = build_comment(world.thread, "a", author=None)
                said = build_annotation(build_unit(world.campaign, comment))
                build_answer(said, "claim", label="yes")
                comments.append(comment.pk)
                annotations.append(said.pk)
            note_comments(corpus=world.corpus, comments=comments, now=NOON)
            note_annotations(campaign=world.campaign, annotations=annotations, now=NOON)
            counts.append([self._queries(world, address) for address in (CORPUS, CAMPAIGN)])
        assert counts[0] == counts[1]

    def _queries(self, world: World, address: str) -> tuple[int, int]:
        """When the changes get their numbers, and when they have them."""
        client = world.client("viewer")
        taken = []
        for _ in range(2):
            with CaptureQueriesContext(connection) as queries:
                assert len(client.get(address, {"page_size": 500}).json()["results"]) >= 3
            taken.append(len(queries))
        return taken[0], taken[1]

    def test_a_request_numbers_no_more_than_it_shows_and_one(self, world: World) -> None:
        note_all(world)
        get(world, CORPUS, page_size=2)
        assert Change.objects.filter(corpus=world.corpus, pending=False).count() == 3

    def test_who_finds_nothing_new_writes_nothing(self, world: World) -> None:
        note_all(world)
        cursor = get(world, CORPUS)["cursor"]
        client = world.client("viewer")
        with CaptureQueriesContext(connection) as queries:
            client.get(CORPUS, {"cursor": cursor})
        written = [one["sql"] for one in queries if not one["sql"].startswith("SELECT")]
        assert written == []


class TestUpdatedSince:
    def rows(self, world: World, address: str, since: str, **query: Any) -> list[int]:
        response = world.client("viewer").get(API + address, {"updated_since": since, **query})
        assert response.status_code == 200, response.content
        return [row["id"] for row in response.json()["results"]]

    def test_it_leaves_what_changed_then_or_later(self, world: World) -> None:
        note_all(world)
        thread, comment = world.thread, world.comments[1]
        later = NOON + timedelta(hours=1)
        note_comments(corpus=world.corpus, comments=[comment.pk], now=later)
        note_annotations(campaign=world.campaign, annotations=[world.annotation.pk], now=later)
        assert len(self.rows(world, "comments/", "2026-03-01T12:00:00Z")) == 4
        assert self.rows(world, "comments/", "2026-03-01T13:00:00Z") == [comment.pk]
        assert self.rows(world, "comments/", "2026-03-01T14:00:00+01:00") == [comment.pk]
        assert self.rows(world, "comments/", "2026-03-01T13:00:00.000001Z") == []
        assert self.rows(world, "threads/", "2026-03-01T12:00:00Z") == [thread.pk]
        assert self.rows(world, "threads/", "2026-03-01T12:00:01Z") == []
        assert self.rows(world, "annotations/", "2026-03-01T13:00:00Z") == [world.annotation.pk]
        assert self.rows(world, "annotations/", "2026-03-01T13:00:01Z") == []

    def test_it_goes_with_the_other_filters(self, world: World) -> None:
        note_all(world)
        here = {"corpus": "talk", "thread": world.thread.pk, "author": "pada"}
        assert len(self.rows(world, "comments/", "2026-03-01T12:00:00Z", **here)) == 3
        assert self.rows(world, "threads/", "2026-03-01T12:00:00Z", q="nowhere") == []
        assert self.rows(world, "annotations/", "2026-03-01T12:00:00Z", state="skipped") == []

    @pytest.mark.parametrize(
        "wrong", ["yesterday", "2026-13-01", "0001-01-01T00:00:00+10:00", "12", "\0"]
    )
    def test_what_is_no_time_is_refused(self, world: World, wrong: str) -> None:
        for address in ("threads/", "comments/", "annotations/"):
            response = world.client("viewer").get(API + address, {"updated_since": wrong})
            assert response.status_code == 400, address
            assert response.json()["fields"].keys() == {"updated_since"}


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    """With transactions that really end; the world is built by hand, since nothing rolls back."""

    @pytest.fixture
    def corpus(self) -> Corpus:
        return build_corpus("talk")

    def client(self) -> APIClient:
        client = APIClient()
        client.force_login(build_user(is_staff=True))
        return client

    def noted(self, corpus: Corpus, count: int) -> list[int]:
        made = [build_thread(corpus).pk for _ in range(count)]
        note_threads(corpus=corpus, threads=made, now=NOON)
        return made

    def test_what_is_committed_late_comes_late(self, corpus: Corpus) -> None:
        """Though it was noted before what somebody has read by then."""
        if connection.vendor == "sqlite":
            return  # It has one writer at a time: nothing is committed between two others.
        early, late = build_thread(corpus).pk, build_thread(corpus).pk
        known = self.noted(corpus, 1)
        mirror = Mirror(self.client(), corpus)
        mirror.follow()
        noted, read = Event(), Event()

        def write_slowly() -> None:
            with transaction.atomic():
                note_threads(corpus=corpus, threads=[early, *known], now=NOON)
                noted.set()
                assert read.wait(30)

        def read_meanwhile() -> Sequence[int]:
            assert noted.wait(30)
            note_threads(corpus=corpus, threads=[late], now=NOON)
            try:
                return [change["id"] for change in mirror.follow()]
            finally:
                read.set()

        slowly, meanwhile = at_once([write_slowly, read_meanwhile])
        assert slowly is None
        assert meanwhile == [late]
        assert {change["id"] for change in mirror.follow()} == {early, *known}

    def test_two_who_read_at_once_both_get_all_of_it_once(self, corpus: Corpus) -> None:
        made = self.noted(corpus, 60)
        mirrors = [Mirror(self.client(), corpus, page_size=size) for size in (7, 4, 50)]
        for came in at_once([mirror.follow for mirror in mirrors]):
            assert not isinstance(came, Exception), came
            assert sorted(change["id"] for change in came) == made

    def test_nothing_is_missed_while_many_write(self, corpus: Corpus) -> None:
        threads = self.noted(corpus, 12)
        mirrors = [Mirror(self.client(), corpus, page_size=size) for size in (2, 5)]
        over = Event()

        def write(offset: int) -> None:
            for number in range(25):
                with transaction.atomic():
                    some = [threads[(offset + number * step) % 12] for step in (1, 5)]
                    for pk in sorted(some):
                        Thread.objects.filter(pk=pk).update(title=f"{offset} {number}")
                    note_threads(corpus=corpus, threads=some, now=timezone.now())

        def write_all(offset: int) -> None:
            try:
                write(offset)
            finally:
                if offset == 0:
                    over.set()

        def follow(mirror: Mirror) -> None:
            while not over.is_set():
                mirror.follow()

        acts = [
            *(lambda offset=offset: write_all(offset) for offset in range(3)),
            *(lambda mirror=mirror: follow(mirror) for mirror in mirrors),
        ]
        assert [one for one in at_once(acts) if one is not None] == []
        for mirror in mirrors:
            mirror.follow()
            assert mirror.rows == listed(self.client(), corpus)


def test_a_save_by_the_page_is_in_the_feed(world: World) -> None:
    """From the workspace's route to the mirror's."""
    page = get(world, CAMPAIGN)
    client = world.client("annotator")
    unit = Unit.objects.filter(campaign=world.campaign, purpose="study").exclude(pk=world.unit.pk)
    other = unit.select_related("comment").earliest("order")
    hold(other, world.membership("annotator"))
    body = {
        "save_id": "c56a4180-65aa-42ec-a945-5fd21dec0538",
        "revision": 0,
        "state": "submitted",
        "answers": {"claim": "no"},
        "note": "",
        "flagged": False,
        "confidence": None,
        "aside": False,
        "skip_reason": "",
        "harmful": False,
        "seconds": 1,
        "context": {},
    }
    address = f"{API}campaigns/study/units/{other.pk}/annotation/"
    for _ in range(2):  # the same save again is no change
        assert client.put(address, body, format="json").status_code == 200
        came = get(world, CAMPAIGN, cursor=page["cursor"])["results"]
        page = get(world, CAMPAIGN)
    assert came == []
    said = Annotation.objects.get(unit=other)
    assert ids(page)[-1] == ("annotation", said.pk)
