"""The questions of a study: immutable once loaded, a change is a new version.

The database refuses every update of these rows (migration 0002).
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Codebook(models.Model):
    """One version of a codebook; ``source`` is the YAML that it was loaded from."""

    key = models.SlugField(max_length=80)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    language = models.CharField(max_length=35, default="en")
    licence = models.CharField(max_length=300, blank=True)
    citations = models.JSONField(default=list)
    guidelines = models.TextField(blank=True)
    confidence = models.BooleanField(
        default=False, help_text="Whether annotators are asked how sure they are."
    )
    translations = models.JSONField(default=dict, help_text="Its words in other languages.")
    source = models.TextField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "codebook"
        ordering = ("key", "-version")
        constraints = [
            models.UniqueConstraint(fields=("key", "version"), name="codebook_version_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="codebook_version_from_1"),
        ]

    def __str__(self) -> str:
        return f"{self.key} v{self.version}"


class Question(models.Model):
    """One question; asked only if ``depends_on`` was answered with one of ``depends_labels``."""

    class Kind(models.TextChoices):
        SINGLE_LABEL = "single_label", _("Single Label")
        MULTI_LABEL = "multi_label", _("Multi Label")
        RATING = "rating", _("Rating")
        NUMBER = "number", _("Number")
        TEXT = "text", _("Text")
        SPAN = "span", _("Span")
        RELATION = "relation", _("Relation")

    class Unit(models.TextChoices):
        COMMENT = "comment"
        THREAD = "thread"

    codebook = models.ForeignKey(Codebook, on_delete=models.PROTECT, related_name="questions")
    key = models.SlugField(max_length=80)
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20, choices=Kind)
    unit = models.CharField(max_length=10, choices=Unit, default=Unit.COMMENT)
    title = models.CharField(max_length=300)
    help = models.TextField(blank=True)
    required = models.BooleanField(default=True)
    minimum = models.FloatField(null=True, blank=True)
    maximum = models.FloatField(null=True, blank=True)
    step = models.FloatField(null=True, blank=True)
    depends_on = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="dependents"
    )
    depends_labels = models.JSONField(default=list, blank=True)

    class Meta:
        db_table = "question"
        ordering = ("codebook", "position")
        constraints = [
            models.UniqueConstraint(fields=("codebook", "key"), name="question_once_in_codebook"),
            models.UniqueConstraint(fields=("codebook", "position"), name="question_position_once"),
            models.CheckConstraint(
                condition=Q(
                    kind__in=(
                        "single_label",
                        "multi_label",
                        "rating",
                        "number",
                        "text",
                        "span",
                        "relation",
                    )
                ),
                name="question_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(unit__in=("comment", "thread")), name="question_unit_known"
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Label(models.Model):
    """One option of a question. ``value`` places it on an ordinal scale, unless ``off_scale``."""

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="labels")
    key = models.SlugField(max_length=80)
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    definition = models.TextField(blank=True)
    example = models.TextField(blank=True)
    hotkey = models.CharField(max_length=1, blank=True)
    value = models.FloatField(null=True, blank=True)
    off_scale = models.BooleanField(default=False)

    class Meta:
        db_table = "label"
        ordering = ("question", "position")
        constraints = [
            models.UniqueConstraint(fields=("question", "key"), name="label_once_in_question"),
            models.UniqueConstraint(
                fields=("question", "hotkey"),
                condition=~Q(hotkey=""),
                name="label_hotkey_once_in_question",
            ),
        ]

    def __str__(self) -> str:
        return self.key
