"""What changed on the server since somebody last looked."""

from __future__ import annotations

from collections.abc import Iterator

from threadmark.connection import Connection, Row, stranger

PAGE_ROWS = 500


class Changes:
    """The changes of a corpus or a campaign after a cursor, the oldest first.

    ``cursor`` says where to go on the next time: it moves once all changes before it were taken,
    so whoever keeps it after the loop misses nothing.

        changes = server.changes(campaign="harbour", cursor=kept)
        for change in changes:
            print(change["kind"], change["id"], change["gone"])
        kept = changes.cursor
    """

    def __init__(self, connection: Connection, path: str, cursor: str | None) -> None:
        self._connection = connection
        self._path = path
        self.cursor = cursor

    def __iter__(self) -> Iterator[Row]:
        for rows, cursor in self.pages():
            yield from rows
            self.cursor = cursor

    def pages(self) -> Iterator[tuple[list[Row], str]]:
        """Page by page: the changes, and the cursor to keep together with them."""
        query = {"cursor": self.cursor, "page_size": PAGE_ROWS}
        for page in self._connection.pages(self._path, query):
            if not isinstance(page.get("cursor"), str):
                raise stranger("it sent changes without a cursor")
            yield page["results"], page["cursor"]
