"""A codebook as exporters get it."""

from __future__ import annotations

from annotations.exporters.dataset import CodebookFacts, LabelFacts, QuestionFacts
from annotations.models import Codebook, Question
from annotations.selectors.codebooks import questions_of


def codebook_facts(codebook: Codebook) -> CodebookFacts:
    """All that it says, questions and labels in their order."""
    return CodebookFacts(
        key=codebook.key,
        version=codebook.version,
        title=codebook.title,
        description=codebook.description,
        language=codebook.language,
        licence=codebook.licence,
        citations=tuple(codebook.citations),
        guidelines=codebook.guidelines,
        source=codebook.source,
        questions=tuple(map(_question, questions_of(codebook.pk))),
    )


def _question(question: Question) -> QuestionFacts:
    return QuestionFacts(
        key=question.key,
        kind=question.kind,
        title=question.title,
        unit=question.unit,
        help=question.help,
        required=question.required,
        minimum=question.minimum,
        maximum=question.maximum,
        step=question.step,
        depends_on=question.depends_on.key if question.depends_on else "",
        depends_labels=tuple(question.depends_labels),
        labels=tuple(
            LabelFacts(
                key=label.key,
                title=label.title,
                definition=label.definition,
                example=label.example,
                value=label.value,
                off_scale=label.off_scale,
            )
            for label in question.labels.all()
        ),
    )
