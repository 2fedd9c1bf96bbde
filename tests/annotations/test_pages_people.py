"""Who takes part: what managers, viewers and annotators find, and how people come in."""

from __future__ import annotations

import logging
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from annotations.models import Campaign, Invitation, Membership, TextScan, User
from annotations.services.invitations import create_invitation
from annotations.services.people import pause_member
from project.logs import WithoutTokens
from tests import builders as build
from tests.annotations.test_pages_campaigns import as_user

pytestmark = pytest.mark.django_db
OVERVIEW = "/campaigns/study/"
PEOPLE = f"{OVERVIEW}people/"
PASSWORD = "a bridge too far 7"


@pytest.fixture
def study() -> Campaign:
    """Two annotators, of whom bob has labeled one comment; a manager, a viewer; two languages."""
    campaign = build.build_campaign(slug="study", name="The study", description="On bridges.")
    for name, role in {"ada": "annotator", "bob": "annotator", "mia": "manager"}.items():
        build.build_membership(campaign, build.build_user(name), role=role)
    build.build_membership(campaign, build.build_user("vic"), role="viewer")
    unit = build.build_unit(campaign)
    bob = Membership.objects.get(user__username="bob")
    campaign.assignments.create(unit=unit, slot=1, order=0, membership=bob, state="submitted")
    build.build_answer(build.build_annotation(unit, bob), "claim", label="yes")
    TextScan.objects.create(
        corpus=campaign.corpus,
        state="done",
        languages={"en": 5, "de": 2, "und": 1},
        created_at=build.NOON,
    )
    return campaign


def invite(study: Campaign, **changes: object) -> str:
    wanted: dict[str, object] = {"role": "annotator", "days": 7, "now": timezone.now()}
    made = create_invitation(campaign=study, created_by=None, **{**wanted, **changes})  # type: ignore[arg-type]
    return f"/join/{made[1]}/"


def member(name: str) -> Membership:
    return Membership.objects.get(user__username=name)


class TestThePage:
    def test_a_manager_sees_who_is_who(self, study: Campaign) -> None:
        html = as_user("mia").get(PEOPLE).content.decode()
        for shown in ("bob", "A2", "not begun", "Make an invitation", "What each role may do"):
            assert shown in html

    def test_a_viewer_sees_pseudonyms_and_changes_nothing(self, study: Campaign) -> None:
        html = as_user("vic").get(PEOPLE).content.decode()
        assert "A2" in html
        for hidden in ("bob", "Add somebody", "Make an invitation", "Let go on", "<select"):
            assert hidden not in html

    def test_an_annotator_does_not_see_it(self, study: Campaign) -> None:
        assert as_user("ada").get(PEOPLE).status_code == 403
        assert "/people/" not in as_user("ada").get(OVERVIEW).content.decode()

    @pytest.mark.parametrize(
        ("address", "sent"),
        [
            ("members/2/pause/", {}),
            ("members/2/go-on/", {}),
            ("members/2/languages/", {"languages": ["de"]}),
            ("invitations/", {"role": "manager", "days": "3"}),
            ("stages/settings/", {"check_window": "20"}),
            ("stages/draw/", {"purpose": "test", "count": "1", "seed": "1"}),
        ],
    )
    def test_an_annotator_changes_nothing(
        self, study: Campaign, address: str, sent: dict[str, object]
    ) -> None:
        assert as_user("ada").post(OVERVIEW + address, sent).status_code == 403
        assert not Invitation.objects.exists()
        assert member("bob").paused_at is None

    def test_somebody_is_added_by_user_name(self, study: Campaign) -> None:
        build.build_user("eve")
        sent = {"username": "eve", "role": "annotator"}
        html = as_user("mia").post(f"{OVERVIEW}members/", sent, follow=True).content.decode()
        assert "eve takes part as A5." in html
        again = as_user("mia").post(f"{OVERVIEW}members/", sent)
        assert again.status_code == 400
        assert "eve takes part in The study already." in again.content.decode()

    def test_an_unknown_user_name_is_said_beside_the_field(self, study: Campaign) -> None:
        sent = {"username": "nobody", "role": "viewer"}
        response = as_user("mia").post(f"{OVERVIEW}members/", sent)
        assert "There is no account of this name" in response.content.decode()

    def test_a_role_changes_and_the_labels_stay(self, study: Campaign) -> None:
        as_user("mia").post(f"{OVERVIEW}members/2/", {"role": "viewer"})
        assert member("bob").role == "viewer"
        assert member("bob").annotations.count() == 1

    def test_labels_of_a_deleted_account_stay_in_the_table(self, study: Campaign) -> None:
        User.objects.get(username="bob").delete()
        html = as_user("mia").get(PEOPLE).content.decode()
        assert "account deleted" in html

    def test_a_manager_pauses_somebody_and_lets_them_go_on(self, study: Campaign) -> None:
        mia = as_user("mia")
        html = mia.post(
            f"{OVERVIEW}members/2/pause/", {"reason": "We talk on Monday."}, follow=True
        ).content.decode()
        for shown in ("A2 is paused", "We talk on Monday.", "1 person is paused", "1 paused"):
            assert shown in html
        assert "We talk on Monday." in as_user("bob").get(OVERVIEW).content.decode()
        home = mia.get("/").content.decode()
        assert "Waits for you" in home
        assert "A2 in The study is paused" in home
        assert "Waits for you" not in as_user("vic").get("/").content.decode()
        html = mia.post(f"{OVERVIEW}members/2/go-on/", follow=True).content.decode()
        assert "A2 gets units again." in html
        again = mia.post(f"{OVERVIEW}members/2/go-on/", follow=True).content.decode()
        assert "A2 is not paused." in again

    def test_a_paused_annotator_s_home_offers_no_work(self, study: Campaign) -> None:
        study.assignments.create(unit=build.build_unit(study), slot=1, order=1)
        assert "Continue labeling" in as_user("bob").get("/").content.decode()
        pause_member(membership=member("bob"), now=timezone.now())
        html = as_user("bob").get("/").content.decode()
        assert "Continue labeling" not in html
        assert "You are paused" in html

    def test_languages_are_those_of_the_corpus(self, study: Campaign) -> None:
        as_user("mia").post(f"{OVERVIEW}members/2/languages/", {"languages": ["de", "en"]})
        assert member("bob").languages == ["de", "en"]
        html = (
            as_user("mia")
            .post(f"{OVERVIEW}members/2/languages/", {"languages": ["fr"]}, follow=True)
            .content.decode()
        )
        assert "One of these languages is not in the corpus" in html
        assert member("bob").languages == ["de", "en"]

    def test_an_annotator_says_what_they_read(self, study: Campaign) -> None:
        assert "Your languages" in as_user("bob").get(OVERVIEW).content.decode()
        as_user("bob").post(f"{OVERVIEW}languages/", {"languages": ["de"]})
        assert member("bob").languages == ["de"]
        as_user("bob").post(f"{OVERVIEW}languages/", {})
        assert member("bob").languages == []

    def test_the_table_of_roles_says_what_the_permissions_say(self, study: Campaign) -> None:
        html = as_user("mia").get(PEOPLE).content.decode()
        row = re.search(r"Decide where labels disagree</th>(.*?)</tr>", html, re.DOTALL)
        assert row
        assert re.findall(r"yes|no(?=<)", row[1]) == ["yes", "yes", "no", "no"]


class TestInvitations:
    def test_a_link_is_shown_once_and_only_its_hash_is_kept(self, study: Campaign) -> None:
        mia = as_user("mia")
        sent = {"role": "annotator", "days": "7", "most_uses": "2", "note": "The seminar"}
        html = mia.post(f"{OVERVIEW}invitations/", sent).content.decode()
        token = re.search(r"/join/([\w-]+)/", html)
        assert token
        assert len(token[1]) >= 32
        invitation = Invitation.objects.get()
        assert token[1] not in str(Invitation.objects.values())
        assert invitation.prefix == token[1][:6]
        again = mia.get(PEOPLE).content.decode()
        assert token[1] not in again
        for shown in (f"{invitation.prefix}…", "The seminar", "0 of 2"):
            assert shown in again

    def test_somebody_with_an_account_joins_by_one_button(self, study: Campaign) -> None:
        build.build_user("eve")
        address = invite(study, role="viewer", most_uses=1)
        html = as_user("eve").get(address).content.decode()
        for shown in ("Join The study", "On bridges.", "Viewer", "Join as eve"):
            assert shown in html
        html = as_user("eve").post(address, {"languages": ["de"]}, follow=True).content.decode()
        assert "you take part in The study as A5" in html
        assert (member("eve").role, member("eve").languages) == ("viewer", ["de"])
        assert Invitation.objects.get().uses == 1

    def test_a_new_account_comes_with_the_invitation_alone(self, study: Campaign) -> None:
        address, client = invite(study), Client()
        assert "Make an account" in client.get(address).content.decode()
        sent = {"username": "eve", "password1": PASSWORD, "password2": PASSWORD}
        html = client.post(address, {**sent, "languages": ["en"]}, follow=True).content.decode()
        assert "you take part in The study as A5" in html
        assert member("eve").languages == ["en"]
        assert User.objects.get(username="eve").check_password(PASSWORD)

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"password1": "short", "password2": "short"}, "too short"),
            ({"password2": "another one 12"}, "match"),
            ({"username": "ADA"}, "name is taken"),
            ({"username": "ada"}, "already exists"),
            ({"languages": ["fr"]}, "not one of the available choices"),
        ],
    )
    def test_what_is_wrong_is_said_and_no_account_is_made(
        self, study: Campaign, changes: dict[str, object], words: str
    ) -> None:
        sent = {"username": "eve", "password1": PASSWORD, "password2": PASSWORD, **changes}
        address = invite(study)
        response = Client().post(address, sent)
        assert response.status_code == 400
        assert words in response.content.decode()
        assert User.objects.count() == 4
        assert Invitation.objects.get().uses == 0

    @pytest.mark.parametrize(
        ("changes", "status", "words"),
        [
            ({"expires_at": timezone.now() - timedelta(days=1)}, 409, "ended on"),
            ({"revoked_at": timezone.now()}, 409, "was taken back"),
            ({"most_uses": 1, "uses": 1}, 409, "is used up"),
            ({"token_hash": "0" * 64}, 404, "There is no such invitation"),
        ],
    )
    def test_one_that_is_good_no_more_says_why_and_lets_nobody_in(
        self, study: Campaign, changes: dict[str, object], status: int, words: str
    ) -> None:
        address = invite(study)
        Invitation.objects.update(**changes)
        build.build_user("eve")
        sent = {"username": "new", "password1": PASSWORD, "password2": PASSWORD}
        for client in (Client(), as_user("eve")):
            for response in (client.get(address), client.post(address, sent)):
                assert response.status_code == status
                html = response.content.decode()
                assert words in html
                assert "new one" in html
        assert User.objects.count() == 5
        assert study.memberships.count() == 4

    def test_it_raises_nobody_s_role_and_is_not_used_up_by_members(self, study: Campaign) -> None:
        address = invite(study, role="manager", most_uses=1)
        html = as_user("bob").get(address).content.decode()
        assert "You take part already, as A2" in html
        as_user("bob").post(address)
        assert member("bob").role == "annotator"
        assert Invitation.objects.get().uses == 0

    def test_a_revoked_one_is_shown_as_such(self, study: Campaign) -> None:
        address, mia = invite(study), as_user("mia")
        pk = Invitation.objects.get().pk
        html = mia.post(f"{OVERVIEW}invitations/{pk}/revoke/", follow=True).content.decode()
        assert "nobody can join by it any more" in html
        assert Client().get(address).status_code == 409
        assert mia.post(f"{OVERVIEW}invitations/{pk}/revoke/").status_code == 409

    def test_there_is_no_sign_up_without_one(self, study: Campaign) -> None:
        sent = {"username": "new", "password1": PASSWORD, "password2": PASSWORD}
        assert Client().post("/join/guess/", sent).status_code == 404
        assert User.objects.count() == 4

    def test_no_log_and_no_table_of_log_ins_has_the_token(
        self, study: Campaign, caplog: pytest.LogCaptureFixture
    ) -> None:
        from axes.models import AccessAttempt

        address = invite(study)
        Invitation.objects.update(revoked_at=timezone.now())
        with caplog.at_level(logging.INFO):
            Client().get(address)
            sent = {"username": "bob", "password": "wrong", "next": address}
            Client().post(f"/login/?next={address}", sent)
        cleaned = WithoutTokens()
        for record in caplog.records:
            assert cleaned.filter(record)
            assert address not in record.getMessage()
        assert any("/join/…" in record.getMessage() for record in caplog.records)
        attempt = AccessAttempt.objects.values().get()
        assert address not in str(attempt)
        assert address.replace("/", "%2F") not in str(attempt)
