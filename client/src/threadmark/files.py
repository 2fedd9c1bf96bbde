"""Files that appear under their name when they are whole, never before."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from threadmark.connection import Answer, Connection, blocks
from threadmark.errors import Interrupted, ThreadmarkError

Progress = Callable[[int, "int | None", str], None]
"""Called with what is done, of how much (None: not known), and what is counted."""


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write: it takes the path's place at the end, or leaves nothing behind."""
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with unfinished.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def download(
    connection: Connection,
    address: str,
    path: Path,
    *,
    sha256: str,
    size: int,
    tries: int,
    progress: Progress | None = None,
) -> Path:
    """Fetches a file whose checksum is known, and gives its path.

    What a broken connection, or an earlier call that was stopped, left behind (``.NAME.SHA.part``
    beside it) is gone on with. Raises Interrupted where the connection breaks too often, or
    where what came is not the file; what is longer than ``size`` is not read to its end.
    """
    unfinished = path.with_name(f".{path.name}.{sha256[:12]}.part")
    for tries_left in reversed(range(tries)):
        try:
            _go_on(connection, address, unfinished, sha256, size, progress)
            break
        except Interrupted as error:
            if error.code == "wrong_checksum":
                unfinished.unlink()
            if error.code == "wrong_checksum" or not tries_left:
                raise
    if _sha256(unfinished) != sha256:
        unfinished.unlink()
        message = f"What came is not the file that the server keeps (its SHA-256 is {sha256})."
        raise Interrupted(f"{message} Nothing was kept: ask again.", code="wrong_checksum")
    unfinished.replace(path)
    return path


def _go_on(
    connection: Connection,
    address: str,
    unfinished: Path,
    sha256: str,
    size: int,
    progress: Progress | None,
) -> None:
    """Asks for the rest of the file, and appends it."""
    with unfinished.open("ab") as file:
        have = file.tell()
        if have > size:
            file.truncate(have := 0)
        if have == size:
            return
        headers = {"Accept-Encoding": "identity"}
        if have:
            headers |= {"Range": f"bytes={have}-", "If-Range": f'"{sha256}"'}
        with connection.stream(address, headers=headers) as answer:
            if have and not _begins_there(answer, have):
                file.truncate(have := 0)
            for block in blocks(answer):
                if have + len(block) > size:
                    message = f"The server sends more bytes than the {size:,} of the file."
                    raise Interrupted(f"{message} Nothing was kept.", code="wrong_checksum")
                have += file.write(block)
                if progress:
                    progress(have, size, "bytes")
        os.fsync(file.fileno())
    if have < size:
        raise Interrupted(f"The file ended {size - have:,} bytes too early.", code="cut_off")


def _begins_there(answer: Answer, have: int) -> bool:
    """Whether this is the part asked for; the whole file comes where the server has another."""
    if answer.status != 206:
        return False
    if not answer.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
        raise ThreadmarkError("The server sent another part of the file than was asked for.")
    return True


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1024 * 1024):
            digest.update(block)
    return digest.hexdigest()
