"""What a dataset holds, in words: for those who choose, and for those who read what was chosen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotations.exporters.contents import Contents
from annotations.exporters.rows import AGGREGATED
from annotations.models import Aggregation
from annotations.selectors.recipe_words import filters_in_words

LAYERS = {
    "human": gettext_lazy("Labels of people"),
    "aggregated": gettext_lazy("One answer from many"),
    "adjudication": gettext_lazy("Decided labels"),
    "gold": gettext_lazy("Gold standard"),
    "model": gettext_lazy("Models"),
}
LAYER_SENTENCES = {
    "human": gettext_lazy("What each annotator said, one beside the other; people are A1 to An."),
    "aggregated": gettext_lazy("What a method makes of the labels of people, with its shares."),
    "adjudication": gettext_lazy("What adjudicators decided where people disagreed."),
    "gold": gettext_lazy("Answers that are known to be right."),
    "model": gettext_lazy("What models suggested; it is marked as theirs."),
}
CONTEXTS = {
    "none": gettext_lazy("Only what was sampled"),
    "article": gettext_lazy("With the article or post above"),
    "thread": gettext_lazy("With the whole thread"),
}
PRIVACY = {
    "full": gettext_lazy("Full"),
    "pseudonymous": gettext_lazy("Pseudonymous"),
    "redacted": gettext_lazy("Redacted"),
    "dehydrated": gettext_lazy("Dehydrated"),
}
PRIVACY_SENTENCES = {
    "full": gettext_lazy(
        "Texts, ids and addresses as they are stored. For your own team, not for the public."
    ),
    "pseudonymous": gettext_lazy(
        "Authors and ids get new names that lead nowhere, and so do names of authors in the "
        "texts. A search for a sentence may still find who wrote it."
    ),
    "redacted": gettext_lazy(
        "All that, and e-mail addresses, phone numbers, links and the like are taken out of the "
        "texts."
    ),
    "dehydrated": gettext_lazy(
        "Ids and labels without any text: others fetch the texts from the source themselves, and "
        "what was deleted there stays deleted."
    ),
}
SPLITS = {
    "none": gettext_lazy("Not split"),
    "thread": gettext_lazy("By thread"),
    "author": gettext_lazy("By author"),
}
SPLIT_SENTENCES = {
    "thread": gettext_lazy("A thread stands in one part as a whole, so that context never leaks."),
    "author": gettext_lazy("All of an author stands in one part, so that no style is learned."),
}
FORMULAS = {
    "keep": gettext_lazy("Keep texts byte for byte"),
    "escape": gettext_lazy("Make formulas harmless"),
}
FORMULA_SENTENCES = {
    "keep": gettext_lazy("Right for computing. Do not open such a file in a spreadsheet."),
    "escape": gettext_lazy(
        "For Excel and LibreOffice: a text that would run as a formula gets an apostrophe in "
        "front. Only CSV files are changed."
    ),
}


def contents_in_words(contents: Contents) -> list[str]:
    """Sentences: whose labels, of which comments, and what becomes of the texts."""
    return [
        _layers(contents),
        *filters_in_words(contents.filters),
        f"{CONTEXTS[contents.context]}.",
        _privacy(contents),
        *_extras(contents),
    ]


def in_words_of(stored: Mapping[str, object]) -> list[str]:
    """The same of a choice as it is stored."""
    return contents_in_words(Contents.from_json(stored))


def _layers(contents: Contents) -> str:
    told = [str(LAYERS[layer]) for layer in contents.layers]
    if AGGREGATED in contents.layers:
        method = str(dict(Aggregation.Method.choices)[contents.method])
        place = contents.layers.index(AGGREGATED)
        told[place] = _("%(layer)s (%(method)s)") % {"layer": told[place], "method": method}
    return _("Layers: %(layers)s.") % {"layers": " · ".join(told)}


def _privacy(contents: Contents) -> str:
    return _("Privacy: %(profile)s.") % {"profile": PRIVACY[contents.privacy]}


def _extras(contents: Contents) -> Iterator[str]:
    if not contents.notes:
        yield _("Without notes and reasons.")
    if contents.traits:
        yield _("With what annotators agreed to tell of themselves.")
    if contents.split_by != "none":
        shares = " / ".join(f"{share * 100:g}" for share in contents.shares)
        words = {"by": SPLITS[contents.split_by], "shares": shares, "seed": contents.seed}
        yield _("Split: %(by)s, %(shares)s percent (seed %(seed)s).") % words
    if contents.formulas == "escape":
        yield _("Formulas in CSV files are made harmless.")
