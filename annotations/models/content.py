"""What may hurt to read: the categories, and where content warnings come from."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext

from annotations.models.corpus import Comment, Corpus


class ContentCategory(models.Model):
    """A kind of content that people may want to be warned of, the same in all corpora.

    ``position`` orders them; the description says what belongs to it, and what does not.
    """

    key = models.SlugField(
        max_length=40, unique=True, help_text="Stands in the API; it cannot be changed later."
    )
    title = models.CharField(max_length=80)
    description = models.TextField(help_text="What belongs to it, in words that do not hurt.")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "content_category"
        ordering = ("position", "key")
        verbose_name_plural = "content categories"

    def __str__(self) -> str:
        """The title; those of the standard set in the language of the page."""
        return gettext(self.title)


class ContentRule(models.Model):
    """Warns of a category wherever a text holds one of ``words``, or a raw record says so.

    ``words`` are words and phrases, without regard to case. ``field`` is a path in the raw record
    of the comment, its thread or what opens it; an empty ``value`` asks for any that is set.
    A rule never changes: it is taken away, and another one is made.
    """

    class Kind(models.TextChoices):
        WORDS = "words", "Words"
        FIELD = "field", "Field of the source"

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="content_rules")
    category = models.ForeignKey(ContentCategory, on_delete=models.PROTECT, related_name="rules")
    kind = models.CharField(max_length=5, choices=Kind)
    words = models.JSONField(default=list, blank=True)
    field = models.CharField(max_length=200, blank=True)
    value = models.CharField(max_length=200, blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        db_table = "content_rule"
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                condition=(Q(kind="words", field="", value="") & ~Q(words=[]))
                | (Q(kind="field", words=[]) & ~Q(field="")),
                name="content_rule_says_what",
            ),
        ]

    def __str__(self) -> str:
        return f"rule {self.pk}"


class ContentWarning(models.Model):
    """A comment holds content of a category, as a rule or a person says.

    ``rule`` is null for a person's warning, and for one of a rule that was taken away: the next
    scan takes those away too.
    """

    class Basis(models.TextChoices):
        RULE = "rule", "A rule"
        PERSON = "person", "A person"

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="warnings")
    category = models.ForeignKey(ContentCategory, on_delete=models.PROTECT, related_name="warnings")
    basis = models.CharField(max_length=6, choices=Basis)
    rule = models.ForeignKey(
        ContentRule, on_delete=models.SET_NULL, null=True, blank=True, related_name="warnings"
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        db_table = "content_warning"
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("comment", "category"), name="content_warning_once_per_category"
            ),
            models.CheckConstraint(
                condition=Q(basis="rule") | Q(basis="person", rule__isnull=True),
                name="content_warning_has_its_basis",
            ),
        ]

    def __str__(self) -> str:
        return f"warning {self.pk}"


class ContentClearance(models.Model):
    """A person's word that a category does not fit a comment, so that rules leave it alone."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="clearances")
    category = models.ForeignKey(
        ContentCategory, on_delete=models.PROTECT, related_name="clearances"
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        db_table = "content_clearance"
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("comment", "category"), name="content_clearance_once_per_category"
            ),
        ]

    def __str__(self) -> str:
        return f"clearance {self.pk}"
