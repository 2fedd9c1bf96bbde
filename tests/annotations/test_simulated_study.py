"""A whole study with a known truth: what comes out of the API is what went in.

Forty annotators, whose error rates are known, label the demo's discussion through the API. The
figures that come out are those that went in, within their intervals.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import sqrt
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from annotations.codebooks.library import LIBRARY
from annotations.models import (
    Aggregation,
    AgreementRun,
    Annotation,
    Job,
    RuleRun,
    Sample,
    User,
)
from annotations.services.aggregation import aggregate
from annotations.services.agreement import compute_agreement
from annotations.services.jobs import run_job
from annotations.services.rules import settle_clear
from annotations.services.sampling import draw_sample
from importers.models import ImportRun
from importers.running import run_import
from tests.annotations.simulated import (
    CLAIMS,
    Annotator,
    Truth,
    annotators,
    discussions,
    expected_alpha,
    truths,
)
from tests.builders import build_user

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.long]

API = "/api/v1/"
STUDY = API + "campaigns/quay/"
COPIES, PEOPLE, OVERLAP = 10, 40, 4
UNITS = COPIES * 30
EACH = UNITS * OVERLAP // PEOPLE
DECIDED = 60
CLAIM = "claim"


@dataclass
class Labeled:
    """``who`` labeled each unit, by the unit's id; ``comments`` are their source's ids."""

    researcher: APIClient
    people: list[Annotator]
    truth: dict[str, Truth]
    who: dict[int, list[str]]
    comments: dict[int, str]

    def true(self, unit: int) -> Truth:
        return self.truth[self.comments[unit]]


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_login(user)
    return client


def asked(client: APIClient, method: str, address: str, body: Any = None) -> dict[str, Any]:
    answer = getattr(client, method)(address, body, format="json")
    assert answer.status_code < 300, answer.content
    told: dict[str, Any] = answer.json()
    return told


def run(model: type[Job], pk: int, work: Any) -> None:
    """Do a job as the worker would, and see that it came to its end."""
    run_job(model, pk, work)
    job = model._default_manager.get(pk=pk)
    assert job.state == Job.State.DONE, job.error


@pytest.fixture
def labeled() -> Labeled:
    researcher = client_of(build_user("researcher", is_staff=True))
    people = annotators(PEOPLE, worst=0.55, best=0.95, seed=7)
    users = [build_user(one.username) for one in people]
    _import(researcher)
    asked(researcher, "post", API + "codebooks/", {"source": _starter()})
    _campaign(researcher, people)
    clients = [client_of(user) for user in users]
    found = Labeled(researcher, people, {}, defaultdict(list), {})
    comments = asked(researcher, "get", API + "comments/?corpus=quay&page_size=500")["results"]
    found.truth = truths(sorted(one["source_id"] for one in comments), seed=11)
    known = {one["id"]: one["source_id"] for one in comments}
    working = list(zip(people, clients, strict=True))
    while working:
        working = [pair for pair in working if _label(found, *pair, known)]
    return found


def _import(researcher: APIClient) -> None:
    asked(researcher, "post", API + "corpora/", {"slug": "quay", "name": "The quay"})
    file = discussions(COPIES)
    file.name = "quay.jsonl"
    sent = researcher.post(API + "imports/", {"corpus": "quay", "file": file})
    assert sent.status_code < 300, sent.content
    pk = sent.json()["id"]
    if sent.json()["state"] == "staged":
        asked(researcher, "post", f"{API}imports/{pk}/start/")
    run(ImportRun, pk, run_import)


def _starter() -> str:
    file = LIBRARY / "claims-misinformation-sentiment.yaml"
    return file.read_text(encoding="utf-8")


def _campaign(researcher: APIClient, people: list[Annotator]) -> None:
    wanted = {
        "slug": "quay",
        "corpus": "quay",
        "codebook": {"key": "claims-misinformation-sentiment", "version": 2},
        "overlap": OVERLAP,
        "context": "comment",
        "annotators": [one.username for one in people],
    }
    asked(researcher, "post", API + "campaigns/", wanted)
    run(Sample, Sample.objects.get(campaign__slug="quay").pk, draw_sample)


def _label(found: Labeled, one: Annotator, client: APIClient, known: dict[int, str]) -> bool:
    """Take a unit and answer it; False once nothing is left."""
    taken = client.post(STUDY + "next/", {}, format="json")
    if taken.status_code == 409:
        assert taken.json()["code"] == "nothing_left"
        return False
    work = taken.json()
    unit, comment = work["unit"]["id"], known[work["focus"]]
    found.comments[unit] = comment
    found.who[unit].append(one.username)
    body = {
        "save_id": str(uuid4()),
        "revision": 0,
        "state": "submitted",
        "answers": one.answers(found.truth[comment]),
        "seconds": 20,
    }
    asked(client, "put", f"{STUDY}units/{unit}/annotation/", body)
    return True


def question(result: dict[str, Any], key: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in result["questions"] if one["key"] == key)
    return found


def figure(told: dict[str, Any], key: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in told["figures"] if one["key"] == key)
    return found


def test_what_comes_out_is_what_went_in(labeled: Labeled) -> None:
    assert len(labeled.who) == UNITS
    assert all(len(set(names)) == OVERLAP for names in labeled.who.values())
    _alpha_is_that_of_the_error_rates(labeled)
    _competence_is_the_accuracy(labeled)
    _one_answer_from_many_is_the_truth(labeled)
    _decisions_are_those_of_the_adjudicator(labeled)


def _alpha_is_that_of_the_error_rates(labeled: Labeled) -> None:
    pk = asked(labeled.researcher, "post", STUDY + "agreement/", {"seed": 1})["id"]
    run(AgreementRun, pk, compute_agreement)
    result = asked(labeled.researcher, "get", f"{API}agreement/{pk}/")["result"]
    units = sorted(labeled.who)
    expected = expected_alpha(
        {one.username: one.accuracy for one in labeled.people},
        [labeled.who[unit] for unit in units],
        [labeled.true(unit).claim for unit in units],
    )
    alpha = figure(question(result, CLAIM), "alpha_nominal")
    assert alpha["low"] <= expected <= alpha["high"]
    assert alpha["high"] - alpha["low"] < 0.2
    assert (alpha["units"], alpha["raters"], alpha["ratings"]) == (UNITS, PEOPLE, UNITS * OVERLAP)
    same = figure(question(result, "misinformation"), "alpha_nominal")
    assert same["value"] is None
    assert same["reason"]


def _competence_is_the_accuracy(labeled: Labeled) -> None:
    """Each within three and a half standard errors of a share of 30, and few even that far."""
    told = question(_aggregated(labeled, "dawid_skene")["result"], CLAIM)
    names = dict(enumerate(labeled.people, 1))
    found = {one["number"]: one["competence"] for one in told["competence"]}
    assert set(found) == set(names)
    errors = [
        abs(found[name] - one.accuracy) / sqrt(one.accuracy * (1 - one.accuracy) / EACH)
        for name, one in names.items()
    ]
    assert max(errors) < 3.5
    assert sum(error > 2 for error in errors) <= PEOPLE * 0.15


def _aggregated(labeled: Labeled, method: str) -> dict[str, Any]:
    pk = asked(labeled.researcher, "post", STUDY + "aggregations/", {"method": method})["id"]
    run(Aggregation, pk, aggregate)
    return asked(labeled.researcher, "get", f"{API}aggregations/{pk}/")


def _one_answer_from_many_is_the_truth(labeled: Labeled) -> None:
    right = {}
    for method in ("majority", "dawid_skene", "mace"):
        made = _aggregated(labeled, method)
        rows = Aggregation.objects.get(pk=made["id"]).consensus.filter(question__key=CLAIM)
        hits = [row.value == CLAIMS[labeled.true(row.unit_id).claim] for row in rows]
        assert len(hits) == UNITS
        right[method] = sum(hits) / len(hits)
    assert right["majority"] > 0.8
    assert min(right["dawid_skene"], right["mace"]) >= right["majority"]


def _decisions_are_those_of_the_adjudicator(labeled: Labeled) -> None:
    """A rule settles what all four agree on, a person who knows the truth decides the rest."""
    judge = build_user("judge")
    member = {"username": "judge", "role": "adjudicator"}
    asked(labeled.researcher, "post", STUDY + "members/", member)
    client = client_of(judge)
    pk = asked(client, "post", STUDY + "adjudication/rule/", {"least": OVERLAP})["id"]
    run(RuleRun, pk, settle_clear)
    settled = Annotation.objects.filter(source="adjudication").count()
    assert settled > 0
    decided = []
    for _ in range(DECIDED):
        unit = asked(client, "post", STUDY + "adjudication/next/", {})["unit"]["id"]
        decided.append(unit)
        decision = {
            "save_id": str(uuid4()),
            "revision": 0,
            "answers": labeled.true(unit).answers,
            "reason": "The source says so.",
        }
        asked(client, "put", f"{STUDY}units/{unit}/adjudication/", decision)
    queue = asked(client, "get", STUDY + "adjudication/")
    assert (queue["settled"], queue["decided"]) == (settled, DECIDED)
    assert queue["open"] == UNITS - settled - DECIDED
    _read_back(labeled, settled + DECIDED, decided)


def _read_back(labeled: Labeled, decisions: int, by_a_person: list[int]) -> None:
    """The decisions as the API serves them to other tools, beside all labels that were given."""
    found: dict[int, dict[str, Any]] = {}
    address = f"{API}annotations/?campaign=quay&page_size=500"
    count = 0
    while address:
        page = asked(labeled.researcher, "get", address)
        count += len(page["results"])
        for one in page["results"]:
            if one["source"] == "adjudication":
                found[one["unit"]] = one["answers"]
        address = page["next"]
    assert count == UNITS * OVERLAP + decisions
    assert len(found) == decisions
    assert all(found[unit] == labeled.true(unit).answers for unit in by_a_person)
    right = [found[unit]["claim"] == CLAIMS[labeled.true(unit).claim] for unit in found]
    assert sum(right) >= decisions - 5
