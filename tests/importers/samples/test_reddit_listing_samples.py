from __future__ import annotations

from importers.formats import reddit_listing
from importers.records import ThreadRecord
from importers.registry import choose_format
from importers.source import Source
from tests.importers.conftest import SAMPLES
from tests.importers.reading import comments


def test_a_page_of_comments() -> None:
    source = Source(SAMPLES / "reddit_listing" / "3hahrw.json")
    assert choose_format(source).name == "reddit_listing"
    thread, _, *records = reddit_listing.read(source, {})
    talk = comments(records)
    assert isinstance(thread, ThreadRecord)
    assert (thread.id, thread.title) == ("t3_3hahrw", "Ba Dum Tsss")
    # What its 18 stubs count is just what lacks of the 543 comments that the submission counts.
    assert len(talk) == len(records) == 476
    assert thread.missing == 67
    known = {record.id for record in talk}
    assert {record.reply_to for record in talk} - {None} <= known
    assert sum(record.status == "deleted_by_author" for record in talk) == 6
    # An address that somebody pasted with its entities is no escaping of Reddit's.
    assert sum("&amp;" in record.text for record in talk) == 1
