"""Chains of answers: which message one begins with, as far as it is known who answers whom."""

from __future__ import annotations

from collections.abc import Mapping


class Chains:
    """``above`` gives for each message that answers one the id of that one, held or not.

    It must not change any more. Each message costs its way up only once.
    """

    def __init__(self, above: Mapping[str, str]) -> None:
        self._above = above
        self._ends: dict[str, tuple[str, str]] = {}

    def first_of(self, message: str) -> str:
        """The first message of the chain; in a ring of answers, the one with the smallest id."""
        return self.ends_of(message)[0]

    def ends_of(self, message: str) -> tuple[str, str]:
        """The first message of the chain, and the one below it through which the chain passes."""
        chain, places = [message], {message: 0}
        above = None
        while chain[-1] not in self._ends:
            above = self._above.get(chain[-1])
            if above is None or above in places:
                break
            places[above] = len(chain)
            chain.append(above)
        if known := self._ends.get(chain[-1]):
            ends = known
        elif above is None:
            first = chain.pop()
            ends = (first, chain[-1] if chain else first)
        else:
            first = min(chain[places[above] :])
            ends = (first, first)
        self._ends.update(dict.fromkeys(chain, ends))
        return ends
