"""What a manager may rely on at the pages of progress and quality, and who may see them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pandas
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from annotations.models import Aggregation, AgreementRun, Assignment, Membership
from annotations.services.aggregation import aggregate, start_aggregation
from annotations.services.agreement import compute_agreement, start_agreement
from annotations.services.jobs import run_job
from project.environment import ROOT
from tests.annotations.ratings import ROWS, Survey, answered, build_bridge_study, build_survey
from tests.builders import NOON, build_membership, build_user

pytestmark = pytest.mark.django_db(transaction=True)

TABLES = ("figures", "prevalence", "pairs", "gold", "models", "repeats", "depths", "threads")
LIVE = ("progress", "people", "time", "outliers", "labels")


@pytest.fixture
def survey() -> Survey:
    return build_bridge_study()


def as_role(survey: Survey, role: str) -> Client:
    user = build_user(is_staff=role == "staff")
    if role in Membership.Role.values:
        build_membership(survey.campaign, user, role, number=90)
    client = Client()
    client.force_login(user)
    return client


def compute(survey: Survey, resamples: int = 50) -> AgreementRun:
    run = start_agreement(campaign=survey.campaign, user=None, now=NOON, resamples=resamples)
    run_job(AgreementRun, run.pk, compute_agreement)
    run.refresh_from_db()
    return run


def make_one_answer(survey: Survey, method: str = "dawid_skene") -> Aggregation:
    run = start_aggregation(campaign=survey.campaign, method=method, user=None, now=NOON)
    run_job(Aggregation, run.pk, aggregate)
    run.refresh_from_db()
    return run


def words(client: Client, name: str, *args: Any) -> str:
    response = client.get(reverse(name, args=args))
    assert response.status_code == 200
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", text)


class TestWhoMaySee:
    @pytest.mark.parametrize(
        ("role", "status"),
        [
            *(("manager", 200), ("adjudicator", 200), ("viewer", 200), ("staff", 200)),
            *(("annotator", 403), ("outsider", 404)),
        ],
    )
    def test_only_who_reads_all_labels(self, survey: Survey, role: str, status: int) -> None:
        client = as_role(survey, role)
        for name in ("quality", "campaign_progress"):
            assert client.get(reverse(name, args=["bridge"])).status_code == status
        for name, tables in (("quality_file", TABLES), ("progress_file", LIVE)):
            for table in tables:
                address = reverse(name, args=["bridge", table])
                assert client.get(address).status_code == status
        tabs = client.get(reverse("campaign", args=["bridge"])).content.decode()
        assert (reverse("quality", args=["bridge"]) in tabs) == (status == 200)

    def test_names_of_accounts_are_for_managers(self, survey: Survey) -> None:
        name = survey.people[0].user.username  # type: ignore[union-attr]
        for role, shown in (("manager", True), ("viewer", False), ("adjudicator", False)):
            with_file = as_role(survey, role) if role == "manager" else None
            client = with_file or _other_role(survey, role)
            page = client.get(reverse("campaign_progress", args=["bridge"])).content.decode()
            file = client.get(reverse("progress_file", args=["bridge", "people"])).content.decode()
            assert ((name in page), (name in file)) == (shown, shown)

    @pytest.mark.parametrize(
        ("role", "compute", "make"),
        [("manager", 302, 302), ("viewer", 302, 403), ("annotator", 403, 403)],
    )
    def test_who_may_compute_and_who_may_aggregate(
        self, survey: Survey, role: str, compute: int, make: int
    ) -> None:
        client = as_role(survey, role)
        answer = client.post(reverse("new_agreement", args=["bridge"]))
        assert answer.status_code == compute
        assert survey.campaign.agreements.count() == (compute == 302)
        answer = client.post(reverse("new_aggregation", args=["bridge"]), {"method": "mace"})
        assert answer.status_code == make
        assert survey.campaign.aggregations.count() == (make == 302)
        for run in survey.campaign.aggregations.all():
            client.post(reverse("cancel_aggregation", args=[run.pk]))
            run.refresh_from_db()
            assert run.state == "cancelled"
        for figures in survey.campaign.agreements.all():
            client.post(reverse("cancel_agreement", args=[figures.pk]))
            figures.refresh_from_db()
            assert figures.state == "cancelled"

    def test_a_viewer_cannot_cancel_a_managers_aggregation(self, survey: Survey) -> None:
        run = start_aggregation(campaign=survey.campaign, method="mace", user=None, now=NOON)
        client = as_role(survey, "viewer")
        assert client.post(reverse("cancel_aggregation", args=[run.pk])).status_code == 403


def _other_role(survey: Survey, role: str) -> Client:
    user = build_user()
    build_membership(survey.campaign, user, role, number=100 + len(role))
    client = Client()
    client.force_login(user)
    return client


class TestProgressPage:
    def test_people_lead_to_where_something_can_be_done(self, survey: Survey) -> None:
        client = as_role(survey, "manager")
        assert "Paused since" not in words(client, "campaign_progress", "bridge")
        member = survey.people[0]
        member.paused_at = NOON
        member.save()
        html = client.get(reverse("campaign_progress", args=["bridge"])).content.decode()
        assert "Paused since" in html
        place = f"{reverse('people', args=['bridge'])}#{member.pseudonym}"
        assert f'href="{place}"' in html
        assert f'id="{member.pseudonym}"' in client.get(place).content.decode()


class TestQualityPage:
    def test_figures_stand_with_their_recipes(self, survey: Survey) -> None:
        run = compute(survey)
        page = words(as_role(survey, "manager"), "quality", "bridge")
        alpha = run.result["questions"][0]["figures"][0]
        assert f"Alpha, nominal {alpha['value']:.3f}" in page
        assert "Units with two ratings or more: 4, with one: 0; annotators: 3; ratings: 11." in page
        assert "interval from 50 resamples of 4 threads, seed 1" in page
        assert "Who agrees with whom" in page
        assert "Texts and relations have no figure of agreement." in page

    def test_labels_are_called_by_their_titles(self, survey: Survey) -> None:
        compute(survey)
        page = words(as_role(survey, "manager"), "quality", "bridge")
        assert "Alpha of “Yes”" in page
        assert "Alpha of “yes”" not in page

    @pytest.mark.parametrize("role", ["manager", "viewer"])
    def test_threads_lead_to_the_desk_for_who_may_decide(self, survey: Survey, role: str) -> None:
        compute(survey)
        html = as_role(survey, role).get(reverse("quality", args=["bridge"])).content.decode()
        desk = reverse("adjudication_desk", args=["bridge"])
        thread = survey.units[0].thread_id
        assert reverse("thread", args=[thread]) in html
        assert (f'href="{desk}?thread={thread}"' in html) == (role == "manager")

    def test_competence_has_a_row_for_each_person(self, survey: Survey) -> None:
        run = make_one_answer(survey)
        html = as_role(survey, "viewer").get(reverse("quality", args=["bridge"])).content.decode()
        table = html[html.index("Table: Competence of annotators") :]
        told = {one["number"] for each in run.result["questions"] for one in each["competence"]}
        assert table.count('<th scope="row">') == len(told)

    def test_it_says_how_many_labels_came_in_since(self, survey: Survey) -> None:
        client = as_role(survey, "manager")
        assert "Nothing was computed yet; 12 labels are there." in words(
            client, "quality", "bridge"
        )
        compute(survey)
        assert "Nothing was labeled since." in words(client, "quality", "bridge")
        slot = Assignment.objects.filter(unit=survey.units[0]).first()
        assert slot is not None
        slot.changed_at = timezone.now() + timedelta(hours=1)
        slot.save()
        assert "1 unit was labeled or changed since." in words(client, "quality", "bridge")

    def test_every_plot_has_words_and_no_style(self, survey: Survey) -> None:
        compute(survey)
        client = as_role(survey, "viewer")
        for name in ("quality", "campaign_progress"):
            page = client.get(reverse(name, args=["bridge"])).content.decode()
            plots = re.findall(r"<svg class=\"plot\"[^>]*>", page)
            assert plots
            assert all(re.search(r'role="img" aria-label="[^"]+"', one) for one in plots)
            assert "style=" not in page

    def test_plots_are_sound_in_a_language_with_decimal_commas(self, survey: Survey) -> None:
        compute(survey)
        client = as_role(survey, "manager")
        client.cookies["django_language"] = "de"
        page = client.get(reverse("quality", args=["bridge"])).content.decode()
        places = re.findall(r' (?:x|y|cx|cy|x1|width)="([^"]*)"', page)
        assert places
        assert all(re.fullmatch(r"-?[\d.]+", one) for one in places)

    def test_a_campaign_without_labels_has_its_pages(self) -> None:
        survey = build_survey(1, slug="empty")
        client = as_role(survey, "manager")
        page = words(client, "quality", "empty")
        assert "Nothing was labeled yet." in page
        assert "Compute" not in page
        page = words(client, "campaign_progress", "empty")
        assert "add or invite them under People" in page
        assert "CSV" not in page
        compute(survey)
        make_one_answer(survey)
        assert "No unit has two ratings" in words(client, "quality", "empty")

    def test_the_same_number_of_queries_for_more_questions_and_threads(
        self, survey: Survey
    ) -> None:
        client = as_role(survey, "manager")
        counts = []
        for _ in range(2):
            compute(survey)
            with CaptureQueriesContext(connection) as found:
                client.get(reverse("quality", args=["bridge"]))
            counts.append(len(found))
            answered(survey, "certainty", [(1, 2, 3), (4, 5, 5)])
            answered(survey, "claim", ROWS)
        assert counts[0] == counts[1]


class TestFiles:
    def test_pandas_reads_every_table(self, survey: Survey) -> None:
        compute(survey)
        make_one_answer(survey)
        client = as_role(survey, "manager")
        for name, tables in (("quality_file", (*TABLES, "competence")), ("progress_file", LIVE)):
            for table in tables:
                response = client.get(reverse(name, args=["bridge", table]))
                assert response["Content-Type"] == "text/csv; charset=utf-8"
                frame = pandas.read_csv(io.BytesIO(response.content))
                if table not in ("repeats", "outliers", "time"):
                    assert len(frame), table

    def test_figures_are_there_in_full_precision(self, survey: Survey) -> None:
        run = compute(survey)
        response = as_role(survey, "manager").get(
            reverse("quality_file", args=["bridge", "figures"])
        )
        frame = pandas.read_csv(io.BytesIO(response.content))
        told = [one for question in run.result["questions"] for one in question["figures"]]
        assert len(frame) == len(told)
        first = frame.iloc[0]
        assert (first["question"], first["figure"]) == ("claim", "alpha_nominal")
        assert first["value"] == told[0]["value"]
        assert first["recipe"] == told[0]["recipe"]

    def test_no_text_runs_as_a_formula(self, survey: Survey) -> None:
        unit = survey.units[0]
        unit.thread.title = '=HYPERLINK("http://evil")'
        unit.thread.save()
        compute(survey)
        client = as_role(survey, "manager")
        response = client.get(reverse("quality_file", args=["bridge", "threads"]))
        titles = [row["title"] for row in csv.DictReader(io.StringIO(response.content.decode()))]
        assert '\'=HYPERLINK("http://evil")' in titles

    def test_one_answer_from_many_as_a_file(self, survey: Survey) -> None:
        run = make_one_answer(survey, "majority")
        client = as_role(survey, "viewer")
        response = client.get(reverse("consensus_file", args=[run.pk]))
        rows = list(csv.DictReader(io.StringIO(b"".join(response).decode())))
        claims = [row for row in rows if row["question"] == "claim"]
        assert [row["value"] for row in claims] == ["yes", "no", "", "no"]
        assert claims[2]["shares"] == '{"no": 0.5, "yes": 0.5}'
        waiting = start_aggregation(campaign=survey.campaign, method="mace", user=None, now=NOON)
        assert client.get(reverse("consensus_file", args=[waiting.pk])).status_code == 409

    @pytest.mark.parametrize("name", ["quality_file", "progress_file"])
    def test_a_table_that_there_is_not_is_not_found(self, survey: Survey, name: str) -> None:
        client = as_role(survey, "manager")
        assert client.get(reverse(name, args=["bridge", "nothing"])).status_code == 404


class TestDocs:
    def test_they_name_every_table_and_column(self, survey: Survey) -> None:
        compute(survey)
        client = as_role(survey, "manager")
        for name, tables in (("quality_file", (*TABLES, "competence")), ("progress_file", LIVE)):
            for table in tables:
                assert f"`{table}`" in GUIDE
                content = client.get(reverse(name, args=["bridge", table])).content.decode()
                columns = content.splitlines()[0].split(",")
                assert [one for one in columns if f"`{one}`" not in GUIDE] == []

    def test_they_name_every_figure_and_every_part_of_the_result(self, survey: Survey) -> None:
        again = survey.unit(purpose="repeat", repeat_of=survey.units[0])
        survey.say(again, 1, {"claim": "no"})
        result = compute(survey).result
        for parts in _parts(result):
            assert [one for one in parts if f'"{one}"' not in GUIDE] == []
        assert result["questions"][0]["repeats"]
        figures = {one["key"] for told in result["questions"] for one in told["figures"]}
        assert [one for one in figures if f"`{one}`" not in GUIDE] == []


GUIDE = (ROOT / "docs" / "quality.md").read_text(encoding="utf-8")


def _parts(value: Any) -> Iterator[set[str]]:
    """The names in all objects of a JSON value."""
    if isinstance(value, dict):
        yield set(value)
        value = list(value.values())
    for one in value if isinstance(value, list) else ():
        yield from _parts(one)
