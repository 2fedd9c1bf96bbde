"""Tools read a release over the network: whole by one line, and a column without the rest."""

from __future__ import annotations

import hashlib
import io
import os
from typing import Any
from urllib.request import Request, urlopen

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from annotations.models import ApiToken
from tests.annotations.api.world import API, World

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ROWS = 2000


class RemoteFile(io.RawIOBase):
    """A file on a server, of which no more is fetched than is read."""

    def __init__(self, address: str, headers: dict[str, str]) -> None:
        self.address, self.headers = address, headers
        self.place = self.fetched = 0
        with urlopen(Request(address, headers=headers, method="HEAD")) as answer:
            assert answer.headers["Accept-Ranges"] == "bytes"
            self.size, self.tag = int(answer.headers["Content-Length"]), answer.headers["ETag"]

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.place

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self.place, os.SEEK_END: self.size}[whence]
        self.place = origin + offset
        return self.place

    def readinto(self, buffer: Any) -> int:
        end = min(self.place + len(buffer), self.size)
        if end <= self.place:
            return 0
        asked = {"Range": f"bytes={self.place}-{end - 1}", "If-Range": self.tag}
        with urlopen(Request(self.address, headers={**self.headers, **asked})) as answer:
            assert answer.status == 206
            content = answer.read()
        buffer[: len(content)] = content
        self.place, self.fetched = end, self.fetched + len(content)
        return len(content)


@pytest.fixture
def table() -> pa.Table:
    texts = [hashlib.sha256(str(n).encode()).hexdigest() * 20 for n in range(ROWS)]
    return pa.table({"claim": ["yes", "no"] * (ROWS // 2), "text": texts})


@pytest.fixture
def served(world: World, live_server: Any, table: pa.Table) -> tuple[str, dict[str, str]]:
    """The address of a Parquet file, and the header that opens it."""
    written = io.BytesIO()
    pq.write_table(table, written, compression="none", use_dictionary=["claim"])
    content = written.getvalue()
    run = world.exports["done"]
    run.file = default_storage.save("exports/big.parquet", ContentFile(content))
    run.bytes, run.sha256 = len(content), hashlib.sha256(content).hexdigest()
    run.save()
    _, token = ApiToken.objects.create(user=world.users["viewer"], name="pandas")
    address = f"{live_server.url}{API}exports/{run.pk}/file/"
    return address, {"Authorization": f"Token {token}"}


def test_pandas_reads_it_by_one_line(served: tuple[str, dict[str, str]], table: pa.Table) -> None:
    address, headers = served
    frame = pd.read_parquet(address, storage_options=headers)
    assert frame.equals(table.to_pandas())


def test_one_column_is_fetched_without_the_others(
    served: tuple[str, dict[str, str]], table: pa.Table
) -> None:
    file = RemoteFile(*served)
    assert pq.read_table(file, columns=["claim"]).equals(table.select(["claim"]))
    assert file.fetched < file.size / 10
