"""What annotators may tell of themselves, where a campaign asks for it: nobody must answer.

Plain Python. What is kept are the values here, whatever the language of the pages, and the
person's own words where a trait is open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from annotations.errors import InvalidInput

LONGEST = 100
gettext_noop = str  # marks what the pages translate


@dataclass(frozen=True)
class Trait:
    """``options`` are values with their titles; an open trait takes any other words, too."""

    key: str
    title: str
    options: tuple[tuple[str, str], ...] = ()
    is_open: bool = False

    def read(self, given: object) -> str:
        """What was told, without space around it; "" is nothing. Raises InvalidInput."""
        if not isinstance(given, str):
            self._refuse(f"{self.title}: give words, or nothing.")
        told = given.strip()
        if not told or told in dict(self.options):
            return told
        if not self.is_open:
            known = ", ".join(value for value, _ in self.options)
            self._refuse(f"{self.title}: one of {known}, or nothing, not {told[:LONGEST]!r}.")
        if len(told) > LONGEST:
            self._refuse(f"{self.title}: at most {LONGEST} characters, not {len(told):,}.")
        if not told.isprintable():
            self._refuse(f"{self.title}: one line of characters that can be seen.")
        return told

    def _refuse(self, sentence: str) -> NoReturn:
        raise InvalidInput(sentence, fields={self.key: [sentence]})


AGES = ("18-24", "25-34", "35-44", "45-54", "55-64")
TRAITS: Mapping[str, Trait] = {
    trait.key: trait
    for trait in (
        Trait(
            "age",
            gettext_noop("Age"),
            (
                ("under 18", gettext_noop("Under 18")),
                *((band, band.replace("-", "–")) for band in AGES),
                ("65 or older", gettext_noop("65 or older")),
            ),
        ),
        Trait(
            "gender",
            gettext_noop("Gender"),
            (
                ("woman", gettext_noop("Woman")),
                ("man", gettext_noop("Man")),
                ("non-binary", gettext_noop("Non-binary")),
            ),
            is_open=True,
        ),
        Trait("first_language", gettext_noop("First language"), is_open=True),
        Trait("country", gettext_noop("Country that you live in"), is_open=True),
        Trait(
            "education",
            gettext_noop("Highest education"),
            (
                ("none", gettext_noop("No final examination")),
                ("school", gettext_noop("School")),
                ("vocational", gettext_noop("Vocational training")),
                ("bachelor", gettext_noop("Bachelor's degree")),
                ("master", gettext_noop("Master's degree or equal to it")),
                ("doctorate", gettext_noop("Doctorate")),
            ),
        ),
        Trait(
            "politics",
            gettext_noop("Political leaning"),
            (
                ("left", gettext_noop("Left")),
                ("centre-left", gettext_noop("Centre-left")),
                ("centre", gettext_noop("Centre")),
                ("centre-right", gettext_noop("Centre-right")),
                ("right", gettext_noop("Right")),
            ),
            is_open=True,
        ),
        Trait(
            "expertise",
            gettext_noop("Knowledge of the topic"),
            (
                ("little", gettext_noop("Little")),
                ("some", gettext_noop("Some")),
                ("much", gettext_noop("Much")),
                ("professional", gettext_noop("I work on it")),
            ),
        ),
    )
}
