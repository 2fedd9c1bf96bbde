from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from annotations.errors import UnreadableFile
from importers import archives
from importers.archives import ZipFolder, is_zip_folder
from importers.packed import GROWTH_FREE_BYTES
from importers.source import Source


def zipped(path: Path, files: Mapping[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def names(path: Path) -> list[str]:
    return [entry.name for entry in ZipFolder(path, "upload.zip").entries]


def refusal(path: Path) -> str:
    with pytest.raises(UnreadableFile) as raised:
        ZipFolder(path, "upload.zip").entries  # noqa: B018
    assert "upload.zip" in raised.value.message
    assert raised.value.message.endswith(".")
    return raised.value.message


def test_the_files_come_by_their_names(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a", {"b/2.json": b"two", "b/": b"", "a.json": b"one"})
    folder = ZipFolder(path, "upload.zip")
    assert [entry.name for entry in folder.entries] == ["a.json", "b/2.json"]
    assert folder.open("b/2.json").read() == b"two"
    first, second = folder.entries
    assert second.before == first.before + first.size


@pytest.mark.parametrize(
    "name",
    ["../out.json", "a/../../out.json", "/etc/out.json", "C:/out.json", "c:out", "..\\out.json"],
)
def test_a_name_that_leads_out_costs_the_archive(tmp_path: Path, name: str) -> None:
    assert "leads out" in refusal(zipped(tmp_path / "a", {"good.json": b"{}", name: b"{}"}))


def test_names_with_dots_and_colons_are_names(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a", {"Talk:Bridge.html": b"x", "12:00.json": b"x", "a..b": b"x"})
    assert names(path) == ["12:00.json", "Talk:Bridge.html", "a..b"]


def test_a_file_without_a_name_is_left_out(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a", "w") as archive:
        for name in ("", ".", "./"):
            info = zipfile.ZipInfo("x")
            info.filename = name
            archive.writestr(info, "x")
    assert names(tmp_path / "a") == ["."]


def test_links_are_left_out(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a", "w") as archive:
        link = zipfile.ZipInfo("link.json")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("good.json", "{}")
    assert names(tmp_path / "a") == ["good.json"]


def test_a_bomb_is_refused_by_what_it_promises(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a", {"zeros.json": bytes(GROWTH_FREE_BYTES + 1)})
    assert "grows more than 200-fold" in refusal(path)


def test_what_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "UNPACKED_LIMIT", 10)
    assert "unpacks to" in refusal(zipped(tmp_path / "a", {"x": b"123456", "y": b"123456"}))


def test_too_many_files_are_refused_before_their_list_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "ENTRY_LIMIT", 20)
    path = zipped(tmp_path / "a", {f"{n}.json": b"{}" for n in range(21)})
    monkeypatch.setattr(zipfile, "ZipFile", None)
    assert "too many files; at most 20" in refusal(path)
    assert is_zip_folder(path)
    monkeypatch.undo()
    assert len(names(path)) == 21


def test_a_size_that_is_a_lie_gives_no_more_than_was_promised(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a", {"zeros.json": bytes(1_000_000)})
    size = (1_000_000).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (500).to_bytes(4, "little")))
    with pytest.raises(UnreadableFile, match=r"zeros\.json in upload\.zip cannot be unpacked"):
        ZipFolder(path, "upload.zip").open("zeros.json").read()


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packings_that_grow_at_once_are_refused(tmp_path: Path, packing: int) -> None:
    assert "ordinary ZIP" in refusal(zipped(tmp_path / "a", {"x.json": b"{}"}, packing))


def test_a_password_is_asked_for_in_words(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a", {"x.json": b"{}"})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert "locked with a password. Unpack it first" in refusal(path)


@pytest.mark.parametrize("kept", [4, 40, -30, -1])
def test_a_zip_that_is_cut_off_is_refused(tmp_path: Path, kept: int) -> None:
    path = zipped(tmp_path / "a", {"x.json": b"{}" * 50, "y.json": b"{}"})
    path.write_bytes(path.read_bytes()[:kept])
    assert is_zip_folder(path)
    assert "is a broken ZIP archive" in refusal(path)


def test_broken_content_is_refused_when_it_is_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a", {"x.json": b"0123456789" * 9}, zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"0123456789", b"012345678?", 1))
    with pytest.raises(UnreadableFile, match=r"x\.json in upload\.zip cannot be unpacked"):
        ZipFolder(path, "upload.zip").open("x.json").read()
    with pytest.raises(UnreadableFile, match=r"x\.json"):
        Source(path, "upload.zip").verify()


@pytest.mark.parametrize("mark", ["[Content_Types].xml", "mimetype", "META-INF/manifest.xml"])
def test_office_documents_are_no_folders(tmp_path: Path, mark: str) -> None:
    assert not is_zip_folder(zipped(tmp_path / "a", {mark: b"x", "xl/workbook.xml": b"x"}))


def test_what_is_no_zip_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"PKzip is a program.\n")
    assert not is_zip_folder(tmp_path / "a")


def test_an_archive_in_an_archive_stays_packed(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("x.json", "{}")
    (member,) = Source(zipped(tmp_path / "a", {"in.zip": inner.getvalue()})).members
    assert not member.is_collection
    assert member.open().read() == inner.getvalue()
