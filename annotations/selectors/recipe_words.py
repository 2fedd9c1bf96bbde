"""A recipe in words, for those who read what a sample is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotations.models import Sample
from annotations.samples.recipe import Recipe

STRATA = {
    "platform": gettext_lazy("platform"),
    "language": gettext_lazy("language"),
    "depth": gettext_lazy("depth in the thread"),
    "thread": gettext_lazy("thread"),
    "month": gettext_lazy("month"),
}


def sample_in_words(sample: Sample) -> list[str]:
    """Sentences: how it is drawn, then each filter."""
    if sample.kind == Sample.Kind.OVERLAP:
        overlap = sample.recipe["overlap"]
        return [_("Each unit is labeled by %(overlap)s annotators.") % {"overlap": overlap}]
    return recipe_in_words(Recipe.from_json(sample.recipe))


def recipe_in_words(recipe: Recipe) -> list[str]:
    """The same of a recipe."""
    return [_drawing(recipe), *filters_in_words(recipe)]


def _drawing(recipe: Recipe) -> str:
    values: dict[str, Any] = {"size": recipe.size, "seed": recipe.seed}
    if recipe.draw == "all":
        return _("All that fits.")
    if recipe.draw == "random":
        if recipe.of == "threads":
            return _("%(size)s threads at random (seed %(seed)s), all that fits in them.") % values
        return _("%(size)s at random (seed %(seed)s).") % values
    values["by"] = STRATA[recipe.by or "thread"]
    if recipe.of == "threads":
        sentence = (
            _("%(size)s threads, as many of each %(by)s (seed %(seed)s).")
            if recipe.allocation == "equal"
            else _("%(size)s threads, of each %(by)s its share (seed %(seed)s).")
        )
    else:
        sentence = (
            _("%(size)s, as many of each %(by)s (seed %(seed)s).")
            if recipe.allocation == "equal"
            else _("%(size)s, of each %(by)s its share (seed %(seed)s).")
        )
    return sentence % values


def filters_in_words(recipe: Recipe) -> Iterator[str]:
    """A sentence for each filter."""
    lists = (
        (recipe.platforms, _("Platform: %(words)s.")),
        (recipe.languages, _("Language: %(words)s.")),
        (recipe.keywords, _("The text holds one of: %(words)s.")),
        (recipe.excluded, _("The text holds none of: %(words)s.")),
        (recipe.not_in, _("Not a unit of: %(words)s.")),
    )
    for words, sentence in lists:
        if words:
            yield sentence % {"words": ", ".join(words)}
    if recipe.posted_from:
        day = date_format(recipe.posted_from, "DATE_FORMAT")
        yield _("Posted on %(day)s or later.") % {"day": day}
    if recipe.posted_to:
        day = date_format(recipe.posted_to, "DATE_FORMAT")
        yield _("Posted on %(day)s or earlier.") % {"day": day}
    yield from _range(_("Depth in the thread: %(range)s."), recipe.depth_min, recipe.depth_max)
    yield from _range(_("Characters: %(range)s."), recipe.length_min, recipe.length_max)
    yield from _range(_("Comments in the thread: %(range)s."), recipe.thread_min, recipe.thread_max)
    if recipe.without_copies:
        yield _("Of texts that say nearly the same only the earliest.")


def _range(sentence: str, least: int | None, most: int | None) -> Iterator[str]:
    if least is None and most is None:
        return
    if most is None:
        told = _("%(least)s or more") % {"least": least}
    elif least is None:
        told = _("%(most)s at most") % {"most": most}
    else:
        told = _("%(least)s to %(most)s") % {"least": least, "most": most}
    yield sentence % {"range": told}
