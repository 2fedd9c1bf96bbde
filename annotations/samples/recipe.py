"""How a campaign's units are chosen: a recipe that gives the same units again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from annotations.errors import InvalidInput

DRAWS = ("all", "random", "stratified")
OF = ("units", "threads")
STRATA = ("platform", "language", "depth", "thread", "month")
ALLOCATIONS = ("proportional", "equal")
DEPTH_BANDS = ((0, "0"), (1, "1"), (3, "2-3"), (7, "4-7"))
DEEPEST_BAND = "8+"
MOST_WORDS, LONGEST_WORD = 200, 200
LARGEST = 2**31 - 1
LISTS = ("platforms", "languages", "keywords", "excluded", "not_in")
RANGES = (("depth_min", "depth_max"), ("length_min", "length_max"), ("thread_min", "thread_max"))
DATES = ("posted_from", "posted_to")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Which comments fit, and how many of them are drawn.

    A list that is empty and a bound that is None exclude nothing. ``posted_from`` and
    ``posted_to`` are days in UTC, both inclusive. Lengths count code points. A text fits if it
    holds one of ``keywords`` and none of ``excluded``, whatever the case. ``without_copies``
    leaves out all but the example of each group of near-duplicates. ``thread_min`` and
    ``thread_max`` bound the comments of a comment's thread, ``not_in`` names campaigns whose
    units are left out.

    ``draw`` takes all that fits, or ``size`` at random, or ``size`` stratified ``by`` a property:
    each stratum its share (``proportional``) or all the same (``equal``). ``of`` threads,
    ``size`` counts threads, and all fitting comments of a drawn thread are taken.
    """

    draw: str = "all"
    of: str = "units"
    size: int | None = None
    by: str | None = None
    allocation: str = "proportional"
    seed: int = 1
    platforms: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    posted_from: date | None = None
    posted_to: date | None = None
    depth_min: int | None = None
    depth_max: int | None = None
    length_min: int | None = None
    length_max: int | None = None
    keywords: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    without_copies: bool = False
    thread_min: int | None = None
    thread_max: int | None = None
    not_in: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raises InvalidInput, with the sentence beside the field at fault."""
        for name in LISTS:
            object.__setattr__(self, name, _words(name, getattr(self, name)))
        _one_of(self.draw, DRAWS, "draw")
        _one_of(self.of, OF, "of")
        _one_of(self.allocation, ALLOCATIONS, "allocation")
        self._check_size()
        self._check_strata()
        if not 0 <= self.seed <= LARGEST:
            _refuse("seed", f"A seed is between 0 and {LARGEST:,}, not {self.seed}.")
        for low, high in RANGES:
            self._check_range(low, high)
        if self.posted_from and self.posted_to and self.posted_from > self.posted_to:
            _refuse("posted_to", "The last day lies before the first one.")

    @property
    def reads_comments(self) -> bool:
        """Whether it asks for something that only a comment has, and no thread as a whole."""
        bounds = (self.depth_min, self.depth_max, self.length_min, self.length_max)
        asked = any(bound is not None for bound in bounds)
        return asked or self.without_copies or self.reads_texts

    @property
    def reads_texts(self) -> bool:
        """Whether somebody has to look into the texts."""
        return bool(self.keywords or self.excluded)

    @property
    def fits_everything(self) -> bool:
        """Whether no filter is set."""
        return self.filters() == Recipe().filters()

    def filters(self) -> dict[str, Any]:
        """What decides whether a comment fits, by name."""
        drawn = {"draw", "of", "size", "by", "allocation", "seed"}
        return {name: value for name, value in self.to_json().items() if name not in drawn}

    def to_json(self) -> dict[str, Any]:
        """As it is stored: every field, days in ISO 8601."""
        told = asdict(self)
        for name in DATES:
            told[name] = told[name].isoformat() if told[name] else None
        for name in LISTS:
            told[name] = list(told[name])
        return told

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Recipe:
        """The recipe that was stored. Raises InvalidInput for a field that no recipe has."""
        known = {field.name for field in fields(cls)}
        if unknown := sorted(stored.keys() - known):
            _refuse(unknown[0], f"A recipe has no {unknown[0]!r}.")
        given = dict(stored)
        for name in DATES:
            if given.get(name):
                given[name] = date.fromisoformat(given[name])
        return cls(**given)

    def text_fits(self) -> Callable[[str], bool]:
        """Says of a text whether its words fit. Case is folded as Unicode says."""
        wanted = [word.casefold() for word in self.keywords]
        unwanted = [word.casefold() for word in self.excluded]

        def fits(text: str) -> bool:
            folded = text.casefold()
            found = not wanted or any(word in folded for word in wanted)
            return found and not any(word in folded for word in unwanted)

        return fits

    def _check_size(self) -> None:
        if self.draw == "all":
            if self.size is not None:
                _refuse("size", "Where all that fits is drawn, there is no size.")
        elif self.size is None or not 1 <= self.size <= LARGEST:
            _refuse("size", f"Say how many {self.of} are drawn: at least 1.")

    def _check_strata(self) -> None:
        if self.draw != "stratified":
            if self.by is not None:
                _refuse("by", "Only a stratified sample has strata.")
            return
        _one_of(self.by, STRATA, "by")
        if self.of == "threads" and self.by in ("depth", "thread"):
            _refuse("by", f"Threads cannot be stratified by {self.by}: that is of comments.")

    def _check_range(self, low: str, high: str) -> None:
        least, most = getattr(self, low), getattr(self, high)
        for name, bound in ((low, least), (high, most)):
            if bound is not None and not 0 <= bound <= LARGEST:
                _refuse(name, f"A bound is between 0 and {LARGEST:,}, not {bound}.")
        if least is not None and most is not None and least > most:
            _refuse(high, f"The upper bound {most} is below the lower one, {least}.")


def depth_band(depth: int) -> str:
    """The band of a depth: 0, 1, 2-3, 4-7, 8+, each twice as wide as the one before."""
    return next((name for most, name in DEPTH_BANDS if depth <= most), DEEPEST_BAND)


def _words(name: str, given: Iterable[str]) -> tuple[str, ...]:
    words = tuple(dict.fromkeys(given))
    if len(words) > MOST_WORDS:
        _refuse(name, f"At most {MOST_WORDS} entries are taken.")
    for word in words:
        if not isinstance(word, str) or not word.strip() or len(word) > LONGEST_WORD:
            _refuse(name, f"An entry has 1 to {LONGEST_WORD} characters.")
        if "\0" in word:
            _refuse(name, "An entry holds a NUL, which is no text.")
    return words


def _one_of(value: str | None, known: tuple[str, ...], name: str) -> None:
    if value not in known:
        _refuse(name, f"{name!r} is one of {', '.join(known)}, not {value!r}.")


def _refuse(name: str, sentence: str) -> None:
    raise InvalidInput(sentence, fields={name: [sentence]})
