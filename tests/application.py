"""The whole application for a test: what ``make run`` starts, in a folder of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import psutil

from project.environment import ROOT, VARIABLES
from tests.servers import free_port

STARTING_SECONDS = 90


class Account(msgspec.Struct, frozen=True):
    username: str
    password: str
    role: str


class Demo(msgspec.Struct, frozen=True):
    """What the demo made, as ``var/demo.json`` tells it."""

    accounts: list[Account]
    token: str


@dataclass
class Application:
    """``var`` is the folder for state; ``variables`` go to the environment of its processes."""

    var: Path
    variables: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: psutil.Popen | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        ours = {variable.name for variable in VARIABLES}
        inherited = {name: value for name, value in os.environ.items() if name not in ours}
        unlimited = {"TOKEN_RATE": "0", "SAVE_RATE": "0"}  # tests ask as fast as they can
        own = {"VAR_DIR": str(self.var), "PORT": str(self.port), **unlimited}
        return {**inherited, **own, **self.variables}

    @property
    def accounts(self) -> list[Account]:
        return self._demo().accounts

    def account(self, who: str) -> Account:
        """The first account of the demo with that user name, or whose role begins so."""
        return next(
            account
            for account in self.accounts
            if account.username == who or account.role.startswith(who)
        )

    @property
    def token(self) -> str:
        return self._demo().token

    @property
    def output(self) -> str:
        """All that the launcher has printed, in all its runs."""
        return self._output_file.read_text()

    def start(self) -> None:
        """Starts everything and waits until the launcher says that it runs."""
        self.begin()
        deadline = time.monotonic() + STARTING_SECONDS
        started = len(self.output)
        while "Threadmark runs at" not in self.output[started:]:
            if self.process is None or self.process.poll() is not None:
                raise RuntimeError(f"The launcher ended:\n{self.output}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"The launcher did not get ready:\n{self.output}")
            time.sleep(0.05)

    def begin(self) -> None:
        """Starts the launcher and waits for nothing."""
        self.var.mkdir(parents=True, exist_ok=True)
        with self._output_file.open("ab") as output:
            self.process = psutil.Popen(
                [sys.executable, "-m", "project.launch"],
                cwd=ROOT,
                env=self.env,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """Stops everything as Ctrl-C does; gives the launcher's exit status."""
        assert self.process is not None
        self.process.send_signal(how)
        return int(self.process.wait(60))

    def processes(self, word: str = "") -> list[psutil.Process]:
        """The launcher's children and theirs, those with the word in their command line."""
        assert self.process is not None
        children = self.process.children(recursive=True)
        return [child for child in children if word in _command(child)]

    def kill_web(self) -> None:
        """``kill -9`` for all processes of the web server at once."""
        for process in self.processes("granian"):
            process.kill()

    def manage(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs manage.py in the environment of the application."""
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.env, check=check, capture_output=True, text=True
        )

    @property
    def _output_file(self) -> Path:
        return self.var.with_name(f"{self.var.name}.out")

    def _demo(self) -> Demo:
        return msgspec.json.decode((self.var / "demo.json").read_bytes(), type=Demo)


def _command(process: psutil.Process) -> str:
    """The command line; empty for a process that has just ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
