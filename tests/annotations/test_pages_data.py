"""What those who take labels out of a campaign find on its page of data, and may choose there."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.exporters import registry
from annotations.exporters.contents import METHODS, PRIVACY, Contents
from annotations.exporters.registry import exporters
from annotations.models import Campaign, ExportRun, Membership, User, Worker
from annotations.pages.contents_form import ContentsForm, as_filled_in
from annotations.pages.format_words import format_choices, format_sentences
from annotations.samples.recipe import Recipe
from tests import builders as build
from tests.annotations.data_form import filled_in

pytestmark = pytest.mark.django_db
DATA = "/campaigns/study/data/"
EXPORTS = "/campaigns/study/exports/"


@pytest.fixture
def study() -> Campaign:
    """An annotator who has labeled one comment; a manager and a viewer."""
    campaign = build.build_campaign(slug="study", name="The study")
    for name, role in {"bob": "annotator", "mia": "manager", "vic": "viewer"}.items():
        build.build_membership(campaign, build.build_user(name), role=role)
    unit = build.build_unit(campaign)
    bob = Membership.objects.get(user__username="bob")
    build.build_answer(build.build_annotation(unit, bob), "claim", label="yes")
    return campaign


def as_user(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client


def html_of(client: Client, address: str = DATA) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def refused(sent: dict[str, Any]) -> str:
    response = as_user("mia").post(EXPORTS, sent)
    assert response.status_code == 400
    assert not ExportRun.objects.exists()
    return response.content.decode()


def test_the_page_is_for_those_who_may_take_labels_out(study: Campaign) -> None:
    assert as_user("bob").get(DATA).status_code == 403
    assert as_user("bob").post(EXPORTS, filled_in(format="csv")).status_code == 403
    build.build_user("eve")
    assert as_user("eve").get(DATA).status_code == 404
    for name in ("mia", "vic"):
        assert "Nothing was exported yet." in html_of(as_user(name))


def test_an_export_as_usual_is_started_and_waits_for_a_worker(study: Campaign) -> None:
    client = as_user("vic")
    html = client.post(EXPORTS, filled_in(format="csv"), follow=True).content.decode()
    run = ExportRun.objects.get()
    assert (run.state, run.format, run.created_by) == (
        "queued",
        "csv",
        User.objects.get(username="vic"),
    )
    assert Contents.from_json(run.contents) == Contents()
    assert f'data-job-url="/api/v1/exports/{run.pk}/"' in html
    assert "No worker is running, so this waits" in html
    Worker.objects.create(name="w", seen_at=timezone.now())
    assert "No worker is running" not in html_of(as_user("vic"))


def test_every_choice_reaches_the_export_and_stands_on_the_page(study: Campaign) -> None:
    study.aggregations.create(method="mace", state="done", created_at=build.NOON)
    study.traits = ["age"]
    study.save(update_fields=["traits"])
    sent = filled_in(
        format="threads",
        layers=["human", "aggregated"],
        method="mace",
        context="thread",
        languages="de, en",
        depth_max="3",
        keywords="ferry",
        privacy="redacted",
        notes=None,
        traits="on",
        split_by="author",
        share_train="70",
        share_validation="15.5",
        share_test="14.5",
        split_seed="7",
        formulas="escape",
    )
    html = as_user("mia").post(EXPORTS, sent, follow=True).content.decode()
    chosen = Contents.from_json(ExportRun.objects.get().contents)
    assert chosen == Contents(
        layers=("human", "aggregated"),
        method="mace",
        context="thread",
        filters=Recipe(languages=("de", "en"), depth_max=3, keywords=("ferry",)),
        privacy="redacted",
        notes=False,
        traits=True,
        split_by="author",
        shares=(0.7, 0.155, 0.145),
        seed=7,
        formulas="escape",
    )
    for sentence in (
        "Layers: Labels of people · One answer from many (MACE).",
        "With the whole thread.",
        "Language: de, en.",
        "The text holds one of: ferry.",
        "Privacy: Redacted.",
        "Without notes and reasons.",
        "With what annotators agreed to tell of themselves.",
        "Split: By author, 70 / 15.5 / 14.5 percent (seed 7).",
        "Formulas in CSV files are made harmless.",
    ):
        assert sentence in html


def test_an_earlier_choice_fills_in_the_form_again(study: Campaign) -> None:
    contents = Contents(
        layers=("gold",),
        context="article",
        filters=Recipe(platforms=("reddit",), length_min=5),
        privacy="dehydrated",
        notes=False,
        split_by="thread",
        shares=(0.5, 0.25, 0.25),
        seed=3,
    )
    run = study.exports.create(format="csv", contents=contents.to_json(), created_at=build.NOON)
    again = f"{DATA}?like={run.pk}"
    html = html_of(as_user("mia"), again)
    assert f'href="{again}#export"' in html
    assert html.count("<details open>") == 5
    for shown in ('value="reddit"', 'value="dehydrated"', 'value="csv"', 'value="50"'):
        assert shown in html
    bound = ContentsForm(study, as_filled_in(contents))
    assert bound.is_valid()
    assert bound.contents() == contents


@pytest.mark.parametrize("like", ["987654", "nothing", "-1", ""])
def test_the_choices_of_no_export_are_the_usual_ones(study: Campaign, like: str) -> None:
    assert "<details open>" not in html_of(as_user("mia"), f"{DATA}?like={like}")


def test_the_choices_of_another_campaign_stay_there(study: Campaign) -> None:
    other = build.build_campaign()
    run = other.exports.create(
        format="csv", contents=Contents(privacy="redacted").to_json(), created_at=build.NOON
    )
    assert "<details open>" not in html_of(as_user("mia"), f"{DATA}?like={run.pk}")


def test_one_answer_from_many_is_offered_by_the_methods_that_came_to_an_end(
    study: Campaign,
) -> None:
    html = html_of(as_user("mia"))
    assert "None was made yet: start one under" in html
    assert 'name="method"' not in html
    study.aggregations.create(method="majority", state="done", created_at=build.NOON)
    study.aggregations.create(method="mace", state="running", lease_until=build.NOON,
                              created_at=build.NOON)  # fmt: skip
    html = html_of(as_user("mia"))
    assert "None was made yet" not in html
    offered = [method for method in METHODS if f'<option value="{method}"' in html]
    assert offered == ["majority"]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"format": "papyrus"}, "“papyrus” is no export format: choose one of these."),
        ({"format": None}, "Choose a format for the export."),
        ({"layers": None}, "Choose at least one layer of labels."),
        ({"share_test": "20"}, "The shares sum to 110 percent: they must sum to 100."),
        ({"depth_min": "4", "depth_max": "2"}, "The upper bound 2 is below the lower one, 4."),
        ({"layers": ["aggregated"]}, "one of majority, weighted, dawid_skene, mace"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_the_rest_stays(
    study: Campaign, changed: dict[str, Any], sentence: str
) -> None:
    html = refused(filled_in(**{"format": "csv", "platforms": "usenet", **changed}))
    assert sentence in html
    assert 'value="usenet"' in html


def test_without_traits_there_are_none_to_choose(study: Campaign) -> None:
    assert "This campaign asks annotators for nothing." in html_of(as_user("mia"))
    as_user("mia").post(EXPORTS, filled_in(format="csv", traits="on"))
    assert ExportRun.objects.get().contents["traits"] is False


def test_a_finished_export_tells_what_it_is(study: Campaign) -> None:
    run = study.exports.create(
        format="csv",
        created_at=build.NOON,
        state="done",
        rows=1234,
        bytes=2048,
        sha256="ab" * 32,
        withheld=17,
        warnings=["3 texts begin like a formula."],
    )
    html = html_of(as_user("mia"))
    assert f'href="/api/v1/exports/{run.pk}/file/"' in html
    for told in (
        "1,234",
        "2.0\xa0KB",
        "ab" * 32,
        "17 comments were held back: their source took them back.",
        "3 texts begin like a formula.",
    ):
        assert told in html


def test_an_export_is_cancelled_and_started_again(study: Campaign) -> None:
    run = study.exports.create(format="csv", created_at=build.NOON)
    as_user("mia").post(f"/exports/{run.pk}/cancel/")
    run.refresh_from_db()
    assert run.state == "cancelled"
    late = as_user("mia").post(f"/exports/{run.pk}/cancel/")
    assert late.status_code == 409
    as_user("mia").post(f"/exports/{run.pk}/retry/")
    run.refresh_from_db()
    assert run.state == "queued"


def test_an_export_of_others_does_not_exist(study: Campaign) -> None:
    run = study.exports.create(format="csv", created_at=build.NOON)
    assert as_user("bob").post(f"/exports/{run.pk}/cancel/").status_code == 404
    run.refresh_from_db()
    assert run.state == "queued"


def test_an_export_of_a_format_that_is_gone_is_still_listed(study: Campaign) -> None:
    study.exports.create(format="papyrus", created_at=build.NOON, state="done")
    assert "· papyrus" in html_of(as_user("mia"))


def test_every_format_is_offered_once_and_says_what_it_is_good_for() -> None:
    offered = [name for _, group in format_choices() for name, _ in group]
    assert sorted(offered) == sorted(exporters())
    assert exporters().keys() <= format_sentences().keys()


def test_a_format_without_its_library_is_shown_and_not_to_be_had(
    study: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "find_spec", lambda _name: None)
    registry.exporters.cache_clear()
    try:
        html = html_of(as_user("mia"))
        assert "It needs a library that is not installed: pip install spacy" in html
        assert re.search(r'value="spacy"[^>]*disabled', html)
        assert "The format &#x27;spacy&#x27; needs the library spacy" in refused(
            filled_in(format="spacy")
        )
    finally:
        registry.exporters.cache_clear()


def test_every_privacy_profile_is_offered_with_a_sentence(study: Campaign) -> None:
    html = html_of(as_user("mia"))
    for place, profile in enumerate(PRIVACY):
        assert f'value="{profile}"' in html
        assert f'id="id_privacy_{place}_words"' in html


def test_the_page_asks_as_often_for_many_exports_as_for_few(study: Campaign) -> None:
    client = as_user("mia")
    few = _queries(client, study, 2)
    assert _queries(client, study, 7) == few <= 25


def _queries(client: Client, study: Campaign, more: int) -> int:
    for _ in range(more):
        study.exports.create(format="csv", created_at=build.NOON)
    with CaptureQueriesContext(connection) as queries:
        html_of(client)
    return len(queries)
