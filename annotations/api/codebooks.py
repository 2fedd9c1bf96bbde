"""Codebooks: every version that was ever loaded."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.fields import Choice, RequestSerializer, Time
from annotations.api.operations import operation
from annotations.api.paging import Order
from annotations.api.resource import Listing, Resource
from annotations.codebooks.guidelines import guidelines_html
from annotations.codebooks.translations import Translation
from annotations.models import Codebook, Label, Question
from annotations.permissions import require_staff
from annotations.selectors.codebooks import get_codebook
from annotations.services.codebooks import load_codebook

LARGEST = 1_000_000


class LabelSerializer(serializers.Serializer[Label]):
    key = serializers.SlugField()
    title = serializers.CharField()
    definition = serializers.CharField()
    example = serializers.CharField()
    hotkey = serializers.CharField()
    value = serializers.FloatField(allow_null=True, help_text="Its place on an ordinal scale.")
    off_scale = serializers.BooleanField()


class ConditionSerializer(serializers.Serializer[Question]):
    """Asked only if ``question`` was answered with one of ``any_of``."""

    question = serializers.SlugField(source="depends_on.key")
    any_of = serializers.ListField(child=serializers.SlugField(), source="depends_labels")


class QuestionSerializer(serializers.Serializer[Question]):
    key = serializers.SlugField()
    kind = Choice(Question.Kind)
    unit = Choice(Question.Unit)
    title = serializers.CharField()
    help = serializers.CharField()
    required = serializers.BooleanField()  # type: ignore[assignment]
    minimum = serializers.FloatField(allow_null=True)
    maximum = serializers.FloatField(allow_null=True)
    step = serializers.FloatField(allow_null=True)
    depends_on = serializers.SerializerMethodField()
    labels = LabelSerializer(many=True)

    @extend_schema_field(ConditionSerializer(allow_null=True))
    def get_depends_on(self, question: Question) -> Any:
        return ConditionSerializer(question).data if question.depends_on else None


class LabelTranslationSerializer(serializers.Serializer[Any]):
    title = serializers.CharField()
    definition = serializers.CharField()
    example = serializers.CharField()


class QuestionTranslationSerializer(serializers.Serializer[Any]):
    title = serializers.CharField()
    help = serializers.CharField()
    labels = serializers.DictField(child=LabelTranslationSerializer())


class TranslationSerializer(serializers.Serializer[Any]):
    """The codebook's words in another language; empty where its own words stay."""

    title = serializers.CharField()
    guidelines_html = serializers.CharField()
    questions = serializers.DictField(child=QuestionTranslationSerializer())


class CodebookSummarySerializer(serializers.Serializer[Codebook]):
    key = serializers.SlugField()
    version = serializers.IntegerField()
    title = serializers.CharField()
    description = serializers.CharField()
    language = serializers.CharField()
    licence = serializers.CharField()
    citations = serializers.ListField(child=serializers.CharField())
    sha256 = serializers.CharField(help_text="Of the YAML text that it was loaded from.")
    created_at = Time()


class CodebookSerializer(CodebookSummarySerializer):
    confidence = serializers.BooleanField(help_text="Whether it asks how sure one is.")
    guidelines = serializers.CharField(help_text="Markdown.")
    guidelines_html = serializers.SerializerMethodField()
    questions = QuestionSerializer(many=True)
    translations = serializers.SerializerMethodField(help_text="By language tag.")

    @extend_schema_field(serializers.DictField(child=TranslationSerializer()))
    def get_translations(self, codebook: Codebook) -> dict[str, dict[str, Any]]:
        return shown_translations(codebook.translations)

    def get_guidelines_html(self, codebook: Codebook) -> str:
        return guidelines_html(codebook.guidelines)


def shown_translations(stored: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The words in other languages by language tag, as clients read them."""
    return {tag: _translation(said) for tag, said in stored.items()}


def _translation(stored: dict[str, Any]) -> dict[str, Any]:
    said = Translation.model_validate(stored).model_dump()
    guidelines = said.pop("guidelines")
    return {**said, "guidelines_html": guidelines_html(guidelines)}


class NewCodebookSerializer(RequestSerializer):
    """A codebook version to load."""

    source = serializers.CharField(  # type: ignore[assignment]
        max_length=LARGEST, trim_whitespace=False, help_text="The codebook's YAML text."
    )


class CodebooksView(Listing):
    orders = {"key": Order(("key", "-version"))}

    @operation("codebooks_list", CodebookSummarySerializer(many=True))
    def get(self, request: Request) -> Response:
        """All codebooks, without their questions."""
        rows = Codebook.objects.defer("source", "guidelines", "translations")
        return self.list(rows, CodebookSummarySerializer)

    @operation(
        "codebooks_create",
        CodebookSerializer,
        body=NewCodebookSerializer,
        status=201,
        errors=(409,),
    )
    def post(self, request: Request) -> Response:
        """Load a codebook from YAML (staff); the same text again changes nothing."""
        require_staff(self.user)
        text = self.read(NewCodebookSerializer)["source"]
        loaded = load_codebook(text=text, now=timezone.now())
        found = get_codebook(loaded.key, loaded.version)
        return self.show(CodebookSerializer, found, status=201)


class CodebookView(Resource):
    @operation("codebooks_get", CodebookSerializer, errors=(404,))
    def get(self, request: Request, key: str, version: int) -> Response:
        """One version with its guidelines, questions and labels."""
        return self.show(CodebookSerializer, get_codebook(key, version))
