"""The tree of a thread, as rows that SQL can join: who answers whom, and how deep."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

COMMENTS_A_THREAD = 80
TOP_LEVEL = 0.3
SEED = 7


@dataclass(frozen=True)
class Place:
    """``up`` is how far before this one the comment stands that it answers; 0 for none."""

    up: int
    depth: int


def tree(comments: int, seed: int = SEED) -> list[Place]:
    """So many comments in reading order: most answer an earlier one, rather a late one."""
    chance = random.Random(seed)
    answers: dict[int | None, list[int]] = {None: []}
    for number in range(comments):
        top = not number or chance.random() < TOP_LEVEL
        parent = None if top else number - 1 - int(number * chance.random() ** 3)
        answers.setdefault(parent, []).append(number)
    return list(_in_reading_order(answers))


def _in_reading_order(answers: dict[int | None, list[int]]) -> Iterator[Place]:
    places: dict[int, int] = {}
    stack: list[tuple[int, int | None, int]] = [(one, None, 0) for one in reversed(answers[None])]
    while stack:
        number, parent, depth = stack.pop()
        places[number] = len(places)
        yield Place(0 if parent is None else places[number] - places[parent], depth)
        stack.extend((one, number, depth + 1) for one in reversed(answers.get(number, ())))


def make_shape(cursor: CursorWrapper, comments: int = COMMENTS_A_THREAD) -> None:
    """The tree as a table of this connection: ``shape (place, up, depth)``."""
    cursor.execute(
        "CREATE TEMPORARY TABLE shape (place integer PRIMARY KEY, up integer, depth integer)"
    )
    rows = [(place, one.up, one.depth) for place, one in enumerate(tree(comments))]
    cursor.executemany("INSERT INTO shape VALUES (%s, %s, %s)", rows)
