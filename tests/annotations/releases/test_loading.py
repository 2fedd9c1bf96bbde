"""The lines that load a release do so, in the folder to which it was unpacked."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import IO, cast

import conllu
import datasets
import pandas
import pytest
import spacy
from django.core.files.storage import default_storage

from annotations.exporters.registry import exporters
from annotations.releases.loading import LINES, loading
from tests.annotations.released import build_study, released

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
LIBRARIES = {
    "conllu": conllu,
    "datasets": datasets,
    "json": json,
    "pandas": pandas,
    "spacy": spacy,
}
WITHOUT_LINE = {"brat", "rumoureval", "uima_xmi"}
NOT_INSTALLED = {"convokit"}


def test_every_line_loads_something(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release = released(build_study(), *exporters(), split_by="author")
    with default_storage.open(release.file) as file:
        zipfile.ZipFile(cast(IO[bytes], file)).extractall(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    lines = loading(release.formats, release.manifest["files"])
    assert lines.keys() == exporters().keys() - WITHOUT_LINE
    for name in lines.keys() - NOT_INSTALLED:
        assert eval(lines[name], {**LIBRARIES, "open": open}) is not None  # noqa: S307


def test_every_format_has_a_line_but_for_those_that_no_library_loads() -> None:
    assert exporters().keys() <= LINES.keys() | WITHOUT_LINE
