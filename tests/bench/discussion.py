"""A made-up month of a busy forum, as a dump of Reddit would have it: a comment a line."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

WORDS = (
    "the of and a to in is you that it he was for on are as with his they at be this have from "
    "or one had by word but not what all were we when your can said there use an each which she "
    "do how their if will up other about out many then them these so some her would make like"
)
LIVE_THREADS = 500
NEW_THREAD = 0.05
TOP_LEVEL = 0.4
COMMENTS_AN_AUTHOR = 4
FIRST_SECOND = 1_672_531_200


def write_discussion(path: Path, comments: int, seed: int = 7) -> None:
    """Threads come and go, a few hundred at a time; replies answer one of the latest comments."""
    chance, words = random.Random(seed), WORDS.split()
    threads: list[tuple[str, list[str]]] = []
    second = float(FIRST_SECOND)
    with path.open("w", encoding="utf-8") as file:
        for number in range(comments):
            second += 3 * chance.random()
            if not threads or chance.random() < NEW_THREAD:
                threads.append((f"t3_{10_000_000 + number:x}", []))
                del threads[:-LIVE_THREADS]
            link, earlier = threads[int(len(threads) * chance.random() ** 0.5)]
            is_top = not earlier or chance.random() < TOP_LEVEL
            parent = link if is_top else chance.choice(earlier[-50:])
            name = f"t1_{30_000_000_000 + 7 * number:x}"
            earlier.append(name)
            author = f"user_{int(chance.random() ** 2 * comments / COMMENTS_AN_AUTHOR)}"
            file.write(
                json.dumps(
                    {
                        **OTHER_FIELDS,
                        "id": name[3:],
                        "author": author,
                        "author_fullname": f"t2_{author}",
                        "body": " ".join(chance.choices(words, k=chance.randint(3, 60))),
                        "created_utc": int(second),
                        "link_id": link,
                        "name": name,
                        "parent_id": parent,
                        "permalink": f"/r/harbour/comments/{link[3:]}/talk/{name[3:]}/",
                        "score": chance.randint(-5, 50),
                    }
                )
                + "\n"
            )


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
