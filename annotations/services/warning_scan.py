"""The rules of content warnings applied to a corpus, some comments at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from django.db import transaction

from annotations.models import (
    Comment,
    ContentClearance,
    ContentRule,
    ContentWarning,
    Corpus,
    Thread,
)
from annotations.selectors.content import orphaned
from annotations.texts.warned import FieldTest, WordLists, field_test

RECORDS_AT_ONCE = 100
OPENINGS = 2
Place = tuple[int, int]
"""The ids of a comment and of a category."""


class WarningScan:
    """What the rules of a corpus say, for the comments that it is shown.

    A rule may come or go while a scan runs. So the rules are looked at before each batch, and the
    corpus is locked while a batch is stored: no warning is ever stored for a rule that is gone.
    Doing the same again changes nothing.
    """

    def __init__(self, corpus: Corpus, at: datetime) -> None:
        self._corpus = corpus
        self._at = at
        self._rules: dict[int, ContentRule] = {}
        self._words: WordLists[int] = WordLists()
        self._fields: dict[int, FieldTest] = {}

    def mark(self, comments: Collection[int]) -> None:
        """Warn of what the rules find in these comments, and no more of what they do not find.

        The warnings of people stay, and where they cleared a comment of a category, none is added.
        """
        with transaction.atomic():
            Corpus.objects.select_for_update(no_key=True).get(pk=self._corpus.pk)
            self._read_rules()
            if self._rules:
                self._store(comments, self._wanted(comments))

    def forget_orphans(self, tick: Callable[[], None]) -> None:
        """Take away the warnings of rules that are gone and that no other rule asks for."""
        while orphaned(self._corpus).delete()[0]:
            tick()

    def _read_rules(self) -> None:
        """Only where they are others than the last time: a rule never changes."""
        rules = ContentRule.objects.filter(corpus=self._corpus).order_by("pk")
        if list(rules.values_list("pk", flat=True)) == list(self._rules):
            return
        self._rules = {rule.pk: rule for rule in rules}
        self._words, self._fields = WordLists(), {}
        for rule in self._rules.values():
            if rule.kind == ContentRule.Kind.WORDS:
                self._words.add(rule.words, rule.pk)
            else:
                self._fields[rule.pk] = field_test(rule.field, rule.value)

    def _wanted(self, comments: Collection[int]) -> dict[Place, int]:
        """The rule behind each warning that is wanted: of several the first that was made."""
        columns = ["pk", "text", "thread", *(["raw"] if self._fields else [])]
        found = Comment.objects.filter(pk__in=comments).order_by("pk")
        by_thread = self._met_by_threads(comments) if self._fields else {}
        wanted: dict[Place, int] = {}
        for comment, text, thread, *raw in found.values_list(*columns).iterator(RECORDS_AT_ONCE):
            met = self._words.met_by(text) | by_thread.get(thread, set())
            for record in raw:
                met |= self._met_by(record)
            for rule in sorted(met, reverse=True):
                wanted[comment, self._rules[rule].category_id] = rule
        cleared = ContentClearance.objects.filter(comment__in=comments)
        for place in cleared.values_list("comment", "category"):
            wanted.pop(place, None)
        return wanted

    def _met_by_threads(self, comments: Collection[int]) -> dict[int, set[int]]:
        """By the records of the threads, and of what opens them: sources use either."""
        own = Comment.objects.filter(pk__in=comments).order_by()
        threads = list(own.values_list("thread", flat=True).distinct())
        openings = Comment.objects.filter(
            thread__in=threads, position__lt=OPENINGS, kind__in=("article", "post")
        )
        met: dict[int, set[int]] = {}
        for records in (
            Thread.objects.filter(pk__in=threads).order_by("pk").values_list("pk", "raw"),
            openings.order_by("pk").values_list("thread", "raw"),
        ):
            for pk, raw in records.iterator(RECORDS_AT_ONCE):
                met.setdefault(pk, set()).update(self._met_by(raw))
        return met

    def _met_by(self, record: Mapping[str, object]) -> set[int]:
        return {rule for rule, test in self._fields.items() if test.met_by(record)}

    def _store(self, comments: Collection[int], wanted: dict[Place, int]) -> None:
        by_rule = ContentWarning.objects.filter(basis=ContentWarning.Basis.RULE)
        stored = {
            (comment, category): (pk, rule)
            for pk, comment, category, rule in by_rule.filter(comment__in=comments).values_list(
                "pk", "comment", "category", "rule"
            )
        }
        over = [stored[place][0] for place in stored.keys() - wanted.keys()]
        by_rule.filter(pk__in=over).delete()
        moved: dict[int, list[int]] = {}
        for place in stored.keys() & wanted.keys():
            pk, rule = stored[place]
            if rule != wanted[place]:
                moved.setdefault(wanted[place], []).append(pk)
        for rule, pks in sorted(moved.items()):
            by_rule.filter(pk__in=pks).update(rule=rule)
        ContentWarning.objects.bulk_create(
            [
                ContentWarning(
                    comment_id=comment,
                    category_id=category,
                    basis=ContentWarning.Basis.RULE,
                    rule_id=wanted[comment, category],
                    created_at=self._at,
                )
                for comment, category in sorted(wanted.keys() - stored.keys())
            ],
            ignore_conflicts=True,  # a person's warning of the same category stays
        )
