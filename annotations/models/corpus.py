"""What was said: corpora, threads, authors and comments, as the sources gave them.

A foreign key has no index of its own where a constraint or index begins with it: a million rows
are stored a third faster without.
"""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


def new_pseudonym_key() -> str:
    return secrets.token_hex(32)


class Corpus(models.Model):
    """An imported set of threads."""

    class AuthorNames(models.TextChoices):
        PSEUDONYM = "pseudonym", _("Pseudonyms")
        SHOWN = "shown", _("Names as in the source")
        DROPPED = "dropped", _("Pseudonyms, and names are not even stored")

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    licence = models.CharField(max_length=200, blank=True)
    author_names = models.CharField(
        max_length=10,
        choices=AuthorNames,
        default=AuthorNames.PSEUDONYM,
        help_text="How authors appear on pages, in the API and in exports.",
    )
    pseudonym_key = models.CharField(max_length=64, default=new_pseudonym_key, editable=False)
    content_categories = models.ManyToManyField(
        "annotations.ContentCategory",
        blank=True,
        related_name="corpora",
        help_text="What the whole corpus is about: every comment of it carries these warnings.",
    )
    created_at = models.DateTimeField()

    class Meta:
        db_table = "corpus"
        ordering = ("slug",)
        verbose_name_plural = "corpora"

    def __str__(self) -> str:
        return self.name


class Thread(models.Model):
    """One conversation: its opening (article, post, question) and its comments.

    ``comment_count``, ``max_depth``, ``started_at``, ``ended_at`` and ``language`` sum up its
    comments; they are written when the reading order is.
    """

    corpus = models.ForeignKey(
        Corpus, on_delete=models.PROTECT, related_name="threads", db_index=False
    )
    source_id = models.CharField(max_length=500)
    title = models.CharField(max_length=2000, blank=True)
    url = models.CharField(max_length=2000, blank=True)
    platform = models.CharField(max_length=50, blank=True)
    missing = models.PositiveIntegerField(
        default=0, help_text="Comments that exist at the source but not in the file."
    )
    order_is_stale = models.BooleanField(
        default=True, help_text="Comments came in since the reading order was computed."
    )
    comment_count = models.PositiveIntegerField(default=0, help_text="Without the opening.")
    max_depth = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(
        null=True, blank=True, help_text="The first time in the thread that the source gives."
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    language = models.CharField(
        max_length=8, blank=True, help_text="That of most of its comments, as it was detected."
    )
    raw = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "thread"
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=("corpus", "source_id"), name="thread_once_in_corpus"),
        ]
        indexes = [
            models.Index(
                fields=("corpus",), condition=Q(order_is_stale=True), name="thread_to_reorder"
            ),
            models.Index(fields=("corpus", "comment_count"), name="thread_by_size"),
            models.Index(fields=("corpus", "started_at"), name="thread_by_date"),
        ]

    def __str__(self) -> str:
        return self.title or self.source_id


class Author(models.Model):
    """Who wrote a comment; ``pseudonym`` is a keyed hash of the source's id."""

    corpus = models.ForeignKey(
        Corpus, on_delete=models.PROTECT, related_name="authors", db_index=False
    )
    source_id = models.CharField(max_length=500)
    name = models.CharField(max_length=300, blank=True)
    pseudonym = models.CharField(max_length=16)

    class Meta:
        db_table = "author"
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=("corpus", "source_id"), name="author_once_in_corpus"),
        ]

    def __str__(self) -> str:
        return self.pseudonym


class Comment(models.Model):
    """One message, where it was said.

    ``position`` is the reading order in the thread (depth-first by the replies that the source
    gives, from 0), ``depth`` the number of comments above it, by inferred replies as well.
    ``reply_to_source_id`` is the parent as the source names it; where ``reply_to`` is null all
    the same, the comment is an orphan: its parent is not in the corpus.
    ``text`` is what the source gave, ``blocks`` its paragraphs as code-point ranges where the
    source tells more than empty lines do, ``links`` the addresses behind words of it.
    ``language`` is detected from the text (ISO 639, empty where it was not, "und" where it
    cannot be told). ``shown_relations`` is no column: its relations, where a page shows them.
    """

    shown_relations: list[CommentRelation]

    class Kind(models.TextChoices):
        ARTICLE = "article", _("Article")
        POST = "post", _("Post")
        COMMENT = "comment", _("Comment")

    class Status(models.TextChoices):
        VISIBLE = "visible"
        DELETED_BY_AUTHOR = "deleted_by_author"
        REMOVED_BY_MODERATOR = "removed_by_moderator"
        SPAM = "spam"
        UNAPPROVED = "unapproved"
        BLOCKED = "blocked"
        DEAD = "dead"
        MISSING = "missing"

    class Basis(models.TextChoices):
        GIVEN = "given", _("Given by the source")
        INFERRED = "inferred", _("Inferred from the text")

    corpus = models.ForeignKey(
        Corpus, on_delete=models.PROTECT, related_name="comments", db_index=False
    )
    thread = models.ForeignKey(
        Thread, on_delete=models.PROTECT, related_name="comments", db_index=False
    )
    source_id = models.CharField(max_length=500)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.COMMENT)
    author = models.ForeignKey(
        Author, on_delete=models.PROTECT, null=True, blank=True, related_name="comments"
    )
    reply_to = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replies"
    )
    reply_to_source_id = models.CharField(max_length=500, blank=True)
    reply_basis = models.CharField(max_length=10, choices=Basis, default=Basis.GIVEN)
    reply_evidence = models.TextField(blank=True)
    ordinal = models.PositiveBigIntegerField(
        help_text="Place in the source, after all that was imported into the corpus before."
    )
    position = models.PositiveIntegerField(default=0)
    depth = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=20, choices=Status, default=Status.VISIBLE)
    text = models.TextField(blank=True)
    text_revision = models.PositiveIntegerField(default=1)
    html = models.TextField(blank=True)
    blocks = models.JSONField(default=list, blank=True)
    links = models.JSONField(default=list, blank=True)
    language = models.CharField(max_length=8, blank=True)
    posted_at = models.DateTimeField(null=True, blank=True)
    posted_at_estimated = models.BooleanField(default=False)
    edited_at = models.DateTimeField(null=True, blank=True)
    score = models.IntegerField(null=True, blank=True)
    raw = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "comment"
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=("corpus", "source_id"), name="comment_once_in_corpus"),
            models.CheckConstraint(
                condition=Q(reply_to__isnull=True) | ~Q(reply_to=F("id")),
                name="comment_answers_another",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=("article", "post", "comment")), name="comment_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=(
                        "visible",
                        "deleted_by_author",
                        "removed_by_moderator",
                        "spam",
                        "unapproved",
                        "blocked",
                        "dead",
                        "missing",
                    )
                ),
                name="comment_status_known",
            ),
        ]
        indexes = [
            models.Index(fields=("thread", "position"), name="comment_in_reading_order"),
            models.Index(
                fields=("thread", "position"),
                condition=~Q(kind="comment"),
                name="comment_opening",
            ),
        ]

    def __str__(self) -> str:
        return self.source_id


class CommentRevision(models.Model):
    """What a comment said before its source changed it; spans keep pointing into it.

    It never changes, but that its text may be erased (migration 0020).
    """

    comment = models.ForeignKey(Comment, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    replaced_at = models.DateTimeField()

    class Meta:
        db_table = "comment_revision"
        ordering = ("comment", "number")
        constraints = [
            models.UniqueConstraint(fields=("comment", "number"), name="comment_revision_once"),
        ]

    def __str__(self) -> str:
        return f"{self.comment_id} revision {self.number}"


class CommentRelation(models.Model):
    """A comment quotes another (or the opening), or names an author. Not a reply.

    ``start:end`` lies in the comment's text, ``target_start:target_end`` in the target's.
    """

    class Kind(models.TextChoices):
        QUOTE = "quote"
        MENTION = "mention"

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="relations")
    kind = models.CharField(max_length=10, choices=Kind)
    basis = models.CharField(max_length=10, choices=Comment.Basis)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    target = models.ForeignKey(
        Comment, on_delete=models.CASCADE, null=True, blank=True, related_name="related_from"
    )
    target_author = models.ForeignKey(
        Author, on_delete=models.CASCADE, null=True, blank=True, related_name="mentions"
    )
    target_start = models.PositiveIntegerField(null=True, blank=True)
    target_end = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        db_table = "comment_relation"
        ordering = ("comment", "start", "id")
        constraints = [
            models.CheckConstraint(condition=Q(start__lt=F("end")), name="relation_is_not_empty"),
            models.CheckConstraint(
                condition=Q(kind="quote", target__isnull=False)
                | Q(kind="mention", target_author__isnull=False),
                name="relation_has_its_target",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.comment_id} {self.kind} {self.start}:{self.end}"
