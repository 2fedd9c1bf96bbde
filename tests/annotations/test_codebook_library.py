"""The codebooks that come with Threadmark, and the page that says how to write one."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from pydantic import BaseModel

from annotations.codebooks import hotkeys
from annotations.codebooks.guidelines import guidelines_html
from annotations.codebooks.library import library_codebooks, library_files
from annotations.codebooks.schema import (
    CodebookFile,
    DependsOn,
    Kind,
    Label,
    Question,
    json_schema,
    parse_codebook,
)
from annotations.codebooks.strict_yaml import read_yaml
from annotations.codebooks.translations import (
    LabelTranslation,
    QuestionTranslation,
    Translation,
)
from annotations.errors import InvalidCodebook
from annotations.models import Label as LabelRow
from annotations.services.codebooks import load_codebook
from tests.builders import NOON

DOCS = (Path(__file__).parents[2] / "docs" / "codebooks.md").read_text(encoding="utf-8")

SMALL = """
key: a-study
version: {version}
title: A study
questions:
  - key: note
    title: What strikes you?
    kind: text
"""

# What must not drift: the labels as the works call them, in the order of the scale where it is one.
LITERATURE = {
    "averitec-verdict/verdict": "supported refuted not_enough_evidence conflicting_evidence",
    "averitec-verdict/claim_type": (
        "event_property numerical quote_verification causal position_statement"
    ),
    "averitec-verdict/strategy": (
        "written_evidence consultation numerical_comparison fact_checker_reference satirical_source"
    ),
    "checkthat-seven-questions/verifiable": "yes no dont_know",
    "checkthat-seven-questions/false_information": (
        "definitely_no probably_no not_sure probably_yes definitely_yes"
    ),
    "checkthat-seven-questions/should_check": (
        "no_need too_trivial yes_not_urgent yes_very_urgent not_sure"
    ),
    "checkthat-seven-questions/harm_kind": (
        "no joke_or_sarcasm not_sure panic xenophobic_racist_hate bad_cure rumor_conspiracy other"
    ),
    "checkthat-seven-questions/attention": (
        "no not_sure asks_question blame_authorities contains_advice calls_for_action "
        "discusses_action_taken discusses_cure other"
    ),
    "claimbuster/claim": "nfs ufs cfs",
    "claims-misinformation-sentiment/claim": (
        "non_factual unimportant_factual check_worthy_factual"
    ),
    "coarse-discourse/main_act": (
        "question answer announcement agreement appreciation disagreement negative_reaction "
        "elaboration humor other"
    ),
    "community-notes/classification": (
        "not_misleading misinformed_or_potentially_misleading cannot_tell"
    ),
    "community-notes/misleading_reasons": (
        "factual_error manipulated_media outdated_information missing_important_context "
        "unverified_claim_as_fact satire other"
    ),
    "community-notes/not_misleading_reasons": (
        "factually_correct outdated_but_not_when_written clearly_satire personal_opinion other"
    ),
    "fever-verdict/verdict": "supports refutes not_enough_info",
    "first-draft-seven-types/type": (
        "satire_parody false_connection misleading_content false_context imposter_content "
        "manipulated_content fabricated_content none"
    ),
    "goemotions/positive": (
        "admiration amusement approval caring desire excitement gratitude joy love optimism pride "
        "relief"
    ),
    "goemotions/negative": (
        "anger annoyance disappointment disapproval disgust embarrassment fear grief nervousness "
        "remorse sadness"
    ),
    "goemotions/ambiguous": "confusion curiosity realization surprise",
    "hatexplain/class": "hatespeech offensive normal",
    "jigsaw-toxicity/toxicity": "very_toxic toxic not_sure not_toxic",
    "jigsaw-toxicity/kinds": "obscene threat insult identity_attack sexual_explicit",
    "pheme/support": "supporting denying underspecified",
    "pheme/response_to_source": "agreed disagreed appeal_for_more_information comment",
    "pheme/response_to_previous": "agreed disagreed appeal_for_more_information comment",
    "pheme/certainty": "certain somewhat_certain uncertain underspecified",
    "pheme/evidentiality": (
        "first_hand_experience url_given quotation_of_person_or_organisation picture_attached "
        "quotation_of_unverifiable_source employment_of_reasoning no_evidence"
    ),
    "propaganda-techniques/techniques": (
        "loaded_language name_calling_labeling repetition exaggeration_minimization doubt "
        "appeal_to_fear_prejudice flag_waving causal_oversimplification slogans "
        "appeal_to_authority black_and_white_fallacy thought_terminating_cliches whataboutism "
        "reductio_ad_hitlerum red_herring bandwagon obfuscation_vagueness_confusion straw_men"
    ),
    "rumoureval-sdqc/stance": "support deny query comment",
    "semeval-sentiment-five-points/sentiment": (
        "strongly_negative weakly_negative neutral weakly_positive strongly_positive mixed "
        "not_about_topic"
    ),
    "semeval-stance/stance": "favor against none",
}


@pytest.fixture
def starter() -> CodebookFile:
    place = ("claims-misinformation-sentiment", 2)
    return {(one.key, one.version): one for one in library_codebooks()}[place]


class TestLibrary:
    def test_every_file_is_found_and_readable(self) -> None:
        assert len(library_codebooks()) == len(library_files()) > 0

    def test_a_new_file_is_a_new_codebook(self, tmp_path: Path) -> None:
        (tmp_path / "b.yaml").write_text(SMALL.format(version=2))
        (tmp_path / "a.yaml").write_text(SMALL.format(version=10))
        assert [one.version for one in library_codebooks(tmp_path)] == [2, 10]

    def test_the_same_version_in_two_files_is_refused(self, tmp_path: Path) -> None:
        for name in ("a.yaml", "b.yaml"):
            (tmp_path / name).write_text(SMALL.format(version=1))
        with pytest.raises(InvalidCodebook, match=r"^b\.yaml: version 1 of a-study"):
            library_codebooks(tmp_path)

    def test_a_fault_names_the_file(self, tmp_path: Path) -> None:
        (tmp_path / "bad.yaml").write_bytes(b"key: \xff")
        with pytest.raises(InvalidCodebook, match=r"^bad\.yaml: not UTF-8"):
            library_codebooks(tmp_path)

    @pytest.mark.parametrize("file", library_files(), ids=lambda file: file.stem)
    def test_every_file_is_named_as_its_codebook_and_complete(self, file: Path) -> None:
        one = parse_codebook(file.read_text(encoding="utf-8"))
        assert one.key == file.stem
        assert one.description
        assert all(re.search(r"\b(19|20)\d\d\b|documentation", cited) for cited in one.citations)
        assert one.citations
        assert "<h3>" in guidelines_html(one.guidelines)
        for asked in one.questions:
            assert all(option.definition and option.example for option in asked.labels)

    @pytest.mark.parametrize("file", library_files(), ids=lambda file: file.stem)
    def test_every_label_names_its_key_so_that_none_moves(self, file: Path) -> None:
        content: Any = read_yaml(file.read_text(encoding="utf-8"))
        for asked in content["questions"]:
            assert all("hotkey" in option for option in asked.get("labels", []))

    def test_no_example_stands_twice_in_one_question(self) -> None:
        for one in library_codebooks():
            for asked in one.questions:
                examples = [option.example for option in asked.labels]
                assert len(set(examples)) == len(examples), (one.key, asked.key)

    @pytest.mark.parametrize(("place", "labels"), LITERATURE.items(), ids=lambda one: str(one)[:40])
    def test_the_labels_are_those_of_the_literature(self, place: str, labels: str) -> None:
        key, question = place.split("/")
        one = {one.key: one for one in library_codebooks()}[key]
        asked = {asked.key: asked for asked in one.questions}[question]
        assert [option.key for option in asked.labels] == labels.split()

    def test_every_codebook_has_a_question_from_the_literature(self) -> None:
        assert {place.split("/")[0] for place in LITERATURE} == {o.key for o in library_codebooks()}

    @pytest.mark.django_db
    def test_all_of_them_can_be_loaded(self) -> None:
        for file in library_files():
            load_codebook(text=file.read_text(encoding="utf-8"), now=NOON)
        labels = sum(len(asked.labels) for one in library_codebooks() for asked in one.questions)
        assert LabelRow.objects.count() == labels

    def test_an_ordinary_comment_costs_three_keys_in_the_starter(
        self, starter: CodebookFile
    ) -> None:
        needed = [q for q in starter.questions if q.required and q.depends_on is None]
        assert [(q.key, q.kind) for q in needed] == [
            ("claim", "single_label"),
            ("misinformation", "single_label"),
            ("sentiment", "single_label"),
        ]

    def test_the_starter_asks_for_reasons_only_where_a_comment_misleads(
        self, starter: CodebookFile
    ) -> None:
        asked = {one.key: one for one in starter.questions}
        assert asked["misleading_reasons"].required
        assert asked["misleading_reasons"].depends_on == DependsOn(
            question="misinformation", any_of=("misleading",)
        )
        scale = {one.key: one.value for one in asked["sentiment"].labels}
        assert list(scale.values()) == [-2, -1, 0, 1, 2, None]

    @pytest.mark.parametrize("tag", ["de", "ar"])
    def test_the_starter_is_translated_whole(self, starter: CodebookFile, tag: str) -> None:
        said = starter.translations[tag]
        assert said.title
        assert said.guidelines.count("## ") == starter.guidelines.count("## ")
        assert list(said.questions) == [one.key for one in starter.questions]
        for asked in starter.questions:
            words = said.questions[asked.key]
            assert words.title
            assert bool(words.help) == bool(asked.help)
            assert list(words.labels) == [option.key for option in asked.labels]
            for label in words.labels.values():
                assert all((label.title, label.definition, label.example))


def documented(heading: str) -> list[str]:
    """The names in the first column of the table under a heading of the page."""
    section = re.split(rf"^#+ {heading}$", DOCS, flags=re.MULTILINE)[1]
    return re.findall(r"^\| `([^`]+)` \|", re.split(r"^#+ ", section, flags=re.MULTILINE)[0], re.M)


class TestDocs:
    @pytest.mark.parametrize(
        ("heading", "model"),
        [
            ("Codebook", CodebookFile),
            ("Question", Question),
            ("Label", Label),
            ("Depends on", DependsOn),
            ("Translation", Translation),
            ("Translated question", QuestionTranslation),
            ("Translated label", LabelTranslation),
        ],
    )
    def test_the_page_names_every_field_and_whether_it_is_required(
        self, heading: str, model: type[BaseModel]
    ) -> None:
        assert documented(heading) == list(model.model_fields)
        for name, field in model.model_fields.items():
            section = re.split(rf"^### {heading}$", DOCS, flags=re.MULTILINE)[1]
            row = re.search(rf"^\| `{name}` \| (\S+)", section, re.MULTILINE)
            assert row is not None
            assert (row[1] == "yes") == field.is_required(), name

    def test_the_page_names_every_kind_and_every_reserved_letter(self) -> None:
        assert documented("Kinds") == list(get_args(Kind))
        rows = re.findall(r"^\| `(\w)` \| (.+) \|$", DOCS, re.MULTILINE)
        assert dict(rows) == dict(hotkeys.RESERVED)

    def test_the_page_names_every_codebook_of_the_library(self) -> None:
        assert set(documented("Codebooks")) == {one.key for one in library_codebooks()}

    def test_the_example_on_the_page_is_a_codebook(self) -> None:
        (example,) = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
        assert parse_codebook(example).questions[0].keymap() == {
            "1": "agrees",
            "2": "disagrees",
            "o": "no_stance",
        }


class TestForEditors:
    SCHEMA = Path(__file__).parents[2] / "docs" / "codebook.schema.json"

    def test_the_schema_in_docs_is_that_of_the_code(self) -> None:
        """Written by `make schema`."""
        assert json.loads(self.SCHEMA.read_text(encoding="utf-8")) == json_schema()

    def test_it_takes_every_codebook_and_refuses_a_misspelt_field(self) -> None:
        schema = json.loads(self.SCHEMA.read_text(encoding="utf-8"))
        Draft202012Validator.check_schema(schema)
        validator = Draft202012Validator(schema)
        for file in library_files():
            content: Any = read_yaml(file.read_text(encoding="utf-8"))
            assert [error.message for error in validator.iter_errors(content)] == []
        content["questions"][0]["lables"] = []
        assert not validator.is_valid(content)

    def test_the_page_says_how_an_editor_finds_it(self) -> None:
        assert "# yaml-language-server: $schema=" in DOCS
        assert f"`docs/{self.SCHEMA.name}`" in DOCS
