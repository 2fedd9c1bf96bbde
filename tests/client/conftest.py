"""The client against a scripted server, and against the application as it runs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from threadmark import Threadmark

from project.environment import ROOT
from tests.application import Application
from tests.client.scripted import Script, scripted_server

SOURCE = ROOT / "client" / "src"
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked again is asked again at once, unless the server says how long to wait."""
    monkeypatch.setattr("urllib3.util.retry.Retry.get_backoff_time", lambda _: 0)


@pytest.fixture(autouse=True)
def _nothing_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("THREADMARK_URL", "THREADMARK_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def script() -> Iterator[Script]:
    with scripted_server() as running:
        yield running


@pytest.fixture
def server(script: Script) -> Iterator[Threadmark]:
    """The client of the scripted server."""
    with Threadmark(script.url, "tm_secret", timeout=5, retries=3) as client:
        yield client


@pytest.fixture(scope="session")
def application(
    tmp_path_factory: pytest.TempPathFactory, own_servers: Callable[[], dict[str, str]]
) -> Iterator[Application]:
    """What ``make run`` starts, with its demo, for all tests of the client together."""
    application = Application(tmp_path_factory.mktemp("application") / "var", own_servers())
    application.start()
    yield application
    application.stop()


@pytest.fixture
def demo(application: Application) -> Iterator[Threadmark]:
    """The client of the running application, with the token of the demo's researcher."""
    with Threadmark(application.url, application.token) as client:
        yield client


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """``run(url, token, "labels", "harbour")``: the command in a process and a folder of its own,
    whose standard error is no terminal."""

    def started(
        url: str, token: str, *arguments: str, input: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command(*arguments),
            cwd=tmp_path,
            env=environment(url, token),
            input=input,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return started


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "threadmark", *arguments]


def environment(url: str, token: str) -> dict[str, str]:
    chosen = {"THREADMARK_URL": url, "THREADMARK_TOKEN": token, "PYTHONPATH": str(SOURCE)}
    return {**os.environ, **chosen}
