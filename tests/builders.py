"""Rows for tests, written straight into the tables: say what matters, the rest has defaults.

A builder called twice makes two different rows: names and numbers count up.
"""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

from annotations.models import (
    Annotation,
    Answer,
    Author,
    Campaign,
    Codebook,
    Comment,
    ContentCategory,
    ContentWarning,
    Corpus,
    Label,
    Membership,
    Question,
    Thread,
    Unit,
    User,
)

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

_numbers = itertools.count(1)


def build_user(username: str = "", **fields: Any) -> User:
    name = username or f"user{next(_numbers)}"
    return User.objects.create_user(username=name, password=fields.pop("password", None), **fields)


def build_corpus(slug: str = "", **fields: Any) -> Corpus:
    slug = slug or f"corpus-{next(_numbers)}"
    return Corpus.objects.create(slug=slug, **{"name": slug, "created_at": NOON, **fields})


def build_thread(corpus: Corpus, source_id: str = "", **fields: Any) -> Thread:
    return Thread.objects.create(
        corpus=corpus,
        source_id=source_id or f"t{next(_numbers)}",
        **{"title": "Should the old bridge go?", "created_at": NOON, **fields},
    )


def build_author(corpus: Corpus, name: str = "Ada", **fields: Any) -> Author:
    number = next(_numbers)
    defaults = {"source_id": f"author-{number}", "pseudonym": f"u{number:06}"}
    return Author.objects.create(corpus=corpus, name=name, **{**defaults, **fields})


def build_comment(
    thread: Thread, text: str = "The bridge costs 2 million a year.", **fields: Any
) -> Comment:
    """The thread's next comment; ``reply_to`` sets its depth as well."""
    place = thread.comments.count()
    reply_to = fields.get("reply_to")
    defaults = {
        "source_id": f"c{next(_numbers)}",
        "ordinal": place,
        "position": place,
        "depth": reply_to.depth + 1 if reply_to else 0,
        "posted_at": NOON,
        "created_at": NOON,
    }
    return Comment.objects.create(
        corpus=thread.corpus, thread=thread, text=text, **{**defaults, **fields}
    )


def build_codebook(key: str = "", version: int = 1, **fields: Any) -> Codebook:
    """One question of each kind, in this order: claim, reasons, certainty, count, why, part, to.

    All for comments, none required, each with the key of its kind's example below.
    """
    codebook = Codebook.objects.create(
        key=key or f"codebook-{next(_numbers)}",
        version=version,
        **{"title": "Claims", "source": "", "sha256": "0" * 64, "created_at": NOON, **fields},
    )
    build_question(codebook, "claim", Question.Kind.SINGLE_LABEL, labels=("yes", "no"))
    build_question(codebook, "reasons", Question.Kind.MULTI_LABEL, labels=("old", "rude", "wrong"))
    build_question(codebook, "certainty", Question.Kind.RATING, minimum=1, maximum=5, step=1)
    build_question(codebook, "count", Question.Kind.NUMBER)
    build_question(codebook, "why", Question.Kind.TEXT)
    build_question(codebook, "part", Question.Kind.SPAN, labels=("fact", "opinion"))
    build_question(codebook, "to", Question.Kind.RELATION, labels=("agrees", "disagrees"))
    return codebook


def build_question(
    codebook: Codebook, key: str, kind: str, labels: tuple[str, ...] = (), **fields: Any
) -> Question:
    question = Question.objects.create(
        codebook=codebook,
        key=key,
        kind=kind,
        position=codebook.questions.count(),
        **{"title": key.capitalize(), "required": False, **fields},
    )
    Label.objects.bulk_create(
        Label(question=question, key=label, position=place, title=label.capitalize())
        for place, label in enumerate(labels)
    )
    return question


def build_campaign(
    corpus: Corpus | None = None, codebook: Codebook | None = None, slug: str = "", **fields: Any
) -> Campaign:
    slug = slug or f"campaign-{next(_numbers)}"
    return Campaign.objects.create(
        slug=slug,
        corpus=corpus or build_corpus(),
        codebook=codebook or build_codebook(),
        **{"name": slug, "created_at": NOON, **fields},
    )


def build_membership(
    campaign: Campaign,
    user: User | None = None,
    role: str = Membership.Role.ANNOTATOR,
    **fields: Any,
) -> Membership:
    defaults = {"number": campaign.memberships.count() + 1, "joined_at": NOON}
    return Membership.objects.create(
        campaign=campaign, user=user or build_user(), role=role, **{**defaults, **fields}
    )


def build_unit(campaign: Campaign, comment: Comment | None = None, **fields: Any) -> Unit:
    """A comment to label: a new one in a new thread if none is given."""
    if comment is None and "thread" not in fields:
        comment = build_comment(build_thread(campaign.corpus))
    defaults: dict[str, Any] = {"order": campaign.units.count()}
    if comment is not None:
        defaults["thread"] = comment.thread
    return Unit.objects.create(campaign=campaign, comment=comment, **{**defaults, **fields})


def build_annotation(unit: Unit, membership: Membership | None = None, **fields: Any) -> Annotation:
    """A submitted annotation without answers, by a new annotator if none is given."""
    if membership is None and fields.get("source", "human") in ("human", "adjudication"):
        membership = build_membership(unit.campaign)
    defaults = {"state": "submitted", "created_at": NOON, "saved_at": NOON, "submitted_at": NOON}
    if fields.get("source") == "model":
        defaults["model"] = "guesser-1"
    return Annotation.objects.create(unit=unit, membership=membership, **{**defaults, **fields})


def build_answer(
    annotation: Annotation, question: str, *, label: str = "", **fields: Any
) -> Answer:
    """An answer to the question with this key; ``label`` is a label's key."""
    asked = annotation.unit.campaign.codebook.questions.get(key=question)
    given = annotation.answers.filter(question=asked).count()
    return Answer.objects.create(
        annotation=annotation,
        question=asked,
        label=asked.labels.get(key=label) if label else None,
        **{"position": given, **fields},
    )


def build_category(key: str = "hate", **fields: Any) -> ContentCategory:
    """The category of this key, made where it is not there."""
    defaults = {"title": key.capitalize(), "description": f"What is {key}.", **fields}
    return ContentCategory.objects.get_or_create(key=key, defaults=defaults)[0]


def build_warning(comment: Comment, key: str = "hate", **fields: Any) -> ContentWarning:
    """A person's warning of the category with this key."""
    return ContentWarning.objects.create(
        comment=comment,
        category=build_category(key),
        **{"basis": "person", "created_at": NOON, **fields},
    )
