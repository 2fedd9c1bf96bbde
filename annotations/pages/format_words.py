"""The export formats by purpose, each with a sentence on what it is good for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from annotations.exporters.registry import exporters, lacking
from annotations.pages.choices import ExplainedOptions

PURPOSES: tuple[tuple[object, dict[str, object]], ...] = (
    (
        _("Tables, to compute with"),
        {
            "jsonl": _("One object an annotation. Keeps everything, and every tool reads it."),
            "csv": _("One row a value, for R, Stata, SPSS and spreadsheets."),
            "parquet": _("Typed columns for pandas, polars and DuckDB; the best for much data."),
        },
    ),
    (
        _("Discussions, as they went"),
        {
            "threads": _("One object a thread, with its comments and their annotations inside."),
            "convokit": _("A corpus for Cornell ConvoKit; the labels are metadata of utterances."),
            "rumoureval": _("Folders of threads as in PHEME and RumourEval, for work on rumours."),
        },
    ),
    (
        _("To train and evaluate models"),
        {
            "huggingface": _("A folder that load_dataset reads: shards, splits and a card."),
            "lewidi": _("What each annotator said, with soft labels: learning with disagreement."),
            "hatexplain": _("Posts as tokens, with labels and rationales of each annotator."),
            "spacy": _("Documents of spaCy, to train text classifiers and finders of spans."),
            "conll": _("One token a line with tags B, I and O, for taggers of spans."),
        },
    ),
    (
        _("To go on in another tool"),
        {
            "label_studio": _("Tasks with annotations and predictions, for Label Studio."),
            "doccano": _("JSON Lines that doccano imports."),
            "brat": _("Texts with standoff annotations, for brat."),
            "uima_xmi": _("Documents for INCEpTION and other tools of Apache UIMA."),
            "web_annotation": _("The spans as W3C Web Annotations, in JSON-LD."),
        },
    ),
)


def format_sentences() -> dict[str, object]:
    return {name: words for _purpose, known in PURPOSES for name, words in known.items()}


def offer_formats(field: forms.ChoiceField | forms.MultipleChoiceField) -> None:
    """Let the field choose among the formats; those whose library is missing are only shown."""
    field.choices = format_choices()
    words = gettext("It needs a library that is not installed: pip install %(library)s")
    options = cast(ExplainedOptions, field.widget)
    options.closed = {name: words % {"library": one.requires} for name, one in lacking().items()}


def format_choices() -> list[tuple[object, list[tuple[str, str]]]]:
    """All formats, grouped, with their titles; those without words come last."""
    return [(purpose, group) for purpose, group in _groups() if group]


def _groups() -> Iterator[tuple[object, list[tuple[str, str]]]]:
    there = {**exporters(), **lacking()}
    for purpose, known in PURPOSES:
        yield purpose, [(name, there.pop(name).title) for name in known if name in there]
    yield _("Others"), [(name, one.title) for name, one in there.items()]
