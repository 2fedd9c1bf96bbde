"""A server that means harm: it gets no token, no file elsewhere, no memory and no terminal.

Whatever it answers, the client raises one of its own errors, and the command says one sentence.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from threadmark import Interrupted, Threadmark, ThreadmarkError
from threadmark.connection import LONGEST_ANSWER, LONGEST_LINE
from threadmark.jobs import Job

from tests.client.conftest import Run, environment
from tests.client.scripted import NDJSON, Reply, Script, reply, scripted_server
from tests.importers.damage import MORE

FILE = b"words\n" * 100
SHA256 = hashlib.sha256(FILE).hexdigest()
LINES = {"Content-Type": NDJSON}
PACKED = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
DONE = {"id": 7, "state": "done", "finished": True, "campaign": "study", "error": ""}
MEMORY = 700 * 1024 * 1024


def export(server: Threadmark, **changed: Any) -> Job:
    row = {**DONE, "sha256": SHA256, "bytes": len(FILE), **changed}
    return Job(server._connection, "exports", row)


def everything_below(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


# Where files go


@pytest.mark.parametrize(
    "said",
    [
        {"campaign": "../../outside"},
        {"campaign": "/tmp/threadmark-outside"},
        {"campaign": "..\\..\\outside"},
        {"campaign": "C:outside"},
        {"campaign": ".bashrc"},
        {"campaign": "a\nb"},
        {"campaign": "a\x00b"},
        {"campaign": "a\u202egpj"},
        {"campaign": "x" * 5_000},
        {"campaign": None},
        {"version": "../../../outside"},
        {"version": "1.0/../../x"},
        {"version": {"a": "b"}},
        {"id": "../7"},
    ],
)
def test_a_name_that_leads_elsewhere_is_no_name(
    server: Threadmark, script: Script, tmp_path: Path, said: dict[str, Any]
) -> None:
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    script.answers(Reply(headers={"Content-Disposition": 'attachment; filename="x.zip"'}))
    script.answers(Reply(body=FILE))
    try:
        path = export(server, **said).download(folder)
    except ThreadmarkError:
        script.replies.clear()
        assert everything_below(tmp_path) == ["a", "a/b"]
    else:
        assert path.parent == folder
        assert everything_below(tmp_path) == ["a", "a/b", f"a/b/{path.name}"]
        assert re.fullmatch(r"[\w-][\w.-]{0,150}", path.name, re.ASCII)


@pytest.mark.parametrize(
    "ending",
    [
        "zip/../../../outside",
        "\u202ezip",
        "",
        " ",
        "x" * 900,
        "a\\b",
        "..",
        "zip\x1b[2J",
        "exe:ads",
    ],
)
def test_an_ending_that_leads_elsewhere_is_no_ending(
    server: Threadmark, script: Script, tmp_path: Path, ending: str
) -> None:
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    told = f'attachment; filename="x.{ending}"'.encode().decode("latin-1")
    script.answers(Reply(headers={"Content-Disposition": told}), Reply(body=FILE))
    path = export(server).download(folder)
    assert path.parent == folder
    assert re.fullmatch(r"study-7\.[a-z0-9]{1,10}", path.name)
    assert everything_below(tmp_path) == ["a", "a/b", f"a/b/{path.name}"]


@pytest.mark.parametrize(
    "sha256",
    ["../../../../x", "/etc/passwd", "", None, 7, "a" * 63, "A" * 64, "g" * 64, "a" * 63 + "\n"],
)
def test_a_checksum_that_is_none_is_refused_before_anything_is_asked(
    server: Threadmark, script: Script, tmp_path: Path, sha256: Any
) -> None:
    with pytest.raises(ThreadmarkError, match="checksum"):
        export(server, sha256=sha256).download(tmp_path / "file")
    assert script.asked == []
    assert everything_below(tmp_path) == []


@pytest.mark.parametrize("size", [-1, None, "600", 1.5, True])
def test_a_size_that_is_none_is_refused(
    server: Threadmark, script: Script, tmp_path: Path, size: Any
) -> None:
    with pytest.raises(ThreadmarkError, match="size"):
        export(server, bytes=size).download(tmp_path / "file")
    assert script.asked == []


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_that_does_not_end_is_read_no_further_than_it_was_said_to_be(
    server: Threadmark, script: Script, tmp_path: Path, packed: bool
) -> None:
    """A disk is full sooner than a stream ends, or a bomb that comes where it was not asked for."""
    endless = FILE + bytes(50_000_000)
    headers = {"Content-Encoding": "gzip"} if packed else {}
    script.answers(Reply(body=gzip.compress(endless, 1) if packed else endless, headers=headers))
    written: list[int] = []
    with pytest.raises(Interrupted, match="more bytes") as error:
        export(server).download(tmp_path / "file", progress=lambda have, *_: written.append(have))
    assert error.value.code == "wrong_checksum"
    assert sum(written) <= len(FILE)
    assert everything_below(tmp_path) == []


# What is asked again


def page(following: str | None, *rows: Any, **more: Any) -> Reply:
    return reply({"next": following, "results": list(rows), **more})


def test_pages_that_go_round_end(server: Threadmark, script: Script) -> None:
    script.answers(
        page("http://x/?cursor=a", {"id": 1}),
        page("http://x/?cursor=b", {"id": 2}),
        page("http://x/?cursor=a", {"id": 3}),
    )
    rows = server.corpora()
    assert [next(rows)["id"] for _ in range(3)] == [1, 2, 3]
    with pytest.raises(Interrupted, match="goes round"):
        next(rows)
    assert len(script.asked) == 3


@pytest.mark.parametrize(
    "following",
    [
        "http://evil.example/api/v1/?a=1",
        "//evil.example/?a=1",
        "file:///etc/passwd?a=1",
        "http://evil.example@127.0.0.1/?a=1",
        "?a=1",
    ],
)
def test_the_token_goes_to_no_other_server(
    server: Threadmark, script: Script, following: str
) -> None:
    script.answers(page(following), page(None))
    assert list(server.corpora()) == []
    assert [one.path.partition("?")[0] for one in script.asked] == ["/api/v1/corpora/"] * 2
    assert script.asked[1].path.endswith("?a=1")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("act", ["me", "labels", "mirror", "download", "send"])
def test_no_redirect_is_followed(script: Script, tmp_path: Path, status: int, act: str) -> None:
    with scripted_server() as other, Threadmark(script.url, "tm_secret", retries=0) as server:
        script.answers(Reply(status, b"", {"Location": f"{other.url}/api/v1/me/"}))
        acts: dict[str, Callable[[], Any]] = {
            "me": server.me,
            "labels": lambda: list(server.labels("study")),
            "mirror": lambda: server.mirror(tmp_path, corpus="talk"),
            "download": lambda: export(server).download(tmp_path / "file"),
            "send": lambda: server.send_records("talk", [{"id": "a"}]),
        }
        with pytest.raises(ThreadmarkError, match="sends to"):
            acts[act]()
        assert other.asked == []


# What answers look like


BODIES = [
    b"[]",
    b"7",
    b"null",
    b'"text"',
    b"{}",
    b'{"results": null}',
    b'{"results": 7, "next": null}',
    b'{"results": [7], "next": null}',
    b'{"results": [], "next": 7}',
    b'{"results": [], "next": "http://[", "cursor": "c"}',
    b'{"results": [{"kind": "comment"}], "next": null, "cursor": "c"}',
    b'{"results": [], "next": null, "cursor": 7}',
    b'{"results": [], "next": null}',
    b"[" * 200_000,
    b'{"a":' * 200_000,
    b"9" * 100_000,
    b"\xff\xfe{}",
    b'"\\ud800"',
    b"NaN",
]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:40]))
@pytest.mark.parametrize(
    "act", ["rows", "mirror", "changes", "export", "labels", "send", "release"]
)
def test_what_is_no_answer_is_an_error_of_the_client(
    script: Script, tmp_path: Path, body: bytes, act: str
) -> None:
    with Threadmark(script.url, "tm_secret", retries=0) as server:
        script.answers(*[Reply(body=body)] * 3)
        acts: dict[str, Callable[[], Any]] = {
            "rows": lambda: list(server.corpora()),
            "mirror": lambda: server.mirror(tmp_path, corpus="talk"),
            "changes": lambda: list(server.changes(corpus="talk")),
            "export": lambda: server.export("study"),
            "labels": lambda: list(server.labels("study")),
            "send": lambda: server.send_records("talk", [{"id": "a"}]),
            "release": lambda: server.release("study", "1.0"),
        }
        with suppress(ThreadmarkError):
            acts[act]()
        script.replies.clear()
    assert not list(tmp_path.glob("*.jsonl")) or act == "mirror"


any_json = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**80), 2**80),
        st.floats(),
        st.text(max_size=4),
        st.sampled_from(["done", "\ud800", "\x1b[31m", "../x", "comment", "created"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [
                    "id",
                    "state",
                    "finished",
                    "results",
                    "next",
                    "cursor",
                    "kind",
                    "gone",
                    "comment",
                    "error",
                    "row",
                    "lines",
                    "line",
                    "outcome",
                    "code",
                    "message",
                    "fields",
                ]
            ),
            inner,
            max_size=6,
        ),
    ),
    max_leaves=12,
)


@settings(max_examples=40 * MORE, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=any_json, status=st.sampled_from([200, 200, 200, 400, 401, 404, 409, 500]))
def test_any_json_is_an_answer_or_an_error_of_the_client(
    script: Script, tmp_path: Path, body: Any, status: int
) -> None:
    with Threadmark(script.url, "tm_secret", retries=0) as server:
        for act in (
            lambda: list(server.corpora()),
            lambda: server.mirror(tmp_path, corpus="talk"),
            lambda: server.export("study", wait=False).download(tmp_path),
            lambda: list(server.labels("study")),
            lambda: server.send_records("talk", [{"id": "a"}]),
        ):
            script.answers(*[reply(body, status=status)] * 3)
            with suppress(ThreadmarkError):
                act()
            script.replies.clear()


# Sizes


MEASURE = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({memory}, {memory}))
from threadmark import Threadmark, ThreadmarkError
with Threadmark({url!r}, "tm_secret", retries=0) as server:
    try:
        {act}
    except ThreadmarkError as error:
        print(type(error).__name__, error)
"""
ZEROS = gzip.compress(b'{"a": "' + b"x" * 2 * LONGEST_ANSWER + b'"}', 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("act", "answer"),
    [
        ("server.me()", Reply(body=ZEROS, headers=PACKED)),
        ("server.me()", Reply(404, ZEROS, PACKED)),
        ("server.mirror({folder!r}, corpus='talk')", Reply(body=ZEROS, headers=PACKED)),
        ("list(server.labels('study'))", Reply(body=ZEROS, headers={**LINES, **PACKED})),
        ("server.send_records('talk', [{{}}])", Reply(body=ZEROS, headers={**LINES, **PACKED})),
    ],
    ids=["object", "refusal", "mirror", "line", "answers"],
)
def test_memory_is_that_of_an_answer_not_of_a_bomb(
    script: Script, tmp_path: Path, act: str, answer: Reply
) -> None:
    script.answers(*[answer] * 3)
    code = MEASURE.format(memory=MEMORY, url=script.url, act=act.format(folder=str(tmp_path)))
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(script.url, "tm_secret"),
        capture_output=True,
        text=True,
        timeout=120,
    )
    script.replies.clear()
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"Interrupted|Unreachable", done.stdout)


def test_a_line_of_labels_is_no_longer_than_any_can_be(
    server: Threadmark, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert LONGEST_LINE >= 64 * 1024 * 1024
    monkeypatch.setattr("threadmark.connection.LONGEST_LINE", 100_000)
    script.answers(Reply(body=b'{"n": 1}\n"' + b"x" * 300_000, headers=LINES))
    rows = iter(server.labels("study"))
    assert next(rows) == {"n": 1}
    with pytest.raises(Interrupted, match="line of more than"):
        next(rows)


# The mirror


def change(kind: Any, number: Any, **row: Any) -> dict[str, Any]:
    return {"kind": kind, "id": number, "gone": not row, str(kind): row or None}


@pytest.mark.parametrize(
    "one",
    [
        change("annotation", 1, id=1),
        change("../x", 1, id=1),
        change(["comment"], 1, id=1),
        change("comment", "1", id="1"),
        change("comment", "../../x", id=1),
        change("comment", True, id=True),
        change("comment", 2**63, id=2**63),
        change("comment", -1, id=-1),
        change("comment", 1, id=2),
        change("comment", 1, text="without an id"),
        {"kind": "comment", "id": 1, "comment": [1]},
        {"kind": "comment", "id": 1, "comment": "x"},
        {"id": 1},
        [],
    ],
    ids=repr,
)
def test_a_change_that_is_none_is_refused_and_the_mirror_stays(
    server: Threadmark, script: Script, tmp_path: Path, one: Any
) -> None:
    good = change("comment", 5, id=5, text="kept")
    script.answers(page(None, good, cursor="c1"))
    server.mirror(tmp_path, corpus="talk")
    before = (tmp_path / "comments.jsonl").read_bytes()
    script.answers(page(None, one, cursor="c2"))
    with pytest.raises(ThreadmarkError, match=r"no change|no page"):
        server.mirror(tmp_path, corpus="talk")
    assert (tmp_path / "comments.jsonl").read_bytes() == before
    assert json.loads((tmp_path / "mirror.json").read_text())["cursor"] == "c1"
    script.answers(page(None, change("comment", 6, id=6, text="new"), cursor="c2"))
    assert server.mirror(tmp_path, corpus="talk").changed == 1


def test_half_a_pair_in_a_text_does_not_break_the_mirror(
    server: Threadmark, script: Script, tmp_path: Path
) -> None:
    """JSON can say it; a file in UTF-8 cannot, unless it stays escaped."""
    script.answers(page(None, change("comment", 1, id=1, text="a \ud800 \n b"), cursor="c"))
    server.mirror(tmp_path, corpus="talk")
    (line,) = (tmp_path / "comments.jsonl").read_bytes().splitlines()
    assert json.loads(line)["text"] == "a \ud800 \n b"


def test_a_link_in_the_folder_is_not_written_through(
    server: Threadmark, script: Script, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.write_text('{"id": 9}\n')
    folder = tmp_path / "copy"
    folder.mkdir()
    (folder / "comments.jsonl").symlink_to(outside)
    script.answers(page(None, change("comment", 1, id=1, text="a"), cursor="c"))
    server.mirror(folder, corpus="talk")
    assert outside.read_text() == '{"id": 9}\n'
    assert not (folder / "comments.jsonl").is_symlink()


@pytest.mark.parametrize("state", ["", "[]", "{", '{"cursor": 7}', "{}", "\x00", "[" * 100_000])
def test_a_state_that_was_broken_is_said_to_be(
    server: Threadmark, script: Script, tmp_path: Path, state: str
) -> None:
    (tmp_path / "mirror.json").write_text(state)
    with pytest.raises(ThreadmarkError, match=r"mirror\.json|choose another folder"):
        server.mirror(tmp_path, corpus="talk")
    assert script.asked == []


# Sending


@pytest.mark.parametrize(
    "answer",
    [
        {"line": 1, "outcome": "__class__"},
        {"line": 1, "outcome": "count"},
        {"line": 1, "outcome": "lines"},
        {"line": 1, "outcome": ["created"]},
        {"line": "1", "outcome": "created"},
        {"line": 2**80, "outcome": "created"},
        {"line": 1},
        [1, "created"],
        "created",
    ],
)
def test_an_outcome_that_is_none_is_no_answer(
    server: Threadmark, script: Script, answer: Any
) -> None:
    body = json.dumps(answer).encode() + b'\n{"lines": 1}\n'
    script.answers(*[Reply(body=body, headers=LINES)] * 3)
    with pytest.raises(Interrupted, match="not whole"):
        server.send_records("talk", [{"id": "a"}])


# The terminal


NOT_FOUND = reply({"code": "not_found", "message": "No.", "fields": {}}, status=404)
CONTROL = "\x1b[2J\x1b]0;owned\x07\x9b31m\r\u202e\u2066\x00"


def test_the_command_writes_no_control_character_of_a_server(script: Script, run: Run) -> None:
    """They could move the cursor, set the title, or turn a line round."""
    campaign = {"slug": f"a{CONTROL}", "state": f"open{CONTROL}"}
    me = {"username": f"ada{CONTROL}", "is_staff": False, "memberships": []}
    script.answers(reply({**me, "token": {"scopes": [f"labels:read{CONTROL}"]}}))
    script.answers(page(None, campaign), NOT_FOUND, page(None), page(None), page(None))
    script.answers(reply({"code": "invalid", "message": f"No.{CONTROL}", "fields": {}}, status=400))
    for arguments in (["status"], ["export", "study"]):
        done = run(script.url, "tm_secret", *arguments)
        said = done.stdout + done.stderr
        assert "ada" in said or "No." in said
        assert "Traceback" not in said
        assert said.replace("\n", "").isprintable()
    script.replies.clear()


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:40]))
def test_the_command_ends_with_a_sentence(script: Script, tmp_path: Path, body: bytes) -> None:
    """All commands in one process: a new one for each would take half a minute."""
    code = (
        "import sys; from threadmark.command import main\n"
        "for words in (['status'], ['export', 'a'], ['labels', 'a'], ['release', 'a'],"
        " ['mirror', '--corpus', 'a', 'copy'], ['release', 'a', '1', '-o', '.']):\n"
        "    print(words, main(words), file=sys.stderr)\n"
    )
    script.answers(*[Reply(body=body)] * 60)
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment(script.url, "tm_secret"),
        capture_output=True,
        text=True,
        errors="replace",
        timeout=60,
    )
    script.replies.clear()
    assert "Traceback" not in done.stderr
    assert done.returncode == 0
    codes = re.findall(r"^\[.*\] (\d)$", done.stderr, re.MULTILINE)
    assert len(codes) == 6
    assert set(codes) <= {"0", "1", "3"}
