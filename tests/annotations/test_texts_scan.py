"""What may be relied on when a corpus's texts are scanned: safe to repeat, to stop, to kill."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from annotations import tasks
from annotations.errors import JobCancelled
from annotations.models import (
    Comment,
    CommentRelation,
    Corpus,
    DuplicateGroup,
    DuplicateMember,
    TextScan,
    Thread,
)
from annotations.selectors.texts import corpus_texts, language_name
from annotations.services import texts as service
from annotations.services.jobs import cancel_job, claim_job, run_job
from annotations.services.running_job import LEASE, RunningJob
from annotations.services.texts import scan_texts, start_scan
from annotations.texts.shingles import shingles_of
from tests.builders import NOON, build_author, build_comment, build_corpus, build_thread

pytestmark = pytest.mark.django_db(transaction=True)

State = TextScan.State
LETTER = (
    "Dear members of the council, the new ferry terminal will double the traffic on Quay Road and "
    "none of us was asked. I urge you to vote against the plan on Thursday."
)
GERMAN = "Ich verstehe nicht, warum uns niemand von der gesperrten Straße erzählt hat."
ENGLISH = "My grandmother sold smoked herring at the old harbour every Sunday morning."


def scanned(corpus: Corpus) -> TextScan:
    scan = start_scan(corpus=corpus, user=None, now=NOON)
    run_job(TextScan, scan.pk, scan_texts)
    scan.refresh_from_db()
    assert scan.state == State.DONE, scan.error
    return scan


def groups_of(corpus: Corpus) -> list[tuple[str, list[tuple[str, float]]]]:
    """Each group's example and members with their similarity, by source ids."""
    return [
        (
            group.example.source_id,
            [
                (member.comment.source_id, round(member.similarity, 9))
                for member in group.members.order_by("position")
            ],
        )
        for group in corpus.duplicate_groups.order_by("rank")
    ]


def campaign(corpus: Corpus, count: int = 4) -> list[Comment]:
    """Copies of one letter, each in a thread of its own, the first of them posted last."""
    return [
        build_comment(
            build_thread(corpus),
            LETTER.replace("Thursday", f"day {number}"),
            author=build_author(corpus),
            posted_at=NOON - timedelta(hours=number),
        )
        for number in range(count)
    ]


class TestGroups:
    def test_copies_become_a_group_with_its_figures(self) -> None:
        corpus = build_corpus()
        copies = campaign(corpus, 3)
        build_comment(copies[0].thread, ENGLISH)
        build_comment(copies[0].thread, LETTER, kind="article", author=copies[0].author)
        scan = scanned(corpus)
        group = DuplicateGroup.objects.get()
        assert (group.rank, group.size, group.authors, group.threads) == (1, 4, 3, 3)
        assert (group.first_at, group.last_at) == (NOON - timedelta(hours=2), NOON)
        assert group.example == copies[2], "the earliest"
        assert (scan.groups, scan.copies, scan.done, scan.total) == (1, 4, 5, 5)
        similar = list(group.members.order_by("position").values_list("similarity", flat=True))
        assert similar[0] == 1
        assert all(0.7 <= share < 1 for share in similar[1:])

    def test_the_largest_group_comes_first_and_equal_ones_by_time(self) -> None:
        corpus = build_corpus()
        thread = build_thread(corpus)
        for minutes, text in enumerate([GERMAN, ENGLISH, ENGLISH, GERMAN]):
            build_comment(thread, text, posted_at=NOON + timedelta(minutes=minutes))
        campaign(corpus, 3)
        scanned(corpus)
        groups = corpus.duplicate_groups.order_by("rank")
        assert [group.size for group in groups] == [3, 2, 2]
        assert [group.example.text for group in groups[1:]] == [GERMAN, ENGLISH]

    def test_what_is_gone_is_in_no_group(self) -> None:
        corpus = build_corpus()
        campaign(corpus, 2)
        build_comment(build_thread(corpus), LETTER, status="spam")
        scanned(corpus)
        assert DuplicateMember.objects.count() == 2
        assert Comment.objects.get(status="spam").language == ""

    def test_a_reply_that_quotes_a_whole_comment_is_no_copy(self) -> None:
        corpus = build_corpus()
        thread = build_thread(corpus)
        first = build_comment(thread, LETTER)
        marked = [{"kind": "quote", "start": 0, "end": len(LETTER)}]
        build_comment(thread, f"{LETTER} I do not think so.", blocks=marked)
        reply = build_comment(thread, f"{LETTER} Nor do I, my dear.")
        CommentRelation.objects.create(
            comment=reply, kind="quote", basis="given", start=0, end=len(LETTER), target=first
        )
        scanned(corpus)
        assert not DuplicateGroup.objects.exists()

    def test_another_corpus_is_left_alone(self) -> None:
        corpus, other = build_corpus(), build_corpus()
        campaign(corpus, 2)
        campaign(other, 2)
        scanned(other)
        before = groups_of(other)
        scanned(corpus)
        assert len(before) == 1
        assert groups_of(other) == before
        assert corpus.duplicate_groups.count() == 1

    def test_the_order_in_which_comments_came_in_makes_no_difference(self) -> None:
        texts = [LETTER.replace("Thursday", f"day {n}") for n in range(5)] + [ENGLISH, ENGLISH]
        found = []
        for seed in (1, 2):
            corpus = build_corpus()
            thread = build_thread(corpus)
            numbered = list(enumerate(texts))
            random.Random(seed).shuffle(numbered)
            for number, text in numbered:
                source = f"s{number}"
                build_comment(thread, text, source_id=source, posted_at=None)
            scanned(corpus)
            found.append(groups_of(corpus))
        assert found[0] == found[1]
        assert len(found[0]) == 2

    def test_groups_larger_than_a_read_are_whole(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from annotations.selectors import texts as selector

        for module in (selector, service):
            monkeypatch.setattr(module, "READ_AT_ONCE", 3)
        monkeypatch.setattr(service, "ROWS_AT_ONCE", 2)
        monkeypatch.setattr(service, "THREADS_AT_ONCE", 2)
        corpus = build_corpus()
        campaign(corpus, 8)
        for text in (ENGLISH, GERMAN):
            for _ in range(2):
                build_comment(build_thread(corpus), text)
        scanned(corpus)
        assert [group.size for group in corpus.duplicate_groups.order_by("rank")] == [8, 2, 2]
        assert set(corpus.threads.values_list("language", flat=True)) == {"en", "de"}


class TestLanguages:
    def test_each_comment_and_thread_gets_its_language(self) -> None:
        corpus = build_corpus()
        thread = build_thread(corpus)
        for text in (GERMAN, GERMAN + " Schade.", ENGLISH, "Ha!", "Ja.", "No."):
            build_comment(thread, text)
        short = build_thread(corpus)
        build_comment(short, "Ha!")
        empty = build_thread(corpus)
        scan = scanned(corpus)
        told = list(thread.comments.order_by("pk").values_list("language", flat=True))
        assert told == ["de", "de", "en", "und", "und", "und"]
        assert scan.languages == {"de": 2, "en": 1, "und": 4}
        languages = dict(corpus.threads.values_list("pk", "language"))
        assert languages == {thread.pk: "de", short.pk: "und", empty.pk: ""}

    def test_what_was_told_before_stays(self) -> None:
        corpus = build_corpus()
        comment = build_comment(build_thread(corpus), GERMAN, language="nds")
        assert scanned(corpus).languages == {"nds": 1}
        comment.refresh_from_db()
        assert comment.language == "nds"

    def test_the_language_of_the_quoted_does_not_count(self) -> None:
        corpus = build_corpus()
        quoted = [{"kind": "quote", "start": 0, "end": len(ENGLISH)}]
        comment = build_comment(build_thread(corpus), f"{ENGLISH}\n{GERMAN}", blocks=quoted)
        scanned(corpus)
        comment.refresh_from_db()
        assert comment.language == "de"

    def test_a_text_that_changed_meanwhile_waits_for_the_next_scan(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        corpus = build_corpus()
        comment = build_comment(build_thread(corpus), GERMAN)

        def change_first(text: str) -> str:
            Comment.objects.filter(pk=comment.pk).update(text=ENGLISH, text_revision=2)
            return "de"

        monkeypatch.setattr(service, "language_of", change_first)
        scanned(corpus)
        comment.refresh_from_db()
        assert comment.language == ""

    def test_languages_have_names(self) -> None:
        names = [language_name(code) for code in ("de", "zh", "no", "und", "ceb")]
        assert names == ["German", "Chinese", "Norwegian", "Not told", "ceb"]


class TestJob:
    def test_the_one_that_waits_is_given_again(self) -> None:
        corpus = build_corpus()
        first = start_scan(corpus=corpus, user=None, now=NOON)
        assert start_scan(corpus=corpus, user=None, now=NOON) == first
        assert start_scan(corpus=build_corpus(), user=None, now=NOON) != first
        assert claim_job(TextScan, first.pk, now=NOON) is not None
        assert start_scan(corpus=corpus, user=None, now=NOON) != first

    def test_the_task_does_it(self) -> None:
        corpus = build_corpus()
        campaign(corpus, 2)
        tasks.scan(start_scan(corpus=corpus, user=None, now=NOON).pk)
        assert corpus.scans.get().state == State.DONE
        assert corpus.duplicate_groups.count() == 1

    def test_twice_gives_the_same(self) -> None:
        corpus = build_corpus()
        campaign(corpus)
        first = scanned(corpus)
        before = groups_of(corpus)
        second = scanned(corpus)
        assert groups_of(corpus) == before
        assert first.pk != second.pk
        assert (first.languages, first.groups, first.copies) == (
            second.languages,
            second.groups,
            second.copies,
        )

    @pytest.mark.parametrize("step", ["_tell_thread_languages", "_groups", "_replace_groups"])
    def test_one_that_was_killed_on_its_way_gives_the_same_when_it_is_taken_up_again(
        self, monkeypatch: pytest.MonkeyPatch, step: str
    ) -> None:
        corpus = build_corpus()
        campaign(corpus)
        scan = start_scan(corpus=corpus, user=None, now=NOON)
        job = claim_job(TextScan, scan.pk, now=NOON)
        assert job is not None

        def die(*args: Any) -> Any:
            raise SystemExit

        with monkeypatch.context() as dying:
            dying.setattr(service, step, die)
            with pytest.raises(SystemExit):
                scan_texts(RunningJob(job, clock=lambda: NOON))
        assert not DuplicateGroup.objects.exists()
        run_job(TextScan, scan.pk, scan_texts, clock=lambda: NOON + LEASE)
        scan.refresh_from_db()
        assert (scan.state, scan.attempt) == (State.DONE, 2)
        again = groups_of(corpus)
        scanned(corpus)
        assert groups_of(corpus) == again
        assert [len(members) for _, members in again] == [4]

    def test_the_old_groups_stay_until_the_new_ones_are_all_there(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        corpus = build_corpus()
        campaign(corpus)
        scanned(corpus)
        before = groups_of(corpus)
        build_comment(build_thread(corpus), LETTER)

        def broken(*args: Any) -> Any:
            raise RuntimeError("The disk is full.")

        with monkeypatch.context() as breaking:
            breaking.setattr(service, "_member_rows", broken)
            scan = start_scan(corpus=corpus, user=None, now=NOON)
            run_job(TextScan, scan.pk, scan_texts)
        scan.refresh_from_db()
        assert scan.state == State.FAILED
        assert groups_of(corpus) == before
        scanned(corpus)
        assert [len(members) for _, members in groups_of(corpus)] == [5]

    def test_cancelled_in_the_middle_it_stops_and_changes_no_group(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        corpus = build_corpus()
        campaign(corpus)
        scanned(corpus)
        before = groups_of(corpus)
        Comment.objects.all().update(text=ENGLISH)
        scan = start_scan(corpus=corpus, user=None, now=NOON)
        job = claim_job(TextScan, scan.pk, now=timezone.now())
        assert job is not None
        running = RunningJob(job, clock=timezone.now)

        def ask_to_stop(texts: Any) -> Any:
            cancel_job(job=job, now=timezone.now())
            running.beat()
            return shingles_of(texts)

        monkeypatch.setattr(service, "shingles_of", ask_to_stop)
        with pytest.raises(JobCancelled):
            scan_texts(running)
        assert groups_of(corpus) == before

    def test_an_empty_corpus_is_soon_done(self) -> None:
        scan = scanned(build_corpus())
        assert (scan.languages, scan.groups, scan.copies, scan.total) == ({}, 0, 0, 0)


def test_the_corpus_s_texts_show_the_last_scan_that_ended_and_the_newest() -> None:
    corpus = build_corpus()
    campaign(corpus, 2)
    for _ in range(3):
        build_comment(build_thread(corpus), GERMAN)
    empty = corpus_texts(corpus, now=NOON)
    assert (empty.languages, empty.groups, empty.scan, empty.waiting) == ([], [], None, False)
    scanned(corpus)
    newest = start_scan(corpus=corpus, user=None, now=NOON)
    texts = corpus_texts(corpus, now=NOON)
    assert [(one.code, one.name, one.count) for one in texts.languages] == [
        ("de", "German", 3),
        ("en", "English", 2),
    ]
    assert [group.size for group in texts.groups] == [3, 2]
    assert texts.scan == newest
    assert texts.waiting


def test_a_thread_s_language_is_told_where_two_are_as_frequent() -> None:
    corpus = build_corpus()
    thread = build_thread(corpus)
    for text in (GERMAN, ENGLISH):
        build_comment(thread, text)
    scanned(corpus)
    assert Thread.objects.get().language == "de"
