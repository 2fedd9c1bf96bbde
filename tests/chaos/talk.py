"""Discussions as files to import: their texts begin with their ids."""

from __future__ import annotations

import json
import random

COMMENTS_A_THREAD = 40
WORDS_OF_A_COMMENT = 50
SOUNDS = ("ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "zu")
WORDS = [f"{one}{two}{three}" for one in SOUNDS for two in SOUNDS for three in SOUNDS]


def talk(comments: int, *, padding: int = 0) -> bytes:
    """So many comments in threads, as lines of Threadmark's own records; replies come before and
    after what they answer. ``padding`` makes each line so much longer: a large file with few
    records, which is cut into pieces."""
    chance = random.Random(comments)
    lines = []
    for number in range(comments):
        place = number % COMMENTS_A_THREAD
        first = number - place
        if not place:
            lines.append({"record": "thread", "id": f"t{first}", "title": f"Pier {first}"})
        line = {
            "record": "comment",
            "id": f"c{number}",
            "thread_id": f"t{first}",
            "author_id": f"u{number % 97}",
            "author_name": f"Ann {number % 97}",
            "text": f"c{number}: {' '.join(chance.choices(WORDS, k=WORDS_OF_A_COMMENT))}",
        }
        if place:
            line["reply_to"] = f"c{first + chance.randrange(place)}"
        lines.append(line)
    chance.shuffle(lines)
    return b"".join(json.dumps(line).encode() + b" " * padding + b"\n" for line in lines)
