"""Threads and comments sent in bulk, as lines. For staff."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any

from django.http import FileResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer
from rest_framework import serializers
from rest_framework.request import Request

from annotations.api.bulk import (
    BulkResource,
    Outcome,
    Result,
    ResultSerializer,
    SummarySerializer,
    Taker,
    unread,
)
from annotations.api.ndjson import NDJSON, Line
from annotations.api.operations import operation
from annotations.errors import InvalidInput
from annotations.permissions import access_corpus, require_staff
from annotations.queue import enqueue
from importers.api.imports import RefusalSerializer
from importers.received import ReceivedImport
from importers.record_lines import BadRecord, ReadRecord, line_schema, read_record
from importers.records import CommentRecord, Record, RecordError, ThreadRecord
from importers.running import scan_after
from importers.store.batch import StoredBatch

COMES_AGAIN = "The same {what} comes again on line {line}, which holds."
NOT_STORED = "None of the comments that came with this thread was taken: so it was not stored."
BROKEN_OFF = "The request ended before all of it was taken. What was taken stays: send it again."
KEEP_PRIVATE = OpenApiParameter(
    "keep_private",
    bool,
    description="Keep e-mail and IP addresses in `raw`; as usual, they are dropped.",
)


class RecordsSummarySerializer(SummarySerializer):
    """The last line of the answer, with the import as which the records are listed."""

    run = serializers.IntegerField(
        allow_null=True, help_text="The import's id; null where no line was a record."
    )
    warnings = RefusalSerializer(
        many=True,
        help_text="Quotes of comments that are not in the corpus, by line. At most 1,000.",
    )


RESULTS = PolymorphicProxySerializer(
    component_name="RecordsAnswerLine",
    serializers=[ResultSerializer, RecordsSummarySerializer],
    resource_type_field_name=None,
)


class RecordsView(BulkResource):
    body_parameters = frozenset({"keep_private"})

    @operation(
        "records_create",
        {(200, NDJSON): RESULTS},
        body={NDJSON: line_schema()},
        errors=(404, 409),
        parameters=[KEEP_PRIVATE],
    )
    def post(self, request: Request, slug: str) -> FileResponse:
        """Store threads and comments, one a line (staff); the same again changes nothing."""
        require_staff(self.user)
        corpus = access_corpus(self.user, slug)
        received = ReceivedImport(
            corpus=corpus,
            user=self.user,
            keep_private=_keeps_private(request.query_params.get("keep_private", "false")),
            clock=timezone.now,
        )
        return self.answer(RecordsTaker(received))


class RecordsTaker(Taker):
    """Lines as the records of one import."""

    def __init__(self, received: ReceivedImport) -> None:
        self._received = received

    def take(self, lines: Sequence[Line]) -> list[Result]:
        results: dict[int, Result] = {}
        taken: dict[int, ThreadRecord | CommentRecord] = {}
        records: list[Record] = []
        for line in lines:
            try:
                told = self._read(line)
            except BadRecord as error:
                results[line.number] = _refusal(line, error)
                records.append(RecordError(line.number, str(error)))
            else:
                results[line.number] = Result(line.number, told.record.id, "unchanged")
                taken[line.number] = told.record
                records += [told.record, *told.notes]
        if taken:
            stored, refusals = self._received.store(records, size=self.body.size)
            results.update(_told(taken, stored, refusals))
        else:
            self._received.refuse(records)
        return list(results.values())

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        problem = "" if error is None else BROKEN_OFF
        body = self.body
        run = self._received.end(size=body.size, sha256=body.sha256, problem=problem)
        scan = None if run is None else scan_after(run)
        if scan is not None:
            enqueue(scan)

    def summary(self) -> dict[str, Any]:
        run = self._received.run
        return {"run": run and run.pk, "warnings": self._received.late}

    def _read(self, line: Line) -> ReadRecord:
        if line.problem:
            raise BadRecord(line.problem)
        keep_private = self._received.keep_private
        return read_record(line.value, line=line.number, keep_private=keep_private)


def _refusal(line: Line, error: BadRecord) -> Result:
    if line.problem:
        return unread(line)
    given = line.value.get("id")
    id = given if isinstance(given, str) else None
    return Result(line.number, id, "refused", str(error), error.fields)


def _told(
    taken: Mapping[int, ThreadRecord | CommentRecord],
    stored: StoredBatch,
    refusals: Mapping[int, str],
) -> Iterator[tuple[int, Result]]:
    """What became of the records, by line. Of one that comes again in the batch, the last holds."""
    last = {(type(record), record.id): number for number, record in taken.items()}
    for number, record in taken.items():
        is_comment = isinstance(record, CommentRecord)
        outcome, message = _outcome(record, stored)
        if number in refusals:
            outcome, message = "refused", refusals[number]
        elif (holds := last[type(record), record.id]) != number:
            what = "comment" if is_comment else "thread"
            outcome, message = "unchanged", COMES_AGAIN.format(what=what, line=holds)
        yield number, Result(number, record.id, outcome, message)


def _outcome(record: ThreadRecord | CommentRecord, stored: StoredBatch) -> tuple[Outcome, str]:
    if isinstance(record, CommentRecord):
        created, updated = stored.created, stored.updated
    elif record.id in stored.threads:
        created, updated = stored.new_threads, stored.updated_threads
    else:
        return "refused", NOT_STORED
    if record.id in created:
        return "created", ""
    return ("updated" if record.id in updated else "unchanged"), ""


def _keeps_private(given: str) -> bool:
    if given not in ("true", "false"):
        sentence = f"keep_private is true or false, not {given[:40]!r}."
        raise InvalidInput(sentence, fields={"keep_private": [sentence]})
    return given == "true"
