"""A release in words: how much of what is in it, and what leaks between its splits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from annotations.pages.contents_words import LAYERS

MEASURES = ("threads", "comments", "labeled_comments", "annotations", "answers")
SPLITS = {
    "train": gettext_lazy("Train"),
    "validation": gettext_lazy("Validation"),
    "test": gettext_lazy("Test"),
}


def amounts(
    counts: Mapping[str, Any], leaks: Mapping[str, Any] | None
) -> list[tuple[str, list[int]]]:
    """The rows of a table: all, then each split, with its measures, also one without rows.

    A thread counts in every split that has a comment of it, as ``leaks`` counts. They are None
    where the dataset is not split.
    """
    rows = [(_("All"), [counts[measure] for measure in MEASURES])]
    for name, title in SPLITS.items():
        if leaks is not None:
            counted = counts["splits"].get(name, {})
            part = {**counted, "threads": leaks["splits"][name]["threads"]}
            rows.append((str(title), [part.get(measure, 0) for measure in MEASURES]))
    return rows


def layer_amounts(counts: Mapping[str, Any]) -> list[tuple[str, int, int, int]]:
    """Each layer with its annotations, answers, and how many annotations were skipped."""
    return [
        (str(LAYERS[name]), layer["annotations"], layer["answers"], layer["skipped"])
        for name, layer in counts["layers"].items()
    ]


def leaks_in_words(leaks: Mapping[str, Any]) -> list[str]:
    """A sentence for each kind of thing that stands in more than one split; or that none does."""
    told = list(_crossings(leaks))
    if leaks["authors"] is None:
        return [*told, _("Without authors and texts nobody can tell which of them leak.")]
    return told or [_("No thread, no author and no text stands in more than one part.")]


def _crossings(leaks: Mapping[str, Any]) -> Iterator[str]:
    for name in ("threads", "authors", "texts"):
        crossing = leaks[name]
        if not crossing or not crossing["number"]:
            continue
        number = crossing["number"]
        values = {
            "number": intcomma(number),
            "comments": intcomma(crossing["comments"]),
            "examples": ", ".join(crossing["examples"]),
        }
        yield _crossing(name, number) % values


def _crossing(name: str, number: int) -> str:
    if name == "threads":
        return ngettext(
            "%(number)s thread stands in more than one part (%(comments)s comments): %(examples)s.",
            "%(number)s threads stand in more than one part (%(comments)s comments), such as "
            "%(examples)s.",
            number,
        )
    if name == "authors":
        return ngettext(
            "%(number)s author stands in more than one part (%(comments)s comments): %(examples)s.",
            "%(number)s authors stand in more than one part (%(comments)s comments), such as "
            "%(examples)s.",
            number,
        )
    return ngettext(
        "%(number)s text stands in more than one part (%(comments)s comments): %(examples)s.",
        "%(number)s texts stand in more than one part (%(comments)s comments), such as "
        "%(examples)s.",
        number,
    )
