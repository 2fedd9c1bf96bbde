"""Storing authors, each with the pseudonym that stands for them outside."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Collection, Mapping

from annotations.models import Author, Corpus
from importers.records import CommentRecord
from importers.store.load import Load


def pseudonym(corpus: Corpus, source_id: str) -> str:
    """Ten letters and digits (50 bits of an HMAC) that only the corpus's key leads to."""
    key = bytes.fromhex(corpus.pseudonym_key)
    digest = hmac.new(key, source_id.encode(), hashlib.sha256).digest()
    return base64.b32encode(digest)[:10].decode().lower()


def store_authors(load: Load, records: Collection[CommentRecord]) -> None:
    """Those who wrote these comments, and those whom they name."""
    names = _named(records)
    unknown = names.keys() - load.authors.keys()
    changed: list[Author] = []
    for author in Author.objects.filter(corpus=load.corpus, source_id__in=unknown):
        load.authors[author.source_id] = author
        name = names[author.source_id]
        if name and author.name != name:
            author.name = name
            changed.append(author)
            load.report.authors.add("updated")
        else:
            load.report.authors.add("unchanged")
    changed += _named_late(load, names)
    Author.objects.bulk_update(changed, ("name",))
    new = [
        Author(
            corpus=load.corpus,
            source_id=source_id,
            name=names[source_id],
            pseudonym=pseudonym(load.corpus, source_id),
        )
        for source_id in sorted(unknown - load.authors.keys())
    ]
    for author in Author.objects.bulk_create(new):
        load.authors[author.source_id] = author
        load.report.authors.add("created")


def _named_late(load: Load, names: Mapping[str, str]) -> list[Author]:
    """Authors that the file has only mentioned before, now with the name that they write under."""
    met = [load.authors[source_id] for source_id in names.keys() & load.authors.keys()]
    named = [author for author in met if not author.name and names[author.source_id]]
    for author in named:
        author.name = names[author.source_id]
    return named


def _named(records: Collection[CommentRecord]) -> dict[str, str]:
    names = {record.author_id: record.author_name for record in records if record.author_id}
    for record in records:
        for relation in record.relations:
            if relation.target_author_id:
                names.setdefault(relation.target_author_id, "")
    return names
