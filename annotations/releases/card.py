"""What only its makers can say of a release: who they are, its licence, how it may be used."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, NoReturn

import msgspec

from annotations.errors import InvalidInput
from annotations.releases.questions import QUESTIONS

ORCID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]")
DOI = re.compile(r"10\.\d{4,9}/\S+")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
ADDRESS = re.compile(r"https?://[^\s/]+\S*")
LONGEST = 20_000
MOST = 200


@dataclass(frozen=True, kw_only=True)
class Creator:
    """Somebody who made the dataset; ``orcid`` is the bare id, such as 0000-0002-1825-0097."""

    name: str
    affiliation: str = ""
    orcid: str = ""


@dataclass(frozen=True, kw_only=True)
class Card:
    """The part of the data card that the system cannot know.

    ``licence`` is an SPDX id where there is one, else the licence's name. ``languages`` are BCP 47
    tags; without any, those that were detected are told. ``doi`` is bare, such as
    10.5281/zenodo.1234. ``warnings`` are sentences about what a reader should know before reading.
    ``answers`` are to ``QUESTIONS``, by key.
    """

    creators: tuple[Creator, ...] = ()
    licence: str = ""
    description: str = ""
    keywords: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    funding: str = ""
    doi: str = ""
    url: str = ""
    contact: str = ""
    warnings: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises InvalidInput, with the sentence beside the field at fault."""
        for one in fields(self):
            _check_size(one.name, getattr(self, one.name))
        for creator in self.creators:
            _check_creator(creator)
        for language in self.languages:
            if not LANGUAGE.fullmatch(language):
                _refuse(
                    "languages", f"{language!r} is no language: write a tag such as en or pt-BR."
                )
        if self.doi and not DOI.fullmatch(self.doi):
            _refuse("doi", f"{self.doi!r} is no DOI: write it bare, such as 10.5281/zenodo.1234.")
        if self.url and not ADDRESS.fullmatch(self.url):
            _refuse("url", f"{self.url!r} is no address: it begins with https:// or http://.")
        if unknown := sorted(self.answers.keys() - {question.key for question in QUESTIONS}):
            _refuse("answers", f"The data card asks no question {unknown[0]!r}.")

    @property
    def missing(self) -> Mapping[str, str]:
        """Why it cannot be published yet: a sentence for each field that it lacks."""
        found = {}
        if not self.creators:
            found["creators"] = "Say who made the dataset: without a name nobody can cite it."
        if not self.licence.strip():
            found["licence"] = "Choose a licence: without one nobody may use the dataset."
        return found

    def to_json(self) -> dict[str, Any]:
        """As it is stored: every field."""
        told = asdict(self)
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in told.items()
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Card:
        """The card that was stored; what it does not name is empty.

        Raises InvalidInput for a field that there is not, or one of another type.
        """
        _refuse_unknown(stored, cls, "A data card")
        creators = stored.get("creators")
        for creator in creators if isinstance(creators, Sequence) else ():
            if isinstance(creator, Mapping):
                _refuse_unknown(creator, Creator, "A creator")
        try:
            return msgspec.convert(stored, cls)
        except msgspec.ValidationError as error:
            told = str(error)
            name = re.sub(r"^.*at `\$\.(\w+).*$", r"\1", told) if " at `" in told else "card"
            _refuse(name, f"{name}: {told}.")


def _refuse_unknown(stored: Mapping[str, Any], kind: type[Card | Creator], whose: str) -> None:
    known = {one.name for one in fields(kind)}
    if unknown := sorted(str(name) for name in stored if name not in known):
        field_at_fault = unknown[0] if kind is Card else "creators"
        fields_it_has = ", ".join(one.name for one in fields(kind))
        _refuse(field_at_fault, f"{whose} has no {unknown[0]!r}: it has {fields_it_has}.")


def _check_creator(creator: Creator) -> None:
    if not creator.name.strip():
        _refuse("creators", "Each of those who made the dataset has a name.")
    if creator.orcid and not _is_orcid(creator.orcid):
        _refuse("creators", f"{creator.orcid!r} is no ORCID: write it as 0000-0002-1825-0097.")


def _is_orcid(told: str) -> bool:
    """Sixteen digits, the last of which checks the others (ISO 7064, 11-2)."""
    if not ORCID.fullmatch(told):
        return False
    digits = told.replace("-", "")
    total = 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    return "0123456789X"[(12 - total % 11) % 11] == digits[-1]


def _check_size(name: str, value: Any) -> None:
    if isinstance(value, str):
        if len(value) > LONGEST:
            _refuse(name, f"{name}: at most {LONGEST:,} characters.")
        return
    if len(value) > MOST:
        _refuse(name, f"{name}: at most {MOST} entries.")
    told = value.values() if isinstance(value, Mapping) else value
    if any(isinstance(one, str) and len(one) > LONGEST for one in told):
        _refuse(name, f"{name}: at most {LONGEST:,} characters each.")


def _refuse(name: str, sentence: str) -> NoReturn:
    raise InvalidInput(sentence, fields={name: [sentence]})
