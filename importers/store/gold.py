"""Storing the labels that came with the data."""

from __future__ import annotations

from annotations.services.gold import GoldLabel, save_gold
from importers.records import GoldRecord
from importers.store.bulk import find_ids
from importers.store.erased import erased_comments
from importers.store.load import Load

LABELS_AT_ONCE = 1_000
LABELS_KEPT_OUT = "labels of comments of people who were erased"


def store_gold(load: Load) -> None:
    """The gold labels met so far; those of comments that are not in the corpus are refused."""
    waiting, load.gold = load.gold, []
    load.report.gold = 0  # a piece that was killed after this begins it again
    for start in range(0, len(waiting), LABELS_AT_ONCE):
        records = waiting[start : start + LABELS_AT_ONCE]
        known = find_ids("comment", load.corpus.pk, {record.comment_id for record in records})
        lacking = {record.comment_id for record in records} - known.keys()
        erased = erased_comments(load.corpus, lacking)
        labels: dict[str, list[GoldLabel]] = {}
        for record in records:
            if record.comment_id in erased:
                load.report.note(LABELS_KEPT_OUT)
            elif record.comment_id in known:
                labels.setdefault(record.codebook, []).append(_label(record, known))
            else:
                load.report.refuse(
                    record.line,
                    f"The label {record.label!r} is of the comment {record.comment_id}, which is "
                    "not in the corpus.",
                )
        for codebook, found in sorted(labels.items()):
            problems = save_gold(corpus=load.corpus, codebook=codebook, labels=found, now=load.now)
            for problem in problems:
                load.report.refuse(None, problem)
            load.report.gold += len(found) - len(problems)


def _label(record: GoldRecord, known: dict[str, int]) -> GoldLabel:
    return GoldLabel(comment=known[record.comment_id], question=record.question, label=record.label)
