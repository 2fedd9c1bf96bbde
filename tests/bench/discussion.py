"""A made-up month of a busy forum, as a dump of Reddit would have it: a comment a line.

Threads have about 80 comments, most of them fewer and some three times as many; a comment has
about 350 characters, most of them fewer; three of ten answer the thread itself, the others an
earlier comment of it, rather a late one. The same numbers give the same bytes.
"""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Any

WORDS = (
    "the of and a to in is you that it he was for on are as with his they at be this have from "
    "or one had by word but not what all were we when your can said there use an each which she "
    "do how their if will up other about out many then them these so some her would make like"
)
LIVE_THREADS = 500
COMMENTS_A_THREAD = 80
TOP_LEVEL = 0.3
COMMENTS_AN_AUTHOR = 4
WORDS_A_COMMENT, SPREAD, MOST_WORDS = 85, 0.8, 1_500
FIRST_SECOND = 1_672_531_200


class Talk:
    """One thread that is still written in; the warmer, the more comments it gets."""

    def __init__(self, link: str, warmth: float) -> None:
        self.link, self.warmth = link, warmth
        self.comments: list[str] = []


def write_discussion(path: Path, comments: int, seed: int = 7) -> None:
    """Threads come and go, a few hundred at a time."""
    chance = random.Random(seed)
    live: list[Talk] = []
    second = float(FIRST_SECOND)
    with path.open("w", encoding="utf-8") as file:
        for number in range(comments):
            second += 3 * chance.random()
            if not live or chance.random() < 1 / COMMENTS_A_THREAD:
                live.append(Talk(f"t3_{10_000_000 + number:x}", chance.uniform(0.1, 1) ** 2))
                del live[:-LIVE_THREADS]
            talk = _written_in(live, chance)
            parent = _answered(talk, chance)
            name = f"t1_{30_000_000_000 + 7 * number:x}"
            talk.comments.append(name)
            author = f"user_{int(chance.random() ** 2 * comments / COMMENTS_AN_AUTHOR)}"
            told = {
                **OTHER_FIELDS,
                "id": name[3:],
                "author": author,
                "author_fullname": f"t2_{author}",
                "body": some_text(chance),
                "created_utc": int(second),
                "link_id": talk.link,
                "name": name,
                "parent_id": parent,
                "permalink": f"/r/harbour/comments/{talk.link[3:]}/talk/{name[3:]}/",
                "score": chance.randint(-5, 50),
            }
            file.write(json.dumps(told) + "\n")


def some_text(chance: random.Random) -> str:
    """About 350 characters of small words."""
    mean = math.log(WORDS_A_COMMENT) - SPREAD**2 / 2
    count = int(chance.lognormvariate(mean, SPREAD))
    return " ".join(chance.choices(WORDS.split(), k=min(max(count, 1), MOST_WORDS)))


def _written_in(live: list[Talk], chance: random.Random) -> Talk:
    while True:
        talk = live[int(len(live) * chance.random())]
        if chance.random() < talk.warmth:
            return talk


def _answered(talk: Talk, chance: random.Random) -> str:
    if not talk.comments or chance.random() < TOP_LEVEL:
        return talk.link
    return talk.comments[-1 - int(len(talk.comments) * chance.random() ** 3)]


OTHER_FIELDS: dict[str, Any] = {
    "approved_at_utc": None,
    "archived": False,
    "author_flair_type": "text",
    "author_is_blocked": False,
    "banned_by": None,
    "can_mod_post": False,
    "controversiality": 0,
    "edited": False,
    "gilded": 0,
    "mod_reason_by": None,
    "replies": "",
    "saved": False,
    "send_replies": True,
    "stickied": False,
    "subreddit": "harbour",
    "subreddit_id": "t5_2qh1i",
    "total_awards_received": 0,
    "user_reports": [],
}
