"""Who labeled, as a table: pseudonyms, roles, how much, and what they agreed to tell."""

from __future__ import annotations

import csv
import io

from annotations.exporters.cells import cell, formulas_in, harmless_cell
from annotations.exporters.dataset import Annotator
from annotations.releases.counts import Layer
from annotations.releases.facts import Facts

ANNOTATORS = "annotators.csv"
COLUMNS = ("annotator", "role", "annotations", "answers", "skipped")


def columns(facts: Facts) -> tuple[str, ...]:
    """The traits of all annotators behind what each of them has."""
    traits = {trait for one in facts.study.annotators for trait in one.traits}
    return (*COLUMNS, *sorted(traits))


def annotators_table(facts: Facts) -> bytes:
    """As CSV. What somebody did not tell is empty; own words may be formulas, as in the data."""
    as_text = harmless_cell if _escapes(facts) else cell
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, columns(facts), restval="", lineterminator="\r\n")
    writer.writeheader()
    for one in facts.study.annotators:
        traits = {trait: as_text(told) for trait, told in one.traits.items()}
        writer.writerow({**traits, **_counted(one, facts)})
    return target.getvalue().encode()


def formulas_told(facts: Facts) -> int:
    """How many cells of the table a spreadsheet would calculate."""
    if _escapes(facts):
        return 0
    return sum(formulas_in(one.traits.values()) for one in facts.study.annotators)


def _escapes(facts: Facts) -> bool:
    return facts.study.contents.formulas == "escape"


def _counted(annotator: Annotator, facts: Facts) -> dict[str, str | int]:
    layer = facts.counts.by_annotator.get(annotator.name, Layer())
    return {"annotator": annotator.name, "role": annotator.role, **vars(layer)}
