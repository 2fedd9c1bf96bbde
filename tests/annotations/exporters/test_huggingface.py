"""The folder for Hugging Face datasets, as their library loads it."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas
import polars
import pyarrow.parquet as pq
import pytest
import yaml
from datasets import Dataset, DatasetDict, get_dataset_config_names, load_dataset
from msgspec import structs

from annotations.exporters.hub import hub_licence, size_category
from annotations.exporters.privacy import protected
from annotations.exporters.rows import CommentRow, ThreadRow
from tests.annotations.exporters.discussion import ROWS, dataset, label, said
from tests.annotations.exporters.many import many
from tests.annotations.exporters.written import unpacked, written, written_files

pytestmark = pytest.mark.slow

Row = dict[str, Any]
MEMORY = """
import resource, tempfile
from pathlib import Path
from annotations.exporters.folder import Folder
from annotations.exporters.formats import huggingface
from tests.annotations.exporters.many import many

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with tempfile.TemporaryDirectory() as folder, Folder(Path(folder) / "hub.zip") as target:
    huggingface.write_files(many(annotations={annotations}), target)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpacked("huggingface", dataset(), tmp_path_factory.mktemp("hub"))


def loaded(folder: Path, config: str = "") -> DatasetDict:
    found = load_dataset(str(folder), config or None, cache_dir=str(folder.parent / "cache"))
    assert isinstance(found, DatasetDict)
    return found


def rows(found: DatasetDict, key: str) -> dict[str, Row]:
    return {row[key]: row for split in found.values() for row in _rows(split)}


def _rows(split: Dataset) -> Iterator[Row]:
    for row in split:
        assert isinstance(row, dict)
        yield row


def head(files: dict[str, bytes]) -> Row:
    _, told, _ = files["README.md"].decode().split("---\n", 2)
    found = yaml.safe_load(told)
    assert isinstance(found, dict)
    return found


def test_every_config_loads_with_its_splits(folder: Path) -> None:
    assert get_dataset_config_names(str(folder)) == ["default", "items", "comments"]
    counts = {
        config: {split: one.num_rows for split, one in loaded(folder, config).items()}
        for config in ("default", "items", "comments")
    }
    assert counts == {
        "default": {"train": 9, "validation": 3, "test": 1},
        "items": {"train": 3, "validation": 2, "test": 1},
        "comments": {"train": 3, "validation": 3, "test": 2},
    }


def test_without_a_config_the_annotations_load_one_by_one(folder: Path) -> None:
    found = rows(loaded(folder), "annotation")
    assert {one["source"] for one in found.values()} == {
        *("human", "adjudication", "gold", "model", "aggregated")
    }
    quotes = [one["quote"] for one in found["c1/A1"]["part"]]
    assert quotes == [
        "it\u00a0costs 2 million",
        "😀 =2+2",
    ]


def test_the_default_config_is_the_parquet_format(folder: Path) -> None:
    whole = pq.read_table(io.BytesIO(written("parquet", dataset())))
    parts = pq.read_table(folder / "data")
    assert parts.schema == whole.schema
    order = [("annotation", "ascending")]
    assert parts.sort_by(order).to_pylist() == whole.sort_by(order).to_pylist()


def test_pandas_polars_and_duckdb_read_the_folders(folder: Path) -> None:
    assert len(pandas.read_parquet(folder / "data")) == 13
    assert polars.read_parquet(folder / "items/*.parquet").height == 6
    assert duckdb.read_parquet(f"{folder}/comments/*.parquet").shape[0] == 8


def test_what_an_adjudicator_decided_is_final(folder: Path) -> None:
    item = rows(loaded(folder, "items"), "comment_id")["c1"]
    assert (item["claim"], item["decided_by"]["claim"]) == ("yes", "adjudication")
    assert [one["quote"] for one in item["part"]] == ["it\u00a0costs 2 million"]
    assert (item["tone"], item["decided_by"]["tone"]) == (None, "adjudication")
    assert item["counts"]["claim"] == [{"value": "no", "count": 1}, {"value": "yes", "count": 1}]
    assert item["shares"]["tone"] == [{"value": "2", "share": 0.5}, {"value": "3", "share": 0.5}]


def test_the_majority_of_people_is_final_where_nobody_decided(folder: Path) -> None:
    items = rows(loaded(folder, "items"), "comment_id")
    assert (items["c6"]["claim"], items["c6"]["decided_by"]["claim"]) == ("yes", "majority")
    assert (items["c6"]["annotators"], items["c6"]["reasons"]) == (2, None)
    assert items["c6"]["shares"]["reasons"] == [{"value": "wrong", "share": 0.5}]
    assert (items["c7"]["claim"], items["c7"]["decided_by"]["claim"]) == (None, None)
    assert items[""]["mood"] == "Calm, mostly."


def test_the_tree_is_in_the_comments(folder: Path) -> None:
    comments = rows(loaded(folder, "comments"), "comment_id")
    assert list(comments) == ["a1", "c1", "c2", "p5", "c6", "c7", "c3", "c4"]
    assert [one["sampled"] for one in comments.values()].count(False) == 2
    assert comments["c2"]["reply_to"] == "c1"


def test_without_context_there_are_no_comments(tmp_path: Path) -> None:
    folder = unpacked("huggingface", dataset(context="none"), tmp_path / "hub")
    assert get_dataset_config_names(str(folder)) == ["default", "items"]


def test_what_is_not_split_is_for_training(tmp_path: Path) -> None:
    whole = [structs.replace(row, split="") for row in ROWS]
    folder = unpacked("huggingface", dataset(whole), tmp_path / "hub")
    assert {split: one.num_rows for split, one in loaded(folder).items()} == {"train": 13}


def test_a_split_without_rows_has_no_file(tmp_path: Path) -> None:
    thread = ThreadRow(id="t1", split="test")
    comment = CommentRow(id="c1", split="test", annotations=(said("A1", label("claim", "no")),))
    folder = unpacked("huggingface", dataset([thread, comment]), tmp_path / "hub")
    assert list(loaded(folder)) == ["test"]
    assert list(loaded(folder, "items")) == ["test"]


def test_a_large_table_has_several_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("annotations.exporters.table.ROWS_AT_ONCE", 100)
    monkeypatch.setattr("annotations.exporters.shards.ROWS_IN_A_SHARD", 250)
    folder = unpacked("huggingface", many(annotations=3_000), tmp_path / "hub")
    names = sorted(path.name for path in (folder / "data").iterdir())
    assert names[:4] == [f"test-0000{number}-of-00004.parquet" for number in range(4)]
    assert {split: one.num_rows for split, one in loaded(folder).items()} == {
        "train": 1_000,
        "validation": 1_000,
        "test": 1_000,
    }


def test_a_file_in_many_bytes_is_continued(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("annotations.exporters.table.ROWS_AT_ONCE", 100)
    monkeypatch.setattr("annotations.exporters.shards.BYTES_IN_A_SHARD", 1_000)
    names = written_files("huggingface", many(annotations=900))
    assert len([name for name in names if name.startswith("data/train")]) > 1


def test_the_head_of_the_card_says_what_it_is() -> None:
    told = head(dict(written_files("huggingface", dataset())))
    assert (told["pretty_name"], told["license"]) == ("The bridge", "cc-by-nc-4.0")
    assert (told["language"], told["size_categories"]) == (["ar", "de", "en"], ["n<1K"])


def test_what_privacy_takes_away_is_in_no_table(tmp_path: Path) -> None:
    folder = unpacked("huggingface", protected(dataset(privacy="redacted"), "0" * 64), tmp_path)
    tables = [pq.read_table(folder / name) for name in ("data", "items", "comments")]
    told = "".join(str(one.to_pylist()) for one in tables)
    assert not re.findall(r"\b(?:u123|u456|t1|c1|news\.example|@ada)\b", told)
    assert "[EMAIL]" in told


def test_offsets_stay_where_texts_are_taken_away(tmp_path: Path) -> None:
    folder = unpacked("huggingface", protected(dataset(privacy="dehydrated"), "0" * 64), tmp_path)
    item = rows(loaded(folder, "items"), "comment_id")["c1"]
    assert (item["text"], item["claim"]) == ("", "yes")
    assert item["part"] == [{"start": 19, "end": 37, "quote": "", "label": "fact"}]


def test_memory_does_not_grow_with_the_rows() -> None:
    few, many = (
        int(subprocess.check_output([sys.executable, "-c", MEMORY.format(annotations=count)]))
        for count in (60_000, 120_000)
    )
    assert many < few + 40, f"{few} MB for 60,000 annotations, {many} MB for 120,000"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("", {}),
        ("CC0-1.0", {"license": "cc0-1.0"}),
        ("ODbL-1.0", {"license": "odbl"}),
        ("Ask us", {"license": "other", "license_name": "Ask us"}),
    ],
)
def test_licences_are_named_as_the_hub_names_them(told: str, expected: dict[str, str]) -> None:
    assert hub_licence(told) == expected


def test_sizes_are_named_as_the_hub_names_them() -> None:
    assert [size_category(rows) for rows in (0, 999, 1_000, 2_000_000, 10**9)] == [
        *("n<1K", "n<1K", "1K<n<10K", "1M<n<10M", "n>1B")
    ]
