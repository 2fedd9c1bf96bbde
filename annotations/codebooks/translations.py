"""A codebook's words in other languages: what it says, never what it asks.

A translation may leave anything out; the codebook's own words stand there then. What it names
must be in the codebook, so that a misspelt key cannot pass unseen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from annotations.codebooks import patterns
from annotations.codebooks.problems import Problem

if TYPE_CHECKING:
    from annotations.codebooks.schema import Question

Words = Annotated[str, StringConstraints(strip_whitespace=True)]
ShortWords = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Language = Annotated[str, Field(pattern=patterns.LANGUAGE, max_length=35)]


V = TypeVar("V")


class Fixed(dict[str, V]):
    """A mapping that stays as it is, so that a codebook can be compared and hashed as a whole."""

    def __setitem__(self, key: str, value: V) -> NoReturn:
        raise TypeError("A codebook never changes.")

    __delitem__ = clear = pop = popitem = setdefault = update = __setitem__  # type: ignore

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))


class Said(BaseModel):
    """Words in another language; empty where the codebook's own words stay."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class LabelTranslation(Said):
    title: ShortWords = ""
    definition: Words = ""
    example: Words = ""


LabelTranslations = Annotated[Mapping[str, LabelTranslation], AfterValidator(Fixed)]


class QuestionTranslation(Said):
    title: ShortWords = ""
    help: Words = ""
    labels: Annotated[Mapping[str, LabelTranslation], AfterValidator(Fixed)] = Field(
        default_factory=Fixed
    )


QuestionTranslations = Annotated[Mapping[str, QuestionTranslation], AfterValidator(Fixed)]


class Translation(Said):
    title: ShortWords = ""
    guidelines: Words = ""
    questions: Annotated[Mapping[str, QuestionTranslation], AfterValidator(Fixed)] = Field(
        default_factory=Fixed
    )


Translations = Annotated[Mapping[Language, Translation], AfterValidator(Fixed)]


def unfounded(
    translations: Mapping[str, Translation], questions: Sequence[Question | None], language: str
) -> Iterator[Problem]:
    """What the translations speak of and the codebook does not have.

    None stands for a question whose own fields are wrong: nothing can be said of it.
    """
    known = {question.key: question for question in questions if question}
    for tag, translation in translations.items():
        if tag == language:
            yield Problem(f"translations.{tag}", "is the language of the codebook itself.")
        for key, said in translation.questions.items():
            path = f"translations.{tag}.questions.{key}"
            if key in known:
                yield from _unfounded_labels(said, known[key], path)
            elif None not in questions:
                yield Problem(path, f"there is no question `{key}`.")


def _unfounded_labels(
    said: QuestionTranslation, question: Question, path: str
) -> Iterator[Problem]:
    labels = {label.key for label in question.labels}
    for key in said.labels:
        if key not in labels:
            yield Problem(f"{path}.labels.{key}", f"`{question.key}` has no label `{key}`.")


def best_tag(tags: Mapping[str, Any], language: str) -> str:
    """The tag that serves a reader of the language: itself, else a kin of it; empty for none."""
    kin = [tag for tag in tags if tag.split("-")[0] == language.split("-")[0]]
    return language if language in tags else next(iter(kin), "")
