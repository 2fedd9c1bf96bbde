"""Running the tools that others made."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from project.environment import ROOT

SECONDS = 300


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """The tool with the application's own npm before any other."""
    environment = {**os.environ}
    environment["PATH"] = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{environment['PATH']}"
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS
    )


def last_line(text: str) -> str:
    """What a tool says at the end, which is why it failed."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "no answer"
