"""Loading codebooks: a version, once loaded, never changes."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import transaction

from annotations.codebooks.problems import refusal
from annotations.codebooks.schema import CodebookFile, parse_codebook
from annotations.codebooks.schema import Question as QuestionFile
from annotations.errors import Conflict
from annotations.models import Codebook, Label, Question
from annotations.selectors.codebooks import next_version, unfounded_in_the_version_before
from annotations.services.audit import Act, note_act


@transaction.atomic
def load_codebook(*, text: str, now: datetime) -> Codebook:
    """The codebook of this YAML text; loading the same text again gives the same rows.

    Raises InvalidCodebook naming the path at fault, also where it speaks of what the version
    before it does not have, and Conflict if this version was loaded before with another text.
    """
    parsed = parse_codebook(text)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    known = Codebook.objects.filter(key=parsed.key, version=parsed.version).first()
    if known is None:
        _require_founded(parsed)
        return _store(parsed, text=text, sha256=sha256, now=now)
    if known.sha256 != sha256:
        raise Conflict(
            f"{parsed.key} version {parsed.version} is loaded already, with another text. "
            f"A loaded version never changes: raise `version` to {next_version(parsed.key)}."
        )
    return known


def _require_founded(parsed: CodebookFile) -> None:
    problems = unfounded_in_the_version_before(parsed)
    if problems:
        raise refusal(problems)


def _store(parsed: CodebookFile, *, text: str, sha256: str, now: datetime) -> Codebook:
    codebook = Codebook.objects.create(
        key=parsed.key,
        version=parsed.version,
        title=parsed.title,
        description=parsed.description,
        language=parsed.language,
        licence=parsed.licence or "",
        citations=list(parsed.citations),
        guidelines=parsed.guidelines,
        confidence=parsed.confidence,
        translations={
            tag: said.model_dump(exclude_defaults=True) for tag, said in parsed.translations.items()
        },
        source=text,
        sha256=sha256,
        created_at=now,
    )
    stored: dict[str, Question] = {}
    for position, question in enumerate(parsed.questions):
        stored[question.key] = _store_question(codebook, position, question, stored)
    note_act(act=Act.CODEBOOK_LOADED, about=codebook, now=now)
    return codebook


def _store_question(
    codebook: Codebook, position: int, question: QuestionFile, earlier: dict[str, Question]
) -> Question:
    depends = question.depends_on
    row = Question.objects.create(
        codebook=codebook,
        key=question.key,
        position=position,
        kind=question.kind,
        unit=question.unit,
        title=question.title,
        help=question.help,
        required=question.required,
        minimum=question.minimum,
        maximum=question.maximum,
        step=question.step,
        depends_on=earlier[depends.question] if depends else None,
        depends_labels=list(depends.any_of) if depends else [],
    )
    Label.objects.bulk_create(
        Label(
            question=row,
            key=label.key,
            position=place,
            title=label.title,
            definition=label.definition,
            example=label.example,
            hotkey=label.hotkey or "",
            value=label.value,
            off_scale=label.off_scale,
        )
        for place, label in enumerate(question.labels)
    )
    return row
