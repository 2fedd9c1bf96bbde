"""Storing authors, each with the pseudonym that stands for them outside."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
from django.db import connection
from django.db.models import Q

from annotations.models import Comment, Corpus
from annotations.pseudonyms import pseudonym_of
from annotations.services.changes import note_comments
from importers.models import ImportTouch
from importers.records import CommentRecord
from importers.store.bulk import among, insert_returning, update_rows
from importers.store.load import Load
from importers.store.touches import Outcome, touch

COLUMNS = ("corpus_id", "source_id", "name", "pseudonym")
KIND = ImportTouch.Kind.AUTHOR


def pseudonym(corpus: Corpus, source_id: str) -> str:
    """What stands for the author outside."""
    return pseudonym_of(corpus.pseudonym_key, source_id)


def without_names(corpus: Corpus, record: CommentRecord) -> CommentRecord:
    """The record with pseudonyms in place of its author and of those named, and no raw record.

    What people write in their comments stays.
    """

    def hidden(source_id: str | None) -> str:
        return pseudonym(corpus, source_id) if source_id else ""

    return msgspec.structs.replace(
        record,
        author_id=hidden(record.author_id),
        author_name="",
        raw={},
        raw_json="",
        relations=tuple(
            replace(relation, target_author_id=hidden(relation.target_author_id) or None)
            for relation in record.relations
        ),
    )


def store_authors(load: Load, records: Collection[CommentRecord]) -> Mapping[str, int]:
    """Those who wrote these comments, and those whom they name: their ids by source id."""
    names = _named(records)
    load.authors.make_room()
    unknown = [source_id for source_id in names if source_id not in load.authors]
    known = _known(load, unknown)
    rows = [_row(load, name, names[name]) for name in sorted(set(unknown) - known.keys())]
    created = insert_returning("author", COLUMNS, rows)
    if len(created) < len(rows):  # another import made some of them in the meantime
        known = _known(load, unknown)
    load.report.authors.created += len(created)
    met = {name: pk for name, (pk, _) in known.items() if name not in created}
    _touch(load, met.values(), Outcome.UNCHANGED)
    renamed = {
        pk: names[name] for name, (pk, shown) in known.items() if names[name] not in ("", shown)
    }
    _rename(load, renamed)
    found = met | created
    nameless = {source_id: pk for source_id, pk in found.items() if not names[source_id]}
    load.authors.update(found)
    for source_id in nameless:  # who was only named may still get a name, and is asked for again
        del load.authors[source_id]
    return ChainMap(load.authors, nameless) if nameless else load.authors


def _known(load: Load, source_ids: Collection[str]) -> dict[str, tuple[int, str]]:
    """The ids and names of those that are there."""
    condition, wanted = among("source_id", source_ids)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT source_id, id, name FROM author WHERE corpus_id = %s AND {condition}",
            [load.corpus.pk, wanted],
        )
        return {source_id: (pk, name) for source_id, pk, name in cursor.fetchall()}


def _row(load: Load, source_id: str, name: str) -> tuple[Any, ...]:
    dropped = load.corpus.author_names == Corpus.AuthorNames.DROPPED  # it is a pseudonym already
    shown = source_id if dropped else pseudonym(load.corpus, source_id)
    return (load.corpus.pk, source_id, name, shown)


def _rename(load: Load, names: dict[int, str]) -> None:
    if names:
        update_rows("author", ("name",), [(name, pk) for pk, name in names.items()], ("text",))
        _touch(load, names, Outcome.UPDATED)
        if load.corpus.author_names == Corpus.AuthorNames.SHOWN:
            _note_named(load, list(names))


def _note_named(load: Load, authors: Sequence[int]) -> None:
    """What these authors wrote, and where they are named, is shown otherwise."""
    for condition in (Q(author__in=authors), Q(relations__target_author__in=authors)):
        found = Comment.objects.filter(condition).order_by("pk").values_list("pk", flat=True)
        note_comments(corpus=load.corpus, comments=found.distinct().iterator(), now=load.noted_at)


def _touch(load: Load, authors: Iterable[int], outcome: Outcome) -> None:
    """Note those who were there before the import; the others are counted as they are made."""
    last = load.run.authors_before
    touch(load.run, KIND, [pk for pk in authors if pk <= last], outcome)


def _named(records: Collection[CommentRecord]) -> dict[str, str]:
    names = {record.author_id: record.author_name for record in records if record.author_id}
    for record in records:
        for relation in record.relations:
            if relation.target_author_id:
                names.setdefault(relation.target_author_id, "")
    return names
