"""What was labeled: annotations, their answers, and everything they said before."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from annotations.models.campaign import Membership, Unit
from annotations.models.codebook import Label, Question
from annotations.models.corpus import Comment


class Annotation(models.Model):
    """One annotator's answers to one unit.

    ``revision`` counts its saves; ``context`` is what was on screen; ``seconds`` the active time
    that the page measured; ``text_revision`` the revision of the text that spans point into;
    ``model`` the name of the model that suggests it, blank for all other sources.
    ``certainty`` is how sure a model is of its suggestion (0 to 1), ``reason`` why an adjudicator
    decided so or why a gold answer is right, ``rule`` the rule that settled the unit, where no
    person looked at it.
    ``harmful`` says that it was skipped because the content harms: that is between the annotator
    and the unit, which somebody else gets.
    """

    class Confidence(models.IntegerChoices):
        UNSURE = 1, "unsure"
        FAIRLY_SURE = 2, "fairly sure"
        SURE = 3, "sure"

    class Source(models.TextChoices):
        HUMAN = "human"
        MODEL = "model"
        GOLD = "gold"
        ADJUDICATION = "adjudication"

    class State(models.TextChoices):
        DRAFT = "draft"
        SUBMITTED = "submitted"
        SKIPPED = "skipped"

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="annotations")
    source = models.CharField(max_length=12, choices=Source, default=Source.HUMAN)
    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="annotations"
    )
    model = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=10, choices=State)
    revision = models.PositiveIntegerField(default=1)
    text_revision = models.PositiveIntegerField(default=1)
    confidence = models.PositiveSmallIntegerField(
        null=True, blank=True, choices=Confidence, help_text="How sure the annotator was."
    )
    flagged = models.BooleanField(default=False)
    note = models.TextField(blank=True)
    skip_reason = models.CharField(max_length=500, blank=True)
    harmful = models.BooleanField(default=False)
    certainty = models.FloatField(null=True, blank=True)
    reason = models.TextField(blank=True)
    rule = models.CharField(max_length=200, blank=True)
    context = models.JSONField(default=dict, blank=True)
    seconds = models.FloatField(default=0)
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "annotation"
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("unit", "membership", "source"), name="annotation_once_per_annotator"
            ),
            models.UniqueConstraint(
                fields=("unit", "model"),
                condition=Q(source="model"),
                name="annotation_once_per_model",
            ),
            models.UniqueConstraint(
                fields=("unit",),
                condition=Q(source="adjudication"),
                name="annotation_adjudicated_once",
            ),
            models.CheckConstraint(
                condition=Q(certainty__isnull=True)
                | (Q(source="model") & Q(certainty__gte=0) & Q(certainty__lte=1)),
                name="annotation_certainty_of_a_model",
            ),
            models.CheckConstraint(
                condition=Q(rule="") | Q(source="adjudication"),
                name="annotation_settled_by_a_rule",
            ),
            models.CheckConstraint(
                condition=(Q(source="model") & ~Q(model="")) | (~Q(source="model") & Q(model="")),
                name="annotation_by_a_model_names_it",
            ),
            models.CheckConstraint(
                condition=Q(confidence__isnull=True) | Q(confidence__in=(1, 2, 3)),
                name="annotation_confidence_1_to_3",
            ),
            models.CheckConstraint(
                condition=Q(source__in=("model", "gold")) | Q(membership__isnull=False),
                name="annotation_by_a_person_has_one",
            ),
            models.CheckConstraint(
                condition=Q(source__in=("human", "model", "gold", "adjudication")),
                name="annotation_source_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("draft", "submitted", "skipped")),
                name="annotation_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="submitted") | Q(submitted_at__isnull=False),
                name="annotation_submitted_has_time",
            ),
            models.CheckConstraint(
                condition=Q(harmful=False) | Q(state="skipped"),
                name="annotation_harmful_is_skipped",
            ),
        ]
        indexes = [
            models.Index(
                fields=("membership", "saved_at", "source", "state", "created_at", "seconds"),
                name="annotation_day",
            ),
            models.Index(
                fields=("-saved_at", "-id"), condition=~Q(note=""), name="annotation_with_a_note"
            ),
        ]

    def __str__(self) -> str:
        return f"annotation {self.pk}"


class Answer(models.Model):
    """The value for one question; several rows for several labels or spans.

    A span is ``start:end`` in code points of the comment's text, with ``quote`` as it stood there.
    """

    annotation = models.ForeignKey(Annotation, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers")
    position = models.PositiveSmallIntegerField(default=0)
    label = models.ForeignKey(
        Label, on_delete=models.PROTECT, null=True, blank=True, related_name="answers"
    )
    number = models.FloatField(null=True, blank=True)
    text = models.TextField(blank=True)
    start = models.PositiveIntegerField(null=True, blank=True)
    end = models.PositiveIntegerField(null=True, blank=True)
    quote = models.TextField(blank=True)
    related = models.ForeignKey(
        Comment, on_delete=models.PROTECT, null=True, blank=True, related_name="related_answers"
    )

    class Meta:
        db_table = "answer"
        ordering = ("annotation", "question", "position")
        constraints = [
            models.UniqueConstraint(
                fields=("annotation", "question", "position"), name="answer_position_once"
            ),
            models.UniqueConstraint(
                fields=("annotation", "question", "label"),
                condition=Q(start__isnull=True, related__isnull=True, label__isnull=False),
                name="answer_label_once",
            ),
            models.CheckConstraint(
                condition=Q(start__isnull=True, end__isnull=True, quote="")
                | (Q(start__isnull=False, end__isnull=False, start__lt=F("end")) & ~Q(quote="")),
                name="answer_span_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(label__isnull=False)
                | Q(number__isnull=False)
                | Q(start__isnull=False)
                | Q(related__isnull=False)
                | ~Q(text=""),
                name="answer_says_something",
            ),
        ]

    def __str__(self) -> str:
        return f"answer {self.pk}"


class Revision(models.Model):
    """One save of an annotation, whole: appended, never changed.

    The newest revision says what the annotation says, unless it was put ``aside``: kept beside
    what the annotation said and still says. ``save_id`` is the client's uuid of the save: the
    same save sent again finds its revision and changes nothing. ``erased_at`` says when the words
    that it held of somebody were erased: the one change that the database allows (migration 0020).
    """

    annotation = models.ForeignKey(Annotation, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    save_id = models.UUIDField(unique=True)
    state = models.CharField(max_length=10, choices=Annotation.State)
    aside = models.BooleanField(default=False)
    content = models.JSONField()
    saved_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "revision"
        ordering = ("annotation", "number")
        constraints = [
            models.UniqueConstraint(fields=("annotation", "number"), name="revision_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.annotation_id} revision {self.number}"
