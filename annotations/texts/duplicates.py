"""Near-duplicates among any number of texts, in two steps.

``Sketches`` keeps about a hundred bytes of each text and tells which may be alike; ``copies``
then compares those, exactly, by their word pairs.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from annotations.texts.shingles import BANDS, Shingles, bands_of, similarity
from annotations.texts.unions import Unions

THRESHOLD = 0.7
COMPARED_BACKWARDS = 32
PARTS = 4
_PLACE = 2**32 - 1


class Sketches:
    """What is remembered of texts: 24 numbers of 32 bits and the caller's key for each."""

    def __init__(self) -> None:
        self._keys = array("Q")
        self._bands = [array("I") for _ in range(BANDS)]

    def add(self, keys: Sequence[int], sets: Sequence[Shingles]) -> None:
        """Remember texts by their shingles; those without any are left out."""
        keyed = [(key, shingles) for key, shingles in zip(keys, sets, strict=True) if shingles]
        self._keys.extend(key for key, _ in keyed)
        for bands in bands_of([shingles for _, shingles in keyed]):
            for column, band in zip(self._bands, bands, strict=True):
                column.append(band)

    def candidates(self, tick: Callable[[], None] = lambda: None) -> list[array[int]]:
        """The keys of texts that may be alike, set by set; a text is in one set at most.

        Calls ``tick`` now and then, so that the caller can stop it by raising.
        """
        unions = Unions(len(self._keys))
        for column in self._bands:
            tick()
            for one, other in _meeting(column):
                unions.join(one, other)
        return [array("Q", [self._keys[place] for place in found]) for found in unions.sets()]


def copies(sets: Sequence[Shingles], tick: Callable[[], None] = lambda: None) -> list[list[int]]:
    """The places of the texts that are copies of each other, group by group, two at least.

    Two texts belong together if they have ``THRESHOLD`` of their word pairs in common, or a chain
    of such texts between them. What is compared depends on the texts alone, not on their order:
    those that share a band, each with the 32 different texts before it in order of content.
    """
    alike: dict[bytes, list[int]] = {}
    for place, shingles in enumerate(sets):
        if shingles:
            alike.setdefault(shingles.tobytes(), []).append(place)
    contents = sorted(alike)
    distinct = [sets[alike[content][0]] for content in contents]
    places = [alike[content] for content in contents]
    unions = _compare(distinct, tick)
    groups: dict[int, list[int]] = {}
    for one, same in enumerate(places):
        groups.setdefault(unions.of(one), []).extend(same)
    return sorted(sorted(group) for group in groups.values() if len(group) > 1)


def _compare(distinct: Sequence[Shingles], tick: Callable[[], None]) -> Unions:
    unions = Unions(len(distinct))
    for bucket in _buckets(distinct):
        tick()
        for place, one in enumerate(bucket):
            for other in bucket[max(place - COMPARED_BACKWARDS, 0) : place]:
                apart = unions.of(one) != unions.of(other)
                if apart and similarity(distinct[one], distinct[other]) >= THRESHOLD:
                    unions.join(one, other)
    return unions


def _buckets(distinct: Sequence[Shingles]) -> Iterator[list[int]]:
    """The places of the sets that share a band, for each such band."""
    if len(distinct) < 2:
        return
    for column in zip(*bands_of(distinct), strict=True):
        sharing: dict[int, list[int]] = {}
        for place, band in enumerate(column):
            sharing.setdefault(band, []).append(place)
        yield from (bucket for bucket in sharing.values() if len(bucket) > 1)


def _meeting(column: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The neighbours among the places that hold the same number; sorted in parts, for memory."""
    for part in range(PARTS):
        held = (band << 32 | place for place, band in enumerate(column) if band % PARTS == part)
        for one, other in pairwise(sorted(held)):
            if one >> 32 == other >> 32:
                yield one & _PLACE, other & _PLACE
