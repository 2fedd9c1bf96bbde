"""What Zenodo asks of an upload: the file .zenodo.json."""

from __future__ import annotations

from typing import Any

from annotations.releases.card import Creator
from annotations.releases.citation import parted
from annotations.releases.facts import Facts
from annotations.releases.known import warnings
from annotations.releases.licences import licence

ZENODO = ".zenodo.json"


def zenodo(facts: Facts) -> dict[str, Any]:
    """In the shape of its deposit API; a licence that is not in SPDX's list goes into the notes."""
    edition = facts.edition
    card, given = edition.card, licence(edition.card.licence)
    told: dict[str, Any] = {
        "upload_type": "dataset",
        "title": edition.title,
        "version": edition.version,
        "publication_date": facts.day,
        "description": facts.description,
        "creators": [_creator(one) for one in card.creators],
        "access_right": "open",
    }
    notes = [*warnings(facts), "" if given.spdx else f"Licence: {given.name}"]
    optional = {
        "license": given.spdx.lower(),
        "keywords": list(card.keywords),
        "doi": card.doi,
        "notes": "\n".join(filter(None, [*notes, card.funding and f"Funding: {card.funding}"])),
        "related_identifiers": _related(card.url),
    }
    told.update({name: value for name, value in optional.items() if value})
    return told


def _creator(one: Creator) -> dict[str, str]:
    family, given = parted(one.name)
    told = {"name": f"{family}, {given}" if given else family}
    optional = {"affiliation": one.affiliation, "orcid": one.orcid}
    told.update({name: value for name, value in optional.items() if value})
    return told


def _related(url: str) -> list[dict[str, str]]:
    if not url:
        return []
    return [{"identifier": url, "relation": "isDescribedBy", "resource_type": "dataset"}]
