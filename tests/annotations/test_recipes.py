"""Which units a recipe draws: exactly what it says, and the same on every machine."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.errors import Conflict, InvalidInput
from annotations.models import Campaign, Codebook, Corpus, DuplicateGroup, DuplicateMember
from annotations.samples.allocation import allocate
from annotations.samples.keys import keyed_hash
from annotations.samples.recipe import Recipe, depth_band
from annotations.samples.uncertainty import uncertainty, vote_entropy
from annotations.selectors.candidates import fitting, scope_of
from annotations.selectors.recipe_words import recipe_in_words
from annotations.services.campaigns import Design, create_campaign
from tests.annotations.study import draw
from tests.builders import (
    NOON,
    build_codebook,
    build_comment,
    build_corpus,
    build_question,
    build_thread,
)


def build_talk(threads: int = 10, comments: int = 10) -> Corpus:
    """Threads t0, t1, ... of comments t0/0, t0/1, ..."""
    corpus = build_corpus()
    for t in range(threads):
        thread = build_thread(corpus, f"t{t}", platform="reddit" if t % 5 else "youtube")
        for n in range(comments):
            build_comment(thread, f"{t}/{n} said", source_id=f"t{t}/{n}")
    return corpus


def drawn(
    corpus: Corpus, *, codebook: Any = None, order: str = "thread", **recipe: Any
) -> list[str]:
    """The source ids of what is drawn, in the order of working; of a thread its own."""
    campaign = create_campaign(
        slug=f"c{Campaign.objects.count()}",
        corpus=corpus,
        codebook=codebook or build_codebook(),
        design=Design(order=order),
        recipe=Recipe(**recipe),
        now=NOON,
    )
    draw(campaign)
    units = campaign.units.select_related("comment", "thread").order_by("order")
    return [unit.comment.source_id if unit.comment else unit.thread.source_id for unit in units]


class TestHash:
    def test_it_is_blake2b_keyed_with_the_seed(self) -> None:
        assert keyed_hash(1, "draw", "t1", "c1") == 7684549388830850831
        assert keyed_hash(2, "draw", "t1", "c1") != keyed_hash(1, "draw", "t1", "c1")
        assert keyed_hash(1, "order", "t1", "c1") != keyed_hash(1, "draw", "t1", "c1")
        assert keyed_hash(1, "draw", "t1c1") != keyed_hash(1, "draw", "t1", "c1")


class TestAllocation:
    def test_each_stratum_gets_its_share(self) -> None:
        assert allocate([600, 300, 100], 10, "proportional", [1, 2, 3]) == [6, 3, 1]

    def test_or_all_get_the_same_while_they_have_it(self) -> None:
        assert allocate([600, 300, 2], 11, "equal", [1, 2, 3]) == [5, 4, 2]

    @given(
        counts=st.lists(st.integers(0, 30), min_size=1, max_size=8),
        size=st.integers(0, 120),
        method=st.sampled_from(["proportional", "equal"]),
    )
    def test_a_larger_size_only_adds(self, counts: list[int], size: int, method: str) -> None:
        ties = list(range(len(counts)))
        smaller, larger = (allocate(counts, n, method, ties) for n in (size, size + 1))
        assert sum(smaller) == min(size, sum(counts))
        assert all(a <= b <= n for a, b, n in zip(smaller, larger, counts, strict=True))


class TestUncertainty:
    def test_a_committee_that_is_split_is_surest_to_be_unsure(self) -> None:
        assert vote_entropy(["yes", "yes"], 2) == 0
        assert vote_entropy(["yes", "no"], 2) == pytest.approx(1)
        assert vote_entropy(["a", "b", "c"], 5) == pytest.approx(1)
        assert vote_entropy(["yes", "yes", "no", "no"], 2) == pytest.approx(1)
        assert 0 < vote_entropy(["yes", "yes", "no"], 2) < 1
        assert vote_entropy(["yes"], 2) == 0

    def test_one_model_is_as_unsure_as_it_says(self) -> None:
        assert uncertainty({1: ["yes"]}, {1: 2}, [0.75]) == (0.25, 0.25)
        assert uncertainty({1: ["yes"]}, {1: 2}, []) is None
        assert uncertainty({1: ["yes", "no"]}, {1: 2}, [0.9, 0.7]) == pytest.approx((1, 0.2))


class TestWords:
    @pytest.mark.parametrize(
        ("wrong", "field", "words"),
        [
            ({"draw": "some"}, "draw", "one of all, random, stratified"),
            ({"draw": "random"}, "size", "how many units are drawn"),
            ({"size": 3}, "size", "there is no size"),
            ({"draw": "stratified", "size": 3}, "by", "one of platform"),
            ({"draw": "random", "size": 3, "by": "month"}, "by", "Only a stratified"),
            (
                {"draw": "stratified", "size": 3, "by": "depth", "of": "threads"},
                "by",
                "cannot be stratified by depth",
            ),
            ({"depth_min": 3, "depth_max": 2}, "depth_max", "below the lower one, 3"),
            ({"posted_from": date(2024, 2, 1), "posted_to": date(2024, 1, 1)}, "posted_to", "last"),
            ({"keywords": ("a",) * 3 + (" ",)}, "keywords", "1 to 200 characters"),
            ({"seed": -1}, "seed", "not -1"),
        ],
    )
    def test_what_makes_no_sense_is_refused_beside_its_field(
        self, wrong: dict[str, Any], field: str, words: str
    ) -> None:
        with pytest.raises(InvalidInput, match=words) as refused:
            Recipe(**wrong)
        assert set(refused.value.fields) == {field}

    def test_what_is_stored_says_all_of_it_and_is_read_again(self) -> None:
        recipe = Recipe(
            draw="stratified",
            size=5,
            by="month",
            posted_from=date(2024, 1, 2),
            keywords=("ferry", "ferry"),
        )
        stored = recipe.to_json()
        assert stored["posted_from"] == "2024-01-02"
        assert stored["keywords"] == ["ferry"]
        assert Recipe.from_json(stored) == recipe
        with pytest.raises(InvalidInput, match="no 'sise'"):
            Recipe.from_json({"sise": 3})

    def test_it_is_told_in_sentences(self) -> None:
        recipe = Recipe(draw="random", size=20, depth_min=1, languages=("de", "en"))
        assert recipe_in_words(recipe) == [
            "20 at random (seed 1).",
            "Language: de, en.",
            "Depth in the thread: 1 or more.",
        ]

    def test_bands_of_depth_double(self) -> None:
        bands = Counter(depth_band(depth) for depth in range(12))
        assert bands == {"0": 1, "1": 1, "2-3": 2, "4-7": 4, "8+": 4}


@pytest.mark.django_db
class TestFilters:
    def fits(self, corpus: Corpus, **recipe: Any) -> set[str]:
        return set(drawn(corpus, **recipe))

    def test_platform_and_size_of_the_thread(self) -> None:
        corpus = build_talk(6, 1)
        assert self.fits(corpus, platforms=("youtube",)) == {"t0/0", "t5/0"}
        corpus.threads.filter(source_id="t3").update(comment_count=9)
        assert self.fits(corpus, thread_min=2) == {"t3/0"}
        assert self.fits(corpus, thread_min=2, thread_max=9) == {"t3/0"}

    def test_language_depth_and_day(self) -> None:
        corpus = build_corpus()
        thread = build_thread(corpus)
        late = datetime(2024, 1, 31, 23, 59, tzinfo=UTC)
        build_comment(thread, source_id="a", language="de", depth=0, posted_at=late)
        build_comment(thread, source_id="b", language="en", depth=2)
        build_comment(thread, source_id="c", language="", depth=5, posted_at=None)
        assert self.fits(corpus, languages=("de", "fr")) == {"a"}
        assert self.fits(corpus, depth_min=1, depth_max=2) == {"b"}
        assert self.fits(corpus, posted_to=date(2024, 1, 31)) == {"a"}
        assert self.fits(corpus, posted_from=date(2024, 2, 1)) == {"b"}
        assert self.fits(corpus, posted_from=date(2024, 1, 31)) == {"a", "b"}

    def test_lengths_count_code_points(self) -> None:
        corpus = build_corpus()
        thread = build_thread(corpus)
        build_comment(thread, "👩‍👧", source_id="family")
        build_comment(thread, "four", source_id="four")
        assert self.fits(corpus, length_max=3) == {"family"}
        assert self.fits(corpus, length_min=4) == {"four"}

    def test_words_are_found_whatever_the_case_in_every_script(self) -> None:
        corpus = build_corpus()
        thread = build_thread(corpus)
        for name, text in {"a": "STRASSE frei", "b": "ΦΕΡΡΥ", "c": "nothing"}.items():
            build_comment(thread, text, source_id=name)
        assert self.fits(corpus, keywords=("straße", "φερρυ")) == {"a", "b"}
        assert self.fits(corpus, keywords=("straße", "φερρυ"), excluded=("Frei",)) == {"b"}

    def test_of_copies_only_the_example(self) -> None:
        corpus = build_corpus()
        thread = build_thread(corpus)
        comments = [build_comment(thread, source_id=name) for name in "abc"]
        group = DuplicateGroup.objects.create(
            corpus=corpus, rank=1, size=2, authors=1, threads=1, example=comments[0]
        )
        for position, one in enumerate(comments[:2]):
            DuplicateMember.objects.create(
                group=group, comment=one, position=position, similarity=1
            )
        assert self.fits(corpus, without_copies=True) == {"a", "c"}

    def test_what_another_campaign_has_can_be_left_out(self) -> None:
        corpus = build_talk(2, 2)
        drawn(corpus, platforms=("youtube",))
        (other,) = Campaign.objects.values_list("slug", flat=True)
        assert self.fits(corpus, not_in=(other,)) == {"t1/0", "t1/1"}
        with pytest.raises(InvalidInput, match="no campaign 'nowhere' on this corpus"):
            drawn(corpus, not_in=("nowhere",))

    def test_where_nothing_fits_nothing_is_made(self) -> None:
        with pytest.raises(Conflict, match="fits the recipe of the sample"):
            drawn(build_talk(1, 1), keywords=("never said",))
        assert not Campaign.objects.exists()

    def test_a_thread_as_a_whole_fits_where_one_of_its_comments_does(self) -> None:
        codebook = Codebook.objects.create(key="whole", version=1, created_at=NOON)
        build_question(codebook, "mood", "single_label", ("good", "bad"), unit="thread")
        corpus = build_talk(3, 2)
        assert drawn(corpus, codebook=codebook) == ["t0", "t1", "t2"]
        assert drawn(corpus, codebook=codebook, keywords=("1/1",)) == ["t1"]

    def test_what_fits_is_counted_before(self) -> None:
        told = fitting(scope_of(build_talk(6, 2)), Recipe(keywords=("/1",)))
        assert (told.comments, told.threads, told.complete) == (6, 6, True)
        assert told.platforms == {"youtube": 2, "reddit": 4}


@pytest.mark.django_db
class TestDraw:
    def test_a_larger_sample_holds_the_smaller_one(self) -> None:
        corpus = build_talk()
        small = drawn(corpus, draw="random", size=10, seed=5)
        large = drawn(corpus, draw="random", size=30, seed=5)
        assert (len(small), len(large)) == (10, 30)
        assert set(small) < set(large)
        assert small == sorted(small)
        assert set(drawn(corpus, draw="random", size=10, seed=6)) != set(small)

    def test_it_is_the_same_on_every_machine(self) -> None:
        assert drawn(build_talk(3, 3), draw="random", size=3, seed=5) == ["t0/0", "t0/1", "t2/0"]

    def test_threads_come_whole(self) -> None:
        names = drawn(build_talk(), draw="random", size=3, of="threads")
        assert set(Counter(name.split("/")[0] for name in names).values()) == {10}
        assert len(names) == 30

    def test_strata_get_their_share_or_the_same(self) -> None:
        corpus = build_talk()
        share = drawn(corpus, draw="stratified", by="platform", size=20)
        platforms = dict(corpus.threads.values_list("source_id", "platform"))
        assert Counter(platforms[name.split("/")[0]] for name in share) == {
            "youtube": 4,
            "reddit": 16,
        }
        same = drawn(corpus, draw="stratified", by="platform", size=20, allocation="equal")
        assert Counter(platforms[name.split("/")[0]] for name in same) == {
            "youtube": 10,
            "reddit": 10,
        }
        each = drawn(corpus, draw="stratified", by="thread", size=20, allocation="equal")
        assert set(Counter(name.split("/")[0] for name in each).values()) == {2}

    def test_strata_of_threads(self) -> None:
        corpus = build_talk()
        names = drawn(
            corpus, draw="stratified", by="platform", size=4, of="threads", allocation="equal"
        )
        platforms = dict(corpus.threads.values_list("source_id", "platform"))
        threads = {name.split("/")[0] for name in names}
        assert Counter(platforms[name] for name in threads) == {"youtube": 2, "reddit": 2}
        assert len(names) == 40

    def test_a_random_order_holds_what_was_drawn(self) -> None:
        corpus = build_talk()
        names = drawn(corpus, draw="random", size=30, order="random")
        assert names != sorted(names)
        assert sorted(names) == drawn(corpus, draw="random", size=30)

    def test_candidates_that_cannot_be_drawn_are_let_go_on_the_way(self, monkeypatch: Any) -> None:
        corpus = build_talk()
        expected = drawn(corpus, draw="random", size=7)
        monkeypatch.setattr("annotations.samples.pool.PRUNE_FROM", 10)
        assert drawn(corpus, draw="random", size=7) == expected
