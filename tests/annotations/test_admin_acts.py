"""The acts of an administrator: they ask first, go through services, and are logged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from annotations.models import (
    Assignment,
    Author,
    Campaign,
    Comment,
    Corpus,
    Erasure,
    ExportRun,
    Membership,
    User,
)
from importers.models import ImportRun
from tests import builders as build
from tests.annotations.study import build_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("root"))
    return client


def act(client: Client, action: str, rows: Sequence[Model], **more: Any) -> str:
    """The page that asks or, with ``confirmed``, the list with what it says afterwards."""
    options = rows[0]._meta
    address = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
    sent = {"action": action, "_selected_action": [row.pk for row in rows], **more}
    return client.post(address, sent, follow=True).content.decode()


def logged(row: Model) -> list[str]:
    entries = LogEntry.objects.filter(object_id=str(row.pk), user__username="root")
    return [entry.get_change_message() for entry in entries]


STATES = [("pause", "paused"), ("close", "closed"), ("open", "open")]


class TestState:
    @pytest.mark.parametrize(("action", "state"), STATES)
    def test_campaigns_change_once_that_is_confirmed(
        self, root: Client, action: str, state: str
    ) -> None:
        other = "closed" if state == "open" else "open"
        campaigns = [build.build_campaign(state=other) for _ in range(2)]
        html = act(root, action, campaigns)
        assert all(campaign.name in html for campaign in campaigns)
        assert set(Campaign.objects.values_list("state", flat=True)) == {other}
        html = act(root, action, campaigns, confirmed="yes")
        assert f"2 campaigns: now {state}." in html
        assert set(Campaign.objects.values_list("state", flat=True)) == {state}
        assert [logged(campaign) for campaign in campaigns] == [[f"now {state}"]] * 2

    def test_who_may_only_look_does_not(self, client: Client) -> None:
        user = build.build_user("looker", is_staff=True)
        user.user_permissions.add(Permission.objects.get(codename="view_campaign"))
        client.force_login(user)
        campaign = build.build_campaign()
        act(client, "close", [campaign], confirmed="yes")
        campaign.refresh_from_db()
        assert campaign.state == "open"

    def test_what_is_refused_is_said_and_the_others_are_done(self, root: Client) -> None:
        stuck, free = (build.build_campaign(state="closed") for _ in range(2))
        stuck.recodings.create(
            before=stuck.codebook, after=build.build_codebook(), created_at=build.NOON
        )
        html = act(root, "open", [stuck, free], confirmed="yes")
        assert f"{stuck.name} is being recoded" in html
        states = dict(Campaign.objects.values_list("pk", "state"))
        assert (states[stuck.pk], states[free.pk]) == ("closed", "open")
        assert logged(stuck) == []


class TestAssigning:
    def assign(self, root: Client, campaign: Campaign, *users: User, **more: Any) -> str:
        people = {"users": [user.pk for user in users], "role": "annotator", "units": 2, **more}
        return act(root, "assign", [campaign], confirmed="yes", **people)

    def test_people_join_and_get_the_next_units(self, root: Client) -> None:
        study = build_study(4, annotators=1, overlap=1)
        first, new = study.members[0].user, build.build_user("newcomer")
        assert first is not None
        html = self.assign(root, study.campaign, first, new)
        assert f"{first.username} got 2 units" in html
        assert "newcomer joined as A2, got 2 units" in html
        held = Assignment.objects.filter(state="leased").values_list("membership__number", "order")
        assert sorted(held) == [(1, 0), (1, 1), (2, 2), (2, 3)]

    def test_what_is_left_is_given_and_the_rest_is_told(self, root: Client) -> None:
        study = build_study(1)
        user = study.members[0].user
        assert user is not None
        html = self.assign(root, study.campaign, user)
        assert "got 1 unit. Nothing is left for you" in html

    def test_what_they_hold_is_freed_first(self, root: Client) -> None:
        study = build_study(4)
        user = study.members[0].user
        assert user is not None
        self.assign(root, study.campaign, user)
        html = self.assign(root, study.campaign, user, give_back="on", units=0)
        assert "gave 2 back, got 0 units" in html
        assert not Assignment.objects.filter(state="leased").exists()

    def test_a_viewer_gets_none(self, root: Client) -> None:
        study = build_study(1, annotators=0)
        html = self.assign(root, study.campaign, build.build_user("ada"), role="viewer")
        assert "A viewer labels nothing" in html
        assert Membership.objects.get(user__username="ada").role == "viewer"

    def test_more_than_somebody_may_hold_is_refused_on_the_page(self, root: Client) -> None:
        study = build_study(9)
        user = study.members[0].user
        assert user is not None
        html = self.assign(root, study.campaign, user, units=6)
        assert "less than or equal to 5" in html
        assert not Assignment.objects.filter(state="leased").exists()


class TestExporting:
    def test_each_campaign_has_its_export(self, root: Client) -> None:
        campaigns = [build.build_campaign() for _ in range(2)]
        html = act(root, "export", campaigns, confirmed="yes", format="csv")
        runs = list(ExportRun.objects.order_by("pk"))
        assert {run.campaign for run in runs} == set(campaigns)
        for run in runs:
            address = reverse("admin:annotations_exportrun_change", args=[run.pk])
            assert address in html
            assert logged(run) == ["export on its way"]
        assert "when it is done" in root.get(address).content.decode()
        ExportRun.objects.update(state="done", file="exports/a")
        assert reverse("api:export_file", args=[run.pk]) in root.get(address).content.decode()

    def test_an_unknown_format_is_refused_on_the_page(self, root: Client) -> None:
        html = act(root, "export", [build.build_campaign()], confirmed="yes", format="papyrus")
        assert "papyrus" in html
        assert not ExportRun.objects.exists()


class TestImporting:
    address = "/admin/importers/importrun/start/"

    def send(self, client: Client, corpus: Corpus, content: bytes, **more: Any) -> Any:
        file = SimpleUploadedFile("talk.csv", content)
        sent = {"confirmed": "yes", "corpus": corpus.pk, "file": file, **more}
        return client.post(self.address, sent)

    def test_a_file_is_started_and_its_page_shown(self, root: Client) -> None:
        corpus = build.build_corpus()
        content = b"id,text,thread\n1,Hello,t\n2,Hi there,t\n"
        answer = self.send(root, corpus, content, dry_run="on")
        run = ImportRun.objects.get()
        assert answer.headers["Location"] == reverse("import", args=[run.pk])
        assert (run.state, run.dry_run, run.format) == ("queued", True, "table")
        assert (run.corpus, logged(run)) == (corpus, ["Tried"])

    def test_what_cannot_be_read_is_told_beside_the_file(self, root: Client) -> None:
        answer = self.send(root, build.build_corpus(), b"\x00\x01\x02")
        assert answer.status_code == 400
        assert "errorlist" in answer.content.decode()
        assert not ImportRun.objects.exists()

    def test_a_corpus_leads_there(self, root: Client) -> None:
        corpus = build.build_corpus()
        html = act(root, "import_file", [corpus])
        assert f'<option value="{corpus.pk}" selected>' in html

    def test_who_may_not_is_shown_no_way(self, client: Client) -> None:
        user = build.build_user("looker", is_staff=True)
        user.user_permissions.add(Permission.objects.get(codename="view_importrun"))
        client.force_login(user)
        assert self.address not in client.get("/admin/importers/importrun/").content.decode()
        assert client.get(self.address).status_code == 403


class TestErasing:
    def test_an_account_goes_once_its_name_is_typed(self, root: Client) -> None:
        user = build.build_user("rosalind")
        html = act(root, "erase", [user])
        assert "Type rosalind to erase them" in html
        assert "What stays" in html
        html = act(root, "erase", [user], confirmed="yes", typed="rosalinde")
        assert "nothing was erased" in html
        assert User.objects.filter(username="rosalind").exists()
        html = act(root, "erase", [user], confirmed="yes", typed="rosalind")
        assert "1 user: erased." in html
        assert not User.objects.filter(username="rosalind").exists()
        assert logged(Erasure.objects.get()) == ["erased"]
        assert not LogEntry.objects.filter(object_repr__contains="rosalind").exists()

    def test_an_author_goes_and_the_texts_are_looked_at_again(self, root: Client) -> None:
        campaign = build.build_campaign()
        author = build.build_author(campaign.corpus)
        comment = build.build_comment(build.build_thread(campaign.corpus), author=author)
        build.build_unit(campaign, comment)
        release = campaign.releases.create(
            title="Bridges", version="1.0", state="done", sha256="0" * 64, created_at=build.NOON
        )
        html = act(root, "erase", [author])
        assert reverse("admin:annotations_release_change", args=[release.pk]) in html
        act(root, "erase", [author], confirmed="yes", typed=author.pseudonym)
        assert Comment.objects.get().text == ""
        assert Author.objects.get().name == ""
        assert campaign.corpus.scans.count() == 1

    def test_one_at_a_time(self, root: Client) -> None:
        users = [build.build_user("ada"), build.build_user("eve")]
        assert "one at a time" in act(root, "erase", users, confirmed="yes", typed="ada")
        assert User.objects.filter(username__in=("ada", "eve")).count() == 2

    def test_oneself_is_refused_in_a_sentence(self, root: Client) -> None:
        me = User.objects.get(username="root")
        assert "another administrator" in act(root, "erase", [me], confirmed="yes", typed="root")
        assert User.objects.filter(username="root").exists()

    def test_who_may_not_delete_may_not_erase(self, client: Client) -> None:
        user = build.build_user("looker", is_staff=True)
        user.user_permissions.add(Permission.objects.get(codename="view_author"))
        client.force_login(user)
        author = build.build_author(build.build_corpus())
        act(client, "erase", [author], confirmed="yes", typed=author.pseudonym)
        author.refresh_from_db()
        assert author.name == "Ada"
