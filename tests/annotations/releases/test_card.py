"""What may be relied on in a data card: it is read strictly, and says what it lacks."""

from __future__ import annotations

from typing import Any

import pytest

from annotations.errors import InvalidInput
from annotations.releases.card import Card, Creator
from annotations.releases.known import TELLING
from annotations.releases.licences import LICENCES, licence
from annotations.releases.questions import QUESTIONS, SECTIONS
from tests.annotations.releases.edition import CARD


def test_a_card_that_was_stored_says_the_same() -> None:
    assert Card.from_json(CARD.to_json()) == CARD
    assert Card.from_json({}) == Card()


@pytest.mark.parametrize(
    ("stored", "name", "message"),
    [
        ({"license": "MIT"}, "license", "no 'license'"),
        ({"creators": [{"nam": "Ada"}]}, "creators", "A creator has no 'nam'"),
        ({"creators": [{"name": " "}]}, "creators", "has a name"),
        ({"creators": [{"name": "Ada", "orcid": "0000-0002-1825-0098"}]}, "creators", "no ORCID"),
        ({"creators": [{"name": "Ada", "orcid": "0000"}]}, "creators", "no ORCID"),
        ({"creators": "Ada"}, "creators", "creators"),
        ({"keywords": [1]}, "keywords", "keywords"),
        ({"languages": ["English"]}, "languages", "no language"),
        ({"doi": "https://doi.org/10.1/x"}, "doi", "write it bare"),
        ({"url": "javascript:alert(1)"}, "url", "no address"),
        ({"answers": {"what": "ever"}}, "answers", "asks no question 'what'"),
        ({"description": "x" * 20_001}, "description", "at most 20,000"),
        ({"answers": {"purpose": "x" * 20_001}}, "answers", "at most 20,000"),
        ({"keywords": ["x"] * 201}, "keywords", "at most 200"),
    ],
)
def test_a_mistake_is_told_beside_its_field(
    stored: dict[str, Any], name: str, message: str
) -> None:
    with pytest.raises(InvalidInput, match=message) as refused:
        Card.from_json(stored)
    assert refused.value.fields.keys() == {name}


@pytest.mark.parametrize(
    "orcid", ["0000-0002-1825-0097", "0000-0001-5109-3700", "0000-0002-1694-233X"]
)
def test_the_last_sign_of_an_orcid_checks_the_others(orcid: str) -> None:
    assert (
        Creator(name="Ada", orcid=orcid)
        in Card(creators=(Creator(name="Ada", orcid=orcid),)).creators
    )


def test_a_card_without_makers_or_licence_says_so() -> None:
    assert Card().missing.keys() == {"creators", "licence"}
    assert not CARD.missing


def test_a_licence_is_found_whatever_its_case_and_kept_where_it_is_unknown() -> None:
    assert licence("cc-by-4.0").spdx == "CC-BY-4.0"
    assert licence("cc-by-nc-sa-4.0").url == "https://creativecommons.org/licenses/by-nc-sa/4.0/"
    assert (licence("Ask us").name, licence("Ask us").spdx) == ("Ask us", "")
    assert all(one.url.startswith("https://") for one in LICENCES.values())


def test_each_question_has_a_section_and_says_truly_whether_it_is_answered_by_itself() -> None:
    assert {one.section for one in QUESTIONS} == set(SECTIONS)
    assert len({one.key for one in QUESTIONS}) == len(QUESTIONS)
    assert {one.key for one in QUESTIONS if one.known} == set(TELLING)
