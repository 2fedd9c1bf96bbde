"""Labels that people disagree on: who said what, the share of each label, and the one most said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from annotations.exporters.dataset import CodebookFacts, QuestionFacts
from annotations.exporters.rows import ADJUDICATION, AGGREGATED, GOLD, HUMAN, AnnotationRow, said_by

YES, NO = "1", "0"
DECIDED_BY = (ADJUDICATION, GOLD, AGGREGATED)


@dataclass(frozen=True)
class Task:
    """A choice among ``categories``: a question, or one ``label`` of a question of many labels."""

    question: QuestionFacts
    categories: tuple[str, ...]
    label: str = ""

    @property
    def name(self) -> str:
        """Unique in a codebook, and fit for the name of a file."""
        return f"{self.question.key}.{self.label}" if self.label else self.question.key

    def choice(self, annotation: AnnotationRow) -> str:
        """What the annotation chooses; "" where it says nothing or was not asked."""
        if not was_asked(self.question, annotation):
            return ""
        values = [str(answer.value) for answer in annotation.about(self.question.key)]
        if self.label:
            return YES if self.label in values else NO
        return values[0] if values else ""


@dataclass(frozen=True)
class Votes:
    """What each annotator chose, in the order of the annotators, one vote each."""

    categories: tuple[str, ...]
    by_annotator: Mapping[str, str]

    @property
    def shares(self) -> dict[str, float]:
        """The soft label: each category with its share of the votes, in the task's order."""
        votes = list(self.by_annotator.values())
        known = dict.fromkeys((*self.categories, *votes))
        return {one: votes.count(one) / len(votes) if votes else 0.0 for one in known}

    @property
    def winner(self) -> str:
        """The hard label: the category with the most votes; "" where several have as many."""
        shares = self.shares
        most = max(shares.values(), default=0.0)
        ahead = [one for one, share in shares.items() if share == most > 0]
        return ahead[0] if len(ahead) == 1 else ""


def tasks(codebook: CodebookFacts) -> Iterator[Task]:
    """Every choice that the codebook asks for, in its order: single labels, each label of many,
    and ratings."""
    for question in codebook.questions:
        keys = tuple(label.key for label in question.labels)
        if question.kind == "single_label":
            yield Task(question, keys)
        elif question.kind == "multi_label":
            yield from (Task(question, (NO, YES), key) for key in keys)
        elif question.kind == "rating":
            yield Task(question, tuple(_steps(question)))


def was_asked(question: QuestionFacts, annotation: AnnotationRow) -> bool:
    """Whether the question came up, which may depend on another answer."""
    if not question.depends_on:
        return True
    given = {answer.value for answer in annotation.about(question.depends_on)}
    return bool(given.intersection(question.depends_labels))


def votes(task: Task, annotations: Iterable[AnnotationRow]) -> Votes:
    """The votes of people."""
    choices = ((one.annotator, task.choice(one)) for one in said_by(annotations, HUMAN))
    return Votes(task.categories, {who: choice for who, choice in choices if choice})


def decided(task: Task, annotations: tuple[AnnotationRow, ...]) -> str:
    """The one label: by adjudication, else gold, else aggregation, else that of most people; ""
    where nothing decides."""
    for source in DECIDED_BY:
        for annotation in said_by(annotations, source):
            if choice := task.choice(annotation):
                return choice
    return votes(task, annotations).winner


def _steps(question: QuestionFacts) -> Iterator[str]:
    """The values of a rating."""
    lowest, step = question.minimum or 0.0, question.step or 1.0
    highest = lowest if question.maximum is None else question.maximum
    for number in range(round((highest - lowest) / step) + 1):
        value = round(lowest + number * step, 9)
        yield str(int(value) if value == int(value) else value)
