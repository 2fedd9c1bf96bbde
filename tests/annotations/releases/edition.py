"""A small release: the study of the exporters' tests, with a card and what is told beside it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from annotations.exporters.dataset import Dataset
from annotations.exporters.frozen import Frozen, freeze, frozen
from annotations.releases.archive import write_archive
from annotations.releases.card import Card, Creator
from annotations.releases.facts import Circumstances, ContentWarned, Drawn, Edition
from annotations.samples.recipe import Recipe
from tests.annotations.exporters.discussion import dataset

FROZEN_AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
CARD = Card(
    creators=(
        Creator(name="Ada Lovelace", affiliation="Analytical Society", orcid="0000-0002-1825-0097"),
        Creator(name="van Beethoven, Ludwig"),
    ),
    licence="CC-BY-4.0",
    description="Claims about a bridge, labeled in their threads.",
    keywords=("claims", "discussions"),
    languages=("en", "de"),
    funding="Grant 1 of the Bridge Fund",
    doi="10.5281/zenodo.1234",
    url="https://bridge.example/data",
    contact="ada@bridge.example",
    warnings=("Some comments insult each other.",),
    answers={"purpose": "To find claims.", "unfit": "To judge people.", "biases": "Few threads."},
)
FIGURE = {
    "key": "alpha",
    "name": "Krippendorff's alpha",
    "distance": "nominal",
    "label": None,
    "value": 0.25,
    "low": 0.1,
    "high": 0.5,
    "level": 0.95,
    "units": 2,
    "raters": 2,
    "ratings": 4,
    "resamples": 1000,
    "seed": 1,
    "reason": "",
    "recipe": "nominal alpha",
}
CIRCUMSTANCES = Circumstances(
    labels_each=2,
    context="preceding",
    withheld=3,
    warnings=(
        ContentWarned(key="hate", title="Hate", comments=2),
        ContentWarned(key="war", title="War", comments=0, everywhere=True),
    ),
    samples=(
        Drawn(
            kind="draw",
            recipe=Recipe(draw="random", size=5, languages=("en",)).to_json(),
            candidates=40,
            units=5,
        ),
    ),
    rulings=("A question is no claim.",),
    agreement={
        "seed": 1,
        "questions": [
            {"key": "claim", "title": "Claim", "kind": "single_label", "figures": [FIGURE]}
        ],
    },
)


def edition(*formats: str, **changes: Any) -> Edition:
    told: dict[str, Any] = {
        "title": "Claims about the bridge",
        "version": "1.0",
        "formats": formats or ("csv", "jsonl"),
        "card": CARD,
        "frozen_at": FROZEN_AT,
        "made_with": "0.1.0",
    }
    return Edition(**{**told, **changes})


def kept(rows: Dataset | None = None) -> Frozen:
    """The dataset, frozen with its circumstances."""
    content = b"".join(freeze(rows or dataset(), CIRCUMSTANCES.to_json()))
    return frozen(lambda: io.BytesIO(content))


def archived(path: Path, *formats: str, rows: Dataset | None = None, **changes: Any) -> Path:
    """The release as one file."""
    write_archive(kept(rows), edition(*formats, **changes), path, lambda row: row)
    return path


def unpacked(folder: Path, *formats: str, rows: Dataset | None = None, **changes: Any) -> Path:
    """The release as somebody has it who unpacked it."""
    with zipfile.ZipFile(archived(folder.with_suffix(".zip"), *formats, rows=rows, **changes)) as z:
        z.extractall(folder)
    return folder


def files(path: Path) -> Mapping[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
