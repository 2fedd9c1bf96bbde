"""Which key answers what: every option of a question has one, and none is a key of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import ascii_lowercase
from types import MappingProxyType

RESERVED: Mapping[str, str] = MappingProxyType(
    {
        "j": "comment below",
        "k": "comment above",
        "n": "next item",
        "p": "previous item",
        "s": "skip",
        "f": "flag",
        "g": "guidelines",
        "c": "note",
        "u": "undo",
        "z": "zoom",
        "h": "hide the article",
        "m": "mark a span with the keyboard",
        "x": "remove a span",
    }
)
"""Letters that the workspace keeps for itself, with what they do."""

DIGITS = "1234567890"
"""In the order of the keyboard, which is the order in which they are given out."""

LETTERS = "".join(letter for letter in ascii_lowercase if letter not in RESERVED)
ALLOWED = DIGITS + LETTERS


def fault(hotkey: str) -> str | None:
    """Why this cannot be the key of an option, as a sentence; None if it can."""
    if not hotkey:
        return f"no digit is left for this label; {_choice()}"
    if hotkey in RESERVED:
        return f"`{hotkey}` is the workspace's key for “{RESERVED[hotkey]}”; {_choice()}"
    if len(hotkey) != 1 or hotkey not in ALLOWED:
        return f"must be a single lowercase letter or digit; {_choice()}"
    return None


def filled(hotkeys: Sequence[str]) -> list[str]:
    """The same keys, the empty ones filled with the digits that are free; empty when none is."""
    free = (digit for digit in DIGITS if digit not in hotkeys)
    return [hotkey or next(free, "") for hotkey in hotkeys]


def rating_hotkeys(values: Sequence[float]) -> list[str]:
    """The key of each point: its own digit where all points are one, else the digits in order."""
    if all(value in range(10) for value in values):
        return [str(int(value)) for value in values]
    return list(DIGITS[: len(values)])


def _choice() -> str:
    return f"choose a digit or one of {' '.join(LETTERS)}."
