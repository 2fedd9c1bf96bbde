"""The audit log: what it keeps for good, what it forgets, and who reads it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from annotations.errors import InvalidInput
from annotations.models import ApiToken, AuditEntry, Membership, User
from annotations.origin import answering, origin, shortened, working_for
from annotations.services import audit
from annotations.services.audit import (
    Act,
    forget_entries,
    note_act,
    note_failed_login,
    note_seen,
)
from annotations.services.campaigns import change_role
from annotations.services.erasing import erase_person
from annotations.services.invitations import create_invitation, join_with_new_account
from annotations.services.people import let_go_on, pause_member, set_languages
from tests.builders import NOON, build_campaign, build_corpus, build_membership, build_user

pytestmark = pytest.mark.django_db
API = "/api/v1/audit/"
PASSWORD = "a-rather-long-secret"


@pytest.fixture(autouse=True)
def fresh_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that has noted nothing in this hour."""
    monkeypatch.setattr(audit, "_noted", audit._Noted())


def acts(**where: Any) -> list[str]:
    return list(AuditEntry.objects.filter(**where).order_by("pk").values_list("act", flat=True))


def entry(at: datetime = NOON, **said: Any) -> AuditEntry:
    return AuditEntry.objects.create(
        **{"at": at, "act": Act.TOKEN_MADE, "way": "browser", "name": "ada", **said}
    )


class TestForEver:
    """The database itself keeps what the log says, from wherever a change comes."""

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("at", NOON + timedelta(days=1)),
            ("act", "token_revoked"),
            ("way", "admin"),
            ("kind", "token"),
            ("about", "7"),
            ("details", {"a": 1}),
            ("name", "bob"),
            ("token", "t"),
            ("address", "10.0.0.0/24"),
        ],
    )
    def test_nothing_of_an_entry_changes(self, field: str, value: Any) -> None:
        made = entry()
        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
            AuditEntry.objects.filter(pk=made.pk).update(**{field: value})
        made.refresh_from_db()
        assert getattr(made, field) != value

    def test_nobody_else_is_made_the_one_who_did_it(self) -> None:
        made = entry(user=build_user("ada"))
        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
            AuditEntry.objects.filter(pk=made.pk).update(user=build_user("bob"))

    def test_no_entry_is_deleted(self) -> None:
        made = entry()
        with pytest.raises(IntegrityError, match="forgets nothing"), transaction.atomic():
            made.delete()
        with (
            pytest.raises(IntegrityError, match="forgets nothing"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("DELETE FROM audit_entry")
        assert AuditEntry.objects.count() == 1

    def test_who_deletes_an_account_or_a_campaign_leaves_what_was_done(self) -> None:
        user, campaign = build_user("ada"), build_campaign()
        made = entry(user=user, campaign=campaign)
        user.delete()
        campaign.delete()
        made.refresh_from_db()
        assert (made.user, made.campaign, made.name) == (None, None, "ada")

    def test_an_entry_of_another_act_forgets_nothing(self) -> None:
        for said in ({"act": "log_forgotten"}, {"act": "logged_in", "forgets_before": NOON}):
            with pytest.raises(IntegrityError), transaction.atomic():
                entry(**said)


class TestForgetting:
    """Old entries go by one command, which leaves an entry of its own."""

    def test_what_was_before_a_day_goes_and_that_is_noted(self, capsys: Any) -> None:
        entry(datetime(2025, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC))
        kept = entry(datetime(2026, 1, 1, tzinfo=UTC))
        call_command("forget_audit", "--before", "2026-01-01")
        told, still = AuditEntry.objects.order_by("-pk")
        assert still == kept
        assert (told.act, told.details["entries"], told.way) == ("log_forgotten", 1, "command")
        assert "Forgot 1 entries" in capsys.readouterr().out

    def test_what_is_younger_stays_under_its_protection(self) -> None:
        entry(NOON - timedelta(days=9))
        kept = entry(NOON)
        forget_entries(before=NOON - timedelta(days=1), now=NOON)
        with pytest.raises(IntegrityError, match="forgets nothing"), transaction.atomic():
            kept.delete()

    def test_nothing_is_forgotten_before_it_happens(self) -> None:
        with pytest.raises(InvalidInput, match="earlier day"):
            forget_entries(before=NOON + timedelta(days=1), now=NOON)
        with pytest.raises(CommandError, match="earlier day"):
            call_command("forget_audit", "--before", "2999-01-01")

    def test_that_an_entry_was_forgotten_is_itself_forgotten_at_last(self) -> None:
        forget_entries(before=NOON, now=NOON)
        assert forget_entries(before=NOON + timedelta(days=1), now=NOON + timedelta(days=2)) == 1
        assert AuditEntry.objects.count() == 1


class TestWho:
    """By which way and from where is known without being handed on."""

    def test_a_command_acts_for_the_account_of_the_system(self) -> None:
        assert (origin().way, origin().user, origin().address) == ("command", None, "")

    def test_a_job_acts_for_who_started_it(self) -> None:
        ada = build_user("ada")
        with working_for(ada):
            made = note_act(act=Act.CODEBOOK_LOADED)
        assert (made.way, made.user, made.name) == ("job", ada, "ada")

    def test_a_request_is_known_only_while_it_is_answered(self) -> None:
        request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7")
        request.user = build_user("ada")
        with answering(request, now=NOON):
            asked = origin()
        assert (asked.way, asked.name, asked.at) == ("browser", "ada", NOON)
        assert asked.address == "192.0.2.0/24"
        assert origin().way == "command"

    def test_a_token_is_named_and_never_told(self) -> None:
        user = build_user("ada", is_staff=True)
        token, secret = ApiToken.objects.create(user=user, name="pandas", scopes=["all"])
        headers = {"Authorization": f"Token {secret}"}
        Client().post("/api/v1/corpora/", {"slug": "a"}, "application/json", headers=headers)
        made = AuditEntry.objects.get(act="corpus_made")
        assert (made.way, made.name, made.about) == ("token", "ada", "a")
        assert made.token == f"pandas ({token.token_key})"
        assert secret not in str(AuditEntry.objects.values())

    def test_the_admin_is_a_way_of_its_own(self) -> None:
        client = admin()
        other = build_user("bob")
        sent = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
        client.post(reverse("admin:auth_user_password_change", args=[other.pk]), sent)
        made = AuditEntry.objects.get(act="admin_changed")
        assert (made.way, made.name, made.kind, made.about) == (
            *("admin", "root"),
            *("user", str(other.pk)),
        )
        assert PASSWORD not in str(AuditEntry.objects.values())

    @pytest.mark.parametrize(
        ("kept", "address", "stored"),
        [
            ("shortened", "203.0.113.9", "203.0.113.0/24"),
            ("shortened", "2001:db8:1:2::3", "2001:db8:1::/48"),
            ("whole", "203.0.113.9", "203.0.113.9"),
            ("none", "203.0.113.9", ""),
            ("shortened", "a socket", ""),
            ("shortened", "fe80::1%eth0", "fe80::/48"),
        ],
    )
    def test_addresses_are_kept_as_the_installation_says(
        self, kept: str, address: str, stored: str
    ) -> None:
        assert shortened(address, kept) == stored


class TestChanges:
    def test_what_is_rolled_back_was_never_noted(self) -> None:
        member = build_membership(build_campaign())
        with transaction.atomic():
            change_role(membership=member, role="viewer", now=NOON)
            transaction.set_rollback(True)
        assert not acts(act="role_changed")

    def test_a_role_is_told_with_the_one_before(self) -> None:
        member = build_membership(build_campaign(), role=Membership.Role.MANAGER)
        change_role(membership=member, role="viewer", now=NOON)
        made = AuditEntry.objects.get()
        assert (made.act, made.kind, made.about) == ("role_changed", "member", member.pseudonym)
        assert made.details == {"before": "manager", "role": "viewer"}
        assert made.campaign == member.campaign

    def test_who_is_paused_and_goes_on_is_told_without_the_reason(self) -> None:
        member = build_membership(build_campaign())
        pause_member(membership=member, reason="They quarrel with Mia.", now=NOON)
        let_go_on(membership=member, now=NOON)
        set_languages(membership=member, languages=[])
        assert acts() == ["member_paused", "member_resumed"]
        assert "Mia" not in str(AuditEntry.objects.values())

    def test_who_comes_by_an_invitation_is_told(self) -> None:
        campaign = build_campaign()
        _, token = create_invitation(
            campaign=campaign, role="viewer", days=1, created_by=None, now=timezone.now()
        )
        join_with_new_account(token=token, username="eve", password=PASSWORD, now=timezone.now())
        assert acts(name="eve") == ["account_made", "invitation_used"]
        assert token not in str(AuditEntry.objects.values())


class TestLogIns:
    def log_in(self, username: str, password: str) -> int:
        return Client().post("/login/", {"username": username, "password": password}).status_code

    def test_good_and_bad_ones_a_lock_and_its_end(self) -> None:
        ada = build_user("ada")
        ada.set_password(PASSWORD)
        ada.save()
        for _ in range(5):
            self.log_in("ada", "wrong")
        assert self.log_in("ada", PASSWORD) == 429
        assert acts(name="ada", act="login_failed")[:5] == ["login_failed"] * 5
        assert "locked_out" in acts(name="ada")
        client = admin()
        attempt = AccessAttempt.objects.get()
        address = reverse("admin:axes_accessattempt_changelist")
        assert (
            client.post(reverse("admin:axes_accessattempt_delete", args=[attempt.pk])).status_code
            == 403
        )
        client.post(address, {"action": "unlock", "_selected_action": [attempt.pk]})
        assert acts(act="unlocked", about=str(ada.pk), name="root") == ["unlocked"]
        assert self.log_in("ada", PASSWORD) == 302
        assert acts(name="ada")[-1] == "logged_in"

    def test_a_lock_ends_by_itself_also_for_who_goes_on_trying(self) -> None:
        ada = build_user("ada")
        ada.set_password(PASSWORD)
        ada.save()
        with time_machine.travel(timezone.now(), tick=False) as clock:
            for _ in range(5):
                self.log_in("ada", "wrong")
            for _ in range(14):
                clock.shift(timedelta(minutes=1))
                assert self.log_in("ada", "wrong") == 429
            clock.shift(timedelta(minutes=2))
            assert self.log_in("ada", PASSWORD) == 302

    def test_a_name_that_nobody_has_is_not_kept(self) -> None:
        self.log_in("hunter2-my-password", "x")
        made = AuditEntry.objects.get()
        assert (made.act, made.name, made.about) == ("login_failed", "", "")

    def test_a_flood_of_failures_is_counted(self) -> None:
        hour = datetime(2031, 5, 4, 3, tzinfo=UTC)
        for _ in range(120):
            note_failed_login(act=Act.LOGIN_FAILED, account=None, now=hour)
        times = [one.details["times"] for one in AuditEntry.objects.order_by("pk")]
        assert times == [*range(1, 11), 100]


class TestSeeing:
    """Who only looks is noted once an hour, and what an annotator does not at all."""

    def test_once_a_person_thing_and_hour(self) -> None:
        ada, corpus, other = build_user("ada"), build_corpus(), build_corpus()
        with working_for(ada):
            for minute, about in ((0, corpus), (59, corpus), (59, other), (60, corpus)):
                now = NOON + timedelta(minutes=minute)
                note_seen(act=Act.RECORDS_SEEN, about=about, now=now)
        with working_for(build_user("bob")):
            note_seen(act=Act.RECORDS_SEEN, about=corpus, now=NOON)
        assert len(acts(about=corpus.slug)) == 3
        assert len(acts(about=other.slug)) == 1

    @pytest.mark.django_db(transaction=True)
    def test_what_a_process_forgot_it_asks_the_log_for(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(audit, "MOST_REMEMBERED", 3)
        corpora = [build_corpus() for _ in range(7)]
        with working_for(build_user("ada")):
            for corpus in [*corpora, *corpora]:
                note_seen(act=Act.RECORDS_SEEN, about=corpus, now=NOON)
                assert len(audit._noted._times) <= 3
        assert sorted(one.about for one in AuditEntry.objects.filter(act="records_seen")) == sorted(
            corpus.slug for corpus in corpora
        )

    @pytest.mark.django_db(transaction=True)
    def test_what_was_noted_costs_no_query_again(self, django_assert_num_queries: Any) -> None:
        ada, corpus = build_user("ada"), build_corpus()
        with working_for(ada):
            note_seen(act=Act.RECORDS_SEEN, about=corpus, now=NOON)
            with django_assert_num_queries(0):
                note_seen(act=Act.RECORDS_SEEN, about=corpus, now=NOON)

    def test_one_s_own_annotations_are_nobody_else_s(self) -> None:
        member = build_membership(build_campaign())
        assert member.user is not None
        client = Client()
        client.force_login(member.user)
        client.get("/api/v1/annotations/")
        assert acts(act="annotations_seen") == []

    def test_who_is_refused_is_counted(self) -> None:
        client = Client()
        client.force_login(build_user("eve"))
        with time_machine.travel(datetime(2031, 5, 4, 3, tzinfo=UTC), tick=False):
            client.force_login(build_user("mallory"))
            for _ in range(12):
                client.post("/api/v1/corpora/", {"slug": "a"}, "application/json")
        told = AuditEntry.objects.filter(act="refused").order_by("pk")
        assert [(one.name, one.about, one.details["times"]) for one in told] == [
            ("mallory", "api:corpora", 1),
            ("mallory", "api:corpora", 10),
        ]


class TestErasing:
    def test_the_log_stays_readable_without_the_name(self) -> None:
        root, ada = User.objects.create_superuser("root"), build_user("ada")
        made = entry(user=ada, token="pandas", address="10.0.0.0/24", about="7")
        failed = entry(act="login_failed")
        erase_person(person=ada, by=root, now=NOON)
        for one in (made, failed):
            one.refresh_from_db()
            assert (one.user, one.name, one.token, one.address) == (None, "", "", "")
        assert (made.act, made.about, made.at) == ("token_made", "7", NOON)
        assert acts(name="root") == ["person_erased"]


def admin() -> Client:
    client = Client()
    client.force_login(
        User.objects.filter(username="root").first() or User.objects.create_superuser("root")
    )
    return client
