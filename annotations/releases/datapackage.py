"""The release as a Frictionless data package: datapackage.json."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any

from annotations.releases.bundle import BundledFile
from annotations.releases.facts import Facts
from annotations.releases.licences import licence
from annotations.releases.manifest import utc
from annotations.releases.tables import Table, tables

DATAPACKAGE = "datapackage.json"
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"


def datapackage(facts: Facts, files: Iterable[BundledFile]) -> dict[str, Any]:
    """Every data file as a resource; tables of known columns with their schema."""
    held = sorted(files, key=lambda one: one.name)
    known = {table.file.name: table for table in tables(facts, held)}
    edition, card = facts.edition, facts.edition.card
    told: dict[str, Any] = {
        "$schema": PROFILE,
        "name": facts.name.lower(),
        "title": edition.title,
        "description": facts.description,
        "version": edition.version,
        "created": utc(edition.frozen_at),
        "licenses": [_licence(card.licence)],
        "contributors": [
            {"title": one.name, "roles": ["creator"], "organization": one.affiliation}
            if one.affiliation
            else {"title": one.name, "roles": ["creator"]}
            for one in card.creators
        ],
        "keywords": list(card.keywords),
        "resources": [_resource(one, known.get(one.name)) for one in held],
    }
    if card.url:
        told["homepage"] = card.url
    return {name: value for name, value in told.items() if value}


def _licence(told: str) -> dict[str, str]:
    given = licence(told)
    facts = {"name": given.spdx, "path": given.url, "title": given.name}
    return {name: value for name, value in facts.items() if value}


def _resource(file: BundledFile, table: Table | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": file.name.lower().replace("/", "-"),
        "path": file.name,
        "format": PurePosixPath(file.name).suffix.removeprefix("."),
        "mediatype": file.media_type,
        "bytes": file.size,
        "hash": f"sha256:{file.sha256}",
    }
    if table is not None and table.is_whole:
        told["title"] = table.title
        told["type"] = "table"
        told["encoding"] = "utf-8"
        told["schema"] = {
            "fields": [{"name": one.name, "type": one.type} for one in table.columns],
            "missingValues": [""],
        }
    return told
