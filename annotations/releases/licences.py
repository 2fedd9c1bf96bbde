"""Licences of data by their SPDX id, and what other catalogues call them."""

from __future__ import annotations

from dataclasses import dataclass

CREATIVE_COMMONS = {
    "CC-BY-4.0": "Creative Commons Attribution 4.0 International",
    "CC-BY-SA-4.0": "Creative Commons Attribution Share Alike 4.0 International",
    "CC-BY-NC-4.0": "Creative Commons Attribution Non Commercial 4.0 International",
    "CC-BY-NC-SA-4.0": (
        "Creative Commons Attribution Non Commercial Share Alike 4.0 International"
    ),
    "CC-BY-ND-4.0": "Creative Commons Attribution No Derivatives 4.0 International",
    "CC-BY-NC-ND-4.0": (
        "Creative Commons Attribution Non Commercial No Derivatives 4.0 International"
    ),
}
OTHERS = {
    "CC0-1.0": (
        "Creative Commons Zero v1.0 Universal",
        "https://creativecommons.org/publicdomain/zero/1.0/",
    ),
    "ODbL-1.0": (
        "Open Data Commons Open Database License v1.0",
        "https://opendatacommons.org/licenses/odbl/1-0/",
    ),
    "ODC-By-1.0": (
        "Open Data Commons Attribution License v1.0",
        "https://opendatacommons.org/licenses/by/1-0/",
    ),
    "PDDL-1.0": (
        "Open Data Commons Public Domain Dedication & License 1.0",
        "https://opendatacommons.org/licenses/pddl/1-0/",
    ),
    "CDLA-Permissive-2.0": (
        "Community Data License Agreement Permissive 2.0",
        "https://cdla.dev/permissive-2-0/",
    ),
    "CDLA-Sharing-1.0": (
        "Community Data License Agreement Sharing 1.0",
        "https://cdla.dev/sharing-1-0/",
    ),
    "MIT": ("MIT License", "https://opensource.org/license/mit"),
    "Apache-2.0": ("Apache License 2.0", "https://www.apache.org/licenses/LICENSE-2.0"),
}


@dataclass(frozen=True, slots=True)
class Licence:
    """``spdx`` is "" for a licence that is not in the list: then it has its name alone."""

    name: str
    spdx: str = ""
    url: str = ""


def _deed(spdx: str) -> str:
    terms = spdx.removeprefix("CC-").removesuffix("-4.0").lower()
    return f"https://creativecommons.org/licenses/{terms}/4.0/"


LICENCES = {
    spdx.casefold(): Licence(name, spdx, url)
    for spdx, name, url in sorted(
        [
            *((spdx, name, _deed(spdx)) for spdx, name in CREATIVE_COMMONS.items()),
            *((spdx, name, url) for spdx, (name, url) in OTHERS.items()),
        ]
    )
}


def licence(told: str) -> Licence:
    """The licence of this SPDX id, whatever its case; else one of this name."""
    return LICENCES.get(told.strip().casefold(), Licence(told.strip()))
