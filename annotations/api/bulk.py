"""Writing in bulk: a body of lines, and a line of answer for each."""

from __future__ import annotations

import logging
import tempfile
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from types import TracebackType
from typing import Any, ClassVar, Literal

import msgspec
from django.db import IntegrityError, OperationalError, connection
from django.http import FileResponse
from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers
from rest_framework.exceptions import APIException, ErrorDetail, ParseError

from annotations.api.errors import sentences_of
from annotations.api.ndjson import NDJSON, Line, Lines
from annotations.api.resource import Resource
from annotations.errors import ThreadmarkError
from annotations.services.unit_writing import give_way

Outcome = Literal["created", "updated", "unchanged", "refused"]
OUTCOMES: tuple[Outcome, ...] = ("created", "updated", "unchanged", "refused")
IN_MEMORY = 1024 * 1024
TRIES = 4

log = logging.getLogger("threadmark.api")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a line. ``id`` is the client's own; ``message`` says why it was refused."""

    line: int
    id: str | int | None
    outcome: Outcome
    message: str = ""
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)


class ResultSerializer(serializers.Serializer[Result]):
    """What became of one line."""

    line = serializers.IntegerField(help_text="Where it stands in the body, from 1.")
    id = serializers.JSONField(
        allow_null=True, help_text="What the line called itself; null where it cannot be read."
    )
    outcome = serializers.ChoiceField(choices=OUTCOMES)
    message = serializers.CharField(help_text="Why it was refused; mostly empty otherwise.")
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()),
        help_text="The fields at fault, each with the sentences about it.",
    )


class SummarySerializer(serializers.Serializer[Any]):
    """The last line of the answer: how many lines there were, and what became of them."""

    lines = serializers.IntegerField()
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField()


RESULTS = PolymorphicProxySerializer(
    component_name="BulkAnswerLine",
    serializers=[ResultSerializer, SummarySerializer],
    resource_type_field_name=None,
)


class Taker(AbstractContextManager["Taker"], ABC):
    """Takes the lines of one request, batch by batch; entered before the first, left at the end.

    ``body`` are the lines, which know how much of them was read.
    """

    lines_at_once: ClassVar[int] = 500
    body: Lines

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Whatever happened: what was taken stays."""

    @abstractmethod
    def take(self, lines: Sequence[Line]) -> Iterable[Result]:
        """A result for each line, in order, after a short transaction of its own.

        After an OperationalError or IntegrityError, which it raises, it is asked for the same
        lines once more.
        """

    def summary(self) -> dict[str, Any]:
        """What the summary says beside the counts."""
        return {}


class BulkResource(Resource):
    """A view that takes lines. They are answered once all are read: status 200, whatever became
    of each; what could not be read as lines at all is 400."""

    def answer(self, taker: Taker) -> FileResponse:
        """Raises UnsupportedMediaType, ParseError, TooLarge, and what the taker raises; what was
        taken before stays, and the error says which lines these are."""
        spool = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
        told = _Told()
        try:
            taker.body = Lines(self.request)
            with taker:
                for batch in taker.body.batches(taker.lines_at_once):
                    for result in _taken(taker, batch):
                        told.count(result)
                        spool.write(msgspec.json.encode(asdict(result)) + b"\n")
                    told.last = batch[-1].number
                    give_way()
                told.require_some()
        except (APIException, ThreadmarkError) as error:
            spool.close()
            told.tell(error)
            raise
        except BaseException:
            spool.close()
            raise
        finally:
            if told.last:
                log.info("%s by user %s: %s", type(self).__name__, self.user.pk, told.summary())
        spool.write(msgspec.json.encode({**told.summary(), **taker.summary()}) + b"\n")
        spool.seek(0)
        return FileResponse(spool, content_type=NDJSON)


class _Told:
    """What was told so far. ``last`` is the number of the last line that was taken."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._first_problem = ""
        self._is_readable = False
        self.last = 0

    def count(self, result: Result) -> None:
        self._counts[result.outcome] += 1
        self._first_problem = self._first_problem or f"Line {result.line}: {result.message}"
        self._is_readable = self._is_readable or not isinstance(result, Unread)

    def summary(self) -> dict[str, int]:
        return {
            "lines": self._counts.total(),
            **{outcome: self._counts[outcome] for outcome in OUTCOMES},
        }

    def require_some(self) -> None:
        """Raises ParseError where no line was a JSON object."""
        if not self._counts:
            raise ParseError("The body is empty: send one JSON object a line.")
        if not self._is_readable:
            self.last = 0
            raise ParseError(f"No line of the body is a JSON object. {self._first_problem}")

    def tell(self, error: APIException | ThreadmarkError) -> None:
        """Say in the error how far the lines were taken, if they were."""
        if not self.last:
            return
        said = f" Lines 1 to {self.last:,} were taken, and may be sent again: nothing changes then."
        if isinstance(error, ThreadmarkError):
            error.message += said
        else:
            detail = error.detail
            code = detail.code if isinstance(detail, ErrorDetail) else error.default_code
            error.detail = ErrorDetail(f"{detail}{said}", code)


class Unread(Result):
    """The result of a line that is no JSON object."""


def unread(line: Line) -> Result:
    return Unread(line.number, None, "refused", line.problem)


def refused(line: Line, id: str | int | None, error: Exception) -> Result:
    """The result of a line that a serializer or a service did not take."""
    if isinstance(error, ThreadmarkError):
        return Result(line.number, id, "refused", error.message, error.fields)
    assert isinstance(error, serializers.ValidationError)
    message, fields = sentences_of(error)
    return Result(line.number, id, "refused", message, fields)


def _taken(taker: Taker, batch: Sequence[Line]) -> list[Result]:
    """Several writers may be in each other's way: who loses tries again, a little later."""
    for attempt in range(1, TRIES):
        try:
            return list(taker.take(batch))
        except (IntegrityError, OperationalError):  # the same id at once: told the next time
            if connection.in_atomic_block:
                raise
            log.warning("A batch of lines is tried again.", exc_info=True)
            connection.close_if_unusable_or_obsolete()
            time.sleep(0.1 * 2**attempt)
    return list(taker.take(batch))
