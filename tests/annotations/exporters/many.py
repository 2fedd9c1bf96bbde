"""A dataset of any size that is made as it is read, to measure with."""

from __future__ import annotations

import random
from datetime import timedelta

from annotations.exporters.dataset import Dataset, Rows
from annotations.exporters.rows import AnnotationRow, CommentRow, ThreadRow
from tests.annotations.exporters.discussion import AT, STUDY, label, said, span

SPLITS = ("train", "validation", "test")
WORDS = (
    "the",
    "bridge",
    "is",
    "old",
    "and",
    "costs",
    "money",
    "that",
    "nobody",
    "has",
    "any",
    "more",
)
PEOPLE = 4
COMMENTS = 25


def many(annotations: int, authors: int = 100_000) -> Dataset:
    """Threads of 25 comments, each labeled by four people; the same whenever it is read."""

    def read() -> Rows:
        chance = random.Random(1)
        for number in range(annotations // (PEOPLE * COMMENTS)):
            split = SPLITS[number % len(SPLITS)]
            yield ThreadRow(id=f"t{number}", title="A thread", started_at=AT, split=split)
            for place in range(COMMENTS):
                text = " ".join(chance.choices(WORDS, k=40))
                yield CommentRow(
                    id=f"c{number}-{place}",
                    reply_to=f"c{number}-0" if place else "",
                    position=place,
                    depth=min(place, 1),
                    author=f"u{chance.randrange(authors)}",
                    posted_at=AT + timedelta(seconds=number),
                    language="en",
                    text=text,
                    sampled=True,
                    split=split,
                    annotations=tuple(_said(who, text, chance) for who in range(PEOPLE)),
                )

    return Dataset(STUDY, read)


def _said(who: int, text: str, chance: random.Random) -> AnnotationRow:
    return said(
        f"A{who + 1}",
        label("claim", chance.choice(("yes", "no"))),
        label("reasons", "rude", "multi_label"),
        label("reasons", "wrong", "multi_label"),
        label("tone", chance.randint(1, 5), "rating"),
        span(text, text[4:10]),
    )
