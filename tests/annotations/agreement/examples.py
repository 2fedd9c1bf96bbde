"""Data that papers work through, with their figures in the tests; and alpha as it is defined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations
from typing import Any

from annotations.agreement.ratings import Ratings, table_ratings

Rows = Sequence[Sequence[Any]]

# Krippendorff (2011), section C: 12 units, 4 observers, numbers from 1 to 5. The same data is
# `cac.raw4raters` of Gwet's package irrCAC.
FOUR_OBSERVERS: Rows = [
    [1, 1, None, 1],
    [2, 2, 3, 2],
    [3, 3, 3, 3],
    [3, 3, 3, 3],
    [2, 2, 2, 2],
    [1, 2, 3, 4],
    [4, 4, 4, 4],
    [1, 1, 2, 1],
    [2, 2, 2, 2],
    [None, 5, 5, 5],
    [None, None, 1, 1],
    [None, None, 3, None],
]

# Krippendorff (2011), sections A and B.
MEG_AND_OWEN: Rows = list(zip("0100000010", "1110010000", strict=True))
BEN_AND_GERRY: Rows = list(zip("aabbdcccedda", "babbbccceddd", strict=True))

# Krippendorff (1995), example A: a text of 24 characters, marked by Bertha and by Bill.
BERTHA_AND_BILL: Rows = list(
    zip("001111111100001111110000", "000011110000000110000000", strict=True)
)

# The worked example of Wikipedia's article on Fleiss' kappa: 10 units, 14 raters, 5 values.
FOURTEEN_RATERS = [
    (0, 0, 0, 0, 14),
    (0, 2, 6, 4, 2),
    (0, 0, 3, 5, 6),
    (0, 3, 9, 2, 0),
    (2, 2, 8, 1, 1),
    (7, 7, 0, 0, 0),
    (3, 2, 6, 3, 0),
    (2, 5, 3, 2, 2),
    (6, 5, 2, 1, 0),
    (0, 2, 2, 3, 7),
]

# Fleiss (1971), table 1: 30 patients, 6 psychiatrists each, 5 diagnoses.
DIAGNOSES = [
    *("444444", "222555", "233335", "555555", "222444", "113333", "333355", "113334", "114444"),
    *("555555", "144444", "124444", "222333", "144444", "224445", "333335", "111455", "111112"),
    *("224444", "133555", "555555", "244444", "224555", "114444", "144445", "222224", "111155"),
    *("224444", "133333", "555555"),
]


def from_counts(rows: Sequence[Sequence[int]]) -> Ratings:
    """Ratings from how often each value was given to each unit."""
    return table_ratings([[v for v, n in enumerate(row) for _ in range(n)] for row in rows])


def from_cells(cells: Sequence[Sequence[int]]) -> Ratings:
    """Ratings by two raters from their contingency table."""
    return table_ratings(
        [(a, b) for a, row in enumerate(cells) for b, n in enumerate(row) for _ in range(n)]
    )


def alpha_by_definition(
    rows: Rows, difference: Callable[[Any, Any, dict[Any, int]], float]
) -> float:
    """Alpha from the coincidence matrix, value by value, as the paper writes it.

    ``difference`` gets two values and how often each value occurs.
    """
    told = [[value for value in row if value is not None] for row in rows]
    told = [row for row in told if len(row) > 1]
    values = sorted({value for row in told for value in row}, key=repr)
    coincidences: dict[tuple[Any, Any], float] = {}
    for row in told:
        for pair in permutations(row, 2):
            coincidences[pair] = coincidences.get(pair, 0) + 1 / (len(row) - 1)
    often = {c: sum(row.count(c) for row in told) for c in values}
    whole = sum(often.values())
    observed = sum(n * difference(c, k, often) for (c, k), n in coincidences.items())
    expected = sum(often[c] * often[k] * difference(c, k, often) for c in values for k in values)
    return 1 - (whole - 1) * observed / expected


def nominal(one: Any, other: Any, often: dict[Any, int]) -> float:
    return float(one != other)


def ordinal(one: Any, other: Any, often: dict[Any, int]) -> float:
    low, high = sorted((one, other))
    between = sum(n for value, n in often.items() if low <= value <= high)
    return (between - (often[low] + often[high]) / 2) ** 2


def interval(one: Any, other: Any, often: dict[Any, int]) -> float:
    return float((one - other) ** 2)


def ratio(one: Any, other: Any, often: dict[Any, int]) -> float:
    return float(((one - other) / (one + other)) ** 2) if one + other else 0.0


def masi(one: frozenset[str], other: frozenset[str], often: dict[Any, int]) -> float:
    both, either = one & other, one | other
    if one == other:
        return 0.0
    factor = 2 / 3 if one <= other or other <= one else 1 / 3
    return 1 - factor * len(both) / len(either)


def jaccard(one: frozenset[str], other: frozenset[str], often: dict[Any, int]) -> float:
    return 1 - len(one & other) / len(one | other) if one | other else 0.0
