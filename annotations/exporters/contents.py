"""What a dataset holds, as the researcher chose it: a choice that gives the same rows again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from typing import Any, NoReturn

import msgspec

from annotations.errors import InvalidInput
from annotations.exporters.rows import AGGREGATED, LAYERS
from annotations.samples.recipe import Recipe

METHODS = ("majority", "weighted", "dawid_skene", "mace")
CONTEXTS = ("none", "article", "thread")
PRIVACY = ("full", "pseudonymous", "redacted", "dehydrated")
KEEPS_NAMES_OUT = ("pseudonymous", "redacted")
SPLITS = ("none", "thread", "author")
FORMULAS = ("keep", "escape")
LARGEST_SEED = 2**31 - 1
_PLACE = re.compile(r"(?P<told>.*) - at `\$\.(?P<place>[\w.]+)[^`]*`")


@dataclass(frozen=True, kw_only=True)
class Contents:
    """``layers`` are whose labels; ``method`` is the aggregation that the layer aggregated is of.

    ``context`` adds to what was sampled the article or opening post, or the whole thread.
    ``filters`` are those of a sample's recipe, and choose among what was sampled. ``notes`` and
    ``traits`` add what annotators wrote to the managers, and what they agreed to tell of
    themselves. ``split_by`` parts the dataset into train, validation and test by ``shares``, which
    sum to 1, and ``seed``. ``formulas`` says what becomes of cells of a CSV file that a
    spreadsheet would calculate.
    """

    layers: tuple[str, ...] = ("human", "adjudication", "gold", "model")
    method: str = ""
    context: str = "none"
    filters: Recipe = field(default_factory=Recipe)
    privacy: str = "full"
    notes: bool = True
    traits: bool = False
    split_by: str = "none"
    shares: tuple[float, float, float] = (0.8, 0.1, 0.1)
    seed: int = 1
    formulas: str = "keep"

    def __post_init__(self) -> None:
        """Raises InvalidInput, with the sentence beside the field at fault."""
        if not self.layers:
            _refuse("layers", "Choose at least one layer of labels.")
        for layer in self.layers:
            _one_of(layer, LAYERS, "layers")
        chosen = tuple(layer for layer in LAYERS if layer in self.layers)
        object.__setattr__(self, "layers", chosen)
        if AGGREGATED in chosen:
            _one_of(self.method, METHODS, "method")
        elif self.method:
            _refuse("method", "A method belongs to the layer of aggregated labels: choose both.")
        _one_of(self.context, CONTEXTS, "context")
        _one_of(self.privacy, PRIVACY, "privacy")
        _one_of(self.split_by, SPLITS, "split_by")
        _one_of(self.formulas, FORMULAS, "formulas")
        self._check_shares()
        if not 0 <= self.seed <= LARGEST_SEED:
            _refuse("seed", f"A seed is between 0 and {LARGEST_SEED:,}, not {self.seed}.")
        drawn = ("draw", "of", "size", "by", "allocation", "seed")
        usual = Recipe()
        for name in drawn:
            if getattr(self.filters, name) != getattr(usual, name):
                _refuse("filters", f"A dataset is filtered, not drawn: leave {name!r} out.")

    def to_json(self) -> dict[str, Any]:
        """As it is stored: every field."""
        told = asdict(self)
        told["filters"] = self.filters.filters()
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in told.items()
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Contents:
        """The choice that was stored; what it does not name is as usual.

        Raises InvalidInput for a field that there is not, or one of another type.
        """
        _refuse_unknown(stored, cls, "The contents of a dataset have")
        filters = stored.get("filters")
        try:
            if isinstance(filters, Mapping):
                _check_filters(filters)
            return msgspec.convert(stored, cls)
        except msgspec.ValidationError as error:
            found = _PLACE.fullmatch(str(error))
            place, told = (found["place"], found["told"]) if found else ("contents", str(error))
            _refuse(place, f"{place}: {told}.")

    def _check_shares(self) -> None:
        if len(self.shares) != 3 or any(share < 0 for share in self.shares):
            _refuse("shares", "Give three shares, none below 0: for train, validation and test.")
        if not abs(sum(self.shares) - 1) <= 1e-9:
            _refuse("shares", f"The shares sum to {sum(self.shares):g}: they must sum to 1.")


def _check_filters(stored: Mapping[str, Any]) -> None:
    """Raises InvalidInput, which names a filter by its place in the contents.

    Whether each has its type, the conversion of the whole says.
    """
    try:
        _refuse_unknown(stored, Recipe, "Filters have")
        with suppress(msgspec.ValidationError):
            msgspec.convert(stored, Recipe)
    except InvalidInput as error:
        told = {f"filters.{name}": sentences for name, sentences in error.fields.items()}
        raise InvalidInput(error.message, fields=told) from None


def _refuse_unknown(stored: Mapping[str, Any], kind: type[Contents | Recipe], whose: str) -> None:
    known = {one.name for one in fields(kind)}
    if unknown := sorted(stored.keys() - known):
        _refuse(unknown[0], f"{whose} no {unknown[0]!r}.")


def _one_of(value: str, known: tuple[str, ...], name: str) -> None:
    if value not in known:
        _refuse(name, f"{name.replace('_', ' ')}: one of {', '.join(known)}, not {value!r}.")


def _refuse(name: str, sentence: str) -> NoReturn:
    raise InvalidInput(sentence, fields={name: [sentence]})
