"""How often each label was given, and how far annotators agree on each label by itself."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from annotations.agreement.distances import membership
from annotations.agreement.patterns import Patterns
from annotations.agreement.ratings import Floats

REST_OR_LABEL = (False, True)


def prevalence(patterns: Patterns, labels: Sequence[Hashable]) -> Floats:
    """The share of ratings that give each label: (labels,); nan where there are no ratings.

    Of sets each may hold several labels, so there the shares may sum to more than 1.
    """
    totals = patterns.totals(patterns.frequency[None, :])[0]
    count = totals.sum()
    given = totals @ membership(patterns.scale, labels)
    return given / count if count else np.full(len(labels), np.nan)


def one_against_rest(patterns: Patterns, label: Hashable) -> Patterns:
    """The same units, each rating only telling whether it gives the label."""
    holds = membership(patterns.scale, [label])[:, 0].astype(np.int64)
    return patterns.recoded(holds, REST_OR_LABEL)
