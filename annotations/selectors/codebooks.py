"""Codebooks with their questions and labels, in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Max, QuerySet

from annotations.codebooks import carrying
from annotations.codebooks.places import examine
from annotations.codebooks.problems import Problem
from annotations.codebooks.schema import CodebookFile, parse_codebook
from annotations.codebooks.translations import (
    LabelTranslation,
    QuestionTranslation,
    Translation,
    best_tag,
)
from annotations.errors import Conflict, NotFound
from annotations.models import Codebook, Question


def questions_of(codebook_id: int) -> list[Question]:
    """The codebook's questions in order, their labels and what they depend on at hand."""
    return list(
        Question.objects.filter(codebook=codebook_id)
        .select_related("depends_on")
        .prefetch_related("labels")
        .order_by("position")
    )


def kept_questions(codebook: Codebook) -> Sequence[Question]:
    """The same, kept by this process: what was loaded never changes. For reading alone.

    The checksum stands beside the id: another database may have given the id anew.
    """
    return _kept_questions(codebook.pk, codebook.sha256)


@lru_cache(maxsize=64)
def _kept_questions(codebook_id: int, _sha256: str) -> tuple[Question, ...]:
    return tuple(questions_of(codebook_id))


def forget_questions() -> None:
    """For tests, each of which has codebooks of its own under the same ids."""
    _kept_questions.cache_clear()


@dataclass(frozen=True)
class Titles:
    """What people read in place of the keys: ``questions`` by key, ``labels`` by question and
    key. What is not there stands for itself."""

    questions: Mapping[str, str]
    labels: Mapping[tuple[str, str], str]

    def question(self, key: str) -> str:
        return self.questions.get(key, key)

    def label(self, question: str, key: str) -> str:
        return self.labels.get((question, key), key)


def titles_of(key: str, version: int) -> Titles:
    """The titles of this version; none where it is not loaded."""
    questions = Question.objects.filter(codebook__key=key, codebook__version=version)
    found = list(questions.prefetch_related("labels"))
    return Titles(
        {one.key: one.title for one in found},
        {(one.key, label.key): label.title for one in found for label in one.labels.all()},
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


def version_before(codebook: CodebookFile) -> Codebook | None:
    """The loaded version that ``was`` and ``map`` speak of: the one that it follows, else the
    newest below it.
    """
    earlier = Codebook.objects.filter(key=codebook.key, version__lt=codebook.version)
    if codebook.follows is not None:
        earlier = earlier.filter(version=codebook.follows)
    return earlier.order_by("-version").first()


def unfounded_in_the_version_before(codebook: CodebookFile) -> list[Problem]:
    """What the codebook says of the version before it and that one does not have."""
    row = version_before(codebook)
    if row is None and codebook.follows is not None:
        sentence = f"version {codebook.follows} of `{codebook.key}` is not loaded."
        return [Problem("follows", sentence)]
    before = examine(row.source).codebook if row else None
    return carrying.unfounded(before, codebook) if before else []


def versions_between(before: Codebook, after: Codebook) -> list[CodebookFile]:
    """The way from the one version to the other, both with it, in order.

    Raises Conflict where the later one does not go back to the earlier one, and InvalidCodebook
    for a version that cannot be read any more.
    """
    way = [parse_codebook(after.source)]
    while way[0].version > before.version:
        row = version_before(way[0])
        if row is None or row.version < before.version:
            raise Conflict(
                f"Version {way[0].version} of {before.key} follows version "
                f"{row.version if row else way[0].follows}, not version {before.version}: load a "
                f"version that says `follows: {before.version}`."
            )
        way.insert(0, parse_codebook(row.source))
    return way


def newest_version(key: str) -> int:
    """Of the loaded ones; 0 for none."""
    newest: int | None = Codebook.objects.filter(key=key).aggregate(n=Max("version"))["n"]
    return newest or 0


def next_version(key: str) -> int:
    """The first version above all that are loaded."""
    return newest_version(key) + 1


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
