"""README.md of a folder of Parquet files, as the Hugging Face hub and its library read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from annotations.exporters.dataset import CodebookFacts, Study
from annotations.exporters.hub import FENCE, hub_licence, size_category


@dataclass(frozen=True, slots=True)
class Config:
    """A table of the folder. ``splits`` are those that have rows: their names with the number of
    rows. The files of one are ``folder/split-*.parquet``."""

    name: str
    folder: str
    told: str
    splits: Mapping[str, int]


def readme(study: Study, configs: Sequence[Config], languages: Iterable[str]) -> bytes:
    """``languages`` are the codes of those in which comments are written."""
    head = yaml.safe_dump(
        _front_matter(study, configs, sorted(languages)), sort_keys=False, allow_unicode=True
    )
    parts = [f"# {study.name}", study.description, *_loading(configs), *asked(study.codebook)]
    text = "\n\n".join(filter(None, parts))
    return f"{FENCE}{head}{FENCE}\n{text}\n".encode()


def _front_matter(
    study: Study, configs: Sequence[Config], languages: Sequence[str]
) -> dict[str, Any]:
    first = next(iter(configs))
    told = {
        "pretty_name": study.name,
        **hub_licence(study.corpus_licence),
        "language": list(languages),
        "annotations_creators": ["expert-generated"] if study.annotators else [],
        "task_categories": ["text-classification"],
        "tags": ["threadmark", "online-discussions", "disaggregated-annotations"],
        "size_categories": [size_category(sum(first.splits.values()))],
        "configs": [_config(one, is_default=one is first) for one in configs],
    }
    return {name: value for name, value in told.items() if value}


def _config(config: Config, *, is_default: bool) -> dict[str, Any]:
    default = {"default": True} if is_default else {}
    files = [
        {"split": split, "path": f"{config.folder}/{split}-*.parquet"} for split in config.splits
    ]
    return {"config_name": config.name, **default, "data_files": files}


def _loading(configs: Sequence[Config]) -> Iterable[str]:
    lines = [f'{one.name} = load_dataset("path/to/folder", "{one.name}")' for one in configs]
    yield "## Loading"
    yield "\n".join(["```python", "from datasets import load_dataset", "", *lines, "```"])
    rows = [f"| `{one.name}` | {one.told} | {_splits(one.splits)} |" for one in configs]
    yield "\n".join(["| config | one row for each | rows |", "|---|---|---|", *rows])


def _splits(splits: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {rows:,}" for name, rows in splits.items())


def asked(codebook: CodebookFacts) -> Iterable[str]:
    """The questions with their labels, by the names that they have in the data."""
    from annotations.exporters.fields import column_name

    yield "## Questions"
    yield f"By the codebook {codebook.title} ({codebook.key}, version {codebook.version})."
    lines = []
    for one in codebook.questions:
        name = column_name(one.key)
        lines.append(f"- `{name}` ({one.kind}, about a {one.unit}): {one.title}")
        lines += [f"  - `{label.key}`: {label.definition or label.title}" for label in one.labels]
    yield "\n".join(lines)
