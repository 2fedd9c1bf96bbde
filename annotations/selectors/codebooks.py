"""Codebooks with their questions and labels, in order."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from annotations.errors import NotFound
from annotations.models import Codebook, Question


def questions_of(codebook_id: int) -> list[Question]:
    """The codebook's questions in order, their labels and what they depend on at hand."""
    return list(
        Question.objects.filter(codebook=codebook_id)
        .select_related("depends_on")
        .prefetch_related("labels")
        .order_by("position")
    )


def codebooks() -> QuerySet[Codebook]:
    """All versions, the newest of each key first, with everything needed to show them."""
    return Codebook.objects.prefetch_related("questions__labels", "questions__depends_on").order_by(
        "key", "-version"
    )


def get_codebook(key: str, version: int | None = None) -> Codebook:
    """This version, or the newest. Raises NotFound."""
    found = codebooks().filter(key=key)
    if version is not None:
        found = found.filter(version=version)
    codebook = found.first()
    if codebook is None:
        wanted = key if version is None else f"{key} version {version}"
        raise NotFound(f"There is no codebook {wanted}.")
    return codebook


def for_unit(questions: Iterable[Question], kind: str) -> list[Question]:
    """Those questions that are asked of a comment, or of a thread."""
    return [question for question in questions if question.unit == kind]
