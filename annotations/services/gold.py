"""Gold labels that come with a dataset: annotations by nobody, in a closed campaign."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.db import transaction
from django.db.models import Max

from annotations.codebooks.library import library_files, read_codebook
from annotations.errors import NotFound
from annotations.models import (
    Annotation,
    Answer,
    Campaign,
    Codebook,
    Comment,
    Corpus,
    Label,
    Revision,
    Unit,
)
from annotations.services.changes import note_annotations
from annotations.services.codebooks import load_codebook


@dataclass(frozen=True, slots=True)
class GoldLabel:
    """``label`` answers ``question`` (both keys) for the comment with the id ``comment``."""

    comment: int
    question: str
    label: str


@transaction.atomic
def save_gold(
    *, corpus: Corpus, codebook: str, labels: Sequence[GoldLabel], now: datetime
) -> list[str]:
    """Store the labels; the same labels again change nothing. Gives what was wrong, in words.

    They belong to a closed campaign of the corpus with the library's codebook of that key, made
    when it is first needed. Raises NotFound if the library has no such codebook.
    """
    campaign = _campaign(corpus, _codebook(codebook, now), now)
    known = {
        (label.question.key, label.key): label
        for label in Label.objects.filter(question__codebook=campaign.codebook).select_related(
            "question"
        )
    }
    problems = [
        f"{codebook} has no label {one.label!r} for the question {one.question!r}."
        for one in labels
        if (one.question, one.label) not in known
    ]
    told: dict[int, dict[str, Label]] = {}
    for one in labels:
        if (one.question, one.label) in known:
            told.setdefault(one.comment, {})[one.question] = known[one.question, one.label]
    units = _units(campaign, sorted(told))
    stored = {
        annotation.unit_id: annotation
        for annotation in Annotation.objects.filter(
            unit__in=units, source=Annotation.Source.GOLD
        ).prefetch_related("answers__question", "answers__label")
    }
    written = []
    for unit in units:
        assert unit.comment_id is not None
        annotation = _write(unit, stored.get(unit.pk), told[unit.comment_id], now)
        if annotation is not None:
            written.append(annotation.pk)
    note_annotations(campaign=campaign, annotations=written, now=now)
    return problems


def _codebook(key: str, now: datetime) -> Codebook:
    """The newest version that the library has, loaded."""
    files = [file for file in library_files() if read_codebook(file).key == key]
    if not files:
        raise NotFound(f"The library has no codebook {key!r}.")
    newest = max(files, key=lambda file: read_codebook(file).version)
    return load_codebook(text=newest.read_text(encoding="utf-8"), now=now)


def _campaign(corpus: Corpus, codebook: Codebook, now: datetime) -> Campaign:
    Corpus.objects.select_for_update(no_key=True).get(pk=corpus.pk)
    campaign, _ = Campaign.objects.get_or_create(
        corpus=corpus,
        codebook=codebook,
        slug=_slug(corpus, codebook),
        defaults={
            "name": f"{codebook.title}: gold labels that came with {corpus.name}"[:200],
            "description": "Labels that were in the imported files. Nobody annotates here.",
            "state": Campaign.State.CLOSED,
            "created_at": now,
        },
    )
    return campaign


def _slug(corpus: Corpus, codebook: Codebook) -> str:
    """At most 80 characters; another corpus, or version of the codebook, has another one."""
    names = f"{corpus.slug[:30]}-{codebook.key[:25]}"
    return f"{names}-{corpus.pk}-v{codebook.version}-gold"


def _units(campaign: Campaign, comments: Iterable[int]) -> list[Unit]:
    """A unit for each of these comments, appended where it is new."""
    wanted = list(comments)
    known = set(
        Unit.objects.filter(campaign=campaign, comment__in=wanted).values_list("comment", flat=True)
    )
    last = Unit.objects.filter(campaign=campaign).aggregate(last=Max("order"))["last"]
    following = 0 if last is None else last + 1
    new = Comment.objects.filter(pk__in=set(wanted) - known).order_by("thread", "position", "pk")
    Unit.objects.bulk_create(
        Unit(campaign=campaign, thread_id=thread, comment_id=comment, order=following + place)
        for place, (comment, thread) in enumerate(new.values_list("pk", "thread"))
    )
    return list(
        Unit.objects.filter(campaign=campaign, comment__in=wanted).select_related("comment")
    )


def _write(
    unit: Unit, annotation: Annotation | None, labels: dict[str, Label], now: datetime
) -> Annotation | None:
    """Append the labels to what the annotation says, as one more revision, if they are new.

    Gives the annotation that was written; None where it says so already.
    """
    said = {} if annotation is None else {a.question.key: a.label for a in annotation.answers.all()}
    if annotation is not None and all(said.get(key) == label for key, label in labels.items()):
        return None
    answers = {**said, **labels}
    if annotation is None:
        annotation = Annotation(
            unit=unit, source=Annotation.Source.GOLD, revision=0, created_at=now
        )
    annotation.revision += 1
    annotation.state = Annotation.State.SUBMITTED
    annotation.text_revision = unit.comment.text_revision if unit.comment else 1
    annotation.saved_at = annotation.submitted_at = now
    annotation.save()
    annotation.answers.all().delete()
    Answer.objects.bulk_create(
        Answer(annotation=annotation, question=label.question, label=label)
        for label in answers.values()
        if label is not None
    )
    Revision.objects.create(
        annotation=annotation,
        number=annotation.revision,
        save_id=uuid4(),
        state=annotation.state,
        content={
            "state": annotation.state,
            "text_revision": annotation.text_revision,
            "answers": {key: label.key for key, label in answers.items() if label is not None},
        },
        saved_at=now,
    )
    return annotation
