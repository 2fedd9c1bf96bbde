"""What a manager may rely on at the pages of progress and quality, and who may see them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pandas
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from annotations.models import Aggregation, AgreementRun, Assignment, Membership, Unit
from annotations.pages.figures import duration, percent, written
from annotations.selectors.dashboard import days_of, labels_of, people_of, wanted_labels
from annotations.selectors.pace import far_off, paces, slices, times_of
from annotations.services.aggregation import aggregate, start_aggregation
from annotations.services.agreement import compute_agreement, start_agreement
from annotations.services.jobs import run_job
from project.environment import ROOT
from tests.annotations.ratings import Survey, answered, build_survey
from tests.builders import NOON, build_membership, build_user

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = [("yes", "yes", "no"), ("no", "no", "no"), ("yes", "no", None), ("no", "no", "yes")]
TABLES = ("figures", "prevalence", "pairs", "gold", "models", "repeats", "depths", "threads")
LIVE = ("progress", "people", "time", "outliers", "labels")


@pytest.fixture
def survey() -> Survey:
    survey = build_survey(3, slug="bridge")
    answered(survey, "claim", ROWS)
    for unit in survey.units:
        survey.say(unit, None, {"claim": "yes"}, source="gold")
        survey.say(unit, None, {"claim": "no"}, source="model")
        for slot, member in enumerate(survey.people):
            Assignment.objects.create(
                campaign=survey.campaign,
                unit=unit,
                slot=slot,
                order=unit.order,
                membership=member,
                state="submitted",
                changed_at=NOON + timedelta(days=unit.order),
            )
    return survey


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
        assert "Nothing was labeled yet." in words(client, "quality", "empty")
        words(client, "campaign_progress", "empty")
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


class TestProgress:
    def test_days_have_no_gaps_and_add_up(self, survey: Survey) -> None:
        Assignment.objects.filter(unit=survey.units[2]).update(changed_at=NOON)
        days = days_of(survey.campaign)
        assert [one.done for one in days] == [6, 3, 0, 3]
        assert days[-1].together == 12 == wanted_labels(survey.campaign)

    def test_what_people_have_done_without_what_harmed_them(self, survey: Survey) -> None:
        more, harm = survey.unit(), survey.unit()
        survey.say(more, 1, {}, state="skipped", submitted_at=None)
        survey.say(harm, 1, {}, state="skipped", submitted_at=None, harmful=True)
        survey.say(survey.unit(), 1, {"claim": "yes"}, flagged=True, seconds=30)
        survey.say(survey.unit(purpose="training"), 1, {"claim": "yes"}, seconds=900)
        people = people_of(survey.campaign, paces(times_of(survey.campaign)))
        first = people[0]
        assert (first.done, first.skipped, first.flagged, first.seconds) == (5, 1, 1, 30)
        assert first.skipped_rate == pytest.approx(1 / 6)
        assert first.pace is not None
        assert first.pace.median == 30

    def test_scores_of_checks_with_their_interval(self, survey: Survey) -> None:
        for number, score in enumerate((1, 1, 0, 1)):
            unit = survey.unit(purpose="check")
            Assignment.objects.create(
                campaign=survey.campaign,
                unit=unit,
                slot=number,
                order=unit.order,
                purpose=Unit.Purpose.CHECK,
                membership=survey.people[0],
                state="submitted",
                score=score,
            )
        first, second, _ = people_of(survey.campaign, {})
        assert first.check is not None
        assert (first.check.mean, first.check.count) == (0.75, 4)
        assert first.check.interval == pytest.approx((0.3006, 0.9544), abs=0.0001)
        assert second.check is None

    def test_labels_together_and_by_person(self, survey: Survey) -> None:
        claim = next(one for one in labels_of(survey.campaign) if one.question.key == "claim")
        assert {one.key: one.count for one in claim.given} == {"yes": 4, "no": 7}
        assert claim.given[0].by_person == {1: 2, 2: 1, 3: 1}
        assert claim.answered == {1: 4, 2: 4, 3: 3}

    def test_queries_do_not_grow_with_people_and_labels(self, survey: Survey) -> None:
        client = as_role(survey, "manager")
        counts = []
        for turn in range(2):
            with CaptureQueriesContext(connection) as found:
                client.get(reverse("campaign_progress", args=["bridge"]))
            counts.append(len(found))
            for number in range(3):
                build_membership(survey.campaign, number=200 + 10 * turn + number)
            answered(survey, "claim", ROWS)
        assert counts[0] == counts[1]


class TestTime:
    def test_far_off_is_by_the_persons_own_pace(self) -> None:
        """A1 takes 10 to 20 seconds, A2 100 to 200: a unit of 100 is far off for A1 alone."""
        survey = build_survey(2)
        for number in range(30):
            unit = survey.unit()
            survey.say(unit, 1, {"claim": "yes"}, seconds=10 + number % 11)
            survey.say(unit, 2, {"claim": "yes"}, seconds=100 + 10 * (number % 11))
        slow, fast = survey.unit(), survey.unit()
        survey.say(slow, 1, {"claim": "yes"}, seconds=100)
        survey.say(slow, 2, {"claim": "yes"}, seconds=100)
        survey.say(fast, 2, {"claim": "yes"}, seconds=2)
        found = far_off(survey.campaign, paces(times_of(survey.campaign)))
        told = {
            (one.annotation.membership_id, one.annotation.seconds, one.is_fast) for one in found
        }
        first, second = (member.pk for member in survey.people)
        assert told == {(first, 100, False), (second, 2, True)}

    def test_the_bounds_are_those_of_iglewicz_and_hoaglin(self) -> None:
        survey = build_survey(1)
        for seconds in (*[8] * 5, *[16] * 11, *[32] * 5):
            survey.say(survey.unit(), 1, {"claim": "yes"}, seconds=seconds)
        pace = paces(times_of(survey.campaign))[survey.people[0].pk]
        assert (pace.count, pace.median, pace.low) == (21, 16, None)
        for seconds in (8, 32):
            survey.say(survey.unit(), 1, {"claim": "yes"}, seconds=seconds)
        pace = paces(times_of(survey.campaign))[survey.people[0].pk]
        reach = 2 ** (3.5 / 0.6745)
        assert pace.low == pytest.approx(16 / reach)
        assert pace.high == pytest.approx(16 * reach)

    def test_few_units_and_no_times_have_no_bounds(self) -> None:
        survey = build_survey(2)
        for seconds in (5, 500):
            survey.say(survey.unit(), 1, {"claim": "yes"}, seconds=seconds)
        survey.say(survey.unit(), 2, {"claim": "yes"}, seconds=0)
        times = times_of(survey.campaign)
        assert list(paces(times)) == [survey.people[0].pk]
        assert far_off(survey.campaign, paces(times)) == []

    def test_slices_hold_every_unit(self) -> None:
        survey = build_survey(1)
        for seconds in (0.04, 0.5, 3, 3, 70, 3600):
            survey.say(survey.unit(), 1, {"claim": "yes"}, seconds=seconds)
        found = slices(times_of(survey.campaign))
        assert sum(one.count for one in found) == 6
        assert all(a.end == pytest.approx(b.start) for a, b in pairwise(found))


class TestWords:
    def test_figures_are_rounded_and_not_cut_off(self) -> None:
        assert written(0.6666, "figure") == "0.667"
        assert percent(0.479) == "48 %"
        assert percent(0.0556) == "5.6 %"
        assert written(None, "count") == "–"
        assert written(1234567, "count") == "1,234,567"
        with translation.override("de"):
            assert written(0.6666, "figure") == "0,667"

    def test_durations_are_in_the_unit_that_one_thinks_in(self) -> None:
        assert [duration(one) for one in (2.34, 45, 600, 9000)] == [
            "2.3 s",
            "45 s",
            "10 min",
            "2.5 h",
        ]


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
