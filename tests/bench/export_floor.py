"""The floor of an export: one SELECT in order, and what it gives written by another library."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

COLUMNS = (
    *("campaign", "codebook", "codebook_version", "thread_id", "thread_title", "thread_url"),
    *("platform", "split", "comment_id", "comment_kind", "reply_to", "position", "depth", "author"),
    *("posted_at", "language", "score", "text", "annotation", "source", "annotator", "model"),
    *("state", "revision", "saved_at", "submitted_at", "seconds", "confidence", "certainty"),
    *("flagged", "note", "skip_reason", "reason", "rule", "answers"),
)
SELECT = """
SELECT p.slug, b.key, b.version, t.source_id, t.title, t.url, t.platform, '', c.source_id,
       c.kind, COALESCE(r.source_id, c.reply_to_source_id), c.position, c.depth, w.pseudonym,
       {posted_at}, c.language, c.score, c.text, c.source_id || '/A' || m.number, a.source,
       'A' || m.number, a.model, a.state, a.revision, {saved_at}, {submitted_at}, a.seconds,
       a.confidence, a.certainty, a.flagged, a.note, a.skip_reason, a.reason, a.rule,
       (SELECT {gathered} FROM (
          SELECT {array}(q.key, l.key, s.number, s.text, s.start, s."end", s.quote) AS said
          FROM answer s
          JOIN question q ON q.id = s.question_id
          LEFT JOIN label l ON l.id = s.label_id
          WHERE s.annotation_id = a.id
          ORDER BY q.position, s.position) given)
FROM unit u
JOIN campaign p ON p.id = u.campaign_id
JOIN codebook b ON b.id = p.codebook_id
JOIN thread t ON t.id = u.thread_id
JOIN comment c ON c.id = u.comment_id
LEFT JOIN comment r ON r.id = c.reply_to_id
LEFT JOIN author w ON w.id = c.author_id
JOIN annotation a ON a.unit_id = u.id
LEFT JOIN membership m ON m.id = a.membership_id
WHERE p.slug = %s AND u.purpose = 'study' AND c.status = 'visible' AND NOT a.harmful
  AND a.state <> 'draft' AND a.source IN ('human', 'adjudication', 'gold', 'model')
ORDER BY t.source_id COLLATE {collation}, c.position, c.source_id COLLATE {collation}, m.number,
         a.source, a.model
"""
TIMES = ("posted_at", "saved_at", "submitted_at")
AT_ONCE = 10_000
ROW_GROUP = 16_384
ON_SQLITE = {
    "collation": "BINARY",
    "array": "json_array",
    "gathered": "json_group_array(json(said))",
}
ON_POSTGRESQL = {
    "collation": '"C"',
    "array": "json_build_array",
    "gathered": "COALESCE(json_agg(said), '[]')::text",
}


def write_jsonl(campaign: str, path: Path) -> int:
    """An object for each annotation; the database itself makes a list of its answers."""
    count = 0
    with path.open("wb") as file:
        for row in rows(campaign):
            one = dict(zip(COLUMNS, row, strict=True))
            one["answers"] = orjson.Fragment(one["answers"])
            file.write(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z))
            count += 1
    return count


def write_parquet(campaign: str, path: Path) -> int:
    """The same rows as columns, each of the type that pyarrow finds; answers as JSON."""
    count, writer = 0, None
    read = rows(campaign)
    while some := list(islice(read, ROW_GROUP)):
        columns = [_column(values) for values in zip(*some, strict=True)]
        batch = pa.RecordBatch.from_arrays(columns, names=list(COLUMNS))
        writer = writer or pq.ParquetWriter(path, batch.schema, compression="zstd")
        writer.write_batch(batch)
        count += len(some)
    if writer is not None:
        writer.close()
    return count


def _column(values: tuple[Any, ...]) -> pa.Array:
    column = pa.array(values)
    return column.cast(pa.string()) if pa.types.is_null(column.type) else column


WRITERS: dict[str, Callable[[str, Path], int]] = {
    "jsonl": write_jsonl,
    "parquet": write_parquet,
}


def rows(campaign: str) -> Iterator[tuple[Any, ...]]:
    """One for each annotation, as the database gives them."""
    from django.db import connection, transaction

    on_postgresql = connection.vendor == "postgresql"
    times = {
        name: f"{'c' if name == 'posted_at' else 'a'}.{name}" if on_postgresql else _iso(name)
        for name in TIMES
    }
    select = SELECT.format(**(ON_POSTGRESQL if on_postgresql else ON_SQLITE), **times)
    connection.ensure_connection()
    if not on_postgresql:
        yield from connection.connection.execute(select.replace("%s", "?"), (campaign,))
        return
    with transaction.atomic(), connection.connection.cursor(name="floor") as cursor:
        cursor.itersize = AT_ONCE
        yield from cursor.execute(select, (campaign,))


def _iso(name: str) -> str:
    """SQLite keeps a time as a text, and can tell it as ISO 8601 wants it."""
    column = f"{'c' if name == 'posted_at' else 'a'}.{name}"
    return f"replace({column}, ' ', 'T') || 'Z'"
