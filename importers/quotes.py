"""Sentences that a text took over from an earlier one, word for word.

A quote is a whole sentence of at least MIN_QUOTE characters that stands in an earlier text,
starting and ending at the edge of a word there. White space of any kind and length is the
same, and so are straight and curly quotation marks; nothing else is. A quote belongs to the
text where its words stand first: who repeats a quotation quotes its author, too. A bare link
and a row of signs are no sentences.

The cost grows with the length of the texts, not with their number squared: places are found
by the first MIN_QUOTE characters, and of those that begin alike the first MAX_PLACES count.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MIN_QUOTE = 25
MAX_PLACES = 50
MIN_LETTERS = 6

_RUN = re.compile(r"\s+|\S+")
_EDGE = re.compile(r"(?<!\w)\S")
_SENTENCE_END = re.compile(r"[.!?…][\"')\]]*\s|[。！？][\"'」』]*")
_AROUND = " \"'>«»"
_ALIKE = str.maketrans("“”„‟‘’‚‛", "\"\"\"\"''''")


@dataclass(frozen=True, slots=True)
class Quote:
    """``start:end`` of the quoting text is ``source_start:source_end`` of text ``source``."""

    start: int
    end: int
    source: int
    source_start: int
    source_end: int


@dataclass(frozen=True, slots=True)
class _Matchable:
    """A text made fit for comparing; ``at`` gives each character's offset in the original."""

    text: str
    at: array[int]

    @classmethod
    def of(cls, original: str) -> _Matchable:
        pieces: list[str] = []
        at = array("I")
        for run in _RUN.finditer(original):
            if run[0].isspace():
                pieces.append("\n" if "\n\n" in run[0] else " ")
                at.append(run.start())
            else:
                pieces.append(run[0])
                at.extend(range(run.start(), run.end()))
        return cls("".join(pieces).translate(_ALIKE), at)

    def original(self, start: int, end: int) -> tuple[int, int]:
        return self.at[start], self.at[end - 1] + 1


def find_quotes(texts: Sequence[str]) -> list[list[Quote]]:
    """For each text its quotes of earlier texts, by index; all offsets are the originals'."""
    matchables = [_Matchable.of(text) for text in texts]
    sentences = [list(_sentences(matchable.text)) for matchable in matchables]
    places: dict[str, list[tuple[int, int]]] = {
        matchable.text[start : start + MIN_QUOTE]: []
        for matchable, spans in zip(matchables, sentences, strict=True)
        for start, _ in spans
    }
    found: list[list[Quote]] = []
    for number, matchable in enumerate(matchables):
        quotes = (_quote(matchables, places, number, *span) for span in sentences[number])
        found.append([quote for quote in quotes if quote is not None])
        _remember(places, number, matchable.text)
    return found


def _remember(places: dict[str, list[tuple[int, int]]], number: int, text: str) -> None:
    for edge in _EDGE.finditer(text):
        known = places.get(text[edge.start() : edge.start() + MIN_QUOTE])
        if known is not None and len(known) < MAX_PLACES:
            known.append((number, edge.start()))


def _quote(
    matchables: Sequence[_Matchable],
    places: dict[str, list[tuple[int, int]]],
    number: int,
    start: int,
    end: int,
) -> Quote | None:
    sentence = matchables[number].text[start:end]
    for source, place in places[sentence[:MIN_QUOTE]]:
        earlier = matchables[source]
        if _stands_at(earlier.text, sentence, place):
            here = matchables[number].original(start, end)
            there = earlier.original(place, place + len(sentence))
            return Quote(*here, source, *there)
    return None


def _stands_at(text: str, sentence: str, place: int) -> bool:
    after = text[place + len(sentence) : place + len(sentence) + 1]
    cuts_word = sentence[-1].isalnum() and after.isalnum()
    return text.startswith(sentence, place) and not cuts_word


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    """The spans of the sentences that are long enough to be recognised."""
    begin = 0
    for paragraph in text.split("\n"):
        start = begin
        ends = [begin + end.end() for end in _SENTENCE_END.finditer(paragraph)]
        begin += len(paragraph) + 1
        for end in (*ends, begin - 1):
            span = _trimmed(text, start, end)
            start = end
            if _is_quotable(text[slice(*span)]):
                yield span


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip(_AROUND))
    return start, start + len(piece.strip(_AROUND))


def _is_quotable(sentence: str) -> bool:
    if len(sentence) < MIN_QUOTE or (" " not in sentence and "://" in sentence):
        return False
    return len(set(filter(str.isalpha, sentence.casefold()))) >= MIN_LETTERS
