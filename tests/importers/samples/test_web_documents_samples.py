from __future__ import annotations

import pytest

from annotations.errors import UnreadableFile
from importers.formats import web_documents
from importers.records import Note, RecordError
from importers.registry import choose_format
from importers.source import Source
from tests.importers.conftest import SAMPLES

FOLDER = SAMPLES / "web_crawl"


@pytest.mark.parametrize(
    ("name", "documents", "others"),
    [
        ("datajuicer_demo-redpajama-c4-refined.jsonl", 10, 0),
        ("whirlwind.warc.wet.gz", 1, 1),
    ],
)
def test_documents_without_comments_are_refused(name: str, documents: int, others: int) -> None:
    source = Source(FOLDER / name)
    assert choose_format(source).name == "web_documents"
    records = list(web_documents.read(source, {}))
    refused = [r for r in records if isinstance(r, RecordError)]
    assert [r.message for r in refused] == [web_documents.NO_COMMENTS] * documents
    assert sum(r.count for r in records if isinstance(r, Note)) == others
    assert len(records) == documents + others


def test_a_packed_archive_that_was_cut_off_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="cut off"):
        choose_format(Source(FOLDER / "resiliparse_clipped.warc.gz"))
