from __future__ import annotations

import tempfile
from pathlib import Path
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from importers import pieces
from importers.pieces import cut_lines
from importers.source import Piece, Source

files = st.lists(
    st.sampled_from([b"\n", b"\n\n", b"\r\n", b"a", b"bc\n", b"x" * 30, b"\x00", b"\xff"]),
    max_size=40,
).map(b"".join)


@settings(max_examples=60, deadline=None)
@given(data=files, piece_bytes=st.integers(1, 50), block_bytes=st.integers(1, 20))
def test_pieces_are_whole_lines_and_together_the_file(
    data: bytes, piece_bytes: int, block_bytes: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "input"
        path.write_bytes(data)
        source = Source(path)
        with (
            patch.object(pieces, "PIECE_BYTES", piece_bytes),
            patch.object(pieces, "BLOCK_BYTES", block_bytes),
        ):
            cuts = cut_lines(source)
        parts = [Piece(source, cut.start, cut.end, cut.first_line) for cut in cuts]
        contents = [part.open().read() for part in parts]
        numbered = [line for part in parts for line in part.lines()]
        assert numbered == list(source.lines())
    assert b"".join(contents) == data
    assert all(contents)
    assert all(content.endswith(b"\n") for content in contents[:-1])
    assert all(len(content) >= piece_bytes for content in contents[:-1])
    longest = max(map(len, data.splitlines(keepends=True)), default=0)
    assert all(len(content) <= piece_bytes + block_bytes + longest for content in contents)
    for cut in cuts:
        assert cut.first_line == 1 + data.count(b"\n", 0, cut.start)


def test_an_empty_file_has_no_pieces(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert cut_lines(Source(tmp_path / "empty")) == []
