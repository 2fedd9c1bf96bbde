from __future__ import annotations

from collections import Counter

import pytest

from annotations.errors import UnreadableFile
from importers.formats import telegram
from importers.records import Note, RecordError, ThreadRecord
from importers.registry import choose_format
from importers.source import Source
from tests.importers.conftest import SAMPLES
from tests.importers.reading import comments

FOLDER = SAMPLES / "telegram"
SERVICE = "service messages left out"

# Comments, replies, service messages, messages without text.
FIGURES = {
    "innerdvations_bot": (2, 0, 0, 0),
    "innerdvations_personal": (0, 0, 0, 0),
    "innerdvations_private_channel": (5, 2, 2, 2),
    "innerdvations_private_group": (1, 0, 1, 0),
    "innerdvations_public_channel": (5, 2, 2, 2),
    "innerdvations_public_supergroup": (1, 0, 3, 0),
    "innerdvations_saved": (20, 1, 1, 6),
    "innerdvations_users_test": (8, 2, 1, 1),
    "mlomb_DM_2A_7M": (6, 0, 2, 2),
}


@pytest.mark.parametrize(("name", "figures"), FIGURES.items(), ids=FIGURES)
def test_chats_have_the_counted_messages(name: str, figures: tuple[int, int, int, int]) -> None:
    source = Source(FOLDER / f"{name}.json")
    assert choose_format(source).name == "telegram"
    records = list(telegram.read(source, {}))
    talk = comments(records)
    service = sum(r.count for r in records if isinstance(r, Note) and r.what == SERVICE)
    replies = sum(record.reply_to is not None for record in talk)
    silent = Counter(record.status for record in talk)["missing"]
    assert (len(talk), replies, service, silent) == figures
    assert sum(isinstance(record, ThreadRecord) for record in records) == 1
    assert not any(isinstance(record, RecordError) for record in records)


def test_exact_times_are_four() -> None:
    records = telegram.read(Source(FOLDER / "mlomb_DM_2A_7M.json"), {})
    assert sum(not record.posted_at_estimated for record in comments(list(records))) == 4


def test_of_fourteen_messages_twelve_can_be_taken() -> None:
    """One has no id, one no text but an object; a third has a type that does not exist."""
    records = list(telegram.read(Source(FOLDER / "innerdvations_error-unexpected.json"), {}))
    assert len(comments(records)) == 12
    refusals = [record.message for record in records if isinstance(record, RecordError)]
    assert [message.partition(" was left out. ")[2] for message in refusals] == [
        "Its type is neither message nor service.",
        "Its text is no text.",
        "It has no id.",
    ]


def test_a_broken_export_is_refused_whole() -> None:
    with pytest.raises(UnreadableFile, match="near line 5"):
        list(telegram.read(Source(FOLDER / "innerdvations_error.json"), {}))
