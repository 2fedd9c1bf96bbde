"""MACE: at each unit an annotator either knows the true value or guesses in a way of their own.

Hovy, Berg-Kirkpatrick, Vaswani and Hovy (2013), Learning Whom to Trust with MACE, NAACL 2013,
N13-1132: sections 2 and 3, with the variational step and the priors given there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from annotations.aggregation.opinion import Opinion, normalized
from annotations.agreement.ratings import Floats, Ratings, summed

KNOWING_PRIOR = (0.5, 0.5)
GUESSING_PRIOR = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Mace(Opinion):
    """Competence is how often the annotator knows; ``guesses``: (raters, values), else said."""

    guesses: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Trust:
    """What is believed of annotators. ``knows``, ``slips``: (raters,); ``guesses`` as in Mace."""

    knows: Floats
    slips: Floats
    guesses: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Counts:
    """How often each annotator is expected to have known, and guessed each value."""

    knew: Floats
    guessed: Floats


def mace(
    given: Ratings,
    *,
    seed: int,
    prior: Floats | None = None,
    restarts: int = 10,
    rounds: int = 50,
    tolerance: float = 1e-6,
) -> Mace:
    """The best of ``restarts`` runs of variational EM, each from a random start by ``seed``.

    ``prior``, (values,), is how frequent the true values are: equally, as in the paper, if left
    out. Where one value is far more frequent than the others, say so, or competence comes out
    too low. A run stops when the mean log likelihood of a unit changes by less than
    ``tolerance``. Raises ValueError if there are no ratings.
    """
    if not given.count:
        raise ValueError("there are no ratings")
    rng = np.random.default_rng(seed)
    even = np.full(len(given.scale), 1 / len(given.scale))
    logs = np.log(even if prior is None else np.maximum(prior, 1e-300))
    runs = (_run(given, logs, rng, rounds, tolerance) for _ in range(restarts))
    return max(runs, key=lambda run: run.log_likelihood[-1])


def _run(
    given: Ratings, prior: Floats, rng: np.random.Generator, rounds: int, tolerance: float
) -> Mace:
    trust = _start(given, rng)
    history: list[float] = []
    converged = False
    while not converged and len(history) < rounds:
        posterior, counts, likelihood = _expect(given, trust, prior)
        history.append(likelihood)
        change = abs(history[-1] - history[-2]) if len(history) > 1 else np.inf
        converged = bool(change < tolerance * given.unit_count)
        trust = _maximize(counts)
    guessed = counts.guessed + GUESSING_PRIOR
    whole = counts.knew + counts.guessed.sum(axis=1) + sum(KNOWING_PRIOR)
    return Mace(
        posterior=posterior,
        competence=(counts.knew + KNOWING_PRIOR[0]) / whole,
        log_likelihood=tuple(history),
        converged=converged,
        guesses=guessed / guessed.sum(axis=1, keepdims=True),
    )


def _start(given: Ratings, rng: np.random.Generator) -> _Trust:
    knows = rng.uniform(1, 1.5, given.rater_count)
    slips = rng.uniform(1, 1.5, given.rater_count)
    guesses = rng.uniform(1, 1.5, (given.rater_count, len(given.scale)))
    together = knows + slips
    return _Trust(knows / together, slips / together, guesses / guesses.sum(1, keepdims=True))


def _expect(given: Ratings, trust: _Trust, prior: Floats) -> tuple[Floats, _Counts, float]:
    """The posterior of the units, and what each annotator is expected to have done.

    ``prior`` is the logarithm of how frequent each value is.

    A rating speaks for its own value by having been known or guessed, for all others by having
    been guessed; so one sum over the guesses and one correction a rating are enough.
    """
    values = len(given.scale)
    guess = (trust.slips[:, None] * trust.guesses)[given.raters, given.values]
    knew = trust.knows[given.raters]
    cells = given.units * values + given.values
    logs = summed(cells, np.log1p(knew / guess), given.unit_count * values).reshape(-1, values)
    logs += summed(given.units, np.log(guess), given.unit_count)[:, None]
    posterior, likelihood = normalized(logs + prior)
    known = posterior.ravel()[cells] * knew / (guess + knew)
    said = given.raters * values + given.values
    guessed = summed(said, 1 - known, given.rater_count * values)
    counts = _Counts(summed(given.raters, known, given.rater_count), guessed.reshape(-1, values))
    return posterior, counts, likelihood


def _maximize(counts: _Counts) -> _Trust:
    """The variational step: means of logarithms under a Beta and a Dirichlet distribution."""
    guessed = counts.guessed.sum(axis=1)
    whole = digamma(counts.knew + guessed + sum(KNOWING_PRIOR))
    guesses = counts.guessed + GUESSING_PRIOR
    return _Trust(
        np.exp(digamma(counts.knew + KNOWING_PRIOR[0]) - whole),
        np.exp(digamma(guessed + KNOWING_PRIOR[1]) - whole),
        np.exp(digamma(guesses) - digamma(guesses.sum(axis=1, keepdims=True))),
    )


def digamma(numbers: Floats) -> Floats:
    """The derivative of the logarithm of the gamma function, for numbers above zero.

    Abramowitz and Stegun (1964), 6.3.5 up to six, then the series 6.3.18: exact to 1e-11.
    """
    shifted = np.asarray(numbers, dtype=np.float64)
    found = np.zeros_like(shifted)
    for _ in range(8):
        small = shifted < 8
        found -= np.where(small, 1 / np.where(small, shifted, 1), 0)
        shifted = np.where(small, shifted + 1, shifted)
    square = 1 / (shifted * shifted)
    series = square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square / 240)))
    return np.asarray(found + np.log(shifted) - 0.5 / shifted - series)
