"""What erasing the author of comments does. ``erasing.erase_person`` is the way in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import F

from annotations.models import (
    Author,
    Comment,
    CommentRelation,
    CommentRevision,
    ContentClearance,
    ContentWarning,
    Corpus,
    DuplicateGroup,
    Thread,
)
from annotations.pseudonyms import erased_id, pseudonym_of
from annotations.selectors.erasing import (
    annotations_about,
    comments_of,
    exports_with,
    finished_imports,
    opened_by,
)
from annotations.services.changes import note_comments, note_threads
from annotations.services.erased_files import delete_files
from annotations.services.erased_words import blank_quotes, in_chunks

LARGE = ("html", "raw", "blocks", "links")
NOTHING: dict[str, Any] = {
    "text": "",
    "html": "",
    "language": "",
    "reply_evidence": "",
    "blocks": [],
    "links": [],
    "raw": {},
    "edited_at": None,
    "score": None,
}


def erase_author(*, author: Author, now: datetime) -> None:
    """Everything of the author goes but the places of their comments in the tree.

    The source's ids give way to keyed hashes, by which an import knows them again.
    """
    corpus = author.corpus
    blank_quotes(annotations_about(author), now=now)
    delete_files(
        [
            *exports_with(author).values_list("file", flat=True),
            *finished_imports(corpus).values_list("file", flat=True),
        ]
    )
    for threads in in_chunks(opened_by(author).defer("raw")):
        for thread in threads:
            thread.source_id = erased_id(corpus.pseudonym_key, thread.source_id)
            thread.title, thread.url, thread.raw = "", "", {}
        Thread.objects.bulk_update(threads, ("source_id", "title", "url", "raw"))
        note_threads(corpus=corpus, threads=[one.pk for one in threads], now=now)
    for comments in in_chunks(comments_of(author).defer(*LARGE)):
        _empty(comments, corpus, now)
    _forget_records(author)
    author.source_id = erased_id(corpus.pseudonym_key, author.source_id)
    author.pseudonym = pseudonym_of(corpus.pseudonym_key, author.source_id)
    author.name = ""
    author.save(update_fields=["source_id", "pseudonym", "name"])


def _empty(comments: Sequence[Comment], corpus: Corpus, now: datetime) -> None:
    """Leave nothing of the comments but their places."""
    mine = [one.pk for one in comments]
    CommentRevision.objects.filter(comment__in=mine).exclude(text="").update(text="")
    said = [one for one in comments if one.text]
    CommentRevision.objects.bulk_create(
        CommentRevision(comment=one, number=one.text_revision, replaced_at=now) for one in said
    )
    rows = Comment.objects.filter(pk__in=mine)
    rows.exclude(text="").update(text_revision=F("text_revision") + 1)
    rows.update(status=Comment.Status.DELETED_BY_AUTHOR, **NOTHING)
    for comment in comments:
        comment.source_id = erased_id(corpus.pseudonym_key, comment.source_id)
    Comment.objects.bulk_update(comments, ("source_id",))
    CommentRelation.objects.filter(comment__in=mine).delete()
    pointing = CommentRelation.objects.filter(target__in=mine)
    pointing.update(target_start=None, target_end=None)
    ContentWarning.objects.filter(comment__in=mine).delete()
    ContentClearance.objects.filter(comment__in=mine).delete()
    DuplicateGroup.objects.filter(members__comment__in=mine).delete()
    note_comments(corpus=corpus, comments=mine, now=now)
    _detach_replies({one.pk: one.source_id for one in comments}, corpus, now)


def _detach_replies(erased: dict[int, str], corpus: Corpus, now: datetime) -> None:
    """Replies name their parent by its new id; their records, which name the old one, go."""
    for replies in in_chunks(
        Comment.objects.filter(reply_to__in=list(erased)).defer("text", *LARGE)
    ):
        for reply in replies:
            assert reply.reply_to_id is not None
            reply.reply_to_source_id = erased[reply.reply_to_id]
        Comment.objects.bulk_update(replies, ("reply_to_source_id",))
        answering = [one.pk for one in replies]
        Comment.objects.filter(pk__in=answering).update(reply_evidence="", raw={})
        note_comments(corpus=corpus, comments=answering, now=now)


def _forget_records(author: Author) -> None:
    """The records of comments by others that name the author, or quote them, go as well."""
    for target in ({"target_author": author}, {"target__author": author}):
        relations = CommentRelation.objects.filter(**target)
        for comments in in_chunks(
            Comment.objects.filter(pk__in=relations.values("comment")).only("pk")
        ):
            named = [one.pk for one in comments]
            Comment.objects.filter(pk__in=named).update(raw={})
