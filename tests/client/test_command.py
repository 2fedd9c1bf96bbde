"""The command as one types it: what it prints, where, and its exit code."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from annotations.version import VERSION
from tests.client.conftest import Run, command, environment
from tests.client.scripted import NDJSON, Reply, Script, refusal, reply
from tests.servers import free_port

LINES = {"Content-Type": NDJSON}
ROWS = b'{"n": 1}\n{"n": 2}\n'
ME = {"username": "ada", "is_staff": False, "token": {"scopes": ["labels:read"]}}
MEMBER = {"campaign": "harbour", "role": "manager", "pseudonym": "A1", "name": "The harbour"}
PATIENCE_SECONDS = 20


def page(*rows: object) -> Reply:
    return reply({"next": None, "previous": None, "results": list(rows)})


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_it_says_its_version_which_is_the_servers(run: Run) -> None:
    assert run("", "", "--version").stdout == f"threadmark {VERSION}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["shout"],
        ["labels"],
        ["import", "a.csv"],
        ["mirror", "copy"],
        ["export", "harbour", "--contents", "{"],
        ["export", "harbour", "--contents", "[]"],
    ],
)
def test_wrong_usage_is_2_and_says_how(run: Run, arguments: list[str]) -> None:
    done = run("", "", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: threadmark")


def test_help_names_every_command_and_where_the_token_comes_from(run: Run) -> None:
    told = run("", "", "--help").stdout
    for word in ("status", "import", "export", "labels", "mirror", "suggest", "release"):
        assert f"\n    {word} " in told
    assert "THREADMARK_TOKEN" in told


def test_a_server_that_is_not_there_is_3(run: Run) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    done = run(url, "tm_x", "labels", "harbour")
    assert done.returncode == 3
    assert done.stderr.startswith(f"threadmark: The server at {url} does not answer")
    assert done.stderr.count("\n") == 1


def test_a_refusal_is_1_and_one_sentence(script: Script, run: Run) -> None:
    script.answers(refusal(404, "not_found", "There is no campaign 'harbor'."))
    done = run(script.url, "tm_secret", "labels", "harbor")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "threadmark: There is no campaign 'harbor'.\n"


def test_a_wrong_token_is_explained(script: Script, run: Run) -> None:
    script.answers(refusal(401, "authentication_failed", "This token is wrong."))
    done = run(script.url, "tm_secret", "status")
    assert done.returncode == 1
    assert done.stderr.startswith("threadmark: This token is wrong. (The account page is ")
    assert "tm_secret" not in done.stderr


def test_a_file_that_is_not_there_is_1_before_a_corpus_is_made(script: Script, run: Run) -> None:
    done = run(script.url, "tm_x", "import", "none.csv", "--corpus", "talk")
    assert done.returncode == 1
    assert done.stderr == "threadmark: none.csv: No such file or directory\n"
    assert script.asked == []


@pytest.mark.parametrize("arguments", [["labels", "harbour"], ["export", "harbour"]])
def test_a_folder_that_is_not_there_is_told_before_anything_is_made(
    script: Script, run: Run, arguments: list[str]
) -> None:
    done = run(script.url, "tm_x", *arguments, "-o", "none/labels.csv")
    assert done.returncode == 2
    assert done.stderr.endswith("argument -o/--output: there is no folder none\n")
    assert script.asked == []


def test_a_campaign_without_releases_says_so(script: Script, run: Run) -> None:
    script.answers(page())
    done = run(script.url, "tm_x", "release", "harbour")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "harbour has no release yet.\n"


def test_status_shows_campaigns_with_progress_and_what_runs(script: Script, run: Run) -> None:
    campaigns = page({"slug": "harbour", "state": "open"}, {"slug": "mill", "state": "closed"})
    progress = reply({"settled": 25, "wanted": 100})
    running = {"id": 4, "state": "running", "finished": False, "done": 1, "total": 4}
    running |= {"measure": "annotations", "worker_alive": False}
    done = {**running, "id": 3, "state": "done", "finished": True}
    script.answers(reply({**ME, "memberships": [MEMBER]}), campaigns, progress)
    script.answers(refusal(403, "not_permitted", "No."), refusal(403, "not_permitted", "No."))
    script.answers(page(running, done), page())
    told = run(script.url, "tm_x", "status")
    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines() == [
        f"{script.url}: ada (token: labels:read)",
        "  harbour  open  manager  25 of 100 labels (25 %)",
        "  mill  closed",
        "  export 4  running  1 of 4 annotations (25 %)",
        "  No worker runs: jobs wait until one does.",
    ]


def test_status_as_json_is_whole(script: Script, run: Run) -> None:
    script.answers(reply({**ME, "memberships": []}), page(), page(), page(), page())
    told = json.loads(run(script.url, "tm_x", "status", "--json").stdout)
    assert told == {"me": {**ME, "memberships": []}, "campaigns": [], "running": []}


def test_labels_go_to_standard_output_as_they_are(script: Script, run: Run) -> None:
    script.answers(Reply(body=ROWS, headers=LINES))
    done = run(script.url, "tm_x", "labels", "harbour", "--contents", '{"layers": ["human"]}')
    assert (done.returncode, done.stdout, done.stderr) == (0, ROWS.decode(), "")
    assert script.asked[0].path.endswith("/labels/?layers=human&format=jsonl")


def test_labels_in_a_file_are_told_by_its_name(script: Script, run: Run, tmp_path: Path) -> None:
    script.answers(Reply(body=ROWS, headers=LINES))
    done = run(script.url, "tm_x", "labels", "harbour", "-o", "labels.jsonl")
    assert (done.returncode, done.stdout, done.stderr) == (0, "labels.jsonl\n", "")
    assert (tmp_path / "labels.jsonl").read_bytes() == ROWS


def test_labels_that_break_off_are_3_and_leave_no_file(
    script: Script, run: Run, tmp_path: Path
) -> None:
    script.answers(*[Reply(body=ROWS, headers=LINES, length=999)] * 3)
    done = run(script.url, "tm_x", "labels", "harbour", "-o", "labels.jsonl")
    assert done.returncode == 3
    assert list(tmp_path.iterdir()) == []


def test_an_ending_that_tells_no_format_is_asked_about(run: Run) -> None:
    done = run("", "", "labels", "harbour", "-o", "labels.txt")
    assert done.returncode == 1
    assert "labels.txt does not tell the format" in done.stderr


def test_who_has_read_enough_of_the_labels_ends_them_quietly(script: Script) -> None:
    script.answers(Reply(body=ROWS * 100_000, headers=LINES))
    with subprocess.Popen(
        command("labels", "harbour"),
        env=environment(script.url, "tm_x"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == ROWS.splitlines(True)[0]
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(PATIENCE_SECONDS) == 0


def test_ctrl_c_leaves_no_half_file(script: Script, tmp_path: Path) -> None:
    script.answers(Reply(body=ROWS, headers=LINES, length=999, hold=True))
    process = subprocess.Popen(
        command("labels", "harbour", "-o", "labels.jsonl"),
        cwd=tmp_path,
        env=environment(script.url, "tm_x"),
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(lambda: bool(script.asked) and any(tmp_path.glob(".labels.jsonl.*.part")))
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 128 + signal.SIGINT
    assert told == "Stopped.\n"
    assert list(tmp_path.iterdir()) == []


def test_an_export_is_waited_for_and_downloaded(script: Script, run: Run, tmp_path: Path) -> None:
    done = {"id": 7, "state": "done", "finished": True, "campaign": "harbour", "bytes": len(ROWS)}
    done |= {"sha256": hashlib.sha256(ROWS).hexdigest(), "warnings": ["3 comments are withheld."]}
    name = {"Content-Disposition": 'attachment; filename="harbour-7.jsonl"'}
    script.answers(reply(done, status=202), Reply(headers=name), Reply(body=ROWS))
    told = run(script.url, "tm_x", "export", "harbour")
    assert (told.returncode, told.stdout) == (0, "harbour-7.jsonl\n")
    assert told.stderr == "threadmark: 3 comments are withheld.\n"
    assert (tmp_path / "harbour-7.jsonl").read_bytes() == ROWS


def test_progress_is_drawn_on_a_terminal_alone_and_wiped(script: Script, tmp_path: Path) -> None:
    done = {"id": 7, "state": "done", "finished": True, "campaign": "harbour", "bytes": len(ROWS)}
    done |= {"sha256": hashlib.sha256(ROWS).hexdigest(), "warnings": []}
    running = {**done, "state": "running", "finished": False}
    running |= {"done": 1, "total": 2, "measure": "annotations"}
    script.answers(reply(running, status=202), reply(done), Reply(body=ROWS))
    ours, theirs = pty.openpty()
    subprocess.run(
        command("export", "harbour", "-o", "labels.jsonl"),
        cwd=tmp_path,
        env=environment(script.url, "tm_x"),
        stderr=theirs,
        check=True,
    )
    told = os.read(ours, 10_000).decode()
    os.close(ours)
    os.close(theirs)
    assert "1 of 2 annotations (50 %)" in told
    assert told.endswith("\r\x1b[K")


def test_suggestions_come_from_a_file_or_a_pipe(script: Script, run: Run) -> None:
    results = [{"line": 1, "id": 1, "outcome": "created"}]
    results += [{"line": 2, "id": 2, "outcome": "refused", "message": "No unit."}, {"lines": 2}]
    body = b"".join(json.dumps(one).encode() + b"\n" for one in results)
    script.answers(Reply(body=body, headers=LINES))
    sent = '{"comment": 1, "answers": {"claim": "none"}}\n\n{"comment": 2, "answers": {}}\n'
    done = run(script.url, "tm_x", "suggest", "harbour", "-", "--model", "m-1", input=sent)
    assert done.returncode == 1
    assert done.stdout == "2 lines, 1 created, 0 updated, 0 unchanged, 1 refused\n"
    assert done.stderr == "line 2: No unit.\n"
    assert script.asked[0].path.endswith("/campaigns/harbour/suggestions/?model=m-1")


def test_a_line_that_is_no_json_is_named(script: Script, run: Run) -> None:
    done = run(script.url, "tm_x", "suggest", "harbour", "-", "--model", "m", input="{}\nno\n")
    assert done.returncode == 1
    assert "standard input, line 2: this is not JSON" in done.stderr
