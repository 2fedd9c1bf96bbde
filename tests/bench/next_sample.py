"""A campaign with so many units, half of them labeled once, loaded by plain SQL.

Threads have 80 comments of some 350 characters, as trees; each comment is a unit of two slots.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from tests.bench.database import prepare, series

CLIENTS = 20
IN_A_THREAD, AUTHORS = 80, 1_000
ROWS_AT_ONCE = 100_000
FOR_LOADING = ("cache_size=-2000000", "synchronous=OFF")
NOON = "'2026-03-01 12:00:00'"
RARE = "qq"
# The depths of ten comments in reading order, over and over, below the post that opens the thread.
DEPTHS = (1, 2, 3, 3, 2, 3, 4, 5, 2, 1)
TEXT = (
    "'The bridge costs 2 million a year, says number ' || i || ', and nobody asked those who live "
    "here whether they want it. Two thirds of us do not, and the other third is paid for it. When "
    "it was built, the town was promised work for three hundred people and a line of buses every "
    "ten minutes; what came was a toll, a queue of lorries and one bus in the morning.'"
)
PLACE = f"i % {IN_A_THREAD}"
THREAD = (
    "INSERT INTO thread (id, corpus_id, source_id, title, url, platform, missing, order_is_stale, "
    "comment_count, max_depth, language, raw, created_at) SELECT i + 1, {corpus}, 't' || i, "
    "'A bridge for everybody, number ' || i, 'https://forum.example/threads/' || i, 'forum', 0, "
    f"{{no}}, {IN_A_THREAD - 1}, 5, 'en', '{{{{}}}}', {NOON} FROM {{series}}"
)
AUTHOR = (
    "INSERT INTO author (id, corpus_id, source_id, name, pseudonym) SELECT i + 1, {corpus}, "
    "'u' || i, 'Somebody ' || i, 'p' || i FROM {series}"
)
COMMENT = (
    "INSERT INTO comment (id, corpus_id, thread_id, source_id, kind, author_id, reply_to_id, "
    "reply_to_source_id, reply_basis, reply_evidence, ordinal, position, depth, status, text, "
    "text_revision, html, blocks, links, language, posted_at, posted_at_estimated, score, raw, "
    f"created_at) SELECT i + 1, {{corpus}}, i / {IN_A_THREAD} + 1, 'c' || i, "
    f"CASE WHEN {PLACE} = 0 THEN 'post' ELSE 'comment' END, i % {AUTHORS} + 1, {{parent}}, '', "
    f"'given', '', i, {PLACE}, {{depth}}, 'visible', {TEXT}, 1, '', '[]', '[]', {{language}}, "
    f"{NOON}, {{no}}, i % 50, '{{{{}}}}', {NOON} FROM {{series}}"
)
# As far apart as real ids, which are drawn by chance: multiples of a number modulo a prime.
UNIT_ID = "CAST(i + 1 AS bigint) * 900719925474 % 9007199254740881 + 1"
UNIT = (
    'INSERT INTO unit (id, campaign_id, thread_id, comment_id, purpose, overlap, "order") '
    f"SELECT {UNIT_ID}, {{campaign}}, i / {IN_A_THREAD} + 1, i + 1, 'study', 2, i FROM {{series}}"
)
SLOT = (
    'INSERT INTO assignment (campaign_id, unit_id, slot, "order", language, purpose, '
    f"membership_id, state, changed_at, number) SELECT {{campaign}}, {UNIT_ID}, {{slot}}, i, "
    f"{{language}}, 'study', {{membership}}, {{state}}, {NOON}, {{number}} FROM {{series}}"
)
LANGUAGE = f"CASE WHEN i % 1000 = 999 THEN '{RARE}' ELSE 'en' END"


def load(size: int) -> dict[str, Any]:
    """The campaign's slug and the cookies of its people, who are logged in, by what they do.

    The annotators: one who has labeled the first half and goes on, some who join only now, and
    one who reads a single language that one text in a thousand is in.
    """
    from django.core.management.color import no_style
    from django.db import connection

    from annotations.models import Assignment, Author, Comment, Question, Thread, Unit
    from tests.builders import (
        build_campaign,
        build_codebook,
        build_corpus,
        build_membership,
        build_question,
    )

    corpus = build_corpus()
    codebook = build_codebook()
    build_question(codebook, "tone", Question.Kind.SINGLE_LABEL, labels=("calm", "angry"))
    campaign = build_campaign(corpus, codebook, overlap=2)
    early = build_membership(campaign)
    half = size // 2
    names = {
        "corpus": corpus.pk,
        "campaign": campaign.pk,
        "language": LANGUAGE,
        "no": "false" if connection.vendor == "postgresql" else "0",
        "parent": _case(_parent_of),
        "depth": _case(lambda place: DEPTHS[(place - 1) % 10] if place else 0),
    }
    first = {
        "membership": f"CASE WHEN i < {half} THEN {early.pk} END",
        "state": f"CASE WHEN i < {half} THEN 'submitted' ELSE 'pending' END",
        "number": f"CASE WHEN i < {half} THEN i + 1 END",
    }
    free = {"membership": "NULL", "state": "'pending'", "number": "NULL"}
    with connection.cursor() as cursor:
        for pragma in FOR_LOADING if connection.vendor == "sqlite" else ():
            cursor.execute(f"PRAGMA {pragma}")
        cursor.execute(AUTHOR.format(**names, series=series(0, AUTHORS)))
        threads = -(-size // IN_A_THREAD)
        for begin in range(0, threads, ROWS_AT_ONCE):
            some = series(begin, min(threads, begin + ROWS_AT_ONCE))
            cursor.execute(THREAD.format(**names, series=some))
        for begin in range(0, size, ROWS_AT_ONCE):
            rows = {**names, "series": series(begin, min(size, begin + ROWS_AT_ONCE))}
            cursor.execute(COMMENT.format(**rows))
            cursor.execute(UNIT.format(**rows))
            cursor.execute(SLOT.format(**rows, slot=1, **first))
            cursor.execute(SLOT.format(**rows, slot=2, **free))
        models = [Thread, Author, Comment, Unit, Assignment]
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")
        else:
            cursor.execute("ANALYZE")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        _make_floor(cursor)
    people = {
        "early": [early],
        "new": [build_membership(campaign) for _ in range(CLIENTS + 2)],
        "rare": [build_membership(campaign, languages=[RARE])],
    }
    return {
        "campaign": campaign.slug,
        "unread": size // 3 + 1,
        **{name: [_cookies(one.user) for one in some] for name, some in people.items()},
    }


def _make_floor(cursor: Any) -> None:
    """Where the floor of a save writes its one row (next_floor.py)."""
    from django.db import connection

    key = "bigserial" if connection.vendor == "postgresql" else "integer"
    cursor.execute(f"CREATE TABLE bench_floor (id {key} PRIMARY KEY, said text NOT NULL)")


def _case(value_of: Any) -> str:
    whens = " ".join(f"WHEN {place} THEN {value_of(place)}" for place in range(IN_A_THREAD))
    return f"CASE {PLACE} {whens} END"


def _parent_of(place: int) -> str:
    """The id of the last comment before that stands one step higher; i + 1 is the own id."""
    if place == 0:
        return "CAST(NULL AS bigint)"
    depth = DEPTHS[(place - 1) % 10]
    earlier = range(place - 1, 0, -1)
    parent = next((one for one in earlier if DEPTHS[(one - 1) % 10] == depth - 1), 0)
    return f"i + 1 - {place - parent}"


def _cookies(user: Any) -> str:
    """Those of a browser in which the user has logged in."""
    from django.test import Client

    browser = Client()
    browser.force_login(user)
    return f"sessionid={browser.cookies['sessionid'].value}; csrftoken={'t' * 32}"


if __name__ == "__main__":
    prepare()
    print(json.dumps(load(int(sys.argv[1]))))
