"""What all pages promise: a login, errors in words, no code in the page, bounded queries."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from celery import current_app
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.models import Campaign, Corpus, User, Webhook, Worker
from annotations.services.webhooks import ping_webhook
from tests import builders as build

pytestmark = pytest.mark.django_db

PASSWORD = "a-long-enough-one"
PAGES = [
    "/",
    "/account/",
    "/account/password/",
    "/corpora/",
    "/corpora/new/",
    "/corpora/bridge/",
    "/codebooks/",
    "/codebooks/new/",
    "/codebooks/claims/1/",
    "/campaigns/",
    "/campaigns/new/",
    "/campaigns/study/",
    "/campaigns/study/label/",
]
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|=\s*.?javascript:", re.I)


@pytest.fixture
def study() -> Campaign:
    corpus = build.build_corpus("bridge", name="The bridge")
    build.build_comment(build.build_thread(corpus))
    codebook = build.build_codebook("claims")
    return build.build_campaign(corpus, codebook, slug="study", name="The study")


@pytest.fixture
def staff(client: Client, study: Campaign) -> Client:
    user = build.build_user("sue", is_staff=True)
    build.build_membership(study, user, role="manager")
    client.force_login(user)
    return client


@pytest.mark.parametrize("address", PAGES)
def test_a_page_asks_for_a_login_first(client: Client, study: Campaign, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 302
    assert response["Location"] == f"/login/?next={address}"


@pytest.mark.parametrize("address", [*PAGES, "/login/"])
def test_a_page_holds_no_code_of_its_own(staff: Client, address: str) -> None:
    response = staff.get(address, follow=True)
    assert response.status_code == 200
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert INLINE.findall(response.content.decode()) == []


@pytest.mark.parametrize("address", PAGES)
def test_a_page_names_itself_and_its_language(staff: Client, address: str) -> None:
    html = staff.get(address).content.decode()
    assert '<html lang="en" dir="ltr">' in html
    assert re.search(r"<title>[^<\s][^<]* · Threadmark</title>", html)


def test_somebody_logs_in_and_out(client: Client) -> None:
    build.build_user("ada", password=PASSWORD)
    response = client.post("/login/", {"username": "ada", "password": PASSWORD}, follow=True)
    assert response.redirect_chain[-1] == ("/", 302)
    assert "Hello, ada" in response.content.decode()
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/")["Location"].startswith("/login/")


def test_after_five_wrong_passwords_the_page_says_how_long_to_wait(client: Client) -> None:
    build.build_user("ada", password=PASSWORD)
    for _ in range(5):
        response = client.post("/login/", {"username": "ada", "password": "wrong"})
    assert response.status_code == 429
    assert "Wait 15 minutes" in response.content.decode()
    right = client.post("/login/", {"username": "ada", "password": PASSWORD})
    assert right.status_code == 429


def test_an_unknown_address_is_a_page_in_words(staff: Client) -> None:
    response = staff.get("/nowhere/")
    assert response.status_code == 404
    assert "There is no page at this address" in response.content.decode()


def test_the_page_for_an_error_of_ours_needs_nothing() -> None:
    assert "Something went wrong here" in render_to_string("500.html")


def test_a_form_without_its_token_is_refused_in_words(study: Campaign) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(build.build_user(is_staff=True))
    response = client.post("/campaigns/study/state/", {"state": "closed"})
    assert response.status_code == 403
    assert "Nothing was changed" in response.content.decode()
    study.refresh_from_db()
    assert study.state == "open"


def test_an_empty_installation_says_what_comes_next(client: Client) -> None:
    client.force_login(build.build_user(is_staff=True))
    html = client.get("/").content.decode()
    assert "This installation is empty" in html
    assert 'href="/imports/new/"' in html
    assert "load_demo" in html


def test_who_takes_part_in_nothing_learns_how_to(client: Client) -> None:
    client.force_login(build.build_user("ada"))
    html = client.get("/").content.decode()
    assert "You take part in no campaign yet" in html
    assert "This installation is empty" not in html


def test_an_annotator_goes_on_where_the_work_is(client: Client, study: Campaign) -> None:
    ada = build.build_user("ada")
    membership = build.build_membership(study, ada)
    unit = build.build_unit(study)
    study.assignments.create(unit=unit, slot=1, order=0)
    client.force_login(ada)
    assert 'href="/campaigns/study/label/">Continue labeling' in client.get("/").content.decode()
    study.assignments.update(membership=membership, state="submitted")
    html = client.get("/").content.decode()
    assert "Continue labeling" not in html
    assert "Nothing is left here for you" in html


def test_a_slot_of_a_unit_that_one_has_done_is_not_offered_again(
    client: Client, study: Campaign
) -> None:
    ada = build.build_user("ada")
    unit = build.build_unit(study)
    study.assignments.create(
        unit=unit, slot=1, order=0, state="submitted", membership=build.build_membership(study, ada)
    )
    study.assignments.create(unit=unit, slot=2, order=0)
    client.force_login(ada)
    assert "Continue labeling" not in client.get("/").content.decode()


def test_home_warns_of_a_waiting_export_only_without_a_worker(
    staff: Client, study: Campaign
) -> None:
    study.exports.create(format="csv", created_at=build.NOON)
    assert "No worker is running, so this waits" in staff.get("/").content.decode()
    Worker.objects.create(name="w", seen_at=timezone.now())
    assert "No worker is running" not in staff.get("/").content.decode()


def test_healthz_asks_nothing_of_the_database(client: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")
    assert len(queries) == 0


def test_readyz_says_which_part_is_missing(client: Client, broker: str) -> None:
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["database"] == "ok"
    assert "No worker is running" in response.json()["worker"]
    Worker.objects.create(name="w", seen_at=timezone.now())
    assert client.get("/readyz").json() == {
        "ready": True,
        "database": "ok",
        "broker": "ok",
        "worker": "ok",
    }


def test_readyz_names_a_broker_that_is_away(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In this order: what is put back of the second is worked out from the first.
    monkeypatch.setattr(current_app.conf, "broker_write_url", None)
    monkeypatch.setattr(current_app.conf, "broker_url", "redis://127.0.0.1:1/0")
    response = client.get("/readyz")
    assert response.status_code == 503
    assert "The broker does not answer, so jobs wait" in response.json()["broker"]


def _many_corpora(count: int) -> None:
    for _ in range(count):
        build.build_thread(build.build_corpus())


def _many_campaigns(count: int) -> None:
    corpus, codebook = Corpus.objects.get(), build.build_codebook()
    for _ in range(count):
        campaign = build.build_campaign(corpus, codebook)
        build.build_membership(campaign, _sue(), role="manager")
        build.build_unit(campaign)
        campaign.exports.create(format="csv", created_at=build.NOON)


def _many_codebooks(count: int) -> None:
    for _ in range(count):
        build.build_codebook()


def _many_members(count: int) -> None:
    study = Campaign.objects.get(slug="study")
    for _ in range(count):
        build.build_annotation(build.build_unit(study))
        study.exports.create(format="csv", created_at=build.NOON)


def _many_webhooks(count: int) -> None:
    study = Campaign.objects.get(slug="study")
    for _ in range(count):
        study.webhooks.create(url="https://lab.example/", created_at=build.NOON)
        delivery = ping_webhook(webhook=study.webhooks.earliest("pk"), now=build.NOON)
        delivery.log.create(number=1, tried_at=build.NOON, seconds=0.1, status=500)


def _sue() -> User:
    return User.objects.get(username="sue")


@pytest.mark.parametrize(
    ("address", "fill"),
    [
        ("/", _many_campaigns),
        ("/", _many_corpora),
        ("/corpora/", _many_corpora),
        ("/campaigns/", _many_campaigns),
        ("/campaigns/study/", _many_members),
        ("/campaigns/study/people/", _many_members),
        ("/campaigns/study/webhooks/", _many_webhooks),
        ("/campaigns/study/webhooks/{webhook}/", _many_webhooks),
        ("/corpora/bridge/", _many_campaigns),
        ("/codebooks/", _many_codebooks),
    ],
)
def test_a_page_asks_the_database_as_often_for_many_rows_as_for_few(
    staff: Client, address: str, fill: Callable[[int], None]
) -> None:
    fill(2)
    webhook = Webhook.objects.values_list("pk", flat=True).first()
    address = address.format(webhook=webhook)
    _queries(staff, address)  # a first look is noted in the audit log
    few = _queries(staff, address)
    fill(8)
    assert _queries(staff, address) == few <= 25


def _queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)
