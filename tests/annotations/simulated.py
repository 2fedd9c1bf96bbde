"""Annotators whose error rates are known, and a truth that they err about."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import combinations
from pathlib import Path
from typing import Any

from importers import demo

CLAIMS = ("non_factual", "unimportant_factual", "check_worthy_factual")
CLAIM_SHARES = (0.4, 0.25, 0.35)
FEELINGS = (
    *("strongly_negative", "weakly_negative", "neutral", "weakly_positive", "strongly_positive"),
)
FEELING_ACCURACY = 0.95


@dataclass(frozen=True)
class Truth:
    """What is true of a comment: its claim and its sentiment, as places in the scales."""

    claim: int
    feeling: int

    @property
    def answers(self) -> dict[str, str]:
        return said(self.claim, self.feeling)


@dataclass
class Annotator:
    """One who sees the true claim with the probability ``accuracy``, else any other as likely.

    Sentiment is hit with the same probability by all, else missed by one step.
    """

    username: str
    accuracy: float
    random: random.Random

    def answers(self, truth: Truth) -> dict[str, str]:
        claim, feeling = truth.claim, truth.feeling
        if self.random.random() >= self.accuracy:
            claim = self.random.choice([one for one in range(len(CLAIMS)) if one != claim])
        if self.random.random() >= FEELING_ACCURACY:
            steps = [one for one in (feeling - 1, feeling + 1) if 0 <= one < len(FEELINGS)]
            feeling = self.random.choice(steps)
        return said(claim, feeling)


def said(claim: int, feeling: int) -> dict[str, str]:
    """Answers to the starter codebook; all say the same of misinformation."""
    return {
        "claim": CLAIMS[claim],
        "misinformation": "not_misleading",
        "sentiment": FEELINGS[feeling],
    }


def annotators(count: int, *, worst: float, best: float, seed: int) -> list[Annotator]:
    """So many, with accuracies in equal steps."""
    step = (best - worst) / (count - 1)
    return [
        Annotator(f"annotator-{one}", worst + step * one, random.Random(seed + one))
        for one in range(count)
    ]


def truths(comments: Iterable[str], *, seed: int) -> dict[str, Truth]:
    """What is true of each comment, by its source's id."""
    chance = random.Random(seed)
    return {
        comment: Truth(
            chance.choices(range(len(CLAIMS)), CLAIM_SHARES)[0],
            chance.randrange(len(FEELINGS)),
        )
        for comment in comments
    }


def discussions(copies: int) -> BytesIO:
    """The demo's thread so many times, each with ids of its own, as a file to import."""
    path = Path(demo.__file__).parent / "harbour.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    copied = (_renamed(line, copy) for copy in range(copies) for line in lines)
    return BytesIO("\n".join(json.dumps(line) for line in copied).encode())


def _renamed(line: Mapping[str, Any], copy: int) -> dict[str, Any]:
    def name(one: str | None) -> str | None:
        return one and f"{one}-{copy}"

    ids = {key: name(line[key]) for key in ("thread", "comment", "parent")}
    return {**line, **ids}


def expected_alpha(
    people: Mapping[str, float], who: Sequence[Sequence[str]], truth: Sequence[int]
) -> float:
    """The nominal alpha that these accuracies give where they labeled these units.

    ``who`` holds the annotators of each unit and ``truth`` its true claim. Observed disagreement
    is 1 - P(two agree), with P = q r + (1 - q)(1 - r) / (k - 1) for accuracies q and r and k
    claims; expected disagreement is that of two answers dealt from all.
    """
    wrong = len(CLAIMS) - 1
    observed, pairs = 0.0, 0
    given = [0.0] * len(CLAIMS)
    for names, true in zip(who, truth, strict=True):
        accuracies = [people[name] for name in names]
        for one, other in combinations(accuracies, 2):
            observed += 1 - (one * other + (1 - one) * (1 - other) / wrong)
            pairs += 1
        for accuracy in accuracies:
            for place in range(len(CLAIMS)):
                given[place] += accuracy if place == true else (1 - accuracy) / wrong
    total = sum(given)
    chance = 1 - sum((share / total) ** 2 for share in given)
    return 1 - (observed / pairs) / chance
