"""What a recoding did, answer by answer, as the revisions say it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery

from annotations.exporters.cells import harmless_cell
from annotations.models import Recoding, Revision

CHUNK = 500
BLOCK = 64 * 1024
COLUMNS = (
    *("annotation", "annotator", "source", "thread_id", "comment_id"),
    *("revision_before", "question_before", "answer_before"),
    *("revision_after", "question_after", "answer_after"),
)
ABOUT = {
    "number_of_member": F("annotation__membership__number"),
    "source": F("annotation__source"),
    "thread_id": F("annotation__unit__thread__source_id"),
    "comment_id": F("annotation__unit__comment__source_id"),
}


def trace_csv(recoding: Recoding) -> Iterator[bytes]:
    """A line for each question that an annotation had an answer to, in UTF-8.

    An answer is a word or number as it is, and JSON where there are several. It is empty where
    it was not carried on. What was skipped because it harms is left out, as in exports. A text that
    a spreadsheet would run as a formula has an apostrophe in front.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in _lines(recoding):
        writer.writerow(harmless_cell(value) for value in line)
        if buffer.tell() >= BLOCK:
            yield _taken(buffer)
    yield _taken(buffer)


def _lines(recoding: Recoding) -> Iterator[list[Any]]:
    last = 0
    while chunk := list(_revisions(recoding).filter(pk__gt=last)[:CHUNK]):
        numbers = {row["before"] for row in chunk if row["before"]}
        earlier = Revision.objects.in_bulk(numbers)
        for row in chunk:
            if row["before"]:
                yield from _answers(recoding, row, earlier[row["before"]])
        last = chunk[-1]["pk"]


def _revisions(recoding: Recoding) -> QuerySet[Revision, dict[str, Any]]:
    """The recoding's revisions, each with the id of the one that stood before it."""
    stood = Revision.objects.filter(
        annotation=OuterRef("annotation"), number__lt=OuterRef("number"), aside=False
    ).order_by("-number")
    rows: QuerySet[Revision, dict[str, Any]] = (
        Revision.objects.filter(
            annotation__unit__campaign=recoding.campaign_id,
            annotation__harmful=False,
            content__recoded__recoding=recoding.pk,
        )
        .order_by("pk")
        .values(
            *("pk", "annotation_id", "number", "content"),
            before=Subquery(stood.values("pk")[:1]),
            **ABOUT,
        )
    )
    return rows


def _answers(recoding: Recoding, row: dict[str, Any], earlier: Revision) -> Iterator[list[Any]]:
    after = row["content"]["answers"]
    member = row["number_of_member"]
    about = [row["annotation_id"], f"A{member}" if member else "", row["source"]]
    about += [row["thread_id"], row["comment_id"] or "", earlier.number]
    for question, answer in earlier.content["answers"].items():
        becomes = recoding.mapping.get(question, {}).get("question") or ""
        said = after.get(becomes)
        new = [row["number"], becomes if said is not None else "", _cell(said)]
        yield [*about, question, _cell(answer), *new]


def _cell(answer: Any) -> Any:
    if isinstance(answer, list | dict):
        return json.dumps(answer, ensure_ascii=False)
    return "" if answer is None else answer


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()
