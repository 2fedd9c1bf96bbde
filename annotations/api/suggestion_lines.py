"""What models suggest, as lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from django.db import transaction
from django.utils import timezone
from rest_framework import serializers

from annotations.api.bulk import Outcome, Result, Taker, refused, unread
from annotations.api.fields import AnswersField, FiniteNumber, RequestSerializer, WholeNumber
from annotations.api.filters import BIGGEST_ID
from annotations.api.ndjson import Line
from annotations.errors import InvalidInput
from annotations.models import Campaign
from annotations.queue import enqueue
from annotations.selectors.named_units import comments_of
from annotations.services.ranking import rank_after_suggestions
from annotations.services.suggestions import Suggestion, suggest_answers

LONGEST_NAME = 100
NAMES = ("comment", "comment_source_id")
ONE_NAME = "Name the comment by one of: comment, comment_source_id."
NO_MODEL = "Name the model, in the line or for all lines by ?model=."
NO_COMMENT = "There is no comment {id!r} in the corpus of this campaign."


class SuggestionLineSerializer(RequestSerializer):
    """A model's answers to one comment's unit."""

    comment = WholeNumber(max_value=BIGGEST_ID, required=False, help_text="The comment's id.")
    comment_source_id = serializers.CharField(
        max_length=500,
        required=False,
        trim_whitespace=False,
        help_text="Or the id that the comment has at the source.",
    )
    model = serializers.CharField(
        max_length=LONGEST_NAME,
        required=False,
        help_text="The model's name, with its version; where it is left out, `?model=` says it.",
    )
    answers = AnswersField()
    certainty = FiniteNumber(
        min_value=0,
        max_value=1,
        default=None,
        allow_null=True,
        help_text="How sure the model is, 0 to 1; orders the units of some campaigns.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if sum(name in attrs for name in NAMES) != 1:
            raise serializers.ValidationError({"comment": [ONE_NAME]})
        return attrs


@dataclass(frozen=True, slots=True)
class _Sent:
    line: Line
    id: str | int
    model: str
    suggestion: Suggestion


class SuggestionsTaker(Taker):
    """Lines as suggestions; ``model`` is the name for those that name none."""

    def __init__(self, campaign: Campaign, model: str) -> None:
        """Raises InvalidInput."""
        if len(model) > LONGEST_NAME or "\0" in model:
            sentence = f"The name of a model has 1 to {LONGEST_NAME} characters."
            raise InvalidInput(sentence, fields={"model": [sentence]})
        self._campaign, self._model = campaign, model
        self._serializer = SuggestionLineSerializer()
        self._changed = False

    def take(self, lines: Sequence[Line]) -> list[Result]:
        results: dict[int, Result] = {}
        read: list[tuple[Line, dict[str, Any]]] = []
        for line in lines:
            try:
                if line.problem:
                    results[line.number] = unread(line)
                    continue
                read.append((line, self._read(line)))
                results[line.number] = Result(line.number, None, "unchanged")
            except serializers.ValidationError as error:
                results[line.number] = refused(line, _id_of(line), error)
        if read:
            with transaction.atomic():
                told = self._suggest(self._named(read, results))
            results.update({result.line: result for result in told})
            self._changed |= any(result.outcome in ("created", "updated") for result in told)
        return list(results.values())

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._changed:
            ranking = rank_after_suggestions(campaign=self._campaign, now=timezone.now())
            if ranking is not None:
                enqueue(ranking)

    def _read(self, line: Line) -> dict[str, Any]:
        sent: dict[str, Any] = self._serializer.run_validation(line.value)
        sent.setdefault("model", self._model)
        if not sent["model"]:
            raise serializers.ValidationError({"model": [NO_MODEL]})
        return sent

    def _named(
        self, read: Sequence[tuple[Line, dict[str, Any]]], results: dict[int, Result]
    ) -> list[_Sent]:
        """The lines whose comments are there; the others are told in ``results``."""
        source_ids = {one[NAMES[1]] for _, one in read if NAMES[1] in one}
        known = comments_of(self._campaign, source_ids)
        found = []
        for line, sent in read:
            id: str | int = sent["comment"] if "comment" in sent else sent["comment_source_id"]
            comment = known.get(id) if isinstance(id, str) else id
            if comment is None:
                error = InvalidInput(NO_COMMENT.format(id=id))
                results[line.number] = refused(line, id, error)
                continue
            suggestion = Suggestion(comment, sent["answers"], sent["certainty"])
            found.append(_Sent(line, id, sent["model"], suggestion))
        return found

    def _suggest(self, sent: Sequence[_Sent]) -> list[Result]:
        """What comes again is suggested after what came before: the last one holds."""
        rounds: dict[tuple[int, str], list[_Sent]] = {}
        met: dict[tuple[str, int], int] = {}
        for one in sent:
            key = (one.model, one.suggestion.comment)
            met[key] = met.get(key, 0) + 1
            rounds.setdefault((met[key], one.model), []).append(one)
        results = []
        for (_, model), some in sorted(rounds.items(), key=lambda item: item[0]):
            told = suggest_answers(
                campaign=self._campaign,
                model=model,
                suggestions=[one.suggestion for one in some],
                now=timezone.now(),
            )
            problems = {problem.comment: problem for problem in told.refused}
            for one in some:
                comment = one.suggestion.comment
                if problem := problems.get(comment):
                    error = InvalidInput(problem.message, fields=problem.fields)
                    results.append(refused(one.line, one.id, error))
                else:
                    outcome: Outcome = told.outcomes.get(comment, "unchanged")
                    results.append(Result(one.line.number, one.id, outcome))
        return results


def _id_of(line: Line) -> str | int | None:
    for name in NAMES:
        given = line.value.get(name)
        if isinstance(given, str | int) and not isinstance(given, bool):
            return given if isinstance(given, int) else given[:500]
    return None
