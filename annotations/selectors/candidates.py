"""Which comments and threads of a corpus fit a recipe."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from annotations.models import Campaign, Codebook, Comment, Corpus, Question, Sample, Thread, Unit
from annotations.samples.pool import Candidate
from annotations.samples.recipe import Recipe, depth_band
from annotations.selectors.recipe_conditions import (
    by_code_points,
    comments_to_draw,
    require_known,
    threads_that_fit,
    whole_thread_fits,
)

THREADS_AT_ONCE = 200
READ_AT_ONCE = 2_000
COUNT_SECONDS = 5.0


@dataclass
class Fitting:
    """How many comments and threads fit; ``complete`` unless counting took too long."""

    comments: int = 0
    threads: int = 0
    platforms: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    complete: bool = True


@dataclass(frozen=True)
class Scope:
    """Whose candidates: of a corpus, for the questions of a codebook.

    Those that are units of ``campaign`` already do not fit, but for those that ``sample`` itself
    drew in an earlier attempt.
    """

    corpus: Corpus
    comments: bool = True
    threads: bool = False
    campaign: Campaign | None = None
    sample: Sample | None = None


class _Thread(NamedTuple):
    pk: int
    source_id: str
    platform: str
    language: str
    started_at: datetime | None
    fits: bool


def scope_of(corpus: Corpus, codebook: Codebook | None = None, **fields: Any) -> Scope:
    """Comments, threads or both, as the codebook asks about them."""
    if codebook is None:
        return Scope(corpus, **fields)
    kinds = set(Question.objects.filter(codebook=codebook).values_list("unit", flat=True))
    return Scope(
        corpus,
        comments=Question.Unit.COMMENT in kinds,
        threads=Question.Unit.THREAD in kinds,
        **fields,
    )


def candidates(scope: Scope, recipe: Recipe) -> Iterator[Candidate]:
    """All that fits: threads by their source's id, comments in reading order, then the thread.

    Not more than the ids of 200 threads are held at once. The order is the same on every
    database.
    """
    for one in candidates_until(scope, recipe, None):
        assert one is not None
        yield one


def candidates_until(
    scope: Scope, recipe: Recipe, until: float | None
) -> Iterator[Candidate | None]:
    """The same until the monotonic clock says ``until``; then None, if it was not all."""
    threads = _threads(scope, recipe).order_by(by_code_points())
    columns = ("pk", "source_id", "platform", "language", "started_at", "fits")
    rows = threads.values_list(*columns).iterator(chunk_size=READ_AT_ONCE)
    while some := [_Thread(*row) for row in islice(rows, THREADS_AT_ONCE)]:
        if until is not None and time.monotonic() > until:
            yield None
            return
        yield from _of_threads(scope, recipe, some)


def fitting(
    scope: Scope, recipe: Recipe, *, seconds: float = COUNT_SECONDS, most: int | None = None
) -> Fitting:
    """How many fit, by platform and language. Stops after so many seconds, or at ``most``.

    Raises InvalidInput where the recipe names a campaign that there is not.
    """
    require_known(scope.corpus, recipe)
    told, last = Fitting(), 0
    until = time.monotonic() + seconds
    for number, one in enumerate(candidates_until(scope, recipe, until)):
        if one is None or number == most:
            told.complete = False
            break
        told.threads += one.thread != last
        last = one.thread
        if one.comment:
            told.comments += 1
            told.platforms[one.platform] += 1
            told.languages[one.language] += 1
    return told


def _threads(scope: Scope, recipe: Recipe) -> QuerySet[Thread]:
    """Those that may hold something that fits; ``fits`` says that they do as a whole."""
    return threads_that_fit(scope.corpus, recipe).annotate(fits=_whole_thread_fits(scope, recipe))


def _whole_thread_fits(scope: Scope, recipe: Recipe) -> ExpressionWrapper[Any]:
    fits = whole_thread_fits(recipe)
    if scope.campaign is not None:
        taken = _own_units(scope.campaign, scope.sample).filter(thread=OuterRef("pk"), comment=None)
        fits &= ~Q(Exists(taken))
    return ExpressionWrapper(fits, output_field=BooleanField())


def _of_threads(scope: Scope, recipe: Recipe, threads: Sequence[_Thread]) -> Iterator[Candidate]:
    found: dict[int, list[Candidate]] = {thread.pk: [] for thread in threads}
    if scope.comments or recipe.reads_comments:
        known = {thread.pk: thread for thread in threads}
        for one in _comments(scope, recipe, known):
            found[one.thread].append(one)
    for thread in threads:
        if scope.comments:
            yield from found[thread.pk]
        if scope.threads and thread.fits and (found[thread.pk] or not recipe.reads_comments):
            yield _whole(thread, recipe)


def _comments(scope: Scope, recipe: Recipe, threads: dict[int, _Thread]) -> Iterator[Candidate]:
    fits = recipe.text_fits() if recipe.reads_texts else None
    columns = ("thread_id", "pk", "source_id", "language", "depth", "posted_at")
    rows = _fitting_comments(scope, recipe, list(threads)).order_by("thread", "position", "pk")
    read = rows.values_list(*columns, *(("text",) if fits else ()))
    for row in read.iterator(chunk_size=READ_AT_ONCE):
        if fits and not fits(row[6]):
            continue
        thread = threads[row[0]]
        yield Candidate(
            thread=thread.pk,
            comment=row[1],
            thread_source=thread.source_id,
            comment_source=row[2],
            platform=thread.platform,
            language=row[3],
            stratum=_stratum(recipe, thread, row),
        )


def _fitting_comments(scope: Scope, recipe: Recipe, threads: list[int]) -> QuerySet[Comment]:
    """Comments to draw that are nobody's unit."""
    comments = comments_to_draw(Comment.objects.filter(thread__in=threads), recipe)
    if scope.campaign is None:
        return comments
    taken = _own_units(scope.campaign, scope.sample).filter(comment=OuterRef("pk"))
    return comments.exclude(Exists(taken))


def _own_units(campaign: Campaign, sample: Sample | None) -> QuerySet[Unit]:
    """Units of the campaign itself, which are not drawn again."""
    return Unit.objects.filter(~Q(sample=sample) | Q(sample=None), campaign=campaign)


def _whole(thread: _Thread, recipe: Recipe) -> Candidate:
    return Candidate(
        thread=thread.pk,
        comment=0,
        thread_source=thread.source_id,
        comment_source="",
        platform=thread.platform,
        language=thread.language,
        stratum=_stratum(recipe, thread, (0, 0, "", thread.language, 0, thread.started_at)),
    )


def _stratum(recipe: Recipe, thread: _Thread, row: Sequence[Any]) -> str:
    """What the recipe stratifies by, of the comment, or of its thread where threads are drawn."""
    if recipe.by in (None, "thread"):
        return thread.source_id if recipe.by else ""
    if recipe.by == "platform":
        return thread.platform
    if recipe.by == "depth":
        return depth_band(row[4])
    of_threads = recipe.of == "threads"
    if recipe.by == "language":
        return thread.language if of_threads else str(row[3])
    at = thread.started_at if of_threads else row[5]
    return at.astimezone(UTC).strftime("%Y-%m") if at else ""
