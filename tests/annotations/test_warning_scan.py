"""What may be relied on when rules of content warnings are applied: by scans, again and again."""

from __future__ import annotations

from typing import Any

import pytest

from annotations.errors import InvalidInput
from annotations.models import (
    Comment,
    ContentClearance,
    ContentRule,
    ContentWarning,
    Corpus,
    TextScan,
)
from annotations.services import texts
from annotations.services.content import (
    MOST_WORDS,
    add_field_rule,
    add_word_rule,
    delete_rule,
    set_warnings,
)
from annotations.services.jobs import claim_job, run_job
from annotations.services.running_job import LEASE, RunningJob
from annotations.services.texts import scan_texts, start_scan
from tests.annotations.study import build_comments
from tests.builders import (
    NOON,
    build_category,
    build_comment,
    build_corpus,
    build_thread,
    build_user,
    build_warning,
)

pytestmark = pytest.mark.django_db(transaction=True)


def words(corpus: Corpus, *listed: str, category: str = "profanity") -> ContentRule:
    return add_word_rule(
        corpus=corpus, category=build_category(category), words=listed, user=None, now=NOON
    )


def field(corpus: Corpus, path: str, value: str = "") -> ContentRule:
    category = build_category("sexual")
    return add_field_rule(
        corpus=corpus, category=category, field=path, value=value, user=None, now=NOON
    )


def scan(corpus: Corpus) -> None:
    job = start_scan(corpus=corpus, user=None, now=NOON)
    run_job(TextScan, job.pk, scan_texts)
    job.refresh_from_db()
    assert job.state == "done", job.error


def warned(**comments: Comment) -> dict[str, list[str]]:
    """The categories of each comment."""
    return {
        name: sorted(comment.warnings.values_list("category__key", flat=True))
        for name, comment in comments.items()
    }


def test_words_and_fields_warn_in_their_own_corpus_only() -> None:
    corpus, other = build_corpus(), build_corpus()
    adult = build_thread(corpus, raw={"over_18": True})
    thread = build_thread(corpus)
    a = build_comment(thread, "Oh damn it.")
    b = build_comment(thread, "Nothing.", raw={"labels": [{"val": "porn"}]})
    c = build_comment(adult, "Nothing.")
    d = build_comment(thread, "Nothing.")
    e = build_comment(build_thread(other), "Oh damn it.", raw={"over_18": True})
    words(corpus, "damn")
    field(corpus, "over_18", "true")
    field(corpus, "labels[].val", "porn")
    scan(corpus)
    scan(other)
    assert warned(a=a, b=b, c=c, d=d, e=e) == {
        "a": ["profanity"],
        "b": ["sexual"],
        "c": ["sexual"],
        "d": [],
        "e": [],
    }


def test_what_the_opening_s_record_says_warns_of_all_its_thread() -> None:
    """As on Reddit, where only the submission is marked."""
    corpus = build_corpus()
    thread, other = build_thread(corpus), build_thread(corpus)
    post = build_comment(thread, "A post.", kind="post", raw={"over_18": True})
    reply = build_comment(thread, "A reply.", reply_to=post)
    first = build_comment(other, "A comment.", raw={"over_18": True})
    second = build_comment(other, "Another.")
    field(corpus, "over_18", "true")
    scan(corpus)
    assert warned(post=post, reply=reply, first=first, second=second) == {
        "post": ["sexual"],
        "reply": ["sexual"],
        "first": ["sexual"],
        "second": [],
    }


def test_what_is_quoted_warns_too() -> None:
    corpus = build_corpus()
    quoted = [{"kind": "quote", "start": 0, "end": 4}]
    comment = build_comment(build_thread(corpus), "damn\nNo need to swear.", blocks=quoted)
    words(corpus, "damn")
    scan(corpus)
    assert warned(it=comment) == {"it": ["profanity"]}


def test_twice_changes_nothing() -> None:
    corpus = build_corpus()
    build_comment(build_thread(corpus), "Damn!")
    words(corpus, "damn")
    field(corpus, "sensitive")
    scan(corpus)
    before = list(ContentWarning.objects.values())
    scan(corpus)
    assert list(ContentWarning.objects.values()) == before
    assert len(before) == 1


def test_a_changed_text_is_looked_at_again() -> None:
    corpus = build_corpus()
    comment = build_comment(build_thread(corpus), "Damn!")
    words(corpus, "damn")
    scan(corpus)
    Comment.objects.update(text="Dear me!", text_revision=2)
    scan(corpus)
    assert warned(it=comment) == {"it": []}


class TestRulesThatGo:
    def test_take_their_warnings_along_with_the_next_scan(self) -> None:
        corpus = build_corpus()
        comment = build_comment(build_thread(corpus), "Damn!")
        gone = build_comment(build_thread(corpus), "Damn!")
        rule = words(corpus, "damn")
        scan(corpus)
        Comment.objects.filter(pk=gone.pk).update(status="deleted_by_author")
        delete_rule(rule=rule)
        assert warned(it=comment, gone=gone) == {"it": ["profanity"], "gone": ["profanity"]}
        scan(corpus)
        assert warned(it=comment, gone=gone) == {"it": [], "gone": []}

    def test_leave_what_another_rule_asks_for(self) -> None:
        corpus = build_corpus()
        comment = build_comment(build_thread(corpus), "Damn, what the hell!")
        first, second = words(corpus, "damn"), words(corpus, "hell")
        scan(corpus)
        warning = comment.warnings.get()
        assert warning.rule == first
        delete_rule(rule=first)
        scan(corpus)
        warning.refresh_from_db()
        assert warning.rule == second

    def test_in_the_middle_of_a_scan_store_nothing_more(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        corpus = build_corpus()
        build_comments(build_thread(corpus), 1500, text="Damn!")
        rule = words(corpus, "damn")
        tell = texts._tell_languages

        def and_delete(*asked: Any) -> Any:
            ContentRule.objects.filter(pk=rule.pk).delete()
            return tell(*asked)

        monkeypatch.setattr(texts, "_tell_languages", and_delete)
        scan(corpus)
        assert not ContentWarning.objects.exists()


class TestPeople:
    def test_keep_what_they_added(self) -> None:
        corpus, ada = build_corpus(), build_user()
        comment = build_comment(build_thread(corpus), "Damn!")
        hate = build_category("hate")
        set_warnings(comment=comment, categories=[hate], user=ada, now=NOON)
        rule = words(corpus, "damn", category="hate")
        scan(corpus)
        delete_rule(rule=rule)
        scan(corpus)
        warning = comment.warnings.get()
        assert (warning.basis, warning.added_by) == ("person", ada)

    def test_take_away_what_a_rule_added_for_good(self) -> None:
        corpus, ada = build_corpus(), build_user()
        comment = build_comment(build_thread(corpus), "Damn!")
        words(corpus, "damn")
        scan(corpus)
        set_warnings(comment=comment, categories=[], user=ada, now=NOON)
        scan(corpus)
        assert warned(it=comment) == {"it": []}
        profanity = build_category("profanity")
        set_warnings(comment=comment, categories=[profanity], user=ada, now=NOON)
        scan(corpus)
        assert comment.warnings.get().basis == "person"
        assert not ContentClearance.objects.exists()

    def test_change_nothing_by_saying_the_same_again(self) -> None:
        comment = build_comment(build_thread(build_corpus()))
        build_warning(comment, "hate")
        before = list(ContentWarning.objects.values())
        hate, other = build_category("hate"), build_user()
        set_warnings(comment=comment, categories=[hate], user=other, now=NOON)
        assert list(ContentWarning.objects.values()) == before


def test_one_that_was_killed_gives_the_same_when_it_is_taken_up_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    corpus = build_corpus()
    build_comments(build_thread(corpus), 1500, text="Damn!")
    words(corpus, "damn")
    job = start_scan(corpus=corpus, user=None, now=NOON)
    claimed = claim_job(TextScan, job.pk, now=NOON)
    assert claimed is not None
    told: list[int] = []

    def die_at_the_second(batch: Any, *_: Any) -> Any:
        told.append(len(batch))
        if len(told) == 2:
            raise SystemExit
        return []

    with monkeypatch.context() as dying:
        dying.setattr(texts, "_tell_languages", die_at_the_second)
        with pytest.raises(SystemExit):
            scan_texts(RunningJob(claimed, clock=lambda: NOON))
    assert ContentWarning.objects.count() == 1500
    run_job(TextScan, job.pk, scan_texts, clock=lambda: NOON + LEASE)
    assert ContentWarning.objects.count() == 1500


def test_a_batch_is_read_and_stored_in_few_queries(
    django_assert_max_num_queries: Any,
) -> None:
    from annotations.services.warning_scan import WarningScan

    corpus = build_corpus()
    for text in ("Damn!", "Hell!"):
        words(corpus, text)
    field(corpus, "over_18")
    made = build_comments(build_thread(corpus), 900, text="Damn! Hell!", raw={"over_18": True})
    with django_assert_max_num_queries(24):
        WarningScan(corpus, NOON).mark([comment.pk for comment in made])
    assert ContentWarning.objects.count() == 1800


class TestRefused:
    @pytest.mark.parametrize(
        "listed", [[], [" ", ""], ["a" * 101], ["a\0b"], [str(n) for n in range(MOST_WORDS + 1)]]
    )
    def test_lists(self, listed: list[str]) -> None:
        with pytest.raises(InvalidInput) as refused:
            words(build_corpus(), *listed)
        assert "words" in refused.value.fields

    def test_paths(self) -> None:
        with pytest.raises(InvalidInput) as refused:
            field(build_corpus(), "a..b")
        assert "field" in refused.value.fields
