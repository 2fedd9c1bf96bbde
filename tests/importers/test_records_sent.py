"""Threads and comments sent in bulk."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError
from django.utils import timezone
from rest_framework.test import APIClient

from annotations.api import ndjson
from annotations.models import Author, Comment, CommentRelation, Corpus, TextScan, Thread
from annotations.services.jobs import cancel_job, run_job
from annotations.services.running_job import RunningJob
from importers.api.records import RecordsTaker
from importers.models import ImportPiece, ImportRun, ImportTouch
from importers.received import ReceivedImport
from importers.running import run_import
from importers.store.batch import store_batch
from tests.builders import build_corpus, build_user
from tests.importers.lines_sent import NDJSON, body_of, comment, read_answer, send, thread
from tests.importers.storing import NOTHING, created, tree

ADDRESS = "/api/v1/corpora/talk/records/"
TALK = [
    thread(title="The bridge", url="https://talk.example/1", platform="talk"),
    comment("a", kind="article", author_id="maren", author_name="Maren"),
    comment("c2", "c1", author_id="ben", author_name="Ben", posted_at="2026-03-01T12:00:00+01:00"),
    comment("c1", "a", author_id="ada", author_name="Ada", score=3, raw={"ip": "10.0.0.1", "n": 1}),
]


@pytest.fixture(autouse=True)
def storage(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def client(db: None) -> APIClient:
    build_corpus("talk")
    client = APIClient(raise_request_exception=True)
    client.force_login(build_user("staff", is_staff=True))
    return client


def outcomes(results: Sequence[dict[str, Any]]) -> list[str]:
    return [result["outcome"] for result in results]


class TestStoring:
    def test_every_line_is_told_what_became_of_it(self, client: APIClient) -> None:
        results, summary = send(client, TALK)
        assert results[2] == {
            "line": 3,
            "id": "c2",
            "outcome": "created",
            "message": "",
            "fields": {},
        }
        run = ImportRun.objects.get()
        assert summary == {
            "lines": 4,
            "created": 4,
            "updated": 0,
            "unchanged": 0,
            "refused": 0,
            "run": run.pk,
            "warnings": [],
        }
        assert tree("talk") == [("a", None, 0), ("c1", "a", 1), ("c2", "c1", 2)]
        stored = Thread.objects.get()
        assert (stored.title, stored.comment_count, stored.max_depth) == ("The bridge", 2, 2)

    def test_the_same_again_changes_nothing(self, client: APIClient) -> None:
        send(client, TALK)
        before = list(Comment.objects.order_by("pk").values())
        results, _ = send(client, TALK)
        assert outcomes(results) == ["unchanged"] * 4
        assert list(Comment.objects.order_by("pk").values()) == before

    def test_what_is_told_anew_is_updated_and_what_it_said_kept(self, client: APIClient) -> None:
        send(client, TALK)
        changed = [thread(title="The old bridge"), comment("c1", "a", text="No.", author_id="ada")]
        results, _ = send(client, changed)
        assert outcomes(results) == ["updated", "updated"]
        now = Comment.objects.get(source_id="c1")
        assert (now.text, now.text_revision) == ("No.", 2)
        assert [one.text for one in now.revisions.all()] == ["This is what c1 says."]

    def test_replies_find_their_parents_across_requests(self, client: APIClient) -> None:
        send(client, [comment("c2", "c1")])
        send(client, [comment("c3", "c2"), comment("c1", "a")])
        send(client, [comment("a", kind="post")])
        assert tree("talk") == [("a", None, 0), ("c1", "a", 1), ("c2", "c1", 2), ("c3", "c2", 3)]

    def test_a_tombstone_takes_the_text_and_leaves_the_place(self, client: APIClient) -> None:
        send(client, TALK)
        results, _ = send(client, [comment("c1", text="", status="deleted_by_author")])
        assert outcomes(results) == ["updated"]
        gone = Comment.objects.get(source_id="c1")
        assert (gone.text, gone.status, gone.depth) == ("", "deleted_by_author", 1)
        assert Comment.objects.get(source_id="c2").reply_to == gone

    def test_of_what_comes_twice_the_last_holds(self, client: APIClient) -> None:
        results, _ = send(client, [comment("c1", text="First."), comment("c1", text="Second.")])
        assert outcomes(results) == ["unchanged", "created"]
        assert results[0]["message"] == "The same comment comes again on line 2, which holds."
        assert Comment.objects.get().text == "Second."

    def test_an_id_of_another_thread_is_refused(self, client: APIClient) -> None:
        send(client, TALK)
        results, _ = send(client, [thread("t2"), comment("c1", thread_id="t2", text="Other.")])
        assert outcomes(results) == ["refused", "refused"]
        assert "has the id of one in the thread 't'" in results[1]["message"]
        assert Thread.objects.count() == 1


class TestQuotes:
    QUOTE = comment("c9", relations=[{"kind": "quote", "start": 0, "end": 4, "target_id": "c1"}])

    def test_they_find_what_comes_later_in_the_body(self, client: APIClient) -> None:
        _, summary = send(client, [self.QUOTE, comment("c1")])
        assert summary["warnings"] == []
        relation = CommentRelation.objects.get()
        assert relation.target is not None
        assert relation.target.source_id == "c1"

    def test_what_is_not_there_is_told_and_stored_when_the_line_comes_again(
        self, client: APIClient
    ) -> None:
        results, summary = send(client, [self.QUOTE])
        assert outcomes(results) == ["created"]
        (warning,) = summary["warnings"]
        assert (warning["line"], "c9 quotes c1" in warning["message"]) == (1, True)
        send(client, [comment("c1")])
        assert CommentRelation.objects.count() == 0
        for _ in range(2):
            results, summary = send(client, [self.QUOTE])
            assert (outcomes(results), summary["warnings"]) == (["unchanged"], [])
            assert CommentRelation.objects.count() == 1


class TestPrivacy:
    def test_addresses_of_people_are_dropped(self, client: APIClient) -> None:
        sent = comment("c1", raw={"user": {"e-mail": "ada@example.org"}, "ip": "10.0.0.1", "n": 1})
        send(client, [sent])
        assert Comment.objects.get().raw == {"user": {}, "n": 1}
        notes = ImportRun.objects.get().counts["notes"]
        assert notes == {"e-mail addresses dropped": 1, "IP addresses dropped": 1}

    def test_unless_they_are_asked_for(self, client: APIClient) -> None:
        send(client, [comment("c1", raw={"ip": "10.0.0.1"})], query="?keep_private=true")
        assert Comment.objects.get().raw == {"ip": "10.0.0.1"}
        assert ImportRun.objects.get().options == {"keep_private": True}

    def test_a_corpus_without_names_keeps_none(self, client: APIClient) -> None:
        Corpus.objects.update(author_names=Corpus.AuthorNames.DROPPED)
        send(client, TALK)
        assert set(Author.objects.values_list("name", flat=True)) == {""}
        assert not Author.objects.filter(source_id__in=("ada", "ben", "maren")).exists()
        assert set(map(str, Comment.objects.values_list("raw", flat=True))) == {"{}"}


class TestStrictness:
    """A line that is no record is refused by itself, with what is wrong with it."""

    @pytest.mark.parametrize(
        ("line", "field", "message"),
        [
            ({"id": "c1"}, "record", '"record": "thread" or "record": "comment"'),
            ({"record": "message", "id": "c1"}, "record", "Say what the line is"),
            ({"record": "comment", "id": "c1"}, "", "missing required field `thread_id`"),
            (comment(""), "id", "length >= 1"),
            (comment("x" * 501), "id", "length <= 500"),
            (comment("c1", txt="Hello"), "txt", "txt: There is no such field here."),
            (comment("c1", raw_json="{}"), "raw_json", "no such field"),
            (comment("c1", text=7), "text", "Expected `str`, got `int`."),
            (comment("c1", text="x" * 200_001), "text", "length <= 200000"),
            (comment("c1", kind="reply"), "kind", "Invalid enum value 'reply'"),
            (comment("c1", status="gone"), "status", "Invalid enum value 'gone'"),
            (comment("c1", posted_at="2026-03-01T12:00:00"), "posted_at", "timezone"),
            (comment("c1", posted_at="yesterday"), "posted_at", "Invalid RFC3339"),
            (comment("c1", posted_at="0001-01-01T00:00:00+05:00"), "posted_at", "the years 1"),
            (comment("c1", score=2**31), "score", "<= 2147483647"),
            (comment("c1", author_name="Ada"), "", "An author with a name needs an id."),
            (comment("c1", raw=[]), "raw", "Expected `object`"),
            (comment("c1", blocks=[{"kind": "paragraph", "start": 0, "end": 99}]), "", "outside"),
            (
                comment("c1", links=[{"start": 0, "end": 4, "url": "javascript:alert(1)"}]),
                "links",
                "http://",
            ),
            (
                comment("c1", relations=[{"kind": "quote", "start": 0, "end": 4}]),
                "relations",
                "A quote has target_id",
            ),
            (
                comment(
                    "c1",
                    blocks=[
                        {"kind": "paragraph", "start": 0, "end": 9},
                        {"kind": "paragraph", "start": 5, "end": 12},
                    ],
                ),
                "blocks",
                "begins before the last one ends",
            ),
            (thread(title=None), "title", "Expected `str`, got `null`."),
            (thread(missing=-1), "missing", ">= 0"),
            ("[]", "", "no JSON object"),
            ('{"record": "comment", "text": "\\u0000"}', "", "NUL"),
        ],
    )
    def test_it_costs_itself(
        self, client: APIClient, line: dict[str, Any] | str, field: str, message: str
    ) -> None:
        (bad, good), summary = send(client, [line, comment("c2")])
        assert (bad["line"], bad["outcome"], good["outcome"]) == (1, "refused", "created")
        assert message in bad["message"]
        assert list(bad["fields"]) == ([field] if field else [])
        assert [one.source_id for one in Comment.objects.all()] == ["c2"]
        run = ImportRun.objects.get()
        assert run.refusals == [{"line": 1, "message": bad["message"]}]
        assert (summary["run"], run.counts["refused_count"]) == (run.pk, 1)

    def test_lines_of_which_none_is_a_record_leave_no_import(self, client: APIClient) -> None:
        results, summary = send(client, [{"id": "c1"}, {"id": "c2"}])
        assert outcomes(results) == ["refused", "refused"]
        assert summary["run"] is None
        assert not ImportRun.objects.exists()

    @pytest.mark.parametrize(
        ("body", "message"),
        [
            (b"", "The body is empty"),
            (b"\n\n", "The body is empty"),
            (b"id,text\n1,Hello\n", "No line of the body is a JSON object. Line 1:"),
            (b'[{"record": "thread"}]', "No line of the body is a JSON object."),
        ],
    )
    def test_what_is_no_lines_at_all_is_refused(
        self, client: APIClient, body: bytes, message: str
    ) -> None:
        response = client.post(ADDRESS, body, content_type=NDJSON)
        assert (response.status_code, response.json()["code"]) == (400, "parse_error")
        assert message in response.json()["message"]

    def test_parameters_that_it_does_not_know_are_refused(self, client: APIClient) -> None:
        response = client.post(f"{ADDRESS}?dry_run=1", b"{}", content_type=NDJSON)
        assert response.status_code == 400
        response = client.post(f"{ADDRESS}?keep_private=yes", b"{}", content_type=NDJSON)
        assert response.json()["fields"] == {
            "keep_private": ["keep_private is true or false, not 'yes'."]
        }

    def test_another_type_is_refused_with_the_right_one(self, client: APIClient) -> None:
        response = client.post(ADDRESS, {"id": "c1"}, format="json")
        assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")
        assert NDJSON in response.json()["message"]


class TestTheImport:
    def test_it_is_listed_with_who_sent_what(self, client: APIClient) -> None:
        body = body_of(TALK)
        read_answer(client.post(ADDRESS, body, content_type=NDJSON))
        (run,) = client.get("/api/v1/imports/").json()["results"]
        assert (run["state"], run["format"], run["finished"]) == ("done", "threadmark", True)
        assert (run["done"], run["total"]) == (len(body), len(body))
        assert run["counts"]["threads"] == created(1)
        assert run["counts"]["comments"] == created(2)
        assert run["counts"]["openings"] == created(1)
        assert run["counts"]["authors"] == created(3)
        assert run["counts"]["replies"]["given"] == 2
        row = ImportRun.objects.get()
        assert row.created_by is not None
        assert (row.created_by.username, len(row.sha256)) == ("staff", 64)
        assert not ImportPiece.objects.exists()
        assert not ImportTouch.objects.exists()

    def test_what_was_there_is_counted_as_that(self, client: APIClient) -> None:
        send(client, TALK)
        send(client, [*TALK, comment("c4", "c1", author_id="ada", author_name="Ada")])
        counts = ImportRun.objects.latest("pk").counts
        assert counts["threads"] == {**NOTHING, "unchanged": 1}
        assert counts["authors"] == {**NOTHING, "unchanged": 3}
        assert counts["comments"] == {"created": 1, "updated": 0, "unchanged": 2}

    def test_its_page_shows_it_as_every_import(self, client: APIClient) -> None:
        send(client, [*TALK, "broken"])
        run = ImportRun.objects.get()
        page = client.get(f"/imports/{run.pk}/").content.decode()
        assert "records.ndjson" in page
        assert "The line is no JSON object." in page
        assert "records.ndjson" in client.get("/imports/").content.decode()

    def test_its_texts_are_scanned(self, client: APIClient) -> None:
        send(client, TALK)
        send(client, TALK)
        assert TextScan.objects.count() == 1  # the one that waits does for both

    def test_one_that_is_cancelled_stops_and_says_so(
        self, client: APIClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(RecordsTaker, "lines_at_once", 2)

        def store_and_cancel(*arguments: Any) -> Any:
            stored = store_batch(*arguments)
            run = ImportRun.objects.get()
            if not run.cancel_asked:
                cancel_job(job=run, now=timezone.now())
            return stored

        monkeypatch.setattr("importers.received.store_batch", store_and_cancel)
        progress = RunningJob.progress

        def beat_and_note(running: Any, *figures: Any) -> None:
            progress(running, *figures)
            running.check()

        monkeypatch.setattr(RunningJob, "progress", beat_and_note)
        response = client.post(ADDRESS, body_of(TALK), content_type=NDJSON)
        assert (response.status_code, response.json()["code"]) == (409, "job_cancelled")
        assert "Lines 1 to 2 were taken" in response.json()["message"]
        assert ImportRun.objects.get().state == "cancelled"
        assert Comment.objects.count() == 1


class TestBodiesThatEndTooSoon:
    def test_what_was_taken_stays_and_the_same_again_ends_the_same(
        self, client: APIClient, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ndjson, "MOST_LINES", 3)
        response = client.post(ADDRESS, body_of(TALK), content_type=NDJSON)
        assert (response.status_code, response.json()["code"]) == (413, "too_large")
        assert response.json()["message"] == (
            "The body has more than 3 lines: send it in parts. Lines 1 to 3 were taken, and may "
            "be sent again: nothing changes then."
        )
        run = ImportRun.objects.get()
        assert run.state == "done"
        assert run.refusals[-1] == {
            "line": None,
            "message": "The request ended before all of it was taken. What was taken stays: "
            "send it again.",
        }
        monkeypatch.undo()
        results, _ = send(client, TALK)
        assert outcomes(results) == ["unchanged", "unchanged", "unchanged", "created"]
        assert tree("talk") == [("a", None, 0), ("c1", "a", 1), ("c2", "c1", 2)]

    def test_a_connection_that_breaks_leaves_what_came(self, client: APIClient) -> None:
        body = body_of(TALK)
        cut: Any = {"wsgi.input": io.BytesIO(body[:-20])}
        response = client.post(ADDRESS, body, content_type=NDJSON, **cut)
        assert (response.status_code, response.json()["code"]) == (400, "parse_error")
        assert "Lines 1 to 3 were taken" in response.json()["message"]
        assert Comment.objects.count() == 2

    def test_where_the_process_dies_a_worker_puts_in_order_what_came(
        self, client: APIClient
    ) -> None:
        """What it left is what its last batch wrote: nobody came to the end."""
        with (
            patch.object(ReceivedImport, "end", lambda *_, **__: None),
            patch("importers.running.order_threads"),
        ):
            client.post(ADDRESS, body_of([*TALK, "broken"]), content_type=NDJSON)
        run = ImportRun.objects.get()
        assert run.state == "running"
        ImportRun.objects.update(lease_until=timezone.now())
        run_job(ImportRun, run.pk, run_import)
        run.refresh_from_db()
        assert (run.state, run.error) == ("done", "")
        assert run.counts["comments"] == created(2)
        assert run.counts["replies"]["given"] == 2
        assert [refusal["line"] for refusal in run.refusals] == [5]
        assert tree("talk") == [("a", None, 0), ("c1", "a", 1), ("c2", "c1", 2)]


@pytest.mark.django_db(transaction=True)
def test_a_batch_that_another_import_got_in_the_way_of_is_stored_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    build_corpus("talk")
    client = APIClient(raise_request_exception=True)
    client.force_login(build_user("staff", is_staff=True))
    tries = []

    def store_at_second(*arguments: Any) -> Any:
        stored = store_batch(*arguments)
        tries.append(stored)
        if len(tries) == 1:
            raise OperationalError("Another import stored some of the same comments.")
        return stored

    monkeypatch.setattr("importers.received.store_batch", store_at_second)
    results, _ = send(client, [*TALK, TestQuotes.QUOTE])
    assert outcomes(results) == ["created"] * 5
    assert (len(tries), CommentRelation.objects.count()) == (2, 1)
    assert ImportRun.objects.get().counts["comments"] == created(3)
