"""What the filters of a recipe ask of comments and threads, for samples and datasets alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Collate, Length

from annotations.errors import InvalidInput
from annotations.models import Campaign, Comment, Corpus, Thread, Unit
from annotations.samples.recipe import Recipe


def require_known(corpus: Corpus, recipe: Recipe) -> None:
    """Raises InvalidInput where the recipe leaves out units of a campaign that there is not."""
    known = Campaign.objects.filter(corpus=corpus, slug__in=recipe.not_in)
    unknown = sorted(set(recipe.not_in) - set(known.values_list("slug", flat=True)))
    if unknown:
        sentence = f"There is no campaign {unknown[0]!r} on this corpus."
        raise InvalidInput(sentence, fields={"not_in": [sentence]})


def by_code_points(name: str = "source_id") -> Collate:
    """In the order of the source's ids, however the database sorts words otherwise."""
    return Collate(name, "C" if connection.vendor == "postgresql" else "BINARY")


def threads_that_fit(corpus: Corpus, recipe: Recipe) -> QuerySet[Thread]:
    """Threads of the platforms and sizes that the recipe names."""
    threads = Thread.objects.filter(corpus=corpus)
    if recipe.platforms:
        threads = threads.filter(platform__in=recipe.platforms)
    if recipe.thread_min is not None:
        threads = threads.filter(comment_count__gte=recipe.thread_min)
    if recipe.thread_max is not None:
        threads = threads.filter(comment_count__lte=recipe.thread_max)
    return threads


def whole_thread_fits(recipe: Recipe) -> Q:
    """Whether one of those threads fits as a whole, but for what is asked of its comments."""
    fits = _posted(recipe, "started_at")
    if recipe.languages:
        fits &= Q(language__in=recipe.languages)
    if recipe.not_in:
        taken = Unit.objects.filter(thread=OuterRef("pk"), comment=None)
        fits &= ~Q(Exists(taken.filter(campaign__slug__in=recipe.not_in)))
    return fits


def comments_to_draw(comments: QuerySet[Comment], recipe: Recipe) -> QuerySet[Comment]:
    """Those with a text among the ones that fit; an article or opening post is none."""
    kind = Comment.Kind.COMMENT
    return comments_that_fit(comments.filter(kind=kind).exclude(text=""), recipe)


def comments_that_fit(comments: QuerySet[Comment], recipe: Recipe) -> QuerySet[Comment]:
    """Those visible ones among ``comments`` that fit by all but their words and their thread."""
    comments = comments.filter(_posted(recipe, "posted_at"), status=Comment.Status.VISIBLE)
    if recipe.languages:
        comments = comments.filter(language__in=recipe.languages)
    for name, lookup in (("depth", "depth"), ("length", "code_points")):
        least, most = getattr(recipe, f"{name}_min"), getattr(recipe, f"{name}_max")
        if name == "length" and (least, most) != (None, None):
            comments = comments.alias(code_points=Length("text"))
        if least is not None:
            comments = comments.filter(**{f"{lookup}__gte": least})
        if most is not None:
            comments = comments.filter(**{f"{lookup}__lte": most})
    if recipe.without_copies:
        comments = comments.exclude(duplicate_member__position__gt=0)
    if recipe.not_in:
        taken = Unit.objects.filter(comment=OuterRef("pk"), campaign__slug__in=recipe.not_in)
        comments = comments.exclude(Exists(taken))
    return comments


def _posted(recipe: Recipe, name: str) -> Q:
    fits = Q()
    if recipe.posted_from:
        first = datetime.combine(recipe.posted_from, datetime.min.time(), UTC)
        fits &= Q(**{f"{name}__gte": first})
    if recipe.posted_to:
        day_after = datetime.combine(recipe.posted_to, datetime.min.time(), UTC)
        fits &= Q(**{f"{name}__lt": day_after + timedelta(days=1)})
    return fits
