"""How far answers are as they should be: against known answers, or against one's own earlier ones.

Answers come as ``{question key: value}`` in the shape of the API, kinds as ``{question key:
kind}``. A score is a share between 0 and 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

SCORED = frozenset({"single_label", "multi_label", "rating", "number", "span"})


def question_scores(
    known: Mapping[str, Any], given: Mapping[str, Any], kinds: Mapping[str, str]
) -> dict[str, float]:
    """The score of each known answer whose kind can be scored; texts and relations cannot.

    What was not answered scores 0, and what nothing is known about is not looked at.
    """
    return {
        key: _score(kinds[key], right, given.get(key))
        for key, right in known.items()
        if kinds.get(key) in SCORED
    }


def unit_score(
    known: Mapping[str, Any], given: Mapping[str, Any], kinds: Mapping[str, str]
) -> float | None:
    """The mean over the questions that have a score; None where none has."""
    scores = question_scores(known, given, kinds)
    return fmean(scores.values()) if scores else None


def _score(kind: str, right: Any, said: Any) -> float:
    if kind == "multi_label":
        return _jaccard(set(right), set(said or ()))
    if kind == "span":
        return _f1(_characters(right), _characters(said or ()))
    return float(said is not None and right == said)


def _jaccard(right: set[Any], said: set[Any]) -> float:
    """Jaccard (1912): what both have, as a share of what any has."""
    return len(right & said) / len(right | said) if right | said else 1.0


def _f1(right: set[Any], said: set[Any]) -> float:
    """F1 = 2 * both / (right + said), the harmonic mean of precision and recall."""
    return 2 * len(right & said) / (len(right) + len(said)) if right or said else 1.0


def _characters(spans: Sequence[Mapping[str, Any]]) -> set[tuple[str | None, int]]:
    """Each marked code point with the label that it has; the same one may have several."""
    return {
        (span.get("label"), place) for span in spans for place in range(span["start"], span["end"])
    }
