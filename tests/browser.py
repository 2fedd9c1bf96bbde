"""The Chromium of the end-to-end tests: an installed one, else Debian's, else Playwright's.

``python -m tests.browser`` makes sure that there is one, and says which.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def launch_options() -> dict[str, object]:
    """What Playwright needs to start the browser that is there."""
    arguments = [*QUIET, "--no-sandbox"] if os.geteuid() == 0 else [*QUIET]
    options: dict[str, object] = {"args": arguments}
    executable = installed_browser()
    return {**options, "executable_path": executable} if executable else options


def installed_browser() -> str | None:
    """The path of a Chromium or Chrome of this machine that starts."""
    candidates = [shutil.which(name) for name in NAMES] + [str(MAC) if MAC.exists() else None]
    return next((path for path in candidates if path and _starts(path)), None)


def ensure_browser() -> str:
    """Installs a browser where none is; gives a word on which one the tests will use."""
    found = installed_browser() or _install_debian_package()
    if found:
        return found
    libraries = [] if _superuser() is None else ["--with-deps"]
    _playwright("install", *libraries, "chromium")
    return "Playwright's own Chromium"


def _starts(path: str) -> bool:
    command = [path, "--version"]
    try:
        return subprocess.run(command, capture_output=True, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _install_debian_package() -> str | None:
    """Debian has a package; Ubuntu's of that name only points to a snap, which starts slowly."""
    superuser = _superuser()
    if superuser is None or shutil.which("apt-get") is None or "ID=debian" not in _system():
        return None
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for act in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
        subprocess.run([*superuser, "apt-get", "-qq", *act], env=environment, check=False)
    return installed_browser()


def _superuser() -> list[str] | None:
    """The words before a command that only root may run; None where nobody may."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True).returncode == 0:
        return [sudo, "-n"]
    return None


def _system() -> list[str]:
    release = Path("/etc/os-release")
    return release.read_text().splitlines() if release.exists() else []


def _playwright(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "playwright", *arguments], check=True)


if __name__ == "__main__":
    print(f"Browser for the tests: {ensure_browser()}")
