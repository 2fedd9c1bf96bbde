"""The codebook file: what one YAML file says about the questions of a study.

    CodebookFile
    ├── Question            one thing that is asked about a comment or a thread
    │   ├── Label           one option of a question
    │   └── DependsOn       the earlier answer without which a question is not asked
    └── Translation         the words of all these in another language

All of it is frozen: a codebook never changes, a change is a new version. What a single
field may hold stands here; what fields mean to each other stands in ``rules``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from annotations.codebooks import carrying, hotkeys, patterns, rules
from annotations.codebooks.problems import Problem, refusal, shape_problems
from annotations.codebooks.strict_yaml import read_yaml
from annotations.codebooks.translations import (
    Fixed,
    LabelTranslation,
    QuestionTranslation,
    Translation,
    Translations,
    unfounded,
)

Kind = Literal["single_label", "multi_label", "rating", "number", "text", "span", "relation"]
Unit = Literal["comment", "thread"]

MOST_QUESTIONS = 200
MOST_LABELS = len(hotkeys.ALLOWED)


def _as_text(hotkey: object) -> object:
    """``hotkey: 1`` means the key 1: nobody should have to know that YAML sees a number."""
    return str(hotkey) if type(hotkey) is int else hotkey


Prose = Annotated[str, StringConstraints(strip_whitespace=True)]
Needed = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Flag = Annotated[bool, Field(strict=True)]
Key = Annotated[str, Field(pattern=patterns.SNAKE, max_length=64)]
LabelMap = Annotated[Mapping[Key, Key | None], AfterValidator(Fixed)]
Hotkey = Annotated[
    str,
    BeforeValidator(_as_text),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": f"^[{hotkeys.ALLOWED}]$"},
                {"type": "integer", "minimum": 0, "maximum": 9},
            ]
        }
    ),
]


class Entry(BaseModel):
    """A part of the file: immutable, and without room for a misspelt field."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Label(Entry):
    """One option. ``value`` places it on an ordinal scale; ``off_scale`` keeps it outside.

    ``hotkey`` is given out by its question where the file names none.
    """

    key: Key
    title: Title
    definition: Needed
    example: Prose = ""
    hotkey: Hotkey = ""
    value: Number | None = None
    off_scale: Flag = False


class DependsOn(Entry):
    """The question is asked only where the earlier one was answered with one of ``any_of``."""

    question: Key
    any_of: Annotated[tuple[Key, ...], Field(min_length=1, max_length=MOST_LABELS)]


class Question(Entry):
    """One question. ``minimum``, ``maximum`` and ``step`` belong to ratings and numbers.

    ``was`` and ``map`` say what answers of the version before become (see ``carrying``).
    """

    key: Key
    title: Title
    kind: Kind
    unit: Unit = "comment"
    required: Flag = True
    help: Prose = ""
    labels: Annotated[tuple[Label, ...], Field(max_length=MOST_LABELS)] = ()
    minimum: Number | None = None
    maximum: Number | None = None
    step: Annotated[Number, Field(gt=0)] | None = None
    depends_on: DependsOn | None = None
    was: Key | None = None
    map: LabelMap = Field(default_factory=Fixed)

    @field_validator("labels")
    @classmethod
    def _give_hotkeys(cls, labels: tuple[Label, ...]) -> tuple[Label, ...]:
        keys = hotkeys.filled([label.hotkey for label in labels])
        return tuple(
            label.model_copy(update={"hotkey": key})
            for label, key in zip(labels, keys, strict=True)
        )

    @property
    def points(self) -> tuple[float, ...]:
        """The values of a rating, lowest first; empty for every other kind."""
        if self.kind != "rating" or self.minimum is None or self.maximum is None:
            return ()
        step = Fraction(repr(self.step or 1.0))
        lowest, highest = Fraction(repr(self.minimum)), Fraction(repr(self.maximum))
        return tuple(float(lowest + step * i) for i in range(int((highest - lowest) / step) + 1))

    def keymap(self) -> dict[str, str | float]:
        """The key to press for each answer: a label's key or a rating's value.

        In the order of the options; empty for numbers and texts, which are typed.
        """
        if self.kind == "rating":
            return dict(zip(hotkeys.rating_hotkeys(self.points), self.points, strict=True))
        return {label.hotkey: label.key for label in self.labels}


class CodebookFile(Entry):
    """A whole codebook in one version. ``guidelines`` is Markdown for the annotators.

    With ``confidence`` they are asked, of each unit, how sure they are. ``dropped`` names the
    questions of the version before whose answers are not carried on; that version is the one that
    it ``follows``, else the newest below it.
    """

    key: Annotated[str, Field(pattern=patterns.SLUG, max_length=64)]
    version: Annotated[int, Field(strict=True, ge=1, le=2_147_483_647)]
    title: Title
    description: Prose = ""
    language: Annotated[str, Field(pattern=patterns.LANGUAGE, max_length=35)] = "en"
    licence: Title | None = None
    citations: tuple[Needed, ...] = ()
    guidelines: Prose = ""
    confidence: Flag = False
    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=MOST_QUESTIONS)]
    follows: Annotated[int, Field(strict=True, ge=1)] | None = None
    dropped: Annotated[tuple[Key, ...], Field(max_length=MOST_QUESTIONS)] = ()
    translations: Translations = Field(default_factory=Fixed)

    @model_validator(mode="after")
    def _keep_the_rules(self) -> Self:
        broken = _broken(self.questions, self.translations, self.language, self.dropped)
        broken += carrying.out_of_order(self.version, self.follows)
        if broken:
            raise ValueError("\n".join(map(str, broken)))
        return self


PARTS: Mapping[str, type[BaseModel]] = {
    "questions": Question,
    "labels": Label,
    "depends_on": DependsOn,
    "translations": Translation,
    "translations.questions": QuestionTranslation,
    "translations.labels": LabelTranslation,
}


def parse_codebook(text: str) -> CodebookFile:
    """The codebook that a YAML text describes.

    Raises InvalidCodebook: with line and column where the text is not YAML that is taken,
    else with every fault at once, each under its path (``questions[1].labels[2].hotkey``).
    """
    content = read_yaml(text)
    try:
        return CodebookFile.model_validate(content)
    except ValidationError as error:
        questions = list(_readable_questions(content))
        said = _readable_translations(content)
        broken = _broken(questions, said, _language(content), _dropped(content))
        broken += carrying.out_of_order(*_versions(content))
        raise refusal([*shape_problems(error, CodebookFile, PARTS), *broken]) from error


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the file, for editors that complete and check while one types."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **CodebookFile.model_json_schema(),
    }


def _broken(
    questions: Sequence[Question | None],
    said: Mapping[str, Translation],
    language: str,
    dropped: Sequence[str],
) -> list[Problem]:
    return [
        *rules.broken(questions),
        *carrying.broken(questions, dropped),
        *unfounded(said, questions, language),
    ]


def _versions(content: object) -> tuple[int | None, int | None]:
    """Its version and the one that it follows; None where they cannot be read."""
    said = content if isinstance(content, dict) else {}
    version, follows = (said.get(name) for name in ("version", "follows"))
    whole = [one if type(one) is int and one > 0 else None for one in (version, follows)]
    return whole[0], whole[1]


def _dropped(content: object) -> list[str]:
    """Those that can be read; what cannot be is told as a fault of its field."""
    dropped = content.get("dropped") if isinstance(content, dict) else None
    return [str(key) for key in dropped] if isinstance(dropped, list) else []


def _language(content: object) -> str:
    language = content.get("language", "en") if isinstance(content, dict) else "en"
    return language if isinstance(language, str) else ""


def _readable_translations(content: object) -> dict[str, Translation]:
    """Those whose fields are right: rules see them."""
    said = content.get("translations") if isinstance(content, dict) else None
    readable = {}
    for tag, translation in said.items() if isinstance(said, dict) else ():
        with suppress(ValidationError):
            readable[str(tag)] = Translation.model_validate(translation)
    return readable


def _readable_questions(content: object) -> Iterable[Question | None]:
    """The questions in order, None for one whose fields are wrong: rules still see the rest."""
    questions = content.get("questions") if isinstance(content, dict) else None
    for question in questions if isinstance(questions, list) else ():
        try:
            yield Question.model_validate(question)
        except ValidationError:
            yield None
