"""Keeping out what was erased: who asked to be erased does not come back with the next file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import msgspec

from annotations.models import Comment, Corpus, Erasure, Thread
from annotations.pseudonyms import erased_id
from importers.records import CommentRecord, RelationRecord, ThreadRecord
from importers.store.bulk import find_ids
from importers.store.load import Load

KEPT_OUT = "comments of people who were erased, of whom only the places are kept"


@dataclass(frozen=True)
class Erased:
    """What of a batch was erased: the new ids by the source's, which no row has any more."""

    threads: Mapping[str, str]
    comments: Mapping[str, str]
    authors: Mapping[str, str]


def erased_among(
    corpus: Corpus, threads: Iterable[ThreadRecord], comments: Iterable[CommentRecord]
) -> Erased | None:
    """None, and nothing looked for, where nobody was erased in the corpus."""
    if not Erasure.objects.filter(corpus=corpus).exists():
        return None
    listed = list(comments)
    told = {one.thread_id for one in listed}
    named = {name for one in listed for name in (one.id, one.reply_to, *_targets(one)) if name}
    writing = {name for one in listed for name in (one.author_id, *_mentioned(one)) if name}
    authors = _known("author", corpus, writing)
    known = _known("comment", corpus, named)
    since = {
        one.id: erased_id(corpus.pseudonym_key, one.id)
        for one in listed
        if one.author_id in authors
    }
    return Erased(
        _known("thread", corpus, told.union(one.id for one in threads)), {**known, **since}, authors
    )


def without_erased(
    load: Load,
    erased: Erased,
    threads: Mapping[str, ThreadRecord],
    comments: Mapping[str, CommentRecord],
    ordinals: Mapping[str, int],
) -> tuple[dict[str, ThreadRecord], dict[str, CommentRecord], dict[str, int]]:
    """The records and ordinals with tombstones in place of what was erased, by their new ids.

    A comment that an erased author wrote since is kept out as well.
    """
    kept_threads = {}
    opened = {
        one.thread_id
        for one in comments.values()
        if one.kind != "comment" and one.author_id in erased.authors
    }
    for name, thread in threads.items():
        if name in erased.threads or name in opened:
            thread = replace(thread, id=erased.threads.get(name, name), title="", url="", raw={})
        kept_threads[thread.id] = thread
    kept_comments, kept_ordinals = {}, {}
    for name, comment in comments.items():
        kept = _kept(load, erased, comment)
        kept_comments[kept.id], kept_ordinals[kept.id] = kept, ordinals[name]
    return kept_threads, kept_comments, kept_ordinals


def forget_earlier(load: Load, erased: Erased, comments: Iterable[CommentRecord]) -> None:
    """Take out of stored rows what nobody knew to be of an erased author when they were stored:
    the title of a thread whose opening comes now, and the id that a reply gives for its parent."""
    since = [one for one in comments if one.author_id in erased.authors]
    opened = {one.thread_id for one in since if one.kind != "comment"} - erased.threads.keys()
    threads = Thread.objects.filter(corpus=load.corpus, source_id__in=opened)
    threads.exclude(title="", url="").update(title="", url="", raw={})
    parents = {one.id: erased.comments[one.id] for one in since}
    waiting = Comment.objects.filter(corpus=load.corpus, reply_to_source_id__in=parents)
    for reply in waiting if parents else ():
        reply.reply_to_source_id = parents[reply.reply_to_source_id]
        reply.reply_evidence, reply.raw = "", {}
        reply.save(update_fields=["reply_to_source_id", "reply_evidence", "raw"])


def erased_comments(corpus: Corpus, names: Iterable[str]) -> set[str]:
    """Those of these ids of comments that were erased."""
    if not Erasure.objects.filter(corpus=corpus).exists():
        return set()
    return set(_known("comment", corpus, names))


def _kept(load: Load, erased: Erased, comment: CommentRecord) -> CommentRecord:
    """The record as it may be stored."""
    named = msgspec.structs.replace(
        comment,
        thread_id=erased.threads.get(comment.thread_id, comment.thread_id),
        reply_to=erased.comments.get(comment.reply_to or "", comment.reply_to),
        relations=tuple(_renamed(erased, one) for one in comment.relations),
    )
    if comment.id in erased.comments:
        load.report.note(KEPT_OUT)
        return _tombstone(erased, named)
    if named.reply_to != comment.reply_to:
        named = msgspec.structs.replace(named, evidence="")
    if named.reply_to != comment.reply_to or named.relations != comment.relations:
        return msgspec.structs.replace(named, raw={}, raw_json="")
    return named


def _tombstone(erased: Erased, comment: CommentRecord) -> CommentRecord:
    return msgspec.structs.replace(
        comment,
        id=erased.comments[comment.id],
        author_id=erased.authors.get(comment.author_id, ""),
        author_name="",
        status=Comment.Status.DELETED_BY_AUTHOR.value,
        text="",
        html="",
        blocks=(),
        links=(),
        relations=(),
        evidence="",
        edited_at=None,
        score=None,
        raw={},
        raw_json="",
    )


def _renamed(erased: Erased, relation: RelationRecord) -> RelationRecord:
    target, author = relation.target_id, relation.target_author_id
    if target and target in erased.comments:
        relation = replace(
            relation, target_id=erased.comments[target], target_start=None, target_end=None
        )
    if author and author in erased.authors:
        relation = replace(relation, target_author_id=erased.authors[author])
    return relation


def _known(table: str, corpus: Corpus, names: Iterable[str]) -> dict[str, str]:
    """The new ids of those of these names that were erased."""
    hashed = {erased_id(corpus.pseudonym_key, name): name for name in names}
    return {hashed[found]: found for found in find_ids(table, corpus.pk, hashed)}


def _targets(comment: CommentRecord) -> Iterable[str | None]:
    return (relation.target_id for relation in comment.relations)


def _mentioned(comment: CommentRecord) -> Iterable[str | None]:
    return (relation.target_author_id for relation in comment.relations)
