"""The pages of webhooks: what managers do there, and what they see of what was sent."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from annotations.models import Campaign, Delivery, User, Webhook
from annotations.receivers.calling import Outcome
from annotations.services.deliveries import claim_delivery, record_try
from tests import builders as build
from tests.annotations.hooked import PUBLIC, hooked, pinged

pytestmark = pytest.mark.django_db
WEBHOOKS = "/campaigns/study/webhooks/"
SECRET = re.compile(r"whsec_[\w+/]+=*")


@pytest.fixture
def study() -> Campaign:
    campaign = build.build_campaign(slug="study", name="The study")
    for name in ("manager", "adjudicator", "annotator", "viewer"):
        build.build_membership(campaign, build.build_user(name), role=name)
    return campaign


def as_user(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client


def html_of(response: Any, status: int = 200) -> str:
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def made(client: Client, **changes: Any) -> Any:
    sent = {"url": PUBLIC, "events": ["export.done", "release.done"], **changes}
    return client.post(f"{WEBHOOKS}new/", sent)


def test_a_manager_makes_one_and_sees_its_secret_once(study: Campaign) -> None:
    client = as_user("manager")
    assert "There is no webhook yet." in html_of(client.get(WEBHOOKS))
    response = made(client)
    assert "no-store" in response["Cache-Control"]
    webhook = Webhook.objects.get()
    assert SECRET.findall(html_of(response)) == [webhook.secret]
    assert (webhook.url, webhook.created_by) == (PUBLIC, User.objects.get(username="manager"))
    for address in (WEBHOOKS, f"{WEBHOOKS}{webhook.pk}/", "/campaigns/study/data/"):
        html = html_of(client.get(address))
        assert not SECRET.search(html)
        assert WEBHOOKS in html


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"url": "http://169.254.169.254/latest/"}, "not a public address"),
        ({"url": "lab.example"}, "begins with https:// or http://"),
        ({"events": []}, "This field is required."),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    study: Campaign, changes: dict[str, Any], sentence: str
) -> None:
    html = html_of(made(as_user("manager"), **changes), 400)
    assert sentence in html
    assert not Webhook.objects.exists()


def test_a_new_secret_is_shown_once(study: Campaign) -> None:
    webhook, client = hooked(study), as_user("manager")
    html = html_of(client.post(f"{WEBHOOKS}{webhook.pk}/secret/"))
    (secret,) = SECRET.findall(html)
    webhook.refresh_from_db()
    assert secret == webhook.secret != webhook.old_secret
    assert not SECRET.search(html_of(client.get(f"{WEBHOOKS}{webhook.pk}/")))


def test_it_is_changed_paused_resumed_and_deleted(study: Campaign) -> None:
    webhook, client = hooked(study), as_user("manager")
    one = f"{WEBHOOKS}{webhook.pk}/"
    changed = {"url": f"{PUBLIC}/2", "events": ["unit.adjudicated"]}
    assert f"{PUBLIC}/2" in html_of(client.post(f"{one}change/", changed, follow=True))
    refused = client.post(f"{one}change/", {**changed, "url": "http://localhost/"})
    assert "a name inside a network" in html_of(refused, 400)
    assert "A manager paused it." in html_of(client.post(f"{one}pause/", follow=True))
    refused = client.post(f"{one}test/", follow=True)
    assert "This webhook is paused: resume it first." in html_of(refused)
    assert "The webhook goes on" in html_of(client.post(f"{one}resume/", follow=True))
    assert "There is no webhook yet." in html_of(client.post(f"{one}delete/", follow=True))


def test_a_test_waits_for_a_worker_and_its_answer_is_seen_as_text(study: Campaign) -> None:
    webhook, client = hooked(study), as_user("manager")
    one = f"{WEBHOOKS}{webhook.pk}/"
    html = html_of(client.post(f"{one}test/", follow=True))
    assert "No worker is running, so this waits" in html
    claimed = claim_delivery(now=Delivery.objects.get().created_at)
    assert claimed is not None
    outcome = Outcome(status=500, answer="<script>alert(1)</script>", seconds=0.25)
    record_try(claimed, outcome, now=build.NOON)
    html = html_of(client.get(one))
    assert html.count("answered 500") == 2, "in the row, and in its log"
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "Failing" in html


def test_what_was_given_up_is_found_and_sent_again(study: Campaign) -> None:
    webhook, client = hooked(study), as_user("manager")
    first, second = pinged(webhook, 2)
    Delivery.objects.filter(pk=first.pk).update(state="failed", next_try_at=None)
    one = f"{WEBHOOKS}{webhook.pk}/"
    html = html_of(client.get(f"{one}?state=failed"))
    assert str(first.event_id) in html
    assert str(second.event_id) not in html
    html = html_of(client.post(f"{one}deliveries/{first.pk}/again/", follow=True))
    assert "It is sent once more, under the same id." in html
    first.refresh_from_db()
    assert first.state == "waiting"


@pytest.mark.parametrize("name", ["annotator", "adjudicator", "viewer"])
def test_nobody_but_managers_sees_or_changes_them(study: Campaign, name: str) -> None:
    webhook, client = hooked(study), as_user(name)
    (delivery,) = pinged(webhook)
    one = f"{WEBHOOKS}{webhook.pk}/"
    for address in (WEBHOOKS, one):
        assert client.get(address).status_code == 403
    acts = ("change", "pause", "resume", "test", "secret", "delete")
    for address in (
        *(f"{one}{act}/" for act in acts),
        f"{one}deliveries/{delivery.pk}/again/",
        f"{WEBHOOKS}new/",
    ):
        assert client.post(address).status_code == 403
    assert Webhook.objects.filter(paused_at=None).count() == 1
    assert Delivery.objects.count() == 1
    data = client.get("/campaigns/study/data/")
    assert "webhook" not in data.content.decode().lower()


def test_one_of_another_campaign_is_not_there(study: Campaign) -> None:
    other = hooked()
    assert as_user("manager").get(f"{WEBHOOKS}{other.pk}/").status_code == 404
    assert as_user("manager").post(f"{WEBHOOKS}{other.pk}/delete/").status_code == 404
    assert Webhook.objects.filter(pk=other.pk).exists()
