"""Codebooks on the pages: written, loaded from the library, compared, put under a campaign."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.codebooks.library import library_codebooks
from annotations.models import Campaign, Codebook, Membership, Recoding
from annotations.services.codebooks import load_codebook
from tests import builders as build
from tests.annotations.study import Study, build_study, label_next

pytestmark = pytest.mark.django_db
FIRST = """\
key: mood
version: 1
title: Mood
questions:
  - key: claim
    title: How does it sound?
    kind: single_label
    labels:
      - {key: "yes", title: Calm, definition: Quiet words.}
      - {key: "no", title: Angry, definition: Loud words.}
"""
SECOND = FIRST.replace("version: 1", "version: 2").replace('key: "yes"', "key: calm")
MAPPED = SECOND.replace("kind: single_label", 'kind: single_label\n    map: {"yes": calm}')


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(build.build_user("sue", is_staff=True))
    return client


@pytest.fixture
def study() -> Study:
    return build_study(2, codebook=load_codebook(text=FIRST, now=build.NOON))


def html(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


class TestEditor:
    def test_a_new_version_begins_with_the_text_of_an_earlier_one(self, staff: Client) -> None:
        load_codebook(text=FIRST, now=build.NOON)
        load_codebook(text=MAPPED, now=build.NOON)
        page = html(staff, "/codebooks/mood/2/edit/")
        assert "version: 3" in page
        assert "key: calm" in page
        assert "map:" not in page
        assert "follows:" not in page
        assert "version: 3\nfollows: 1\n" in html(staff, "/codebooks/mood/1/edit/")

    def test_it_begins_with_a_codebook_of_the_library(self, staff: Client) -> None:
        assert "key: goemotions" in html(staff, "/codebooks/new/?library=goemotions")
        html(staff, "/codebooks/new/?library=..%2Fgoemotions", 404)

    def test_faults_are_shown_with_their_lines_and_the_text_stays(self, staff: Client) -> None:
        load_codebook(text=FIRST, now=build.NOON)
        wrong = MAPPED.replace('"yes": calm', "maybe: calm")
        page = staff.post("/codebooks/new/", {"text": wrong}).content.decode()
        assert "Line 8" in page
        assert "<code>questions[0].map.maybe</code>" in page
        assert "maybe: calm" in page
        assert Codebook.objects.count() == 1

    def test_a_taken_version_is_raised_by_a_button(self, staff: Client) -> None:
        load_codebook(text=FIRST, now=build.NOON)
        other = FIRST.replace("Calm", "Cool")
        page = staff.post("/codebooks/new/", {"text": other}).content.decode()
        assert 'name="raise"' in page
        page = staff.post("/codebooks/new/", {"text": other, "raise": "1"}).content.decode()
        assert "version: 2" in page
        assert Codebook.objects.count() == 1

    def test_only_staff_writes(self, client: Client) -> None:
        load_codebook(text=FIRST, now=build.NOON)
        client.force_login(build.build_user())
        html(client, "/codebooks/mood/1/edit/", 403)
        assert client.post("/codebooks/library/goemotions/load/").status_code == 403


def test_every_codebook_of_the_library_is_loaded_with_one_click(staff: Client) -> None:
    for one in library_codebooks():
        address = f"/codebooks/library/{one.key}/load/"
        assert address in html(staff, "/codebooks/")
        assert staff.post(address)["Location"] == f"/codebooks/{one.key}/{one.version}/"
        assert address not in html(staff, "/codebooks/")


class TestVersions:
    def test_a_codebook_lists_its_versions_and_the_campaigns_that_one_may_see(
        self, client: Client, study: Study
    ) -> None:
        load_codebook(text=MAPPED, now=build.NOON)
        build.build_campaign(codebook=study.campaign.codebook, name="Somebody else's")
        user = study.members[0].user
        assert user is not None
        client.force_login(user)
        page = html(client, "/codebooks/mood/1/")
        assert f'href="/campaigns/{study.campaign.slug}/"' in page
        assert "Somebody else" not in page
        assert 'href="/codebooks/mood/diff/1/2/"' in page
        assert "/edit/" not in page

    def test_the_versions_cost_the_same_however_many_there_are(
        self, staff: Client, study: Study
    ) -> None:
        counts = []
        for numbers in (range(2, 4), range(4, 9)):
            for number in numbers:
                text = FIRST.replace("version: 1", f"version: {number}")
                newer = load_codebook(text=text, now=build.NOON)
                build.build_campaign(codebook=newer)
            with CaptureQueriesContext(connection) as queries:
                html(staff, "/codebooks/mood/1/")
            counts.append(len(queries))
        assert counts[0] == counts[1]

    def test_two_versions_are_compared_part_by_part_and_line_by_line(self, staff: Client) -> None:
        load_codebook(text=FIRST + "guidelines: Judge the words. <b>All</b>\n", now=build.NOON)
        load_codebook(text=MAPPED + "guidelines: Judge the tone. <b>All</b>\n", now=build.NOON)
        page = html(staff, "/codebooks/mood/diff/1/2/")
        assert "Judge the <del>words</del><ins>tone</ins>. &lt;b&gt;All" in page
        assert "Label <code>yes</code> is gone:" in page
        assert "<del>-version: 1</del>" in page
        assert "Both versions say the same." in html(staff, "/codebooks/mood/diff/2/2/")
        html(staff, "/codebooks/mood/diff/1/3/", 404)


class TestRecoding:
    @pytest.fixture
    def manager(self, client: Client, study: Study) -> Client:
        label_next(study.members[0])
        user = build.build_user("max")
        build.build_membership(study.campaign, user, Membership.Role.MANAGER)
        client.force_login(user)
        return client

    def address(self, study: Study) -> str:
        return f"/campaigns/{study.campaign.slug}/codebook/"

    def test_the_page_says_what_would_become_of_the_labels(
        self, manager: Client, study: Study
    ) -> None:
        assert "No newer version is loaded." in html(manager, self.address(study))
        load_codebook(text=SECOND, now=build.NOON)
        page = html(manager, self.address(study) + "?version=2")
        assert "name it in `map`" in page
        assert "not decided" in page
        assert "Carry 1 label" not in page
        third = MAPPED.replace("version: 2", "version: 3\nfollows: 1")
        load_codebook(text=third, now=build.NOON)
        page = html(manager, self.address(study) + "?version=3")
        assert "not decided" not in page
        assert "<code>claim</code> · <code>calm</code>" in page

    def test_it_is_begun_while_the_campaign_is_paused_and_can_be_cancelled(
        self, manager: Client, study: Study
    ) -> None:
        load_codebook(text=MAPPED, now=build.NOON)
        page = html(manager, self.address(study) + "?version=2")
        assert "Pause it first" in page
        begin = f"/campaigns/{study.campaign.slug}/recodings/"
        assert manager.post(begin, {"version": 2}).status_code == 409
        Campaign.objects.update(state="paused")
        page = html(manager, self.address(study) + "?version=2")
        assert "Carry 1 label on to version 2" in page
        assert manager.post(begin, {"version": 2})["Location"] == self.address(study)
        recoding = Recoding.objects.get()
        assert f"/recodings/{recoding.pk}/cancel/" in html(manager, self.address(study))
        html(manager, f"/recodings/{recoding.pk}/trace.csv", 409)
        manager.post(f"/recodings/{recoding.pk}/cancel/")
        manager.post(f"/recodings/{recoding.pk}/retry/")
        recoding.refresh_from_db()
        assert recoding.state == "queued"
        assert manager.post(begin, {"version": "x"}).status_code == 400
        html(manager, self.address(study) + "?version=x", 404)

    def test_it_is_the_managers_alone(self, client: Client, study: Study) -> None:
        newer = load_codebook(text=MAPPED, now=build.NOON)
        recoding = Recoding.objects.create(
            campaign=study.campaign,
            before=study.campaign.codebook,
            after=newer,
            created_at=build.NOON,
            state="done",
        )
        user = study.members[0].user
        assert user is not None
        client.force_login(user)
        html(client, self.address(study), 403)
        html(client, f"/recodings/{recoding.pk}/trace.csv", 404)
        overview = html(client, f"/campaigns/{study.campaign.slug}/")
        assert self.address(study) not in overview
        assert 'class="tabs"' not in overview
