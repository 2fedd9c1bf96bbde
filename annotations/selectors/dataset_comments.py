"""The comments of a dataset in reading order: what was to be labeled, and its context."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable

from annotations.exporters.contents import KEEPS_NAMES_OUT, Contents
from annotations.exporters.rows import NamedRow
from annotations.models import Campaign, Comment, Corpus
from annotations.selectors.dataset_threads import units_that_fit
from annotations.selectors.named import mentioned_people, thread_authors
from annotations.selectors.recipe_conditions import by_code_points

COLUMNS = (
    *("pk", "thread_id", "source_id", "kind", "reply_to__source_id", "reply_to_source_id"),
    *("position", "depth", "author__name", "author__pseudonym", "posted_at", "language", "score"),
    *("text", "text_revision"),
)


class FoundComment(NamedTuple):
    """``unit`` is None where the comment is only context, or does not fit the filters."""

    pk: int
    thread: int
    source_id: str
    kind: str
    parent: str | None
    parent_given: str
    position: int
    depth: int
    name: str | None
    pseudonym: str | None
    posted_at: datetime | None
    language: str
    score: int | None
    text: str
    text_revision: int
    unit: int | None


class FoundComments:
    """Those of one campaign and choice, ``at_once`` together. What the source took back is not
    there, not as context either."""

    def __init__(self, campaign: Campaign, contents: Contents, at_once: int) -> None:
        self._campaign = campaign
        self._contents = contents
        self._at_once = at_once
        self._text_fits = contents.filters.text_fits()
        self._shows_names = campaign.corpus.author_names == Corpus.AuthorNames.SHOWN

    def in_order(self, threads: Sequence[int]) -> Iterator[list[FoundComment]]:
        """Of the threads, by their source's ids; comments with one position by theirs."""
        comments = self._chosen(threads)
        while some := list(islice(comments, self._at_once)):
            yield some

    def author(self, comment: FoundComment) -> str:
        """As the corpus wants its authors to appear."""
        return (self._shows_names and comment.name) or comment.pseudonym or ""

    def authors(self, thread: int) -> tuple[NamedRow, ...]:
        """Who must not be told from the thread, in the dataset or not; nobody where names may
        leave."""
        if self._contents.privacy not in KEEPS_NAMES_OUT:
            return ()
        return thread_authors(thread, shows_names=self._shows_names)

    def mentioned(self, comments: Sequence[FoundComment]) -> dict[int, tuple[NamedRow, ...]]:
        """By comment, whom its text mentions where; nobody where names may leave."""
        if self._contents.privacy not in KEEPS_NAMES_OUT:
            return {}
        return mentioned_people([one.pk for one in comments], shows_names=self._shows_names)

    def _chosen(self, threads: Sequence[int]) -> Iterator[FoundComment]:
        found = map(FoundComment._make, self._rows(threads).iterator(chunk_size=self._at_once))
        if not self._contents.filters.reads_texts:
            yield from found
            return
        for comment in found:
            if comment.unit is None or self._text_fits(comment.text):
                yield comment
            elif self._is_context(comment):
                yield comment._replace(unit=None)

    def _is_context(self, comment: FoundComment) -> bool:
        if self._contents.context == "article":
            return comment.kind != Comment.Kind.COMMENT
        return self._contents.context == "thread"

    def _rows(self, threads: Sequence[int]) -> QuerySet[Any, tuple[Any, ...]]:
        units = units_that_fit(self._campaign, self._contents.filters)
        if self._contents.context == "none":
            there = units.filter(thread__in=threads).order_by(*_in_reading_order("comment__"))
            return there.values_list(*(f"comment__{name}" for name in COLUMNS), "pk")
        unit = Subquery(units.filter(comment=OuterRef("pk")).values("pk")[:1])
        comments = Comment.objects.filter(thread__in=threads, status=Comment.Status.VISIBLE)
        comments = comments.annotate(unit=unit)
        if self._contents.context == "article":
            comments = comments.filter(~Q(kind=Comment.Kind.COMMENT) | Q(unit__isnull=False))
        return comments.order_by(*_in_reading_order("")).values_list(*COLUMNS, "unit")


def _in_reading_order(prefix: str) -> tuple[str | Combinable, ...]:
    """Positions are all 0 until the order of what was just imported is computed."""
    return (
        by_code_points(f"{prefix}thread__source_id"),
        f"{prefix}position",
        by_code_points(f"{prefix}source_id"),
    )
