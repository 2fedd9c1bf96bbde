"""What may be relied on in the archive of a release, read by those whom it is for."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import subprocess
import tomllib
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import datasets
import mlcroissant
import pandas
import pytest
import yaml

from annotations.exporters.dataset import Annotator, Dataset
from annotations.exporters.frozen import Frozen
from annotations.exporters.privacy import protected
from annotations.exporters.registry import exporters
from annotations.exporters.rows import Row
from annotations.exporters.splits import split
from annotations.releases.archive import readings, write_archive
from annotations.releases.card import Card, Creator
from annotations.releases.citation import bibtex
from annotations.releases.questions import QUESTIONS
from annotations.releases.readme import hub_facts
from annotations.releases.stretches import pieces, stretches
from annotations.version import VERSION
from tests.annotations.exporters.discussion import dataset
from tests.annotations.exporters.written import written_files
from tests.annotations.releases.edition import archived, edition, files, kept, unpacked

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
TABLES = ("csv", "jsonl", "parquet")
MANY_FILES = [name for name, one in exporters().items() if one.many_files]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpacked(tmp_path_factory.mktemp("release") / "unpacked", *TABLES)


def read_json(path: Path) -> Any:
    return json.loads(path.read_text())


def test_every_file_is_the_one_that_the_checksums_mean(folder: Path) -> None:
    checked = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=folder, capture_output=True
    )
    assert checked.returncode == 0, checked.stderr
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    listed = {line.split("  ", 1)[1] for line in (folder / "SHA256SUMS").read_text().splitlines()}
    assert listed == names - {"SHA256SUMS"}
    assert {one["name"] for one in read_json(folder / "manifest.json")["files"]} == listed - {
        "manifest.json"
    }


@pytest.mark.parametrize("name", exporters())
def test_each_format_gives_the_same_bytes_again(tmp_path: Path, name: str) -> None:
    one, other = archived(tmp_path / "one.zip", name), archived(tmp_path / "other.zip", name)
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("name", MANY_FILES)
def test_files_without_number_lie_in_one(tmp_path: Path, name: str) -> None:
    """So the manifest and the list of checksums stay short, however many threads there are."""
    told = files(archived(tmp_path / "one.zip", name))
    assert [one for one in told if one.startswith(f"{name}/")] == [f"{name}/bridge-study.zip"]
    inside = zipfile.ZipFile(io.BytesIO(told[f"{name}/bridge-study.zip"]))
    assert {one: inside.read(one) for one in inside.namelist()} == written_files(name, dataset())


def test_files_are_stretches_of_the_archive(tmp_path: Path) -> None:
    path = archived(tmp_path / "one.zip")
    expected = files(path)
    with path.open("rb") as archive:
        told = stretches(archive)
        assert [one.name for one in told] == sorted(expected)
        for one in told:
            assert b"".join(pieces(archive, one)) == expected[one.name]
    assert zipfile.ZipFile(path).testzip() is None


def test_croissant_is_valid_and_its_records_load(folder: Path) -> None:
    found = mlcroissant.Dataset(jsonld=folder / "croissant.json")
    assert found.metadata.ctx.issues.errors == set()
    assert found.metadata.ctx.issues.warnings == set()
    counted = {one["name"]: one["rows"] for one in read_json(folder / "manifest.json")["files"]}
    sets = {one.uuid: list(found.records(one.uuid)) for one in found.metadata.record_sets}
    assert len(sets["annotators"]) == 2
    assert sets["annotators"][0]["annotators/first_language"] == b"German"
    assert len(sets["csv"]) == counted["csv/bridge-study.csv"]
    assert len(sets["jsonl"]) == counted["jsonl/bridge-study.jsonl"]
    assert sets["csv"][0]["csv/thread_id"] == b"t1"
    assert any(one["csv/flagged"] is True for one in sets["csv"])


def test_croissant_reads_parquet_as_it_is_typed(folder: Path) -> None:
    found = mlcroissant.Dataset(jsonld=folder / "croissant.json")
    key = "parquet/bridge-study"
    rows = list(found.records(key))
    table = pandas.read_parquet(folder / "parquet" / "bridge-study.parquet")
    assert [row[f"{key}/comment_id"].decode() for row in rows] == list(table["comment_id"])
    assert [row[f"{key}/flagged"] for row in rows] == list(table["flagged"])


def test_croissant_tells_of_responsible_use(folder: Path) -> None:
    told = read_json(folder / "croissant.json")
    assert "http://mlcommons.org/croissant/RAI/1.0" in told["conformsTo"]
    assert told["rai:dataBiases"] == "Few threads."
    assert "insult" in told["rai:personalSensitiveInformation"]
    assert "labels were wanted" in told["rai:dataAnnotationProtocol"]
    assert told["license"] == "https://creativecommons.org/licenses/by/4.0/"


def test_a_table_fits_its_schema_in_the_data_package(folder: Path) -> None:
    package = read_json(folder / "datapackage.json")
    assert package["licenses"][0]["name"] == "CC-BY-4.0"
    tables = 0
    for resource in package["resources"]:
        content = (folder / resource["path"]).read_bytes()
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        if "schema" in resource:
            tables += 1
            header = next(csv.reader(io.StringIO(content.decode())))
            assert [one["name"] for one in resource["schema"]["fields"]] == header
    assert tables == 2
    assert all(one["name"] == one["name"].lower() for one in package["resources"])
    json.dumps(package)


def test_the_citation_file_names_whom_to_cite(folder: Path) -> None:
    told = yaml.safe_load((folder / "CITATION.cff").read_text())
    assert (told["cff-version"], told["type"], told["license"]) == ("1.2.0", "dataset", "CC-BY-4.0")
    assert told["authors"] == [
        {
            "family-names": "Lovelace",
            "given-names": "Ada",
            "affiliation": "Analytical Society",
            "orcid": "https://orcid.org/0000-0002-1825-0097",
        },
        {"family-names": "van Beethoven", "given-names": "Ludwig"},
    ]
    assert str(told["date-released"]) == "2026-03-02"
    assert (told["version"], told["doi"]) == ("1.0", "10.5281/zenodo.1234")


def test_zenodo_gets_what_it_asks(folder: Path) -> None:
    told = read_json(folder / ".zenodo.json")
    assert told["upload_type"] == "dataset"
    assert told["license"] == "cc-by-4.0"
    assert [one["name"] for one in told["creators"]] == ["Lovelace, Ada", "van Beethoven, Ludwig"]
    assert told["notes"].splitlines() == [
        "Content warnings: Hate (2 labeled comments); War (everywhere).",
        *("Some comments insult each other.", "Funding: Grant 1 of the Bridge Fund"),
    ]


def test_the_data_card_answers_what_is_known_and_says_what_is_not(folder: Path) -> None:
    card = (folder / "README.md").read_text()
    _, head, body = card.split("---\n", 2)
    assert yaml.safe_load(head)["license"] == "cc-by-4.0"
    assert yaml.safe_load(head)["language"] == ["en", "de"]
    assert "Content warnings: Hate (2 labeled comments); War (everywhere)." in body
    assert "To find claims." in body
    assert "took them back: 3 sampled comments." in body
    assert "*Not answered.*" in body
    assert "`csv/bridge-study.csv`" in body
    assert "https://doi.org/10.5281/zenodo.1234" in body
    assert '`pandas.read_csv("csv/bridge-study.csv", ' in body
    assert f"Not answered: {body.count('*Not answered.*')} of {len(QUESTIONS)}." in body


def test_a_citation_in_bibtex_keeps_its_addresses_and_escapes_the_rest() -> None:
    card = Card(creators=(Creator(name="R&D"),), doi="10.5281/a_b", url="https://x.example/~c_d")
    entry = bibtex(card, "x", r"100 % of \this_and ~that", "1.0", 2026)
    assert "{10.5281/a_b}" in entry
    assert "{https://x.example/~c_d}" in entry
    assert r"{R\&D}" in entry
    assert r"{100 \% of \textbackslash{}this\_and \textasciitilde{}that}" in entry


def test_an_unknown_licence_is_named_and_never_passed_off_as_another(tmp_path: Path) -> None:
    card = Card(creators=(Creator(name="Bridge Fund"),), licence="Ask us")
    told = files(archived(tmp_path / "one.zip", card=card))
    head = yaml.safe_load(told["README.md"].decode().split("---\n", 2)[1])
    assert (head["license"], head["license_name"]) == ("other", "Ask us")
    assert "license" not in yaml.safe_load(told["CITATION.cff"])
    assert b"given under the licence: Ask us" in told["LICENSE.txt"]
    assert "license" not in json.loads(told[".zenodo.json"])
    assert json.loads(told["datapackage.json"])["licenses"] == [{"title": "Ask us"}]
    assert yaml.safe_load(told["CITATION.cff"])["authors"][0]["family-names"] == "Fund"


def test_the_figures_of_agreement_come_along(folder: Path) -> None:
    told = read_json(folder / "agreement.json")
    assert told["questions"][0]["figures"][0]["value"] == 0.25
    rows = list(csv.DictReader((folder / "agreement.csv").open(newline="")))
    assert (rows[0]["question"], rows[0]["key"], rows[0]["value"]) == ("claim", "alpha", "0.25")


def test_a_split_that_nothing_fell_into_is_told(tmp_path: Path) -> None:
    rows = split(dataset(split_by="thread", shares=(1 - 1e-9, 0.0, 1e-9)))
    told = files(archived(tmp_path / "one.zip", "csv", rows=rows))
    assert "told in leaks.json. Nothing fell into test." in told["README.md"].decode()


def test_a_format_that_nothing_fits_in_is_told_as_such(tmp_path: Path) -> None:
    rows = protected(dataset(privacy="dehydrated"), "0" * 64)
    told = files(archived(tmp_path / "one.zip", "brat", "doccano", rows=rows))
    assert not any(name.startswith("doccano/") for name in told)
    card = told["README.md"].decode()
    assert "| `brat/` | unpack the ZIP in it |" in card
    assert "| doccano | not there: nothing of this data fits in the format |" in card


def told_by(name: str, **contents: Any) -> Dataset:
    """The study, with an annotator who tells a formula as their first language."""
    rows = dataset(**contents)
    person = Annotator(name="A1", role="annotator", traits={"first_language": name})
    return replace(rows, study=replace(rows.study, annotators=(person,)))


def test_formulas_in_csv_files_are_counted_and_warned_of(tmp_path: Path) -> None:
    told = files(archived(tmp_path / "one.zip", "csv", rows=told_by("=2+2")))
    cells = [
        cell
        for name in ("csv/bridge-study.csv", "annotators.csv")
        for row in csv.reader(io.StringIO(told[name].decode(), newline=""))
        for cell in row
        if cell.startswith(("=", "+", "@")) or (cell.startswith("-") and not cell[1:].isdigit())
    ]
    number = json.loads(told["manifest.json"])["formula_cells"]
    assert number == len(cells) > 1
    warning = f"CSV files: {number} cells begin with a sign that a spreadsheet takes for a formula"
    assert warning in told["README.md"].decode()


def test_escaped_formulas_are_none_and_the_card_tells_of_it(tmp_path: Path) -> None:
    rows = told_by("=2+2", formulas="escape")
    told = files(archived(tmp_path / "one.zip", "csv", rows=rows))
    assert b"'=2+2" in told["annotators.csv"]
    assert json.loads(told["manifest.json"])["formula_cells"] == 0
    card = told["README.md"].decode()
    assert "have an apostrophe in front" in card
    assert "CSV files:" not in card


def test_how_units_were_drawn_comes_along(folder: Path) -> None:
    (drawn,) = read_json(folder / "sample.json")["samples"]
    assert (drawn["candidates"], drawn["units"]) == (40, 5)
    assert drawn["recipe"]["languages"] == ["en"]


def test_rulings_stand_behind_the_guidelines(folder: Path) -> None:
    told = (folder / "guidelines.md").read_text()
    assert told.index("Read the comment") < told.index("A question is no claim.")


def test_a_study_without_rows_is_a_release_all_the_same(tmp_path: Path) -> None:
    folder = unpacked(tmp_path / "empty", "csv", "jsonl", rows=dataset([]))
    assert read_json(folder / "manifest.json")["counts"]["comments"] == 0
    assert mlcroissant.Dataset(jsonld=folder / "croissant.json").metadata.name


def test_the_rows_are_read_as_often_as_is_told(tmp_path: Path) -> None:
    seen: list[Row] = []

    def see(row: Row) -> Row:
        seen.append(row)
        return row

    frozen: Frozen = kept()
    write_archive(frozen, edition("csv", "jsonl"), tmp_path / "one.zip", see)
    assert len(seen) == readings(2) * len(list(dataset().rows()))


def test_no_time_and_no_place_of_the_making_is_in_it(tmp_path: Path) -> None:
    content = archived(tmp_path / "one.zip", *TABLES).read_bytes()
    assert str(tmp_path).encode() not in content
    assert all(
        entry.date_time == (1980, 1, 1, 0, 0, 0)
        for entry in zipfile.ZipFile(tmp_path / "one.zip").infolist()
    )


def test_the_hubs_patterns_are_moved_into_the_folder_of_the_format() -> None:
    card = b"""---
license: mit
configs:
- config_name: annotations
  data_files:
  - split: train
    path: data/train-*.parquet
  - split: test
    path: [data/test-*.parquet]
- config_name: threads
  data_files: threads/*.parquet
---
# Card
"""
    (first, second) = hub_facts(card, "huggingface")["configs"]
    assert first["data_files"][0]["path"] == "huggingface/data/train-*.parquet"
    assert first["data_files"][1]["path"] == ["huggingface/data/test-*.parquet"]
    assert second["data_files"] == "huggingface/threads/*.parquet"


def test_the_whole_bundle_loads_as_a_hugging_face_dataset(tmp_path: Path) -> None:
    folder = unpacked(tmp_path / "bundle", "huggingface", "csv")
    for config in datasets.get_dataset_config_names(str(folder)):
        loaded = datasets.load_dataset(str(folder), config, cache_dir=str(tmp_path / "cache"))
        assert sum(part.num_rows for part in loaded.values()) > 0


def test_the_docs_tell_of_each_file(folder: Path) -> None:
    told = (ROOT / "docs" / "releases.md").read_text()
    for path in folder.iterdir():
        assert path.is_dir() or f"`{path.name}`" in told


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION
