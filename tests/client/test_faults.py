"""What goes wrong on the way is mended or said, and never passes for data."""

from __future__ import annotations

import gzip
import hashlib
import json
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from threadmark import (
    Conflict,
    Interrupted,
    InvalidInput,
    JobFailed,
    NotLoggedIn,
    NotPermitted,
    Threadmark,
    ThreadmarkError,
    Throttled,
    Unreachable,
)
from threadmark.jobs import Job

from tests.client.scripted import NDJSON, Reply, Script, refusal, reply
from tests.servers import free_port

FILE = bytes(range(256)) * 40
SHA256 = hashlib.sha256(FILE).hexdigest()
ROWS = b'{"n": 1}\n{"n": 2}\n'
LINES = {"Content-Type": NDJSON}


def export(server: Threadmark, **changed: Any) -> Job:
    row = {"id": 7, "state": "done", "finished": True, "campaign": "study", "error": ""}
    row |= {"sha256": SHA256, "bytes": len(FILE), **changed}
    return Job(server._connection, "exports", row)


def part(first: int) -> Reply:
    place = f"bytes {first}-{len(FILE) - 1}/{len(FILE)}"
    return Reply(206, FILE[first:], {"Content-Range": place})


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# Asking again


def test_who_is_throttled_waits_as_long_as_the_server_says(
    server: Threadmark, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    script.answers(refusal(429, "throttled", "Too often.", Retry_After="7"), reply({"n": 1}))
    assert server.get("me/") == {"n": 1}
    assert waited == [7]


def test_who_is_throttled_for_too_long_is_told(
    server: Threadmark, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    script.answers(*[refusal(429, "throttled", "Too often.", Retry_After="99")] * 4)
    with pytest.raises(Throttled, match="Too often") as error:
        server.me()
    assert (error.value.code, error.value.status) == ("throttled", 429)


@pytest.mark.parametrize("fault", [Reply(503), Reply(502, b"<html>"), Reply(504), Reply(drop=True)])
def test_a_server_that_is_busy_for_a_moment_is_asked_again(
    server: Threadmark, script: Script, fault: Reply
) -> None:
    script.answers(fault, fault, reply({"username": "ada"}))
    assert server.me() == {"username": "ada"}


def test_an_answer_that_breaks_off_is_asked_for_again(server: Threadmark, script: Script) -> None:
    script.answers(Reply(body=b'{"user', length=400), reply({"username": "ada"}))
    assert server.me() == {"username": "ada"}


@pytest.mark.parametrize("fault", [Reply(503), Reply(drop=True)])
def test_what_may_have_been_done_is_not_done_twice(
    server: Threadmark, script: Script, fault: Reply
) -> None:
    script.answers(fault)
    with pytest.raises(Unreachable):
        server.export("study")
    assert [one.method for one in script.asked] == ["POST"]


def test_what_was_throttled_was_not_done_and_is_sent_again(
    server: Threadmark, script: Script
) -> None:
    made = {"id": 1, "state": "done", "finished": True}
    script.answers(refusal(429, "throttled", "Too often.", Retry_After="0"), reply(made))
    assert server.export("study").state == "done"
    assert script.asked[0].body == script.asked[1].body != b""


# Streams


def test_rows_end_with_an_error_where_the_connection_breaks(
    server: Threadmark, script: Script
) -> None:
    script.answers(Reply(body=ROWS + b'{"n": 3}\n', headers=LINES, length=400))
    rows = iter(server.labels("study"))
    assert [next(rows), next(rows), next(rows)] == [{"n": 1}, {"n": 2}, {"n": 3}]
    with pytest.raises(Interrupted, match="broke in the middle"):
        next(rows)


@pytest.mark.parametrize("half", [b'{"n": 3', b'{"n": 3}', b'{"n": 3\n'])
def test_half_a_line_is_no_row(server: Threadmark, script: Script, half: bytes) -> None:
    script.answers(Reply(body=ROWS + half, headers=LINES))
    rows = iter(server.labels("study"))
    assert [next(rows), next(rows)] == [{"n": 1}, {"n": 2}]
    with pytest.raises(Interrupted):
        next(rows)


def test_a_file_of_labels_is_begun_anew_where_the_connection_breaks(
    server: Threadmark, script: Script, tmp_path: Path
) -> None:
    script.answers(Reply(body=ROWS, headers=LINES, length=400), Reply(body=ROWS, headers=LINES))
    path = server.labels("study").save(tmp_path / "labels.jsonl")
    assert path.read_bytes() == ROWS


def test_a_file_of_labels_that_never_comes_whole_leaves_the_old_one(
    server: Threadmark, script: Script, tmp_path: Path
) -> None:
    (tmp_path / "labels.csv").write_text("old")
    script.answers(*[Reply(body=ROWS, headers=LINES, length=400)] * 3)
    with pytest.raises(Interrupted):
        server.labels("study").to_csv(tmp_path / "labels.csv")
    assert (tmp_path / "labels.csv").read_text() == "old"
    assert left_in(tmp_path) == ["labels.csv"]


def test_a_stream_that_is_left_early_is_closed(server: Threadmark, script: Script) -> None:
    """Left open, each would hold its connection for ever."""
    script.answers(*[Reply(body=ROWS * 50_000, headers=LINES)] * 20, reply({"n": 1}))
    for _ in range(20):
        rows = iter(server.labels("study"))
        assert next(rows) == {"n": 1}
        rows.close()  # type: ignore[attr-defined]
    assert server.get("me/") == {"n": 1}


def test_a_stream_that_comes_packed_is_unpacked(server: Threadmark, script: Script) -> None:
    packed = {**LINES, "Content-Encoding": "gzip"}
    script.answers(Reply(body=gzip.compress(ROWS * 9_000), headers=packed))
    assert list(server.labels("study")) == [{"n": 1}, {"n": 2}] * 9_000
    script.answers(Reply(body=gzip.compress(ROWS * 9_000)[:-20], headers=packed, length=9_999))
    with pytest.raises(Interrupted):
        list(server.labels("study"))


# Downloads


def test_a_download_that_broke_off_goes_on_where_it_stood(
    server: Threadmark, script: Script, tmp_path: Path
) -> None:
    script.answers(Reply(body=FILE[:1000], length=len(FILE)), part(1000))
    told: list[tuple[int, int | None, str]] = []
    path = export(server).download(tmp_path / "file", progress=lambda *far: told.append(far))
    assert path.read_bytes() == FILE
    assert script.asked[1].headers["Range"] == "bytes=1000-"
    assert script.asked[1].headers["If-Range"] == f'"{SHA256}"'
    assert told[-1] == (len(FILE), len(FILE), "bytes")
    assert left_in(tmp_path) == ["file"]


def test_a_later_call_goes_on_with_what_an_earlier_one_left(
    server: Threadmark, script: Script, tmp_path: Path
) -> None:
    script.answers(Reply(body=FILE[:1000], length=len(FILE)), *[Reply(503)] * 4)
    with pytest.raises(Unreachable):
        export(server).download(tmp_path / "file")
    assert left_in(tmp_path) == [f".file.{SHA256[:12]}.part"]
    script.answers(part(1000))
    assert export(server).download(tmp_path / "file").read_bytes() == FILE
    assert left_in(tmp_path) == ["file"]


def test_a_server_that_sends_no_parts_sends_the_whole(
    server: Threadmark, script: Script, tmp_path: Path
) -> None:
    script.answers(Reply(body=FILE[:1000], length=len(FILE)), Reply(body=FILE))
    assert export(server).download(tmp_path / "file").read_bytes() == FILE


def test_another_part_than_was_asked_for_is_not_taken(
    server: Threadmark, script: Script, tmp_path: Path
) -> None:
    script.answers(Reply(body=FILE[:1000], length=len(FILE)), part(2000))
    with pytest.raises(ThreadmarkError, match="another part"):
        export(server).download(tmp_path / "file")


def test_a_file_with_another_checksum_is_not_kept(
    server: Threadmark, script: Script, tmp_path: Path
) -> None:
    script.answers(Reply(body=FILE[:-1] + b"!"))
    with pytest.raises(Interrupted, match="SHA-256") as error:
        export(server).download(tmp_path / "file")
    assert error.value.code == "wrong_checksum"
    assert left_in(tmp_path) == []


def test_a_job_that_is_not_done_has_no_file(server: Threadmark) -> None:
    with pytest.raises(Conflict, match="The export 7 has no file"):
        export(server, state="running").download()


# Jobs


def test_a_job_that_failed_says_why(server: Threadmark, script: Script) -> None:
    running = {"id": 7, "state": "running", "finished": False, "done": 1, "total": 2}
    running |= {"measure": "annotations"}
    script.answers(
        reply(running),
        reply({**running, "state": "failed", "finished": True, "error": "Disk full."}),
    )
    told: list[tuple[int, int | None, str]] = []
    with pytest.raises(JobFailed, match=r"The export 7 failed: Disk full\.") as error:
        server.export("study", progress=lambda *far: told.append(far))
    assert error.value.code == "failed"
    assert told == [(1, 2, "annotations")]


def test_who_waits_long_enough_goes_on_without(server: Threadmark, script: Script) -> None:
    running = {"id": 7, "state": "queued", "finished": False, "done": 0, "total": None}
    running |= {"measure": "annotations"}
    with pytest.raises(JobFailed, match="is queued still"):
        export(server, **running).wait(timeout=-1)
    assert script.asked == []


# Sending


def answer_to(*outcomes: str) -> Reply:
    lines = [{"line": n, "id": n, "outcome": one} for n, one in enumerate(outcomes, 1)]
    summary = {"lines": len(outcomes)}
    body = b"".join(json.dumps(one).encode() + b"\n" for one in [*lines, summary])
    return Reply(body=body, headers=LINES)


def test_lines_are_sent_again_until_each_has_its_answer(server: Threadmark, script: Script) -> None:
    whole = answer_to("created", "unchanged")
    without_summary = Reply(body=b"".join(whole.body.splitlines(True)[:-1]), headers=LINES)
    half = Reply(body=whole.body[:20], headers=LINES)
    script.answers(Reply(drop=True), Reply(503), without_summary, half, whole)
    sent = server.send_records("talk", [{"id": "a"}, {"id": "b"}])
    assert (sent.lines, sent.created, sent.unchanged) == (2, 1, 1)
    assert {one.body for one in script.asked} == {b'{"id":"a"}\n{"id":"b"}\n'}


def test_long_input_goes_out_in_chunks_and_keeps_its_line_numbers(
    server: Threadmark, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("threadmark.client.RECORDS_AT_ONCE", 2)
    script.answers(answer_to("created", "refused"), answer_to("created", "updated"))
    script.answers(answer_to("refused"))
    lines: list[int] = []
    sent = server.send_records(
        "talk", ({"n": n} for n in range(5)), told=lambda result: lines.append(result.line)
    )
    assert lines == [1, 2, 3, 4, 5]
    assert [one.line for one in sent.refusals] == [2, 5]
    assert (sent.created, sent.updated, sent.refused) == (2, 1, 2)


def test_a_line_without_an_id_gets_the_same_one_each_time(
    server: Threadmark, script: Script
) -> None:
    script.answers(*[answer_to("created", "created")] * 2)
    own = {"comment": 2, "id": "c56a4180-65aa-42ec-a945-5fd21dec0538"}
    for _ in range(2):
        server.send_annotations("study", [{"comment": 1, "answers": {"a": "b"}}, own])
    first, again = (one.body for one in script.asked)
    assert first == again
    made, given = map(json.loads, first.splitlines())
    assert made["id"] != given["id"] == own["id"]


# Refusals


def test_refusals_carry_what_the_server_says(server: Threadmark, script: Script) -> None:
    fields = {"contents.layers": ["Choose at least one layer of labels."]}
    script.answers(reply({"code": "invalid", "message": "No.", "fields": fields}, status=400))
    with pytest.raises(InvalidInput) as error:
        server.export("study", contents={"layers": []})
    assert (error.value.code, error.value.status) == ("invalid", 400)
    assert (error.value.message, error.value.fields) == ("No.", fields)


def test_a_token_that_is_not_known_is_explained_and_not_shown(
    server: Threadmark, script: Script
) -> None:
    script.answers(refusal(401, "authentication_failed", "This token is wrong."))
    with pytest.raises(NotLoggedIn) as error:
        server.me()
    assert error.value.message.startswith("This token is wrong.")
    assert f"{script.url}/account/" in error.value.message
    assert "tm_secret" not in str(error.value)


def test_who_gives_no_token_is_told_where_tokens_come_from(script: Script) -> None:
    script.answers(refusal(401, "not_authenticated", "Who are you?"))
    with pytest.raises(NotLoggedIn, match=r"THREADMARK_TOKEN.*/account/"):
        Threadmark(script.url).me()
    assert "Authorization" not in script.asked[0].headers


def test_a_scope_that_is_missing_is_told_in_the_servers_words(
    server: Threadmark, script: Script
) -> None:
    script.answers(refusal(403, "not_permitted", "Needs the scope labels:read."))
    with pytest.raises(NotPermitted, match="labels:read"):
        list(server.labels("study"))


def test_a_server_that_is_not_there_is_said_to_be_so() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(Unreachable, match=f"{url} does not answer .*refused"):
        Threadmark(url, retries=1).me()


@pytest.mark.parametrize(
    "answer",
    [
        Reply(404, b"<h1>Not here</h1>", {"Content-Type": "text/html"}),
        Reply(200, b"<h1>Welcome</h1>", {"Content-Type": "text/html"}),
        Reply(500, b"Oops", {"Content-Type": "text/plain"}),
    ],
)
def test_another_server_than_threadmark_is_recognised(
    server: Threadmark, script: Script, answer: Reply
) -> None:
    script.answers(answer)
    with pytest.raises(Unreachable, match="not Threadmark") as error:
        server.me()
    assert error.value.status == answer.status


def test_the_token_follows_no_redirect(server: Threadmark, script: Script) -> None:
    script.answers(Reply(301, b"", {"Location": "http://elsewhere.example/api/v1/me/"}))
    with pytest.raises(Unreachable, match=r"elsewhere\.example"):
        server.me()
    assert len(script.asked) == 1


def test_a_proxy_is_asked_where_the_environment_names_one(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", script.url)
    monkeypatch.setenv("no_proxy", "inside.example")
    script.answers(reply({"n": 1}))
    assert Threadmark("http://threadmark.example").get("me/") == {"n": 1}
    assert script.asked[0].path == "http://threadmark.example/api/v1/me/"
    inside = Threadmark("http://inside.example", retries=0, timeout=1)
    with pytest.raises(Unreachable):
        inside.me()
    assert len(script.asked) == 1


def test_the_next_page_is_asked_of_the_same_server(server: Threadmark, script: Script) -> None:
    """Behind a proxy, the server names itself otherwise; the token must not go there."""
    elsewhere = "http://inside.example:8000/api/v1/threads/?cursor=abc&page_size=500"
    script.answers(reply({"next": elsewhere, "results": [{"id": 1}]}))
    threads = server.threads(corpus="talk")
    assert next(threads) == {"id": 1}
    assert len(script.asked) == 1, "the second page was asked for before it was wanted"
    script.answers(reply({"next": None, "results": [{"id": 2}]}))
    assert list(threads) == [{"id": 2}]
    assert script.asked[1].path == "/api/v1/threads/?cursor=abc&page_size=500"


# The address and the token


def test_the_token_is_in_no_address_and_in_no_repr(server: Threadmark, script: Script) -> None:
    script.answers(reply({"next": None, "results": []}))
    assert list(server.corpora()) == []
    (asked,) = script.asked
    assert asked.headers["Authorization"] == "Token tm_secret"
    assert "tm_secret" not in asked.path
    assert repr(server) == f"Threadmark('{script.url}')"
    assert "tm_secret" not in repr(vars(server))


def test_server_and_token_come_from_the_environment(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THREADMARK_URL", f"{script.url}/api/v1/")
    monkeypatch.setenv("THREADMARK_TOKEN", "tm_from_there\n")
    script.answers(reply({"n": 1}))
    assert Threadmark().get("me/") == {"n": 1}
    assert script.asked[0].path == "/api/v1/me/"
    assert script.asked[0].headers["Authorization"] == "Token tm_from_there"


@pytest.mark.parametrize(
    "url", ["threadmark.example", "ftp://a.example", "https://ada:tm_x@a.example", "https://a/?t=1"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput, match="address"):
        Threadmark(url)


def test_a_token_that_is_none_is_refused_without_being_shown() -> None:
    with pytest.raises(InvalidInput, match="token") as error:
        Threadmark("http://a.example", "Token tm_secret\nX: y")
    assert "tm_secret" not in str(error.value)


def test_a_time_without_zone_is_refused_before_it_is_sent(server: Threadmark) -> None:
    with pytest.raises(InvalidInput, match="no time zone"):
        list(server.threads(updated_since=datetime(2026, 1, 31)))  # noqa: DTZ001
