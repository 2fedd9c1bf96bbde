"""What a format makes of a dataset."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from annotations.exporters.dataset import Dataset
from annotations.exporters.registry import exporter
from annotations.services.exports import write_dataset


def written(name: str, dataset: Dataset) -> bytes:
    """The bytes of the file, which is a ZIP where the format has many."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export"
        write_dataset(exporter(name), dataset, path)
        return path.read_bytes()


def written_files(name: str, dataset: Dataset) -> Mapping[str, bytes]:
    """The files of a format that has many, by their names."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.zip"
        write_dataset(exporter(name), dataset, path)
        with zipfile.ZipFile(path) as archive:
            return {one: archive.read(one) for one in archive.namelist()}


def unpacked(name: str, dataset: Dataset, folder: Path) -> Path:
    """The files of the format in ``folder``, as somebody has them who unpacked the ZIP."""
    for one, content in written_files(name, dataset).items():
        path = folder / one
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder
