"""A saved page, taken apart by ``importers.saved_text``, as records.

A reply is believed only where the text proves it: the comment quotes whole sentences
(``importers.quotes``) of exactly one earlier comment by somebody else, and adds words of its
own. Quotes of the article, of oneself, or of several people are kept as relations and give no
parent; so are the names of earlier authors (``importers.mentions``) outside of quotations.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from importers.mentions import Mention, find_mentions
from importers.quotes import Quote, find_quotes
from importers.records import CommentRecord, RecordError, RelationRecord
from importers.saved_text import Page, Section

EVIDENCE_LENGTH = 300

_SUBMITTED = re.compile(r"Submitted by (?P<name>.+?)(?: from (?P<from>.+))?")
_FIRST_WORD = re.compile(r"\w")


def saved_records(page: Page, thread_id: str) -> Iterator[CommentRecord | RecordError]:
    """The opening, if the page has one, and its comments, with their lines in the page.

    Ids are the thread's, a colon, and the ordinal, 0 for the opening.
    """
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
