"""A campaign as big as wanted, labeled by three people, loaded by plain SQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.bench.database import series
from tests.bench.shape import COMMENTS_A_THREAD, make_shape

if TYPE_CHECKING:
    from annotations.models import Campaign

OVERLAP, PEOPLE, AUTHORS = 3, 40, 1_000
AT_ONCE = 100_000
FOR_LOADING = ("cache_size=-400000", "synchronous=OFF")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOON = "'2026-03-01 12:00:00'"
OPINIONS = (
    "The bridge costs 2 million a year, and nobody asked those who live here whether they want it.",
    "Two thirds of us do not, and the other third is paid for it.",
    "When it rains the ferry still runs, which is more than can be said of the road to the east.",
    "I have read the report twice: page 40 says that the figures were made by the builder himself.",
    "My father took that ferry every day for thirty years and never once came too late to work.",
    "So who gains? Not the shops at the harbour, not the school, and not the people on the island.",
    "Let them come to the meeting on Monday and say so to our faces; we will be there, all of us.",
    "Until then I shall believe what I see from my window, and that is a crane that does not move.",
)
# From 100 to 600 characters, 350 on the average.
TEXT = f"substr('{' '.join(OPINIONS)}', 1, 100 + i * 7919 % 501)"
THREAD = (
    "INSERT INTO thread (id, corpus_id, source_id, title, url, platform, missing, order_is_stale, "
    "comment_count, max_depth, language, raw, created_at) SELECT i + 1, {corpus}, "
    "'t' || i, 'A bridge for everybody, number ' || i, 'https://forum.example/threads/' || i, "
    "'forum', 0, {no}, 80, 12, 'en', '{{}}', " + NOON + " FROM {series}"
)
AUTHOR = (
    "INSERT INTO author (id, corpus_id, source_id, name, pseudonym) SELECT i + 1, {corpus}, "
    "'u' || i, 'Somebody ' || i, 'p' || i FROM {series}"
)
COMMENT = (
    "INSERT INTO comment (id, corpus_id, thread_id, source_id, kind, author_id, reply_to_id, "
    "reply_to_source_id, reply_basis, reply_evidence, ordinal, position, depth, status, text, "
    "text_revision, html, blocks, links, language, posted_at, posted_at_estimated, score, raw, "
    "created_at) SELECT i + 1, {corpus}, i / {each} + 1, 'c' || i, 'comment', i % 1000 + 1, "
    "CASE WHEN up > 0 THEN i + 1 - up END, '', 'given', '', i % {each}, i % {each}, depth, "
    "'visible', "
    + TEXT
    + ", 1, '', '[]', '[]', 'en', "
    + NOON
    + ", {no}, i % 50, '{{}}', "
    + NOON
    + " FROM {series} CROSS JOIN shape WHERE place = i % {each} ORDER BY i"
)
UNIT = (
    'INSERT INTO unit (id, campaign_id, thread_id, comment_id, purpose, overlap, "order") '
    "SELECT i + 1, {campaign}, i / {each} + 1, i + 1, 'study', 3, i FROM {series}"
)
ANNOTATION = (
    "INSERT INTO annotation (id, unit_id, source, membership_id, model, state, revision, "
    "text_revision, confidence, flagged, note, skip_reason, harmful, reason, rule, context, "
    "seconds, created_at, saved_at, submitted_at) SELECT i * 3 + {turn} + 1, i + 1, 'human', "
    "{person} + (i + {turn} * 13 + i / 40) % 40, '', 'submitted', 1, 1, i % 3 + 1, {no}, '', '', "
    "{no}, '', '', '{{}}', 5.25 + (i * 7 + {turn}) % 60, "
    + ", ".join([NOON] * 3)
    + " FROM {series}"
)
ANSWER = (
    'INSERT INTO answer (annotation_id, question_id, position, label_id, number, text, start, "end"'
    ", quote) SELECT i * 3 + {turn} + 1, {question}, {position}, {label}, {number}, '', {start}, "
    "{end}, {quote} FROM {series} WHERE {where}"
)
NOTHING = {"position": 0, "label": "NULL", "number": "NULL", "start": "NULL", "end": "NULL"}
TABLES = ("thread", "author", "comment", "unit", "annotation", "answer")


def load(slug: str, comments: int) -> Campaign:
    """Trees of 80 comments; each annotation has a label, a rating, one or two reasons, and every
    third a span."""
    from django.core.management.color import no_style
    from django.db import connection

    from annotations import models

    campaign, answers = _study(slug)
    names = {
        "each": COMMENTS_A_THREAD,
        "corpus": campaign.corpus_id,
        "campaign": campaign.pk,
        "person": campaign.memberships.order_by("pk").values_list("pk", flat=True)[0],
        "no": "false" if connection.vendor == "postgresql" else "0",
    }
    with connection.cursor() as cursor:
        for pragma in FOR_LOADING if connection.vendor == "sqlite" else ():
            cursor.execute(f"PRAGMA {pragma}")
        make_shape(cursor)
        threads = comments // COMMENTS_A_THREAD + 1
        cursor.execute(THREAD.format(**names, series=series(0, threads)))
        cursor.execute(AUTHOR.format(**names, series=series(0, AUTHORS)))
        for begin in range(0, comments, AT_ONCE):
            some = series(begin, min(comments, begin + AT_ONCE))
            for statement in (COMMENT, UNIT):
                cursor.execute(statement.format(**names, series=some))
            for turn in range(OVERLAP):
                cursor.execute(ANNOTATION.format(**names, series=some, turn=turn))
                for answer in answers:
                    given = {**NOTHING, "quote": "''", "where": "1 = 1", **answer}
                    cursor.execute(ANSWER.format(**given, series=some, turn=turn))
        written = [getattr(models, name.capitalize()) for name in TABLES]
        for statement in connection.ops.sequence_reset_sql(no_style(), written):
            cursor.execute(statement)
        cursor.execute("ANALYZE")
    return campaign


def _study(slug: str) -> tuple[Campaign, list[dict[str, object]]]:
    """The campaign, and what SQL says of the answers to each of its questions."""
    from annotations.models import Codebook
    from tests.builders import build_campaign, build_membership, build_question

    book = Codebook.objects.create(key="bench", version=1, title="Bench", created_at=NOW)
    labels = ("none", "opinion", "fact", "both")
    claim = build_question(book, "claim", "single_label", labels=labels)
    reasons = build_question(book, "reasons", "multi_label", labels=("rude", "wrong", "old"))
    rating = build_question(book, "certainty", "rating")
    part = build_question(book, "part", "span", labels=("fact", "opinion"))
    campaign = build_campaign(codebook=book, slug=slug)
    for _ in range(PEOPLE):
        build_membership(campaign)
    first = {one.pk: one.labels.order_by("position")[0].pk for one in (claim, reasons, part)}
    return campaign, [
        {"question": claim.pk, "label": f"{first[claim.pk]} + i % 4"},
        {"question": reasons.pk, "label": first[reasons.pk]},
        {
            "question": reasons.pk,
            "label": first[reasons.pk] + 1,
            "position": 1,
            "where": "i % 2 = 0",
        },
        {"question": rating.pk, "number": "i % 5 + 1"},
        {
            "question": part.pk,
            "label": first[part.pk],
            "start": 4,
            "end": 10,
            "quote": "'bridge'",
            "where": "i % 3 = 0",
        },
    ]
