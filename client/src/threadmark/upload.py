"""A form with a file in it, read while it is sent, however large."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path

from urllib3.fields import RequestField

from threadmark.connection import BLOCK_BYTES


class Upload:
    """The body of a multipart form. Each iteration reads the file anew, so it can be repeated."""

    def __init__(self, path: Path, fields: Mapping[str, str]) -> None:
        self._path = path
        boundary = secrets.token_hex(16)
        parts = [RequestField(name, value) for name, value in fields.items()]
        parts.append(RequestField("file", b"", filename=path.name))
        self._head = b""
        for part in parts:
            part.make_multipart(content_type=None)
            content = part.data if isinstance(part.data, bytes) else part.data.encode()
            self._head += f"--{boundary}\r\n{part.render_headers()}".encode() + content + b"\r\n"
        self._head = self._head.removesuffix(b"\r\n")
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self.headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(len(self._head) + path.stat().st_size + len(self._tail)),
        }

    def __iter__(self) -> Iterator[bytes]:
        yield self._head
        with self._path.open("rb") as file:
            while block := file.read(BLOCK_BYTES):
                yield block
        yield self._tail
