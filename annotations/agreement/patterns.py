"""Units grouped by what they got: a million units rarely differ in more than a few hundred ways.

All figures but Cohen's kappa depend on a unit only by the values that it got, not by who gave
them. So units with the same values are one pattern, and each figure is a function of how often
each pattern occurs. A bootstrap then only has to draw new frequencies.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from annotations.agreement.bootstrap import Cases
from annotations.agreement.ratings import Floats, Ints, Ratings, numbered


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """The patterns of one size. ``values``: (patterns, size), ascending in each row.

    ``start`` is the number of the block's first pattern.
    """

    start: int
    values: Ints

    @property
    def size(self) -> int:
        return int(self.values.shape[1])

    @property
    def places(self) -> slice:
        """Where its patterns stand among all."""
        return slice(self.start, self.start + len(self.values))

    def pairs(self) -> Iterator[tuple[Ints, Ints]]:
        """The values of each two of a unit's ratings, for all patterns at once."""
        for one in range(self.size):
            for other in range(one + 1, self.size):
                yield self.values[:, one], self.values[:, other]


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """``blocks`` of patterns by size; ``cases`` says which pattern each unit has.

    ``scale`` is that of the ratings; ``rater_count`` how many annotators gave them.
    """

    blocks: tuple[Block, ...]
    cases: Cases
    scale: tuple[Hashable, ...]
    rater_count: int

    @property
    def count(self) -> int:
        return self.cases.kinds

    @property
    def sizes(self) -> Ints:
        """How many ratings the units of each pattern have: (patterns,)."""
        sizes = [np.full(len(block.values), block.size, dtype=np.int64) for block in self.blocks]
        return np.concatenate([np.zeros(0, dtype=np.int64), *sizes])

    @property
    def frequency(self) -> Floats:
        """How often each pattern occurs: (patterns,)."""
        return self.cases.frequency

    def totals(self, weights: Floats) -> Floats:
        """How often each value was given, where patterns occur as often as ``weights`` says.

        (n, patterns) to (n, values).
        """
        totals = np.zeros((len(weights), len(self.scale)))
        if not self.count:
            return totals
        patterns = np.concatenate(
            [np.repeat(np.arange(len(b.values)) + b.start, b.size) for b in self.blocks]
        )
        values = np.concatenate([block.values.ravel() for block in self.blocks])
        order = np.argsort(values, kind="stable")
        found, starts = np.unique(values[order], return_index=True)
        for row, weight in zip(totals, weights, strict=True):
            row[found] = np.add.reduceat(weight[patterns[order]], starts)
        return totals

    def recoded(self, places: Ints, scale: tuple[Hashable, ...]) -> Patterns:
        """The same units, each value replaced by ``places[value]`` in another scale."""
        blocks = tuple(
            Block(block.start, np.sort(places[block.values], axis=1)) for block in self.blocks
        )
        return replace(self, blocks=blocks, scale=scale)


def patterns(
    given: Ratings,
    *,
    clusters: npt.ArrayLike | None = None,
    lengths: npt.ArrayLike | None = None,
) -> Patterns:
    """Count the patterns of all units.

    ``clusters``, (units,): which units are drawn together in a bootstrap, as the comments of a
    thread are. ``lengths``, (units,): how much each unit counts, 1 if left out. Raises ValueError
    if either has another length than there are units.
    """
    order = np.argsort(given.units * len(given.scale) + given.values)
    values = given.values[order]
    sizes = np.bincount(given.units, minlength=given.unit_count)
    starts = np.cumsum(sizes) - sizes
    kinds = np.zeros(given.unit_count, dtype=np.int64)
    blocks: list[Block] = []
    count = 0
    for size in np.unique(sizes):
        units = np.flatnonzero(sizes == size)
        rows = values[starts[units][:, None] + np.arange(size)]
        found, inverse = _distinct_rows(rows, len(given.scale))
        kinds[units] = inverse + count
        blocks.append(Block(count, found))
        count += len(found)
    return Patterns(
        tuple(blocks), _cases(kinds, count, clusters, lengths), given.scale, given.rater_count
    )


def _cases(
    kinds: Ints, count: int, clusters: npt.ArrayLike | None, lengths: npt.ArrayLike | None
) -> Cases:
    sizes = None if lengths is None else np.asarray(lengths, dtype=np.float64)
    groups = None if clusters is None else numbered(clusters)[0]
    for name, array in (("clusters", groups), ("lengths", sizes)):
        if array is not None and len(array) != len(kinds):
            raise ValueError(f"{name} must have one entry for each unit")
    return Cases(kinds, count, groups, sizes)


def _distinct_rows(rows: Ints, base: int) -> tuple[Ints, Ints]:
    """The different rows and which of them each row is; a row is one number where that fits."""
    size = rows.shape[1]
    if max(base, 2) ** size >= 2**62:
        found, inverse = np.unique(rows, axis=0, return_inverse=True)
        return found, inverse.ravel()
    codes = rows @ (max(base, 2) ** np.arange(size - 1, -1, -1, dtype=np.int64))
    _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    return rows[first], inverse
