"""Who reads the audit log, and what the admin tells it."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from annotations.models import ApiToken, AuditEntry, Campaign, Membership, User
from tests.annotations.test_audit import acts, admin, entry
from tests.builders import build_campaign, build_membership, build_user

pytestmark = pytest.mark.django_db
API = "/api/v1/audit/"


class TestReading:
    def test_who_reads_which_entries(self) -> None:
        campaign = build_campaign(slug="study")
        manager = build_membership(campaign, role=Membership.Role.MANAGER).user
        ada = build_membership(campaign).user
        assert manager is not None
        assert ada is not None
        entry(act="labels_taken", campaign=campaign, address="10.0.0.0/24")
        entry(act="token_made", user=ada, name=ada.username, address="10.0.1.0/24")
        entry(act="backup_made", name="")
        assert seen(manager) == [("labels_taken", "")]
        assert seen(ada) == [("token_made", "10.0.1.0/24")]
        assert seen(build_user("sue", is_staff=True)) == [
            ("backup_made", ""),
            ("token_made", "10.0.1.0/24"),
            ("labels_taken", "10.0.0.0/24"),
        ]
        assert seen(build_user("eve")) == []

    def test_a_token_of_some_campaigns_shows_theirs_alone(self) -> None:
        sue, one, other = build_user("sue", is_staff=True), build_campaign(), build_campaign()
        for campaign in (one, other):
            entry(campaign=campaign, user=sue, name="sue")
        token, secret = ApiToken.objects.create(user=sue, name="a", scopes=["manage"], limited=True)
        token.campaigns.set([one])
        answer = Client().get(API, headers={"Authorization": f"Token {secret}"}).json()
        shown = [row["campaign"] for row in answer["results"]]
        assert shown == [one.slug]

    def test_the_log_is_found_by_act_way_name_and_campaign(self) -> None:
        campaign = build_campaign(slug="study")
        entry(act="labels_taken", campaign=campaign)
        entry(name="bob", way="token")
        client = Client()
        client.force_login(build_user("sue", is_staff=True))
        for sent, found in (
            ({"act": "labels_taken"}, ["labels_taken"]),
            ({"name": "bob"}, ["token_made"]),
            ({"way": "token"}, ["token_made"]),
            ({"campaign": "study"}, ["labels_taken"]),
        ):
            rows = client.get(API, sent).json()["results"]
            assert [row["act"] for row in rows] == found, sent
        assert client.get(API, {"user__password": "x"}).status_code == 400


class TestAdmin:
    def test_the_log_is_taken_as_csv_and_that_is_noted(self) -> None:
        client = admin()
        made = entry(name="=cmd()", details={"role": "viewer"})
        sent = {"action": "take", "_selected_action": [made.pk]}
        answer: Any = client.post(reverse("admin:annotations_auditentry_changelist"), sent)
        rows = list(csv.DictReader(io.StringIO(b"".join(answer).decode())))
        assert [(row["act"], row["details"]) for row in rows] == [
            ("token_made", '{"role": "viewer"}')
        ]
        assert not rows[0]["name"].startswith("=")
        assert acts(act="log_taken", name="root") == ["log_taken"]

    def test_not_even_a_superuser_touches_an_entry(self) -> None:
        client, made = admin(), entry()
        for page, *place in (("add",), ("change", made.pk), ("delete", made.pk)):
            address = reverse(f"admin:annotations_auditentry_{page}", args=place)
            assert client.post(address, {"name": "x", "post": "yes"}).status_code == 403
        assert AuditEntry.objects.filter(pk=made.pk, name="ada").exists()

    def test_the_filters_and_the_days_open(self) -> None:
        entry(campaign=build_campaign())
        address = reverse("admin:annotations_auditentry_changelist")
        for sent in ({"act": "token_made"}, {"at__year": "2026"}, {"q": "ada"}, {"way": "token"}):
            assert admin().get(address, sent).status_code == 200

    def test_what_the_admin_changes_is_told_by_its_fields(self) -> None:
        campaign = build_campaign()
        address = reverse("admin:annotations_campaign_change", args=[campaign.pk])
        admin().post(address, {"name": "Renamed words", "break_minutes": 5})
        made = AuditEntry.objects.get(act="admin_changed")
        assert "Name" in made.details["fields"]
        assert "Renamed words" not in str(AuditEntry.objects.values())

    @pytest.mark.parametrize("model", [User, Campaign])
    def test_a_row_that_is_deleted_or_not(self, model: type[Model]) -> None:
        row = build_user("bob") if model is User else build_campaign()
        name = "annotations_user" if model is User else "annotations_campaign"
        admin().post(reverse(f"admin:{name}_delete", args=[row.pk]), {"post": "yes"})
        expected = ["admin_deleted"] if model is User else []
        assert acts(act="admin_deleted") == expected


def seen(user: User) -> list[tuple[str, str]]:
    """(act, address) of what the API shows them, but for that they log in and look at it."""
    client = Client()
    client.force_login(user)
    rows = client.get(API).json()["results"]
    told = [(row["act"], row["address"]) for row in rows]
    return [one for one in told if one[0] not in ("logged_in", "log_taken")]
