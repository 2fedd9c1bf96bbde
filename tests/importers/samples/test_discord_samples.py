from __future__ import annotations

import pytest

from importers.formats import discord
from importers.records import Note, RecordError, ThreadRecord
from importers.registry import choose_format
from importers.source import Source
from tests.importers.conftest import SAMPLES
from tests.importers.reading import comments

# Comments, system messages, messages refused, replies, edited; the first three are all of them.
FIGURES = {
    "mlomb_DM_2A_2M": (2, 1, 0, 0, 0),
    "mlomb_GC_3A_5M": (3, 3, 0, 1, 0),
    "mlomb_SV_5A_5M": (4, 0, 1, 0, 1),
}


@pytest.mark.parametrize(("name", "figures"), FIGURES.items(), ids=FIGURES)
def test_channels_have_the_counted_messages(
    name: str, figures: tuple[int, int, int, int, int]
) -> None:
    source = Source(SAMPLES / "discord" / f"{name}.json")
    assert choose_format(source).name == "discord"
    records = list(discord.read(source, {}))
    talk = comments(records)
    assert (
        len(talk),
        sum(r.count for r in records if isinstance(r, Note) and r.what.startswith("system")),
        sum(isinstance(record, RecordError) for record in records),
        sum(record.reply_to is not None for record in talk),
        sum(record.edited_at is not None for record in talk),
    ) == figures
    assert [record.missing for record in records if isinstance(record, ThreadRecord)] == [0]


def test_an_id_that_comes_twice_is_the_only_one_refused() -> None:
    records = list(discord.read(Source(SAMPLES / "discord" / "mlomb_SV_5A_5M.json"), {}))
    (refusal,) = [record for record in records if isinstance(record, RecordError)]
    assert refusal.message.startswith("Message 459136077417021488")
