"""Spans as BIO tags of tokens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from annotations.exporters.offsets import Span
from annotations.exporters.tokens import Token, aligned

OUTSIDE = "O"


@dataclass(slots=True)
class Tagged:
    """A tag for each token, and what it does not say of the spans: how many grew to whole tokens,
    overlap one that is there, or hold no token."""

    tags: list[str]
    grown: int = 0
    overlapping: int = 0
    empty: int = 0


def tagged(cut: Sequence[Token], spans: Iterable[Span], sentences: Sequence[int]) -> Tagged:
    """Of spans that overlap, the one that begins first has the tags, then the longer one.

    ``sentences`` are the numbers of the tokens with which one begins: a span that goes on there
    begins anew.
    """
    found = Tagged([OUTSIDE] * len(cut))
    begins = set(sentences)
    free_from = 0
    for span in sorted(spans, key=lambda one: (one.start, -one.end)):
        place = aligned(cut, span.start, span.end)
        if place is None:
            found.empty += 1
        elif place.first < free_from:
            found.overlapping += 1
        else:
            found.grown += place.grown
            free_from = place.last
            for number in range(place.first, place.last):
                letter = "B" if number == place.first or number in begins else "I"
                found.tags[number] = f"{letter}-{span.tag}"
    return found
