from __future__ import annotations

import pytest

from importers.formats import html_page
from importers.records import CommentRecord
from importers.registry import choose_format
from importers.source import Source
from tests.importers.conftest import SAMPLES
from tests.importers.reading import comments


@pytest.mark.parametrize(
    ("name", "count", "replies", "authors", "timed"),
    [
        ("extruct_microdata.7.1.html", 2, 0, 2, 2),
        ("traf_gormulus.wordpress.com.durfen.html", 45, 25, 18, 40),
        ("traf_hpd.de-Homosexuellenhass.html", 10, 5, 5, 10),
    ],
)
def test_pages(name: str, count: int, replies: int, authors: int, timed: int) -> None:
    source = Source(SAMPLES / "html_page" / name)
    assert choose_format(source).name == "html_page"
    records = list(html_page.read(source, {}))
    found = comments(records)
    assert len(found) == count
    assert sum(record.reply_to is not None for record in found) == replies
    assert len({record.author_id for record in found if record.author_id}) == authors
    assert sum(record.posted_at is not None for record in found) == timed
    assert all(record.text for record in found)
    assert sum(isinstance(r, CommentRecord) and r.kind == "article" for r in records) == 1
