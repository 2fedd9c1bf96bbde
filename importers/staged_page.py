"""What is shown of a staged import: its likely formats, its options, and its first threads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from annotations.errors import ThreadmarkError
from importers.models import ImportRun
from importers.option_forms import OptionForm, option_form
from importers.preview import RECORDS, preview_of
from importers.registry import formats
from importers.services import candidates_of, preview

LIKELIHOODS = (
    (0.9, _("almost certainly")),
    (0.65, _("probably")),
    (0.35, _("perhaps")),
    (0, _("hardly")),
)


@dataclass(frozen=True)
class FormatChoice:
    """A format that the file may be read as. ``words`` and ``per_cent`` say how well it fits."""

    name: str
    title: str
    words: str
    per_cent: int
    is_chosen: bool


def staged_context(run: ImportRun, form: OptionForm | None = None) -> dict[str, Any]:
    """The page's values; ``form`` is one that was filled in. Where the file cannot be read as it
    is to be, ``unreadable`` says why, and the formats can still be changed.
    """
    choices = format_choices(run)
    context: dict[str, Any] = {
        "run": run,
        "likely": [choice for choice in choices if choice.per_cent],
        "unlikely": [choice for choice in choices if not choice.per_cent],
        "chosen": next((choice for choice in choices if choice.is_chosen), None),
    }
    try:
        context["form"] = form = form or option_form(run)
        if form.is_bound and form.is_valid():
            run.options = form.options(run)
        context["preview"] = preview_of(preview(run, limit=RECORDS), run.corpus)
    except ThreadmarkError as error:
        context["unreadable"] = error.message
    return context


def format_choices(run: ImportRun) -> list[FormatChoice]:
    """All formats, the likeliest first; those that do not fit at all behind them, by name."""
    try:
        scores = {one.format.name: one.score for one in candidates_of(run)}
    except ThreadmarkError:
        scores = {}
    known = formats()
    return [
        _choice(name, known[name].title, scores.get(name, 0.0), run)
        for name in [*scores, *(name for name in known if name not in scores)]
    ]


def _choice(name: str, title: str, score: float, run: ImportRun) -> FormatChoice:
    words = next(words for least, words in LIKELIHOODS if score >= least)
    per_cent = max(round(100 * score), 1) if score else 0
    return FormatChoice(name, title, str(words), per_cent, is_chosen=name == run.format)
