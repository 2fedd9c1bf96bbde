"""The text of a saved news page: title, byline, article, and comments under `NAME's picture`.

The page gives neither ids nor replies. Ids are made from the file's digest and the ordinal
of the comment (0 is the opening), so the same file always gives the same ids; replies are what
the text proves (``importers.saved_records``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from annotations.errors import InvalidInput, UnreadableFile
from importers.records import Record, ThreadRecord
from importers.saved_records import saved_records
from importers.saved_text import headers, parse_page
from importers.source import Source

TITLE = "Saved news page (text)"
PAGE_LIMIT = 16 * 1024 * 1024


def detect(source: Source) -> float:
    """How many lines of the first MiB are `NAME's picture` between empty lines."""
    text = source.head.decode(errors="ignore").replace("\r\n", "\n")
    found = len(headers(text.split("\n")))
    return min(0.99, 0.6 + 0.1 * found) if found else 0.0


def read(source: Source, options: Mapping[str, Any]) -> Iterator[Record]:
    """Yield the thread, its opening and its comments; takes no options.

    Raises InvalidInput for options, UnreadableFile for a page of more than 16 MiB or
    without any text.
    """
    if options:
        raise InvalidInput(f"A saved page takes no options, but got: {', '.join(options)}.")
    page = parse_page(_page_text(source))
    thread_id = source.sha256[:32]
    try:
        yield ThreadRecord(id=thread_id, title=page.title)
    except ValueError as error:
        raise UnreadableFile(f"The title of {source.name} cannot be taken: {error}") from None
    yield from saved_records(page, thread_id)


def _page_text(source: Source) -> str:
    """The whole page. Bytes that are not UTF-8 become surrogates, which records refuse."""
    if source.size > PAGE_LIMIT:
        raise UnreadableFile(
            f"{source.name} has {source.size:,} bytes; a saved page has at most {PAGE_LIMIT:,}. "
            "Split it, or choose another format."
        )
    with source.open() as file:
        text = file.read().decode(errors="surrogateescape")
    if not text.strip("\ufeff \t\r\n"):
        raise UnreadableFile(f"{source.name} is empty: there is nothing to import.")
    return text
