"""The text of a saved news page: title, byline, article, and comments under `NAME's picture`.

The page gives neither ids nor replies. Ids are made from the file's digest and the ordinal
of the comment (0 is the opening), so the same file always gives the same ids.

A reply is believed only where the text proves it: the comment quotes whole sentences
(``importers.quotes``) of exactly one earlier comment by somebody else, and adds words of its
own. Quotes of the article, of oneself, or of several people are kept as relations and give no
parent; so are the names of earlier authors (``importers.mentions``) outside of quotations.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from annotations.errors import InvalidInput, UnreadableFile
from importers.mentions import Mention, find_mentions
from importers.quotes import Quote, find_quotes
from importers.records import CommentRecord, Record, RecordError, RelationRecord, ThreadRecord
from importers.saved_text import Section, headers, parse_page
from importers.source import Source

TITLE = "Saved news page (text)"
PAGE_LIMIT = 16 * 1024 * 1024
EVIDENCE_LENGTH = 300

_SUBMITTED = re.compile(r"Submitted by (?P<name>.+?)(?: from (?P<from>.+))?")
_FIRST_WORD = re.compile(r"\w")


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
    sections = [page.opening or Section("", 1, "", "", ()), *page.comments]
    relations = _Relations(thread_id, sections)
    for number, section in enumerate(sections):
        if number or page.opening:
            yield _comment(thread_id, number, section, relations)


class _Relations:
    """What the comments of one page prove about each other."""

    def __init__(self, thread_id: str, sections: Sequence[Section]) -> None:
        self.thread_id = thread_id
        self.texts = [section.text for section in sections]
        self.authors = [_author_id(section.author) for section in sections]
        self.quotes = find_quotes(self.texts)
        self.mentions = find_mentions(self.authors, self.texts)

    def of(self, number: int) -> tuple[RelationRecord, ...]:
        """The quotes and the mentions outside of them, in the order of the text."""
        quotes = self.quotes[number]
        found = [self._quote(quote) for quote in quotes]
        for mention in self.mentions[number]:
            if not any(quote.start <= mention.start < quote.end for quote in quotes):
                found.append(self._mention(mention))
        return tuple(sorted(found, key=lambda relation: (relation.start, relation.end)))

    def answered(self, number: int) -> int | None:
        """The one earlier comment that this one provably answers."""
        quoted = {quote.source for quote in self.quotes[number] if quote.source}
        others = [n for n in quoted if self.authors[n] != self.authors[number]]
        return others[0] if len(others) == 1 and self._adds_words(number) else None

    def evidence(self, number: int, answered: int) -> str:
        quotes = [quote for quote in self.quotes[number] if quote.source == answered]
        words = self.texts[number][quotes[0].start : quotes[0].end]
        shown = words if len(words) <= EVIDENCE_LENGTH else f"{words[:EVIDENCE_LENGTH]}…"
        if len(quotes) == 1:
            return f"Quotes a sentence of comment {answered}: “{shown}”"
        return f"Quotes {len(quotes)} sentences of comment {answered}, first: “{shown}”"

    def _adds_words(self, number: int) -> bool:
        text, own, end = self.texts[number], [], 0
        for quote in self.quotes[number]:
            own.append(text[end : quote.start])
            end = quote.end
        return _FIRST_WORD.search("".join([*own, text[end:]])) is not None

    def _quote(self, quote: Quote) -> RelationRecord:
        return RelationRecord(
            kind="quote",
            basis="inferred",
            start=quote.start,
            end=quote.end,
            target_id=f"{self.thread_id}:{quote.source}",
            target_start=quote.source_start,
            target_end=quote.source_end,
        )

    def _mention(self, mention: Mention) -> RelationRecord:
        return RelationRecord(
            kind="mention",
            basis="inferred",
            start=mention.start,
            end=mention.end,
            target_author_id=mention.name,
        )


def _comment(
    thread_id: str, number: int, section: Section, relations: _Relations
) -> CommentRecord | RecordError:
    answered = relations.answered(number)
    try:
        return CommentRecord(
            id=f"{thread_id}:{number}",
            thread_id=thread_id,
            text=section.text,
            kind="comment" if number else "article",
            author_id=relations.authors[number],
            author_name=section.author,
            reply_to=None if answered is None else f"{thread_id}:{answered}",
            basis="given" if answered is None else "inferred",
            evidence="" if answered is None else relations.evidence(number, answered),
            status="visible" if section.text else "missing",
            blocks=section.blocks,
            relations=relations.of(number),
            raw={"line": section.line, "source": section.source, **_submitter(number, section)},
            line=section.line,
        )
    except ValueError as error:
        what = f"Comment {number}" if number else "The article"
        return RecordError(section.line, f"{what} was left out. {error}")


def _submitter(number: int, section: Section) -> dict[str, Any]:
    """Who really wrote the article, where its first block says so."""
    if number or not section.blocks:
        return {}
    first = section.blocks[0]
    found = _SUBMITTED.fullmatch(section.text[first.start : first.end].strip())
    return {"submitter": found.groupdict()} if found else {}


def _author_id(name: str) -> str:
    return unicodedata.normalize("NFC", name)


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
