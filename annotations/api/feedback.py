"""What an annotator is told after a unit of the training."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotations.api.fields import ANSWER_VALUES
from annotations.selectors.known import Feedback, QuestionFeedback


@extend_schema_field({"anyOf": [*ANSWER_VALUES, {"type": "null"}]})
class AnswerField(serializers.JSONField):
    """The value of one answer; null where there is none."""


class QuestionFeedbackSerializer(serializers.Serializer[QuestionFeedback]):
    key = serializers.SlugField(source="question.key")
    title = serializers.CharField(source="question.title")
    yours = AnswerField()
    right = AnswerField()
    correct = serializers.SerializerMethodField(
        help_text="Null where this kind of question cannot be scored."
    )

    @extend_schema_field(serializers.BooleanField(allow_null=True))
    def get_correct(self, told: QuestionFeedback) -> bool | None:
        return None if told.score is None else told.score == 1


class FeedbackSerializer(serializers.Serializer[Feedback]):
    """Each known answer beside yours, and why it is right."""

    reason = serializers.CharField()
    questions = QuestionFeedbackSerializer(many=True)
