"""One comment as the thread page shows it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from annotations.models import Comment, CommentRelation, Corpus
from annotations.pages.marked_text import Part, parts_of
from annotations.selectors.authors import shown_name
from annotations.selectors.reading import STRETCH

DEEPEST = 8
GONE = {
    Comment.Status.DELETED_BY_AUTHOR: _("Deleted by its author."),
    Comment.Status.REMOVED_BY_MODERATOR: _("Removed by a moderator."),
    Comment.Status.SPAM: _("Marked as spam at the source."),
    Comment.Status.UNAPPROVED: _("Not approved at the source."),
    Comment.Status.BLOCKED: _("Blocked at the source."),
    Comment.Status.DEAD: _("Hidden by the source after down-votes or flags."),
    Comment.Status.MISSING: _("Exists at the source, but not in the file."),
}
OPENINGS = {
    Comment.Kind.ARTICLE: _("the article"),
    Comment.Kind.POST: _("the post"),
}
ORPHAN = _("answers a comment that is not in the corpus")


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


@dataclass(frozen=True, kw_only=True)
class CommentLine:
    """A comment in words.

    ``anchor`` is its place on the page, ``label`` what it is called there. ``gone`` is the
    sentence of a tombstone, empty for a visible comment. ``orphan`` says that it answers what is
    not there, else it is empty. ``evidence`` is None for a reply that the source gives.
    ``warnings`` are the titles of the categories for which its text is covered until it is opened.
    ``warn`` is where they are changed, empty for those who may not.
    ``changed`` says that it was labeled before its source changed its text.
    """

    anchor: str
    label: str
    is_opening: bool
    name: str
    depth: int
    posted_at: datetime | None
    posted_at_estimated: bool
    is_edited: bool
    score: int | None
    parts: list[Part]
    gone: str
    answers: Link | None = None
    orphan: str = ""
    evidence: str | None = None
    relations: list[Relation] = field(default_factory=list)
    changed: bool = False
    warnings: list[str] = field(default_factory=list)
    warn: str = ""


def comment_line(
    comment: Comment, corpus: Corpus, changed: Collection[int] = (), *, may_warn: bool = False
) -> CommentLine:
    """``changed`` holds the ids of comments that were labeled before their text was changed."""
    parent = comment.reply_to
    inferred = comment.reply_basis == Comment.Basis.INFERRED
    return CommentLine(
        anchor=f"c{comment.pk}",
        label=label_of(comment.kind, comment.position),
        is_opening=comment.kind != Comment.Kind.COMMENT,
        name=shown_name(comment.author, corpus),
        depth=indent(comment.depth, inferred=inferred),
        posted_at=comment.posted_at,
        posted_at_estimated=comment.posted_at_estimated,
        is_edited=comment.edited_at is not None,
        score=comment.score,
        parts=parts_of(comment.text, comment.blocks, comment.links),
        gone=gone_words(comment.status),
        answers=_link(parent, corpus) if parent else None,
        orphan=str(ORPHAN) if parent is None and comment.reply_to_source_id else "",
        evidence=comment.reply_evidence if parent and inferred else None,
        relations=[_relation(relation, comment, corpus) for relation in comment.relations.all()],
        changed=comment.pk in changed,
        warnings=sorted(warning.category.title for warning in comment.warnings.all()),
        warn=reverse("comment_warnings", args=[comment.pk]) if may_warn else "",
    )


def gone_words(status: str) -> str:
    """The sentence of a tombstone, empty for a visible comment."""
    return str(GONE.get(Comment.Status(status), ""))


def label_of(kind: str, position: int) -> str:
    return f"#{position}" if kind == Comment.Kind.COMMENT else str(Comment.Kind(kind).label)


def quotes(link: Link) -> str:
    return _("quotes %(comment)s") % {"comment": link.words}


def mentions(name: str) -> str:
    return _("mentions %(name)s") % {"name": name}


def indent(depth: int, *, inferred: bool) -> int:
    """An inferred reply stands where the source put it, which is not below what it answers."""
    return 0 if inferred else min(depth, DEEPEST)


def words_for(kind: str, position: int, name: str) -> str:
    """How a comment is called by those that answer or quote it."""
    if kind == Comment.Kind.COMMENT:
        return f"#{position} {name}".rstrip()
    return str(OPENINGS[Comment.Kind(kind)])


def _link(comment: Comment, corpus: Corpus) -> Link:
    """The comment's place; the page it is on, where that is not the first."""
    address = reverse("thread", args=[comment.thread_id])
    if comment.position >= STRETCH:
        address += f"?at={comment.position}"
    words = words_for(comment.kind, comment.position, shown_name(comment.author, corpus))
    return Link(f"{address}#c{comment.pk}", words)


def _relation(relation: CommentRelation, comment: Comment, corpus: Corpus) -> Relation:
    quote = comment.text[relation.start : relation.end]
    inferred = relation.basis == Comment.Basis.INFERRED
    if relation.target is not None:
        link = _link(relation.target, corpus)
        return Relation(quotes(link), quote, inferred, link)
    name = shown_name(relation.target_author, corpus)
    return Relation(mentions(name), quote, inferred, None)
