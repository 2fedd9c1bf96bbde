"""The middle of the numbers that a unit got."""

from __future__ import annotations

import numpy as np

from annotations.agreement.ratings import Floats, Ratings


def medians(given: Ratings) -> Floats:
    """The median of each unit's ratings, whose scale is numbers: (units,), nan without any.

    Of an even number of ratings it is the mean of the two in the middle.
    """
    numbers = np.array(given.scale, dtype=np.float64)
    order = np.lexsort((given.values, given.units))
    ordered = numbers[given.values[order]]
    sizes = np.bincount(given.units, minlength=given.unit_count)
    starts = np.cumsum(sizes) - sizes
    found = np.full(given.unit_count, np.nan)
    some = sizes > 0
    low = ordered[starts[some] + (sizes[some] - 1) // 2]
    high = ordered[starts[some] + sizes[some] // 2]
    found[some] = (low + high) / 2
    return found
