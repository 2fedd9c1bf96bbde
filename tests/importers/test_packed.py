from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import tracemalloc
from collections.abc import Callable
from contextlib import suppress

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.errors import UnreadableFile
from importers import packed
from importers.packed import packing_of, unpacked

PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
}
DATA = random.Random(1).randbytes(100_000).hex().encode()
packings = pytest.mark.parametrize("packing", PACK)


def read(data: bytes) -> bytes:
    with unpacked(io.BytesIO(data), "dump", packing_of(data)) as file:
        return file.read()


@packings
def test_it_is_told_by_its_first_bytes_and_read(packing: str) -> None:
    data = PACK[packing](DATA)
    assert packing_of(data) == packing
    assert read(data) == DATA


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_text_in_utf_16_is_read_as_utf_8(order: str) -> None:
    text = "\ufeffid,text\n1,Zoë 🙂\n" * 100_000
    data = text.encode(order)
    assert packing_of(data) == "UTF-16"
    assert read(data) == text.encode()


def test_half_a_surrogate_pair_in_utf_16_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="UTF-16 data are cut off or broken"):
        read("\ufeffa\ud800b".encode("utf-16-le", errors="surrogatepass"))


def test_what_is_not_packed_is_given_as_it_is() -> None:
    file = io.BytesIO(b"id,text\n")
    assert unpacked(file, "plain", packing_of(b"id,text\n")) is file


@packings
def test_several_parts_one_behind_the_other_are_one_text(packing: str) -> None:
    assert read(PACK[packing](b"one\n") * 3) == b"one\n" * 3


@packings
@pytest.mark.parametrize("kept", [8, 0.3, -4, -1])
def test_what_is_cut_off_is_refused(packing: str, kept: float) -> None:
    data = PACK[packing](DATA)
    cut = data[: int(kept * len(data))] if isinstance(kept, float) else data[: int(kept)]
    with pytest.raises(UnreadableFile, match=f"dump cannot be unpacked: its {packing} data"):
        read(cut)


@packings
def test_what_is_cut_off_between_two_parts_of_one_text_is_refused(packing: str) -> None:
    part = PACK[packing](DATA)
    with pytest.raises(UnreadableFile, match="Fetch the file again"):
        read(part + part[:-5])


@packings
def test_what_is_broken_is_refused(packing: str) -> None:
    data = bytearray(PACK[packing](DATA))
    data[len(data) // 2 : len(data) // 2 + 50] = bytes(50)
    with pytest.raises(UnreadableFile, match="cut off or broken"):
        assert read(bytes(data)) == DATA


def test_frames_that_are_to_be_skipped_are_skipped() -> None:
    skipped = b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd"
    frame = PACK["zstd"](b"text\n")
    assert read(frame + skipped + frame) == b"text\n" * 2


def test_the_long_windows_of_the_dumps_of_reddit_are_read() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=31, enable_ldm=True)
    assert read(zstandard.ZstdCompressor(compression_params=parameters).compress(DATA)) == DATA


@packings
def test_a_bomb_is_not_read_far(packing: str) -> None:
    block = PACK[packing](bytes(32 * 1024 * 1024))
    data = block * 4
    tracemalloc.start()
    given: list[int] = []
    file = unpacked(io.BytesIO(data), "dump", packing)
    with pytest.raises(UnreadableFile, match="dump grows more than 200-fold"):
        given.extend(iter(lambda: len(file.read(1024 * 1024)), 0))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sum(given) <= packed.GROWTH_FREE_BYTES + 1024 * 1024
    assert peak < 20_000_000 or packing == "zstd"


def test_texts_that_pack_well_are_no_bombs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "GROWTH_FREE_BYTES", 1000)
    text = b"".join(b'{"id": %d, "text": "The same again."}\n' % n for n in range(20_000))
    assert read(PACK["zstd"](text)) == text


@settings(max_examples=40, deadline=None)
@given(
    packing=st.sampled_from(list(PACK)),
    content=st.binary(max_size=60),
    at=st.integers(6, 80),
    damage=st.binary(max_size=9),
)
def test_any_damage_gives_bytes_or_a_refusal(
    packing: str, content: bytes, at: int, damage: bytes
) -> None:
    data = PACK[packing](content)
    with suppress(UnreadableFile):
        read(data[:at] + damage + data[at + len(damage) :])
