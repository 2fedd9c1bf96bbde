"""What a release says of itself: what is in it, how much, of what it was made, and checksums."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from annotations.exporters.dataset import CodebookFacts
from annotations.releases.bundle import BundledFile
from annotations.releases.facts import Facts

MANIFEST = "manifest.json"
CHECKSUMS = "SHA256SUMS"
FORMAT_VERSION = 1


def manifest(facts: Facts, files: Iterable[BundledFile]) -> dict[str, Any]:
    """As JSON. ``files`` are all but the manifest itself and the list of checksums."""
    edition, study, told = facts.edition, facts.study, facts.circumstances
    return {
        "manifest_version": FORMAT_VERSION,
        "name": facts.name,
        "title": edition.title,
        "version": edition.version,
        "frozen_at": utc(edition.frozen_at),
        "made_with": f"Threadmark {edition.made_with}",
        "licence": edition.card.licence,
        "creators": [msgspec.to_builtins(one) for one in edition.card.creators],
        "doi": edition.card.doi,
        "campaign": {"slug": study.campaign, "name": study.name},
        "corpus": {
            "slug": study.corpus,
            "name": study.corpus_name,
            "licence": study.corpus_licence,
        },
        "codebook": _codebook(study.codebook),
        "formats": list(edition.formats),
        "contents": study.contents.to_json(),
        "privacy": study.contents.privacy,
        "aggregation": (
            {"method": study.method, "seed": study.method_seed} if study.method else None
        ),
        "counts": _counts(facts),
        "withheld_comments": told.withheld,
        "content_warnings": [msgspec.to_builtins(one) for one in told.warnings],
        "formula_cells": facts.formulas,
        "annotators": len(study.annotators),
        "agreement": bool(told.agreement),
        "newer_labels": {
            "than_agreement": told.newer_than_agreement,
            "than_aggregation": told.newer_than_aggregation,
        },
        "leaks": dict(facts.leaks),
        "files": [_file(one) for one in sorted(files, key=lambda one: one.name)],
    }


def checksums(files: Iterable[BundledFile]) -> bytes:
    """In the form that ``sha256sum --check`` reads."""
    named = sorted((one.name, one.sha256) for one in files)
    return "".join(f"{digest}  {name}\n" for name, digest in named).encode()


def as_json(told: Mapping[str, Any]) -> bytes:
    """Indented, for people to read as well. Keys are sorted: a database may keep no order."""
    return msgspec.json.format(msgspec.json.encode(told, order="sorted"), indent=2) + b"\n"


def utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _codebook(codebook: CodebookFacts) -> dict[str, Any]:
    digest = hashlib.sha256(codebook.source.encode()).hexdigest()
    return {"key": codebook.key, "version": codebook.version, "sha256": digest}


def _counts(facts: Facts) -> dict[str, Any]:
    counts = facts.counts
    splits = {name: counts.splits[name].to_json() for name in sorted(counts.splits)}
    return {**counts.whole.to_json(), "splits": splits}


def _file(one: BundledFile) -> dict[str, Any]:
    return {
        "name": one.name,
        "size": one.size,
        "sha256": one.sha256,
        "media_type": one.media_type,
        "rows": one.rows,
        "format": one.format,
    }
