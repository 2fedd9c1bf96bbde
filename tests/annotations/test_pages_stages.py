"""The page of training, test and checks: settings, known answers out of files, and back again."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotations.models import Campaign, Unit
from annotations.selectors.known import known_of
from annotations.services.assignments import take_unit
from tests.annotations.known import make_known
from tests.annotations.study import Study, build_study
from tests.annotations.test_pages_campaigns import as_user
from tests.builders import NOON, build_membership, build_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    study = build_study(["The bridge is old.", "Is it?", "Yes.", "No."], annotators=1)
    build_membership(study.campaign, build_user("mia"), role="manager")
    build_membership(study.campaign, build_user("vic"), role="viewer")
    return study


def address(study: Study, more: str = "") -> str:
    return f"/campaigns/{study.campaign.slug}/stages/{more}"


def upload(study: Study, content: str | bytes, purpose: str = "training") -> str:
    data = content.encode() if isinstance(content, str) else content
    sent = {"file": SimpleUploadedFile("known.csv", data), "purpose": purpose}
    return as_user("mia").post(address(study, "file/"), sent).content.decode()


def known(study: Study) -> list[Unit]:
    return list(known_of(study.campaign))


def test_only_managers_see_it(study: Study) -> None:
    assert as_user("vic").get(address(study)).status_code == 403
    html = as_user("mia").get(address(study)).content.decode()
    assert "Units with known answers" in html
    assert "There are none yet." in html


def test_the_settings_are_kept_and_checked(study: Study) -> None:
    sent = {"test_score": "0.7", "check_every": "10", "check_score": "0.6", "check_window": "20"}
    html = as_user("mia").post(address(study, "settings/"), sent, follow=True).content.decode()
    assert "they hold from the next unit on" in html
    assert "no unit with a known answer is there" in html
    campaign = Campaign.objects.get(pk=study.campaign.pk)
    assert (campaign.test_score, campaign.check_every, campaign.repeat_every) == (0.7, 10, None)
    for wrong in ({"test_score": "1.5"}, {"check_every": "1"}, {"check_window": "4"}):
        response = as_user("mia").post(address(study, "settings/"), {**sent, **wrong})
        assert response.status_code == 400


def test_a_table_is_read_by_its_columns(study: Study) -> None:
    one, two, three, _ = study.comments
    html = upload(
        study,
        "source_id,comment,purpose,reason,claim,reasons,certainty,part\n"
        f'{one.source_id},,,"So, it is.",yes,old|rude,4,'
        '"[{""start"": 4, ""end"": 10, ""quote"": ""bridge"", ""label"": ""fact""}]"\n'
        f",{two.pk},test,,no,,,\n"
        f",{three.pk},check,,maybe,,,\n"
        "nowhere,,check,,yes,,,\n",
    )
    assert "2 new, of these 2 out of the sample · 0 changed · 2 refused" in html
    assert "Line 4:" in html
    assert "&#x27;maybe&#x27; is no label" in html
    assert "Line 5:" in html
    first, second = known(study)
    gold = first.annotations.all()[0]
    assert (first.purpose, gold.reason, gold.answers.count()) == ("training", "So, it is.", 5)
    assert second.purpose == "test"
    html = as_user("mia").get(address(study)).content.decode()
    for said in ("Yes", "Old, Rude", "4", "bridge"):
        assert f"<bdi>{said}</bdi>" in html


def test_json_lines_are_read_with_their_own_values(study: Study) -> None:
    one, two, *_ = study.comments
    html = upload(
        study,
        f'{{"comment": {one.pk}, "purpose": "check", "answers": {{"reasons": ["old"]}}}}\n\n'
        f'{{"source_id": "{two.source_id}", "claim": "no", "reason": "A question."}}\n'
        f'{{"source_id": "{two.source_id}", "claim": "no"}}\n',
        purpose="test",
    )
    assert "2 new" in html
    assert "Line 4:" in html
    assert [unit.purpose for unit in known(study)] == ["check", "test"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "The submitted file is empty"),
        ("claim,reason\nyes,so\n", "no column comment or source_id"),
        ("source_id,claim\n", "holds no line"),
        ('{"comment": 1}\n[1]\n', "Line 2 is no JSON object"),
        (b"source_id,claim\n\xff\xfe,yes\n", "no UTF-8"),
        ("source_id,claim\n" + "c,yes\n" * 1_001, "more than 1,000 lines"),
    ],
)
def test_what_is_no_such_file_is_said(study: Study, content: str | bytes, words: str) -> None:
    assert words in upload(study, content)
    assert known(study) == []


def test_one_that_nobody_has_seen_can_be_taken_back(study: Study) -> None:
    unit, seen = make_known(study.campaign, "training", study.comments[:2])
    taken = take_unit(membership=study.members[0], now=NOON).unit
    assert taken == unit
    html = as_user("mia").get(address(study)).content.decode()
    assert f"Take back {study.comments[1].source_id}" in html
    assert f"Take back {study.comments[0].source_id}" not in html
    as_user("mia").post(address(study, f"{seen.pk}/take-back/"))
    assert [one.pk for one in known(study)] == [unit.pk]
    assert as_user("mia").post(address(study, f"{unit.pk}/take-back/")).status_code == 409


def test_drawing_without_gold_says_so(study: Study) -> None:
    sent = {"purpose": "test", "count": "3", "seed": "1"}
    response = as_user("mia").post(address(study, "draw/"), sent)
    assert response.status_code == 400
    assert "came without gold labels of this codebook" in response.content.decode()
