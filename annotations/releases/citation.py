"""How to cite a release: CITATION.cff, BibTeX, and a sentence."""

from __future__ import annotations

import re
from typing import Any

import yaml

from annotations.releases.card import Card, Creator
from annotations.releases.facts import Facts
from annotations.releases.licences import licence

CITATION = "CITATION.cff"
PARTICLES = "von|van|de|der|den|di|da|del|la|le|bin|al"
ESCAPES = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
VERBATIM = ("doi", "url")
GIVEN_FAMILY = re.compile(rf"(?P<given>.*?)\s+(?P<family>(?:(?:{PARTICLES})\s+)*\S+)$")


def citation_cff(facts: Facts) -> bytes:
    """Citation File Format 1.2.0, as GitHub and Zenodo read it."""
    card = facts.edition.card
    given = licence(card.licence)
    told: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": "If you use this dataset, please cite it as below.",
        "type": "dataset",
        "title": facts.edition.title,
        "version": facts.edition.version,
        "date-released": facts.edition.frozen_at.date(),
        "authors": [_person(one) for one in card.creators],
        "abstract": facts.description,
    }
    optional = {
        "keywords": list(card.keywords),
        "license": given.spdx,
        "doi": card.doi,
        "url": card.url,
    }
    told.update({name: value for name, value in optional.items() if value})
    return dump(told)


def bibtex(card: Card, name: str, title: str, version: str, year: int) -> str:
    """An entry of BibTeX; ``name`` is its key."""
    fields = {
        "title": title,
        "author": " and ".join(one.name for one in card.creators),
        "year": str(year),
        "version": version,
        "doi": card.doi,
        "url": card.url,
    }
    lines = [
        f"  {field} = {{{told if field in VERBATIM else _escaped(told)}}},"
        for field, told in fields.items()
        if told
    ]
    key = re.sub(r"[^A-Za-z0-9_.-]", "-", name)
    return "\n".join([f"@misc{{{key},", *lines, "}"])


def bibtex_of(facts: Facts) -> str:
    """The entry of the release that these facts are of."""
    edition = facts.edition
    year = edition.frozen_at.year
    return bibtex(edition.card, facts.name, edition.title, edition.version, year)


def citation(card: Card, title: str, version: str, year: int) -> str:
    """A line for a list of references."""
    names = "; ".join(one.name for one in card.creators)
    place = f"https://doi.org/{card.doi}" if card.doi else card.url
    return " ".join(filter(None, [f"{names} ({year}).", f"{title} (version {version}).", place]))


def dump(told: dict[str, Any]) -> bytes:
    """YAML in the order given, Unicode as it is."""
    return bytes(yaml.safe_dump(told, sort_keys=False, allow_unicode=True, encoding="utf-8"))


def parted(name: str) -> tuple[str, str]:
    """Family and given names of "Ada Lovelace" and of "Lovelace, Ada". One word is a family."""
    family, comma, given = (part.strip() for part in name.partition(","))
    if comma:
        return family, given
    found = GIVEN_FAMILY.match(name.strip())
    return (found["family"], found["given"]) if found else (name.strip(), "")


def _person(creator: Creator) -> dict[str, str]:
    """Without a given name it is an entity, which has no affiliation in this format."""
    family, given = parted(creator.name)
    told = {"family-names": family, "given-names": given} if given else {"name": family}
    if creator.affiliation and given:
        told["affiliation"] = creator.affiliation
    if creator.orcid:
        told["orcid"] = f"https://orcid.org/{creator.orcid}"
    return told


def _escaped(value: str) -> str:
    return re.sub(r"[{}\\&%$#_~^]", lambda sign: ESCAPES.get(sign[0], "\\" + sign[0]), value)
