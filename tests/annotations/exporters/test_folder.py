"""What may be relied on in an archive of many files."""

from __future__ import annotations

import tracemalloc
import zipfile
from pathlib import Path

from annotations.exporters.folder import Folder

FILES = 3_000


def test_files_are_read_back_by_their_names(tmp_path: Path) -> None:
    with Folder(tmp_path / "a.zip") as folder:
        folder.add("a/über.txt", b"one")
        with folder.open("b.txt") as outer, folder.open("c.txt") as inner:
            outer.write(b"two")
            inner.write(b"three")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.testzip() is None
        found = {name: archive.read(name) for name in archive.namelist()}
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {one.external_attr >> 16 for one in archive.infolist()} == {0o100644}
    assert found == {"a/über.txt": b"one", "c.txt": b"three", "b.txt": b"two"}


def test_an_empty_folder_is_an_archive_too(tmp_path: Path) -> None:
    with Folder(tmp_path / "a.zip"):
        pass
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.namelist() == []


def test_more_files_take_no_more_memory(tmp_path: Path) -> None:
    tracemalloc.start()
    with Folder(tmp_path / "a.zip") as folder:
        folder.add("first", b"")
        before, _ = tracemalloc.get_traced_memory()
        for number in range(FILES):
            folder.add(f"bridge-study/replies/{number:019}.json", b"{}")
        after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 20 * FILES
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert len(archive.namelist()) == FILES + 1
        assert archive.read(f"bridge-study/replies/{FILES - 1:019}.json") == b"{}"
