"""Codebooks with their questions and labels, in order."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Max, QuerySet

from annotations.codebooks.schema import CodebookFile, parse_codebook
from annotations.codebooks.translations import (
    LabelTranslation,
    QuestionTranslation,
    Translation,
    best_tag,
)
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


def version_before(key: str, version: int) -> Codebook | None:
    """The newest version loaded below this one, which ``was`` and ``map`` speak of."""
    earlier = Codebook.objects.filter(key=key, version__lt=version)
    return earlier.order_by("-version").first()


def versions_between(before: Codebook, after: Codebook) -> list[CodebookFile]:
    """All loaded versions of the key from the one to the other, both with them, in order."""
    rows = Codebook.objects.filter(
        key=before.key, version__gte=before.version, version__lte=after.version
    )
    return [parse_codebook(row.source) for row in rows.only("source").order_by("version")]


def next_version(key: str) -> int:
    """The first version above all that are loaded."""
    newest = Codebook.objects.filter(key=key).aggregate(newest=Max("version"))["newest"]
    return (newest or 0) + 1


def in_language(codebook: Codebook, language: str) -> str:
    """Puts the words of a language into a codebook that is only to be shown.

    Gives the language tag of its words then: its own where it is not translated. What it has no
    words for stays as it is.
    """
    tag = best_tag(codebook.translations, language)
    if not tag or best_tag({codebook.language: None}, language):
        return codebook.language
    said = Translation.model_validate(codebook.translations[tag])
    codebook.title = said.title or codebook.title
    codebook.guidelines = said.guidelines or codebook.guidelines
    for question in codebook.questions.all():
        _say(question, said.questions.get(question.key, QuestionTranslation()))
        if question.depends_on:
            earlier = said.questions.get(question.depends_on.key, QuestionTranslation())
            question.depends_on.title = earlier.title or question.depends_on.title
    return tag


def _say(question: Question, said: QuestionTranslation) -> None:
    question.title = said.title or question.title
    question.help = said.help or question.help
    for label in question.labels.all():
        words = said.labels.get(label.key, LabelTranslation())
        label.title = words.title or label.title
        label.definition = words.definition or label.definition
        label.example = words.example or label.example


def for_unit(questions: Iterable[Question], kind: str) -> list[Question]:
    """Those questions that are asked of a comment, or of a thread."""
    return [question for question in questions if question.unit == kind]
