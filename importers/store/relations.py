"""Storing what comments quote and whom they name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from annotations.models import Comment, CommentRelation
from importers.records import CommentRecord, RelationRecord
from importers.store.load import Load


def store_relations(
    load: Load, comments: Sequence[Comment], records: Mapping[str, CommentRecord]
) -> None:
    """The relations of these new or changed comments, in place of what they had.

    A relation to a comment that is not stored is refused, and the comment stays.
    """
    CommentRelation.objects.filter(comment__in=comments).delete()
    changed = {comment.source_id: comment for comment in comments}
    targets = _targets(load, records)
    rows = []
    for record in records.values():
        for relation in record.relations:
            if relation.target_id and relation.target_id not in targets:
                load.report.refuse(
                    record.line,
                    f"{record.id} quotes {relation.target_id}, which is not in the corpus; "
                    "the comment is kept, the quote is not.",
                )
                continue
            load.report.relations[relation.kind] += 1
            if comment := changed.get(record.id):
                rows.append(_row(load, comment, relation, targets))
    CommentRelation.objects.bulk_create(rows)


def _targets(load: Load, records: Mapping[str, CommentRecord]) -> dict[str, int]:
    wanted = {
        relation.target_id
        for record in records.values()
        for relation in record.relations
        if relation.target_id
    }
    found = Comment.objects.filter(corpus=load.corpus, source_id__in=wanted)
    return dict(found.values_list("source_id", "pk"))


def _row(
    load: Load, comment: Comment, relation: RelationRecord, targets: Mapping[str, int]
) -> CommentRelation:
    author = relation.target_author_id
    return CommentRelation(
        comment=comment,
        kind=relation.kind,
        basis=relation.basis,
        start=relation.start,
        end=relation.end,
        target_id=targets[relation.target_id] if relation.target_id else None,
        target_author=load.authors[author] if author else None,
        target_start=relation.target_start,
        target_end=relation.target_end,
    )
