"""Saying of what a corpus and its comments warn."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction

from annotations.errors import InvalidInput
from annotations.models import (
    Comment,
    ContentCategory,
    ContentClearance,
    ContentRule,
    ContentWarning,
    Corpus,
    User,
)
from annotations.services.audit import Act, note_act
from annotations.texts.warned import field_test

MOST_WORDS = 2_000
LONGEST_WORD = 100


@transaction.atomic
def set_corpus_categories(*, corpus: Corpus, categories: Iterable[ContentCategory]) -> None:
    """Warn of these, and of no others, with every comment of the corpus."""
    corpus.content_categories.set(categories)
    note_act(act=Act.WARNINGS_CHANGED, about=corpus)


@transaction.atomic
def add_word_rule(
    *,
    corpus: Corpus,
    category: ContentCategory,
    words: Iterable[str],
    user: User | None,
    now: datetime,
) -> ContentRule:
    """Warn wherever one of the words or phrases stands; the caller starts a scan.

    Raises InvalidInput for a list that is empty or too long.
    """
    listed = list(dict.fromkeys(cleaned for word in words if (cleaned := word.strip())))
    sentence = ""
    if not listed:
        sentence = "Write at least one word."
    elif len(listed) > MOST_WORDS:
        sentence = f"A rule has at most {MOST_WORDS:,} words: make several rules."
    elif any(len(word) > LONGEST_WORD or "\0" in word for word in listed):
        sentence = f"A word or phrase has at most {LONGEST_WORD} characters."
    if sentence:
        raise InvalidInput(sentence, fields={"words": [sentence]})
    rule = ContentRule.objects.create(
        corpus=corpus,
        category=category,
        kind=ContentRule.Kind.WORDS,
        words=listed,
        added_by=user,
        created_at=now,
    )
    return _noted(rule, now)


@transaction.atomic
def add_field_rule(
    *,
    corpus: Corpus,
    category: ContentCategory,
    field: str,
    value: str = "",
    user: User | None,
    now: datetime,
) -> ContentRule:
    """Warn wherever the source says so in its record; the caller starts a scan.

    Raises InvalidInput for a path that leads nowhere.
    """
    try:
        field_test(field, value)
    except ValueError as error:
        raise InvalidInput(str(error), fields={"field": [str(error)]}) from None
    rule = ContentRule.objects.create(
        corpus=corpus,
        category=category,
        kind=ContentRule.Kind.FIELD,
        field=field.strip(),
        value=value.strip(),
        added_by=user,
        created_at=now,
    )
    return _noted(rule, now)


def _noted(rule: ContentRule, now: datetime) -> ContentRule:
    note_act(act=Act.WARNINGS_CHANGED, about=rule.corpus, details={"rule": rule.pk}, now=now)
    return rule


@transaction.atomic
def delete_rule(*, rule: ContentRule) -> None:
    """Take the rule away; the caller starts a scan, which takes its warnings away.

    Until then they stay: somebody may be reading, and another rule may ask for the same.
    """
    Corpus.objects.select_for_update(no_key=True).get(pk=rule.corpus_id)
    note_act(act=Act.WARNINGS_CHANGED, about=rule.corpus, details={"deleted_rule": rule.pk})
    rule.delete()


@transaction.atomic
def set_warnings(
    *, comment: Comment, categories: Collection[ContentCategory], user: User, now: datetime
) -> None:
    """Warn of these with the comment, and of no others, whatever the rules say.

    What a person adds no rule takes away, and what a person takes away no rule adds again.
    """
    Comment.objects.select_for_update(no_key=True).get(pk=comment.pk)
    warned = dict(ContentWarning.objects.filter(comment=comment).values_list("category", "pk"))
    wanted = {category.pk for category in categories}
    added, removed = wanted - warned.keys(), warned.keys() - wanted
    by = {"comment": comment, "added_by": user, "created_at": now}
    ContentWarning.objects.bulk_create(
        [
            ContentWarning(category_id=pk, basis=ContentWarning.Basis.PERSON, **by)
            for pk in sorted(added)
        ]
    )
    ContentClearance.objects.filter(comment=comment, category__in=wanted).delete()
    ContentWarning.objects.filter(pk__in=[warned[pk] for pk in removed]).delete()
    counts = {"warned": len(added), "cleared": len(removed)}
    note_act(act=Act.WARNINGS_CHANGED, about=comment, details=counts, now=now)
    ContentClearance.objects.bulk_create(
        [ContentClearance(category_id=pk, **by) for pk in sorted(removed)], ignore_conflicts=True
    )
