"""One comment as the thread page shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from annotations.models import Comment, CommentRelation, Corpus
from annotations.selectors.authors import shown_name
from annotations.selectors.reading import STRETCH

DEEPEST = 8
GONE = {
    Comment.Status.DELETED_BY_AUTHOR: "Deleted by its author.",
    Comment.Status.REMOVED_BY_MODERATOR: "Removed by a moderator.",
    Comment.Status.SPAM: "Marked as spam at the source.",
    Comment.Status.UNAPPROVED: "Not approved at the source.",
    Comment.Status.BLOCKED: "Blocked at the source.",
    Comment.Status.DEAD: "Hidden by the source after down-votes or flags.",
    Comment.Status.MISSING: "Exists at the source, but not in the file.",
}
_EMPTY_LINES = re.compile(r"\n[^\S\n]*\n\s*")


@dataclass(frozen=True)
class Part:
    """A stretch of text: a paragraph, caption or section break."""

    kind: str
    text: str


@dataclass(frozen=True)
class Link:
    """Another comment: where it stands and how it is called."""

    href: str
    words: str


@dataclass(frozen=True)
class Relation:
    """What a comment quotes or whom it names; ``target`` is None where nobody is to be linked."""

    words: str
    quote: str
    inferred: bool
    target: Link | None


@dataclass(frozen=True)
class CommentLine:
    """A comment in words. ``gone`` is the sentence of a tombstone, empty for a visible comment."""

    comment: Comment
    name: str
    depth: int
    parts: list[Part]
    gone: str
    answers: Link | None
    relations: list[Relation]


def comment_line(comment: Comment, corpus: Corpus) -> CommentLine:
    parent = comment.reply_to
    return CommentLine(
        comment=comment,
        name=shown_name(comment.author, corpus),
        depth=_indent(comment),
        parts=list(_parts(comment)),
        gone=GONE.get(Comment.Status(comment.status), ""),
        answers=_link(parent, corpus) if parent else None,
        relations=[_relation(relation, comment, corpus) for relation in comment.relations.all()],
    )


def _indent(comment: Comment) -> int:
    """An inferred reply stands where the source put it, which is not below what it answers."""
    inferred = comment.reply_basis == Comment.Basis.INFERRED
    return 0 if inferred else min(comment.depth, DEEPEST)


def _parts(comment: Comment) -> Iterator[Part]:
    if comment.blocks:
        for block in comment.blocks:
            yield Part(block["kind"], comment.text[block["start"] : block["end"]])
    else:
        yield from (Part("paragraph", p) for p in _EMPTY_LINES.split(comment.text) if p.strip())


def _link(comment: Comment, corpus: Corpus) -> Link:
    """The comment's place; the page it is on, where that is not the first."""
    address = reverse("thread", args=[comment.thread_id])
    if comment.position >= STRETCH:
        address += f"?at={comment.position}"
    if comment.kind != Comment.Kind.COMMENT:
        words = f"the {comment.kind}"
    else:
        words = f"#{comment.position} {shown_name(comment.author, corpus)}".rstrip()
    return Link(f"{address}#c{comment.pk}", words)


def _relation(relation: CommentRelation, comment: Comment, corpus: Corpus) -> Relation:
    quote = comment.text[relation.start : relation.end]
    inferred = relation.basis == Comment.Basis.INFERRED
    if relation.target is not None:
        link = _link(relation.target, corpus)
        return Relation(f"quotes {link.words}", quote, inferred, link)
    name = shown_name(relation.target_author, corpus)
    return Relation(f"mentions {name}", quote, inferred, None)
