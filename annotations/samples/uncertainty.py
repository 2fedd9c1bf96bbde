"""How unsure models are of a unit: what an annotator's answer would tell most."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from statistics import fmean


def vote_entropy(votes: Sequence[Hashable], choices: int) -> float:
    """How much a committee of models disagrees: 0 (all say the same) to 1.

    The entropy of the votes, divided by its largest value, log min(models, choices): Dagan and
    Engelson (1995), Committee-based sampling for training probabilistic classifiers.
    ``choices`` is how many different votes there can be. 0 for a single vote.
    """
    most = min(len(votes), choices)
    if most < 2:
        return 0.0
    shares = [count / len(votes) for count in Counter(votes).values()]
    return abs(math.fsum(share * math.log(share) for share in shares)) / math.log(most)


def uncertainty(
    votes: Mapping[int, Sequence[Hashable]],
    choices: Mapping[int, int],
    certainties: Sequence[float],
) -> tuple[float, float] | None:
    """How unsure models are of a unit, and what breaks ties; None where they say nothing of it.

    With two models or more: the mean vote entropy of the questions that several of them answered,
    and 1 - their mean certainty. With one: 1 - its certainty.
    """
    doubt = 1 - fmean(certainties) if certainties else None
    entropies = [
        vote_entropy(given, choices[question])
        for question, given in sorted(votes.items())
        if len(given) > 1
    ]
    if entropies:
        return fmean(entropies), doubt or 0.0
    return None if doubt is None else (doubt, doubt)
