"""The threads of a dataset: those in which something of the sample fits its filters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, Value, When

from annotations.models import Campaign, Comment, Unit
from annotations.samples.recipe import Recipe
from annotations.selectors.recipe_conditions import (
    by_code_points,
    comments_that_fit,
    comments_to_draw,
    threads_that_fit,
    whole_thread_fits,
)

THREADS_AT_ONCE = 100
READ_AT_ONCE = 2_000
COLUMNS = ("pk", "source_id", "title", "url", "platform", "language", "started_at")


class FoundThread(NamedTuple):
    """``unit`` is that of the thread as a whole, None where that was not to be labeled. The title
    and address of a thread whose opening was taken back are empty: they are the opening's."""

    pk: int
    source_id: str
    title: str
    url: str
    platform: str
    language: str
    started_at: datetime | None
    unit: int | None


def units_that_fit(campaign: Campaign, recipe: Recipe) -> QuerySet[Unit]:
    """The sample's comments that fit by all but their words and their thread."""
    units = Unit.objects.filter(
        campaign=campaign,
        purpose=Unit.Purpose.STUDY,
        comment__status=Comment.Status.VISIBLE,
    )
    if recipe.fits_everything:
        return units
    fitting = comments_that_fit(Comment.objects.filter(pk=OuterRef("comment")), recipe)
    return units.filter(Exists(fitting))


class FoundThreads:
    """Those of one campaign and recipe. They fit as a sample drawn by the recipe has them."""

    def __init__(self, campaign: Campaign, recipe: Recipe) -> None:
        self._campaign = campaign
        self._recipe = recipe
        self._text_fits = recipe.text_fits()

    def found(self) -> Iterator[FoundThread]:
        """By their source's id, the same on every database."""
        comments = units_that_fit(self._campaign, self._recipe).filter(thread=OuterRef("pk"))
        threads = threads_that_fit(self._campaign.corpus, self._recipe)
        threads = threads.annotate(unit=self._unit()).filter(
            Q(unit__isnull=False) | Exists(comments)
        )
        threads = threads.annotate(is_taken_back=Exists(_openings_taken_back()))
        rows = threads.order_by(by_code_points()).values_list(*COLUMNS, "unit", "is_taken_back")
        for *row, is_taken_back in rows.iterator(chunk_size=READ_AT_ONCE):
            thread = FoundThread(*row)
            if is_taken_back:
                thread = thread._replace(title="", url="")
            if self._recipe.reads_texts:
                thread = self._by_its_words(thread)
                if thread.unit is None and not self._any_fits(self._sampled(thread)):
                    continue
            yield thread

    def _unit(self) -> Case | Subquery:
        """The unit of the thread as a whole, where that fits."""
        wholes = Unit.objects.filter(
            campaign=self._campaign,
            purpose=Unit.Purpose.STUDY,
            thread=OuterRef("pk"),
            comment=None,
        )
        unit = Subquery(wholes.values("pk")[:1])
        fits = whole_thread_fits(self._recipe)
        if self._recipe.reads_comments:
            fits &= Q(Exists(self._drawable(OuterRef("pk"))))
        return Case(When(fits, then=unit), default=Value(None)) if fits else unit

    def _by_its_words(self, thread: FoundThread) -> FoundThread:
        """A thread fits as a whole where one of its comments does."""
        if thread.unit is None or self._any_fits(self._drawable(thread.pk)):
            return thread
        return thread._replace(unit=None)

    def _drawable(self, thread: int | OuterRef) -> QuerySet[Comment]:
        return comments_to_draw(Comment.objects.filter(thread=thread), self._recipe)

    def _sampled(self, thread: FoundThread) -> QuerySet[Comment]:
        units = units_that_fit(self._campaign, self._recipe).filter(thread=thread.pk)
        return Comment.objects.filter(pk__in=units.values("comment"))

    def _any_fits(self, comments: QuerySet[Comment]) -> bool:
        texts = comments.order_by().values_list("text", flat=True)
        return any(map(self._text_fits, texts.iterator(chunk_size=READ_AT_ONCE)))


def _openings_taken_back() -> QuerySet[Comment]:
    """Of the thread at hand. One that is missing was not in the file, and taken back by nobody."""
    openings = Comment.objects.filter(thread=OuterRef("pk")).exclude(kind=Comment.Kind.COMMENT)
    return openings.exclude(status__in=(Comment.Status.VISIBLE, Comment.Status.MISSING))
