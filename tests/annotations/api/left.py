"""What left the study of the API's tests: exports and releases, in every state."""

from __future__ import annotations

import io
import zipfile
from hashlib import sha256
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from annotations.exporters.contents import Contents
from annotations.models import Campaign, ExportRun, Release
from annotations.releases.card import Card, Creator
from tests.builders import NOON

LABELS = b"comment,claim\r\nc1,yes\r\n"


def build_exports(campaign: Campaign) -> dict[str, ExportRun]:
    file = default_storage.save("exports/study.csv", ContentFile(b"a,b\r\n"))
    made: dict[str, dict[str, Any]] = {
        "done": {"state": "done", "file": file, "rows": 1, "bytes": 5, "finished_at": NOON},
        "queued": {"state": "queued"},
        "failed": {"state": "failed", "error": "The disk is full."},
    }
    return {
        name: ExportRun.objects.create(campaign=campaign, format="csv", created_at=NOON, **fields)
        for name, fields in made.items()
    }


def build_releases(campaign: Campaign) -> dict[str, Release]:
    """A draft with a card, one that waits, one that failed, one with three files, and one that
    was withdrawn."""
    files = {"SHA256SUMS": b"", "labels.csv": LABELS, "manifest.json": b"{}"}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    content = packed.getvalue()
    told = {"name": "labels.csv", "sha256": sha256(LABELS).hexdigest(), "rows": 1}
    card = Card(creators=(Creator(name="Ada"),), licence="CC-BY-4.0")
    manifest = {
        "files": [{**told, "media_type": "text/csv"}],
        "counts": {"threads": 1},
        "withheld_comments": 1,
        "codebook": {"key": "claims", "version": 1},
        "privacy": "full",
    }
    made: dict[str, dict[str, Any]] = {
        "staged": {"card": card.to_json()},
        "queued": {},
        "failed": {"error": "The disk is full."},
        "done": {
            "file": default_storage.save("releases/study.zip", ContentFile(content)),
            "bytes": len(content),
            "sha256": sha256(content).hexdigest(),
            "manifest": manifest,
            "finished_at": NOON,
        },
        "withdrawn": {
            "state": "done",
            "manifest": manifest,
            "withdrawn_at": NOON,
            "withdrawn_reason": "Consent.",
            "finished_at": NOON,
        },
    }
    return {
        state: Release.objects.create(
            campaign=campaign,
            title="The study",
            version=f"0.{number}",
            contents=Contents().to_json(),
            formats=["csv"],
            created_at=NOON,
            **{"state": state, **fields},
        )
        for number, (state, fields) in enumerate(made.items())
    }
