"""``make run`` as somebody at a terminal sees it."""

from __future__ import annotations

import signal
import socket
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.application import Application
from tests.conftest import OwnServers

pytestmark = pytest.mark.e2e
PATIENCE_SECONDS = 60.0


@pytest.fixture(scope="module")
def running(new_application: Callable[[], Application]) -> Iterator[Application]:
    application = new_application()
    application.start()
    yield application
    application.stop()


def answers(application: Application) -> bool:
    try:
        with urllib.request.urlopen(f"{application.url}/healthz", timeout=2) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def wait_until(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < deadline, f"It did not happen within {PATIENCE_SECONDS} seconds."
        time.sleep(0.02)


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [
        process
        for process in processes
        if process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    ]


def launch(application: Application) -> tuple[int, list[str]]:
    """The exit status and the lines of a launcher that cannot run."""
    application.begin()
    assert application.process is not None
    return application.process.wait(PATIENCE_SECONDS), application.output.splitlines()


def test_it_says_where_it_runs_for_whom_and_how_to_stop(running: Application) -> None:
    assert answers(running)
    assert f"Threadmark runs at {running.url}/" in running.output
    assert "Ctrl-C stops everything" in running.output
    for account in running.accounts:
        assert f"{account.username} " in running.output
        assert f" {account.password} " in running.output


def test_a_taken_port_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        status, lines = launch(Application(tmp_path / "var", port=port))
    assert status == 1
    assert len(lines) == 1
    assert lines[0].startswith(f"Port {port} ")
    assert "make run" in lines[0]


def test_a_second_launcher_on_the_same_folder_is_refused_in_one_line(running: Application) -> None:
    second = Application(running.var, running.variables)
    second.begin()
    assert second.process is not None
    assert second.process.wait(PATIENCE_SECONDS) == 1
    last = running.output.splitlines()[-1]
    assert last.startswith("Threadmark already runs on")
    assert "VAR_DIR" in last
    assert answers(running)


def test_a_database_that_does_not_answer_is_said_in_one_line(tmp_path: Path) -> None:
    nowhere = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}
    status, lines = launch(Application(tmp_path / "var", nowhere))
    assert status == 1
    assert len(lines) == 1
    assert "DATABASE_URL" in lines[0]


@pytest.mark.parametrize("word", ["granian", "celery", "valkey"])
def test_what_is_killed_comes_back(running: Application, word: str) -> None:
    killed = running.processes(word)
    if word == "valkey" and "REDIS_URL" in running.variables:
        assert killed == []
        return
    for process in killed:
        process.kill()
    wait_until(lambda: alive(running.processes(word)))
    wait_until(lambda: answers(running))


def test_a_killed_web_process_answers_again(running: Application) -> None:
    parents = {process.pid for process in running.processes("granian")}
    serving = [child for child in running.processes("granian") if child.ppid() in parents]
    serving[0].kill()
    wait_until(lambda: answers(running))


def test_a_second_start_makes_nothing_anew_and_stopping_leaves_nothing(
    tmp_path: Path, own_servers: OwnServers
) -> None:
    application = Application(tmp_path / "var", own_servers())
    application.start()
    assert "Loading the demo" in application.output
    accounts = application.accounts
    for how in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        processes = application.processes()
        assert application.stop(how) == 0
        assert alive(processes) == []
        printed = len(application.output)
        application.start()
        assert application.accounts == accounts
        for once in ("Preparing the database", "Gathering static files", "Loading the demo"):
            assert once not in application.output[printed:]
    application.stop()


def test_kill_9_of_the_launcher_leaves_no_orphan(
    new_application: Callable[[], Application],
) -> None:
    application = new_application()
    application.start()
    processes = application.processes()
    assert len(processes) > 3
    assert application.process is not None
    application.process.kill()
    application.process.wait(10)
    wait_until(lambda: alive(processes) == [])
    application.start()
    assert answers(application)
    application.stop()
