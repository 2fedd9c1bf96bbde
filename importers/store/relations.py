"""Storing what comments quote and whom they name."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from annotations.models import CommentRelation
from annotations.services.changes import note_comments
from importers.records import CommentRecord, RelationRecord
from importers.store.bulk import batches, find_ids
from importers.store.load import LateRelation, Load

QUOTES_AT_ONCE = 1_000


def store_relations(
    load: Load,
    records: Mapping[str, CommentRecord],
    created: Collection[str],
    updated: Collection[str],
    authors: Mapping[str, int],
) -> None:
    """The relations of the comments that are new or changed, in place of what they had.

    One to a comment that is not stored yet waits for the end of the piece.
    """
    told = {record.id: record for record in records.values() if record.relations}
    ids = find_ids("comment", load.corpus.pk, {*told, *updated, *_targets(told.values())})
    CommentRelation.objects.filter(comment__in=[ids[name] for name in updated]).delete()
    rows = []
    for record in told.values():
        for relation in record.relations:
            if relation.target_id and relation.target_id not in ids:
                load.later.append(LateRelation(record.id, record.line, relation))
                continue
            load.report.relations[relation.kind] += 1
            if record.id in created or record.id in updated:
                rows.append(_row(relation, ids[record.id], ids, authors))
    CommentRelation.objects.bulk_create(rows)


def remember_relations(load: Load, record: CommentRecord) -> None:
    """Look again at the quotes of a comment that an earlier attempt stored, at the end."""
    quotes = (relation for relation in record.relations if relation.target_id)
    load.later += [LateRelation(record.id, record.line, relation) for relation in quotes]


def store_late_relations(load: Load) -> None:
    """The quotes whose targets came after them; those that came in no file are refused."""
    waiting, load.later = load.later, []
    for late in batches(waiting, QUOTES_AT_ONCE):
        named = {name for one in late for name in (one.comment_id, one.relation.target_id or "")}
        ids = find_ids("comment", load.corpus.pk, named)
        there = set(
            CommentRelation.objects.filter(
                comment__in=[ids[one.comment_id] for one in late if one.comment_id in ids]
            ).values_list("comment", "start", "end", "target")
        )
        rows = []
        for comment_id, line, relation in late:
            if relation.target_id not in ids or comment_id not in ids:
                load.report.refuse(
                    line,
                    f"{comment_id} quotes {relation.target_id}, which is not in the corpus; "
                    "the comment is kept, the quote is not.",
                )
                continue
            row = _row(relation, ids[comment_id], ids, {})
            if (row.comment_id, row.start, row.end, row.target_id) not in there:
                rows.append(row)
                load.report.relations[relation.kind] += 1
        CommentRelation.objects.bulk_create(rows)
        quoting = {row.comment_id for row in rows}
        note_comments(corpus=load.corpus, comments=quoting, now=load.noted_at)


def _targets(records: Collection[CommentRecord]) -> set[str]:
    return {
        relation.target_id
        for record in records
        for relation in record.relations
        if relation.target_id
    }


def _row(
    relation: RelationRecord, comment: int, ids: Mapping[str, int], authors: Mapping[str, int]
) -> CommentRelation:
    author = relation.target_author_id
    return CommentRelation(
        comment_id=comment,
        kind=relation.kind,
        basis=relation.basis,
        start=relation.start,
        end=relation.end,
        target_id=ids[relation.target_id] if relation.target_id else None,
        target_author_id=authors[author] if author else None,
        target_start=relation.target_start,
        target_end=relation.target_end,
    )
