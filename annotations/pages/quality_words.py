"""Figures of agreement in the reader's words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotations.pages.figures import written
from annotations.selectors.codebooks import Titles

NAMES = {
    "alpha_nominal": gettext_lazy("Alpha, nominal"),
    "alpha_ordinal": gettext_lazy("Alpha, ordinal"),
    "alpha_interval": gettext_lazy("Alpha, interval"),
    "alpha_ratio": gettext_lazy("Alpha, ratio"),
    "alpha_masi": gettext_lazy("Alpha, MASI"),
    "alpha_jaccard": gettext_lazy("Alpha, Jaccard"),
    "alpha_characters": gettext_lazy("Alpha on characters"),
    "alpha_u": gettext_lazy("Alpha of spans (alpha_U)"),
    "percent": gettext_lazy("Percent agreement"),
    "ac1": gettext_lazy("Gwet’s AC1"),
    "ac2": gettext_lazy("Gwet’s AC2, ordinal"),
    "fleiss": gettext_lazy("Fleiss’ kappa"),
    "f1_characters": gettext_lazy("F1 by character"),
    "f1_exact": gettext_lazy("F1, exact spans"),
    "f1_partial": gettext_lazy("F1, spans that touch"),
}
WEIGHINGS = {
    "nominal": gettext_lazy("Cohen’s kappa; answers are the same or not."),
    "quadratic": gettext_lazy("Cohen’s kappa, weighted by the square of the difference."),
    "MASI": gettext_lazy("Cohen’s kappa, weighted by MASI, as sets may overlap."),
    "F1 by character": gettext_lazy("F1 by character."),
}
REASONS = {
    "No unit has two ratings, so there is nothing to compare.": gettext_lazy(
        "No unit has two ratings, so there is nothing to compare."
    ),
    "All ratings are the same. Without any variation nobody can tell agreement from habit.": (
        gettext_lazy(
            "All ratings are the same. Without any variation nobody can tell agreement from habit."
        )
    ),
    "Nobody marked anything in a text at which two people looked.": gettext_lazy(
        "Nobody marked anything in a text at which two people looked."
    ),
    "Not every annotator looked at every text.": gettext_lazy(
        "Not every annotator looked at every text."
    ),
    "There is one annotator, so nothing to compare.": gettext_lazy(
        "There is one annotator, so nothing to compare."
    ),
    "Nothing was marked, or all of the text by everybody.": gettext_lazy(
        "Nothing was marked, or all of the text by everybody."
    ),
    "It is not defined for these ratings.": gettext_lazy("It is not defined for these ratings."),
}


def in_titles(result: dict[str, Any], titles: Titles) -> dict[str, Any]:
    """The figures of a question with the titles of its labels in place of their keys."""
    question = result["key"]
    figures = [
        {**one, "label": titles.label(question, one["label"])} if one["label"] else one
        for one in result["figures"]
    ]
    given = [
        {**one, "value": titles.label(question, one["value"])}
        if isinstance(one["value"], str)
        else one
        for one in result["prevalence"]
    ]
    return {**result, "figures": figures, "prevalence": given}


def figure_name(figure: dict[str, Any]) -> str:
    if figure["label"]:
        return _("Alpha of “%(label)s”") % {"label": figure["label"]}
    return str(NAMES.get(figure["key"], figure["name"]))


def weighing_words(name: str) -> str:
    return str(WEIGHINGS.get(name, ""))


def reason(sentence: str) -> str:
    """Why a figure is not defined."""
    return str(REASONS.get(sentence, sentence))


def recipe(figure: dict[str, Any]) -> str:
    """What a figure was made of, in a sentence or two: the stored recipe in the reader's words."""
    said = _(
        "Units with two ratings or more: %(units)s, with one: %(single)s; annotators: %(raters)s; "
        "ratings: %(ratings)s."
    ) % {key: written(figure[key], "count") for key in ("units", "single", "raters", "ratings")}
    if figure["resamples"] is None:
        none = _("No interval: whole threads are drawn for it, and there are too few.")
        return said if figure["key"] == "alpha_u" else f"{said} {none}"
    drawn = _(
        "%(level)s percentile interval from %(resamples)s resamples of %(drawn)s threads, seed "
        "%(seed)s, %(undefined)s without a figure."
    ) % {
        "level": written(figure["level"], "share"),
        "seed": figure["seed"],
        **{key: written(figure[key], "count") for key in ("resamples", "drawn", "undefined")},
    }
    return f"{said} {drawn}"
