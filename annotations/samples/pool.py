"""Candidates in arrays, and those of them that a recipe draws.

A candidate takes 16 to 44 bytes. A random sample of units keeps twice its own size at most,
however many fit; the other draws keep all that fits.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from annotations.samples.allocation import allocate
from annotations.samples.keys import DRAW, MORE, ORDER, STRATUM, keyed_hash
from annotations.samples.recipe import Recipe

Numbers = npt.NDArray[Any]
PRUNE_FROM = 50_000
COLUMNS = ("thread", "comment", "draw", "order", "more", "stratum")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A comment that fits, or (``comment`` 0) a thread as a whole, with its ids at the source.

    ``stratum`` is what the recipe stratifies by. ``platform`` and ``language`` are for counts.
    """

    thread: int
    comment: int
    thread_source: str
    comment_source: str
    platform: str
    language: str
    stratum: str


@dataclass(frozen=True)
class Plan:
    """What the design says of the order and of the share of units that more people label."""

    by_thread: bool
    seed: int
    share_more: float = 0
    whole_threads: bool = False


@dataclass(frozen=True)
class Drawn:
    """The units in the order of working: thread, comment (0: the thread), and who gets more."""

    threads: Numbers
    comments: Numbers
    more: Numbers

    def __len__(self) -> int:
        return len(self.threads)

    def __iter__(self) -> Iterator[tuple[int, int, bool]]:
        columns = (self.threads, self.comments, self.more)
        for thread, comment, more in zip(*columns, strict=True):
            yield int(thread), int(comment), bool(more)


class Pool:
    """Takes candidates in thread order and gives those that are drawn."""

    def __init__(self, recipe: Recipe, plan: Plan) -> None:
        self.recipe, self.plan = recipe, plan
        self.seen = 0
        self._columns = {name: array("Q") for name in COLUMNS}
        self._numbers: dict[str, int] = {}

    def add(self, one: Candidate) -> None:
        recipe, plan, columns = self.recipe, self.plan, self._columns
        self.seen += 1
        ids = (one.thread_source, one.comment_source) if one.comment else (one.thread_source,)
        columns["thread"].append(one.thread)
        columns["comment"].append(one.comment)
        if recipe.draw != "all":
            drawn = ids if recipe.of == "units" else (one.thread_source,)
            columns["draw"].append(keyed_hash(recipe.seed, DRAW, *drawn))
        if recipe.draw == "stratified":
            columns["stratum"].append(self._number(one.stratum))
        if not plan.by_thread:
            columns["order"].append(keyed_hash(plan.seed, ORDER, *ids))
        if plan.share_more:
            whole = (one.thread_source,) if plan.whole_threads else ids
            columns["more"].append(keyed_hash(plan.seed, MORE, *whole))
        if self._may_prune and len(columns["thread"]) > max(2 * (recipe.size or 0), PRUNE_FROM):
            self._prune()

    def draw(self) -> Drawn:
        """The units that are drawn of all candidates that were added."""
        chosen = self._chosen()
        order = self._column("order")
        if len(order):
            chosen = chosen[np.argsort(order[chosen], kind="stable")]
        threads = self._column("thread")[chosen]
        return Drawn(threads, self._column("comment")[chosen], self._more(chosen, threads))

    @property
    def _may_prune(self) -> bool:
        return self.recipe.draw == "random" and self.recipe.of == "units"

    def _number(self, stratum: str) -> int:
        return self._numbers.setdefault(stratum, len(self._numbers))

    def _column(self, name: str) -> Numbers:
        column = self._columns[name]
        return np.frombuffer(column if column else b"", dtype=np.uint64)

    def _prune(self) -> None:
        """Keep the candidates that may still be drawn, in their order."""
        kept = self._chosen()
        for name, column in self._columns.items():
            if len(column):
                self._columns[name] = array("Q", self._column(name)[kept].tobytes())

    def _chosen(self) -> Numbers:
        """The places of the drawn candidates, ascending."""
        recipe = self.recipe
        if recipe.draw == "all":
            return np.arange(len(self._columns["thread"]))
        if recipe.of == "units":
            strata = self._column("stratum") if recipe.draw == "stratified" else None
            return self._smallest(self._column("draw"), strata)
        threads, first = np.unique(self._column("thread"), return_index=True)
        strata = self._column("stratum")[first] if recipe.draw == "stratified" else None
        taken = threads[self._smallest(self._column("draw")[first], strata)]
        return np.flatnonzero(np.isin(self._column("thread"), taken))

    def _smallest(self, keys: Numbers, strata: Numbers | None) -> Numbers:
        """The places of the smallest keys: ``size`` of them, or each stratum's share of it."""
        size = self.recipe.size or 0
        if strata is None:
            return np.sort(np.argsort(keys, kind="stable")[:size])
        counts = np.bincount(strata.astype(np.int64), minlength=len(self._numbers))
        ties = [keyed_hash(self.recipe.seed, STRATUM, name) for name in self._numbers]
        shares = allocate([int(n) for n in counts], size, self.recipe.allocation, ties)
        by_stratum = np.lexsort((keys, strata))
        begin = np.cumsum(counts) - counts
        rank = np.arange(len(keys)) - np.repeat(begin, counts)
        taken = rank < np.repeat(np.array(shares, dtype=np.int64), counts)
        return np.sort(by_stratum[taken])

    def _more(self, chosen: Numbers, threads: Numbers) -> Numbers:
        """Which of the chosen get more labels: the share with the smallest keys, to the unit."""
        none = np.zeros(len(chosen), dtype=bool)
        if not self.plan.share_more:
            return none
        keys = self._column("more")[chosen]
        if self.plan.whole_threads:
            names, first = np.unique(threads, return_index=True)
            taken = np.argsort(keys[first], kind="stable")[: self._share(len(names))]
            return np.isin(threads, names[taken])
        none[np.argsort(keys, kind="stable")[: self._share(len(chosen))]] = True
        return none

    def _share(self, count: int) -> int:
        return int(self.plan.share_more * count + 0.5)
