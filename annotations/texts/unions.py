"""Things that belong together, joined pair by pair."""

from __future__ import annotations

from array import array
from collections import Counter


class Unions:
    """The numbers from 0 up, each in a set of its own until it is joined with another's.

    Takes four bytes a number.
    """

    def __init__(self, count: int) -> None:
        self._above = array("I", range(count))

    def of(self, one: int) -> int:
        """The smallest number of the set that ``one`` is in."""
        above = self._above
        while above[one] != one:
            above[one] = above[above[one]]
            one = above[one]
        return one

    def join(self, one: int, other: int) -> None:
        first, second = sorted((self.of(one), self.of(other)))
        self._above[second] = first

    def sets(self) -> list[array[int]]:
        """The sets of two and more, by their smallest number, each in order."""
        sizes = Counter(self.of(one) for one in range(len(self._above)) if self._above[one] != one)
        found = {smallest: array("I", [smallest]) for smallest in sorted(sizes)}
        for one in range(len(self._above)):
            smallest = self.of(one)
            if smallest != one:
                found[smallest].append(one)
        return list(found.values())
