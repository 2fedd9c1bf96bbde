"""The other side: the same lines parsed and the same rows inserted, with nothing else done."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from tests.bench.children import tell
from tests.bench.database import prepare

ROWS_AT_ONCE = 10_000
THREAD = (
    *("id", "corpus_id", "source_id", "title", "url", "platform", "missing", "order_is_stale"),
    *("comment_count", "max_depth", "language", "raw", "created_at"),
)
AUTHOR = ("id", "corpus_id", "source_id", "name", "pseudonym")
COMMENT = (
    *("id", "corpus_id", "thread_id", "source_id", "kind", "author_id", "reply_to_id"),
    *("reply_to_source_id", "reply_basis", "reply_evidence", "ordinal", "position", "depth"),
    *("status", "text", "text_revision", "html", "blocks", "links", "language", "posted_at"),
    *("posted_at_estimated", "score", "raw", "created_at"),
)


class Rows:
    """Lines as rows, ids given out as they come."""

    def __init__(self, corpus: int, on_postgresql: bool) -> None:
        self.corpus, self.on_postgresql = corpus, on_postgresql
        self.now = self.time(datetime.now(UTC))
        self.threads: dict[str, int] = {}
        self.authors: dict[str, int] = {}
        self.comments: dict[str, int] = {}
        self.new_threads: list[tuple[Any, ...]] = []
        self.new_authors: list[tuple[Any, ...]] = []

    def comment(self, number: int, line: bytes) -> tuple[Any, ...]:
        told = msgspec.json.decode(line)
        thread, author = self.thread(told["link_id"]), self.author(told["author"])
        name, parent = told["name"], told["parent_id"]
        self.comments[name] = number
        return (
            *(number, self.corpus, thread, name, "comment", author, self.comments.get(parent)),
            *(parent if parent.startswith("t1_") else "", "given", "", number, number % 50),
            *(number % 8, "visible", told["body"], 1, "", "[]", "[]", ""),
            self.time(datetime.fromtimestamp(told["created_utc"], UTC)),
            *(False, told["score"], line.decode().strip(), self.now),
        )

    def thread(self, name: str) -> int:
        if name not in self.threads:
            self.threads[name] = number = len(self.threads) + 1
            row = (number, self.corpus, name, "", "", "reddit", 0, False, 20, 5, "", "{}")
            self.new_threads.append((*row, self.now))
        return self.threads[name]

    def author(self, name: str) -> int:
        if name not in self.authors:
            self.authors[name] = number = len(self.authors) + 1
            self.new_authors.append((number, self.corpus, name, name, f"{number:010d}"))
        return self.authors[name]

    def time(self, moment: datetime) -> Any:
        return moment if self.on_postgresql else str(moment.replace(tzinfo=None))


def main() -> None:
    prepare()
    from django.db import connection, transaction
    from django.utils import timezone

    from annotations.services.corpora import create_corpus

    corpus = create_corpus(slug="bench", now=timezone.now())
    on_postgresql = connection.vendor == "postgresql"

    def insert(table: str, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
        names = ", ".join(columns)
        with connection.cursor() as cursor:
            if on_postgresql:
                with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
            else:
                values = ", ".join(["%s"] * len(columns))
                cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({values})", rows)
        rows.clear()

    def work() -> int:
        rows = Rows(corpus.pk, on_postgresql)
        with transaction.atomic(), Path(sys.argv[1]).open("rb") as file:
            for batch in _batches(rows.comment(*one) for one in enumerate(file, start=1)):
                insert("thread", THREAD, rows.new_threads)
                insert("author", AUTHOR, rows.new_authors)
                insert("comment", COMMENT, batch)
        return len(rows.comments)

    tell(work)


def _batches(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    while batch := list(islice(rows, ROWS_AT_ONCE)):
        yield batch


if __name__ == "__main__":
    main()
