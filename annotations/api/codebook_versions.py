"""Codebooks that are written and compared: a preview of a text, and what changed between two."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.codebooks import (
    NewCodebookSerializer,
    QuestionSerializer,
    TranslationSerializer,
    shown_translations,
)
from annotations.api.operations import operation
from annotations.api.resource import Resource
from annotations.codebooks.guidelines import guidelines_html
from annotations.codebooks.schema import CodebookFile, Question
from annotations.permissions import require_staff
from annotations.selectors.codebook_versions import (
    Preview,
    codebook_diff,
    codebook_preview,
)


class PieceSerializer(serializers.Serializer[Any]):
    """A stretch of a text that changed."""

    kind = serializers.ChoiceField(choices=("same", "deleted", "inserted"))
    text = serializers.CharField()


class ChangeSerializer(serializers.Serializer[Any]):
    """One difference between two versions of a codebook."""

    kind = serializers.ChoiceField(choices=("added", "removed", "moved", "renamed", "changed"))
    question = serializers.CharField(help_text="Its key; empty where the codebook itself changed.")
    label = serializers.CharField(  # type: ignore[assignment]
        help_text="Its key; empty where no label changed."
    )
    field = serializers.CharField(help_text="Which field changed.")
    language = serializers.CharField(help_text="Of a translation; else empty.")
    before = serializers.CharField()
    after = serializers.CharField()
    pieces = PieceSerializer(many=True, help_text="Both texts word by word, where both are text.")


class FaultSerializer(serializers.Serializer[Any]):
    """What keeps a text from being a codebook."""

    path = serializers.CharField(help_text="As in `questions[1].labels[2].hotkey`; may be empty.")
    line = serializers.IntegerField(help_text="From 1.")
    sentence = serializers.CharField()


class PreviewedCodebookSerializer(serializers.Serializer[Any]):
    """A codebook that is stored nowhere."""

    key = serializers.SlugField()
    version = serializers.IntegerField()
    title = serializers.CharField()
    description = serializers.CharField()
    language = serializers.CharField()
    citations = serializers.ListField(child=serializers.CharField())
    confidence = serializers.BooleanField()
    guidelines = serializers.CharField(help_text="Markdown.")
    guidelines_html = serializers.CharField()
    questions = QuestionSerializer(many=True)
    translations = serializers.DictField(
        child=TranslationSerializer(), help_text="By language tag."
    )


class CodebookPreviewSerializer(serializers.Serializer[Any]):
    """What a text would be as a codebook."""

    codebook = PreviewedCodebookSerializer(allow_null=True)
    problems = FaultSerializer(many=True)
    changes = ChangeSerializer(many=True, help_text="Since the newest loaded version of the key.")
    newest = serializers.IntegerField(allow_null=True, help_text="The newest loaded version.")
    next_version = serializers.IntegerField(help_text="The first that is free above all loaded.")
    taken = serializers.BooleanField(help_text="Its version is loaded, with another text.")
    loaded = serializers.BooleanField(help_text="Its version is loaded with this very text.")


class CodebookDiffSerializer(serializers.Serializer[Any]):
    """What is different between two versions."""

    key = serializers.SlugField(source="before.key")
    before = serializers.IntegerField(source="before.version")
    after = serializers.IntegerField(source="after.version")
    changes = ChangeSerializer(many=True)
    yaml = serializers.CharField(help_text="The unified diff of both YAML texts.")


class CodebookPreviewView(Resource):
    is_logged = False

    @operation("codebooks_preview", CodebookPreviewSerializer, body=NewCodebookSerializer)
    def post(self, request: Request) -> Response:
        """What a YAML text would be as a codebook (staff). Nothing is stored."""
        require_staff(self.user)
        preview = codebook_preview(self.read(NewCodebookSerializer)["source"])
        return self.show(CodebookPreviewSerializer, _shown(preview))


class CodebookDiffView(Resource):
    @operation("codebooks_diff", CodebookDiffSerializer, errors=(404,))
    def get(self, request: Request, key: str, before: int, after: int) -> Response:
        """What is different between two versions of a codebook."""
        return self.show(CodebookDiffSerializer, codebook_diff(key, before, after))


def _shown(preview: Preview) -> dict[str, Any]:
    return {
        "codebook": _previewed(preview.codebook) if preview.codebook else None,
        "problems": preview.faults,
        "changes": preview.changes,
        "newest": preview.newest,
        "next_version": preview.next_version,
        "taken": preview.taken,
        "loaded": preview.loaded,
    }


def _previewed(codebook: CodebookFile) -> dict[str, Any]:
    names = ("key", "version", "title", "description", "language", "citations", "confidence")
    by_key = {question.key: question for question in codebook.questions}
    translations = {tag: said.model_dump() for tag, said in codebook.translations.items()}
    return {
        **{name: getattr(codebook, name) for name in names},
        "guidelines": codebook.guidelines,
        "guidelines_html": guidelines_html(codebook.guidelines),
        "translations": shown_translations(translations),
        "questions": [_question(question, by_key) for question in codebook.questions],
    }


def _question(question: Question, by_key: dict[str, Question]) -> SimpleNamespace:
    """The question with the names that its row would have."""
    condition = question.depends_on
    names = ("key", "kind", "unit", "title", "help", "required", "minimum", "maximum", "step")
    return SimpleNamespace(
        **{name: getattr(question, name) for name in names},
        depends_on=by_key[condition.question] if condition else None,
        depends_labels=list(condition.any_of) if condition else [],
        labels=list(question.labels),
    )
