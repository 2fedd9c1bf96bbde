"""What leads to a person wherever it stands in a text: addresses, numbers, handles.

Each pattern takes time that grows with the text's length and no faster: what repeats in it gives
nothing back (``++``, ``*+``) or has a small limit. Where a number may begin inside another one,
each beginning is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address
from typing import NamedTuple

EMAIL, URL, IP, IBAN, PHONE, HANDLE = "EMAIL", "URL", "IP", "IBAN", "PHONE", "HANDLE"
IBAN_SHORTEST, IBAN_LONGEST = 15, 34

_LOCAL = r"\w.!#$%&*+=?^{|}~'-"
_EMAIL = re.compile(rf"(?<![{_LOCAL}])[{_LOCAL}]++[@＠][\w-]++(?:\.[\w-]++)++")
_AT, _DOT = (rf"[(\[{{<]\s?(?:{word})\s?[)\]}}>]" for word in ("at|ät|@", r"dot|punkt|\."))
_HIDDEN_EMAIL = re.compile(  # ada (at) news (dot) example
    rf"(?<![{_LOCAL}])[{_LOCAL}]++\s?{_AT}\s?[\w-]{{1,63}}+"
    rf"(?:(?:\s?{_DOT}\s?|\.)[\w-]{{1,63}}+){{1,8}}",
    re.IGNORECASE,
)
# Ends of bare addresses that are no words with which a sentence may begin.
_ENDS = "com|org|net|edu|gov|info|biz|io|dev|app|blog|eu|de|ch|uk|nl|pl|cz|dk|ru|jp|cn|kr|br"
_URL = re.compile(
    r"(?<![A-Za-z0-9+.-])[A-Za-z0-9+.-]*+://[^\s<>\"]++"
    r"|(?<![A-Za-z0-9])[Ww]{3}\.[^\s<>\"]++"
    r"|(?<![\w@＠.-])(?:[\w-]{1,63}+\.){1,8}[^\W\d_]{2,24}+/[^\s<>\"]*+"
    rf"|(?<![\w@＠.-])(?:[\w-]{{1,63}}+\.){{1,8}}(?i:{_ENDS})(?![\w@＠-]|\.\w)"
)
_AFTER_URL = ".,;:!?'’”»)]}*"
_IPV4 = re.compile(r"(?<![\w.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?!\w|\.[0-9])")
_IPV6 = re.compile(
    r"(?<![\w:.])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,8}(?<=[0-9a-f])(?:(?:\.[0-9]{1,3}){3})?"
    r"(?!\w|:[0-9a-f])",
    re.IGNORECASE,
)
_IBAN = re.compile(r"(?<!\w)(?=([A-Z]{2}[0-9]{2}(?:[ \u00a0-]?[A-Z0-9]){11,30}))", re.IGNORECASE)
_PHONE = re.compile(r"(?<!\w)(?=([+＋(]{0,2}\d(?:[ \u00a0\u202f./()-]{0,3}\d){6,14}(?!\d)))")
_DATE = re.compile(r"\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d{2})(?!\d)")
_LOCAL_NUMBER = re.compile(r"(?:(?:\d{3}[ .-])?\d{3}[.-]|\d{3} \d{3} )\d{4}(?!\d)")
_HANDLE = re.compile(
    r"(?<!\w)(?P<at>[@＠])(?P<name>\w++(?:[.-]++\w++)*+(?:[@＠][\w-]++(?:\.[\w-]++)++)?+)"
    r"|(?<!\w)(?P<u>[uU]/)(?P<user>[\w-]{2,})"
)


class Identifier(NamedTuple):
    """What stands at ``start:end``; ``sort`` is what it is."""

    start: int
    end: int
    sort: str


class Handle(NamedTuple):
    """An account called at ``start:end``: ``mark`` (``@`` or ``u/``), then its name."""

    start: int
    end: int
    mark: str
    name: str


def identifiers(text: str) -> Iterator[Identifier]:
    """Everything in the text that is one; they may overlap."""
    if _has_any(text, "@＠"):
        for found in _EMAIL.finditer(text):
            yield Identifier(*found.span(), EMAIL)
    if _has_any(text, "([{<"):
        for found in _HIDDEN_EMAIL.finditer(text):
            yield Identifier(*found.span(), EMAIL)
    if "/" in text or "." in text:
        for found in _URL.finditer(text):
            end = found.start() + len(found[0].rstrip(_AFTER_URL))
            yield Identifier(found.start(), end, URL)
    for pattern in (_IPV4, _IPV6):
        for found in pattern.finditer(text):
            if _is_address(found[0]):
                yield Identifier(*found.span(), IP)
    for found in _IBAN.finditer(text):
        if end := _iban_end(found[1]):
            yield Identifier(found.start(), found.start() + end, IBAN)
    for found in _PHONE.finditer(text):
        if _is_phone(found[1]):
            opened = found[1][0] == "(" and found[1].count("(") > found[1].count(")")
            yield Identifier(found.start(1) + opened, found.end(1), PHONE)
    for handle in handles(text):
        yield Identifier(handle.start, handle.end, HANDLE)


def handles(text: str) -> Iterator[Handle]:
    """Every ``@name``, ``@name@server`` and ``u/name`` of the text."""
    if not _has_any(text, "@＠/"):
        return
    for found in _HANDLE.finditer(text):
        yield Handle(*found.span(), found["at"] or found["u"], found["name"] or found["user"])


def _has_any(text: str, signs: str) -> bool:
    """Most texts have none, and are told so faster than by a pattern."""
    return any(sign in text for sign in signs)


def _is_address(found: str) -> bool:
    try:
        ip_address(found)
    except ValueError:
        return False
    return any(sign.isalnum() for sign in found)


def _iban_end(found: str) -> int:
    """Where the longest number ends whose check digits are right (ISO 7064, mod 97-10); 0 where
    there is none."""
    first_four = int("".join(str(int(sign, 36)) for sign in found[:4]))
    rest, signs, longest = 0, 4, 0
    for place, sign in enumerate(found[4:], start=5):
        if not sign.isalnum():
            continue
        number, signs = int(sign, 36), signs + 1
        rest = (rest * (100 if number > 9 else 10) + number) % 97
        ends = signs == IBAN_LONGEST or place == len(found) or not found[place].isalnum()
        if ends and signs >= IBAN_SHORTEST and (rest * 10**6 + first_four) % 97 == 1:
            longest = place
    return longest


def _is_phone(found: str) -> bool:
    """Whether it is written as a number to call: with its prefix, or as America does."""
    bare = found.lstrip("(")
    if found[0] in "+＋" or bare[0] in "+＋":
        return True
    if _DATE.match(bare):
        return False
    begins_with_zero = int(bare[0]) == 0 and bare[1].isdigit()
    in_brackets = found[0] == "(" and ")" in found
    return begins_with_zero or in_brackets or _LOCAL_NUMBER.match(bare) is not None
