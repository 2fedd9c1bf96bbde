"""A codebook's words in other languages: what is taken, what is refused, and who reads them."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from django.test import Client
from django.utils import translation

from annotations.codebooks.schema import json_schema, parse_codebook
from annotations.codebooks.translations import best_tag
from annotations.errors import InvalidCodebook
from annotations.selectors.codebooks import get_codebook, in_language
from annotations.services.codebooks import load_codebook
from tests.builders import NOON, build_user

GERMAN = {
    "title": "Die Brücke",
    "guidelines": "Lesen Sie *genau*.",
    "questions": {
        "stance": {
            "title": "Dafür oder dagegen?",
            "help": "Nur die Brücke zählt.",
            "labels": {"for": {"title": "Dafür", "definition": "Will sie behalten."}},
        }
    },
}


def bridge(translations: Any, **fields: Any) -> str:
    labels = [
        {"key": "for", "title": "For", "definition": "Wants it kept.", "example": "Keep it!"},
        {"key": "against", "title": "Against", "definition": "Wants it gone."},
    ]
    stance = {"key": "stance", "title": "For or against it?", "kind": "single_label"}
    depends = {"question": "stance", "any_of": ["for"]}
    why = {"key": "why", "title": "Why?", "kind": "text", "depends_on": depends}
    content = {
        "key": "bridge",
        "version": 1,
        "title": "The bridge",
        "guidelines": "Read *closely*.",
        "questions": [{**stance, "labels": labels}, why],
        "translations": translations,
    }
    return yaml.safe_dump({**content, **fields}, allow_unicode=True)


def faults(translations: Any, **fields: Any) -> dict[str, list[str]]:
    with pytest.raises(InvalidCodebook) as refused:
        parse_codebook(bridge(translations, **fields))
    return refused.value.fields


class TestFile:
    def test_a_translation_may_leave_anything_out(self) -> None:
        parsed = parse_codebook(bridge({"de": GERMAN, "pt-BR": {}}))
        said = parsed.translations["de"].questions["stance"]
        assert said.labels["for"].title == "Dafür"
        assert said.labels["for"].example == ""
        assert parsed.translations["pt-BR"].title == ""

    def test_what_the_codebook_does_not_have_is_refused_with_its_path(self) -> None:
        said: Any = {"stanse": {}, "stance": {"labels": {"fro": {}}}, "why": {"labels": {"no": {}}}}
        assert faults({"de": {"questions": said}}) == {
            "translations.de.questions.stanse": ["there is no question `stanse`."],
            "translations.de.questions.stance.labels.fro": ["`stance` has no label `fro`."],
            "translations.de.questions.why.labels.no": ["`why` has no label `no`."],
        }

    def test_a_misspelt_field_is_refused_with_the_fields_that_there_are(self) -> None:
        said: Any = {
            "titel": "x",
            "questions": {"stance": {"halp": "x", "labels": {"for": {"key": 1}}}},
        }
        assert faults({"de": said}) == {
            "translations.de.titel": ["there is no such field; did you mean `title`?"],
            "translations.de.questions.stance.halp": [
                "there is no such field; did you mean `help`?"
            ],
            "translations.de.questions.stance.labels.for.key": [
                "there is no such field; the fields here are title, definition, example."
            ],
        }

    @pytest.mark.parametrize("tag", ["german", "de_AT", "1"])
    def test_a_language_is_a_tag(self, tag: str) -> None:
        assert faults({tag: {}}) == {
            f"translations.{tag}": ["must be a language tag, as in `en` or `pt-BR`."]
        }

    def test_a_codebook_is_not_translated_into_its_own_language(self) -> None:
        own = "is the language of the codebook itself."
        assert faults({"en": GERMAN}) == {"translations.en": [own]}
        assert faults({"de": GERMAN}, language="de") == {"translations.de": [own]}

    def test_a_question_with_faults_of_its_own_hides_no_other_fault(self) -> None:
        questions = [{"key": "stance", "title": "Stance?", "kind": "text", "unit": "page"}]
        said = {"questions": {"stance": {}, "lost": {}}, "x": 1}
        found = faults({"de": said}, questions=questions)
        assert set(found) == {"questions[0].unit", "translations.de.x"}

    def test_it_is_frozen_as_all_of_a_codebook(self) -> None:
        parsed = parse_codebook(bridge({"de": GERMAN}))
        with pytest.raises(TypeError, match="never changes"):
            parsed.translations["fr"] = parsed.translations["de"]  # type: ignore[index]
        assert hash(parsed) == hash(parse_codebook(bridge({"de": GERMAN})))

    def test_the_json_schema_knows_it(self) -> None:
        assert "translations" in json_schema()["properties"]

    def test_a_reader_gets_their_language_or_a_kin_of_it(self) -> None:
        tags = {"de": 1, "pt-BR": 1}
        asked = ("de", "de-AT", "pt", "ar")
        assert [best_tag(tags, one) for one in asked] == ["de", "de", "pt-BR", ""]


@pytest.mark.django_db
class TestShown:
    def test_a_selected_codebook_speaks_the_language(self) -> None:
        load_codebook(text=bridge({"de": GERMAN}), now=NOON)
        codebook = get_codebook("bridge")
        assert in_language(codebook, "de") == "de"
        stance, why = codebook.questions.all()
        for_it, against = stance.labels.all()
        assert (codebook.title, stance.help) == ("Die Brücke", "Nur die Brücke zählt.")
        assert (for_it.title, for_it.example, against.title) == ("Dafür", "Keep it!", "Against")
        assert why.title == "Why?"
        assert why.depends_on is not None
        assert why.depends_on.title == "Dafür oder dagegen?"

    @pytest.mark.parametrize("language", ["en", "ar"])
    def test_it_keeps_its_own_words_for_others(self, language: str) -> None:
        load_codebook(text=bridge({"de": GERMAN}), now=NOON)
        codebook = get_codebook("bridge")
        assert in_language(codebook, language) == "en"
        assert codebook.title == "The bridge"

    def test_the_page_shows_it(self, client: Client) -> None:
        load_codebook(text=bridge({"de": GERMAN}), now=NOON)
        client.force_login(build_user("cleo"))
        client.post("/language/", {"language": "de"})
        page = client.get("/codebooks/bridge/1/").content.decode()
        translation.activate("en")
        assert '<h1 lang="de" dir="auto">Die Brücke</h1>' in page
        assert "Lesen Sie <em>genau</em>." in page
        assert "Will sie behalten." in page
        assert "Wants it gone." in page

    def test_the_api_gives_all_translations_beside_the_original(self, client: Client) -> None:
        load_codebook(text=bridge({"de": GERMAN}), now=NOON)
        client.force_login(build_user("cleo"))
        answer = client.get("/api/v1/codebooks/bridge/1/").json()
        assert answer["title"] == "The bridge"
        assert answer["translations"] == {
            "de": {
                "title": "Die Brücke",
                "guidelines_html": "<p>Lesen Sie <em>genau</em>.</p>\n",
                "questions": {
                    "stance": {
                        "title": "Dafür oder dagegen?",
                        "help": "Nur die Brücke zählt.",
                        "labels": {
                            "for": {
                                "title": "Dafür",
                                "definition": "Will sie behalten.",
                                "example": "",
                            }
                        },
                    }
                },
            }
        }
