"""What annotators, managers and viewers find on a campaign's page, and may do there."""

from __future__ import annotations

import pytest
from django.test import Client

from annotations.models import Campaign, Membership, User
from tests import builders as build
from tests.annotations.study import draw

pytestmark = pytest.mark.django_db
OVERVIEW = "/campaigns/study/"


@pytest.fixture
def study() -> Campaign:
    """Two annotators, of whom bob has labeled one comment; a manager and a viewer."""
    campaign = build.build_campaign(slug="study", name="The study")
    for name, role in {"ada": "annotator", "bob": "annotator", "mia": "manager"}.items():
        build.build_membership(campaign, build.build_user(name), role=role)
    build.build_membership(campaign, build.build_user("vic"), role="viewer")
    unit = build.build_unit(campaign)
    bob = Membership.objects.get(user__username="bob")
    campaign.assignments.create(unit=unit, slot=1, order=0, membership=bob, state="submitted")
    campaign.assignments.create(unit=unit, slot=2, order=0)
    build.build_answer(build.build_annotation(unit, bob), "claim", label="yes")
    return campaign


def as_user(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client


def test_an_annotator_sees_only_the_own_progress(study: Campaign) -> None:
    html = as_user("ada").get(OVERVIEW).content.decode()
    assert "Your progress" in html
    assert "0 of 1 labeled by you" in html
    for hidden in ("bob", "A2", "Progress of all", "Labels so far", "Exports", "Close"):
        assert hidden not in html


def test_a_manager_sees_how_all_goes_on(study: Campaign) -> None:
    html = as_user("mia").get(OVERVIEW).content.decode()
    for shown in ("4 people take part", "1 of 2 labels given or skipped", "Labels so far"):
        assert shown in html


def test_a_viewer_sees_counts_but_no_names(study: Campaign) -> None:
    html = as_user("vic").get(OVERVIEW).content.decode()
    assert "Labels so far" in html
    for hidden in ("bob", "Close", "Start labeling", "/stages/"):
        assert hidden not in html


def test_to_others_the_campaign_does_not_exist(study: Campaign) -> None:
    build.build_user("eve")
    response = as_user("eve").get(OVERVIEW)
    assert response.status_code == 404
    assert "There is no campaign" in response.content.decode()


@pytest.mark.parametrize("state", ["paused", "closed", "open"])
def test_a_manager_changes_the_state(study: Campaign, state: str) -> None:
    html = as_user("mia").post(f"{OVERVIEW}state/", {"state": state}, follow=True).content.decode()
    assert f"The study is now {state}." in html
    study.refresh_from_db()
    assert study.state == state


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("state/", {"state": "closed"}),
        ("members/", {"username": "eve", "role": "manager"}),
        ("members/1/", {"role": "manager"}),
        ("exports/", {"format": "csv"}),
        ("rulings/", {"text": "Irony is a claim."}),
    ],
)
def test_an_annotator_manages_nothing(study: Campaign, address: str, sent: dict[str, str]) -> None:
    build.build_user("eve")
    response = as_user("ada").post(OVERVIEW + address, sent)
    assert response.status_code == 403
    study.refresh_from_db()
    assert study.state == "open"
    assert study.memberships.filter(role="manager").count() == 1
    assert not study.exports.exists()
    assert not study.rulings.exists()


def test_a_manager_adds_a_ruling_that_everybody_reads(study: Campaign) -> None:
    assert "Rulings" not in as_user("ada").get(OVERVIEW).content.decode()
    sent = {"text": "Irony is *no* claim. <script>alert(1)</script>"}
    html = as_user("mia").post(f"{OVERVIEW}rulings/", sent, follow=True).content.decode()
    assert "The guidelines have one more ruling." in html
    ruling = study.rulings.get()
    assert ruling.created_by == User.objects.get(username="mia")
    for name in ("ada", "mia", "vic"):
        html = as_user(name).get(OVERVIEW).content.decode()
        assert "Irony is <em>no</em> claim." in html
        assert "<script>alert" not in html
        assert ("Add a ruling" in html) is (name == "mia")


@pytest.mark.parametrize("text", ["", "   ", "x" * 20_001])
def test_a_ruling_without_words_or_with_too_many_is_refused(study: Campaign, text: str) -> None:
    response = as_user("mia").post(f"{OVERVIEW}rulings/", {"text": text})
    assert response.status_code == 400
    assert "<details open>" in response.content.decode()
    assert not study.rulings.exists()


def test_staff_starts_a_campaign_and_becomes_its_manager() -> None:
    comment = build.build_comment(build.build_thread(build.build_corpus()))
    codebook = build.build_codebook()
    build.build_user("sue", is_staff=True)
    build.build_user("ada")
    sent = {
        "name": "New one",
        "slug": "new-one",
        "corpus": comment.corpus_id,
        "codebook": codebook.pk,
        "annotators": "ada",
        "overlap": 2,
        "order": "random",
        "seed": 7,
        "context": "parent",
        "show_names": "on",
        "show_suggestions": "on",
        "lease_minutes": 30,
        "cover_content": "on",
        "support_text": "Call **Mia**.",
        "break_minutes": 45,
        "daily_warned": 20,
    }
    response = as_user("sue").post("/campaigns/new/", sent)
    assert response["Location"] == "/campaigns/new-one/"
    made = Campaign.objects.get(slug="new-one")
    assert (made.overlap, made.order, made.seed, made.context) == (2, "random", 7, "parent")
    assert (made.show_names, made.show_article, made.lease_minutes) == (True, False, 30)
    assert (made.cover_content, made.support_text) == (True, "Call **Mia**.")
    assert (made.break_minutes, made.daily_units, made.daily_warned) == (45, None, 20)
    assert made.show_suggestions
    draw(made)
    assert made.assignments.count() == 2
    assert dict(made.memberships.values_list("user__username", "role")) == {
        "sue": "manager",
        "ada": "annotator",
    }
    again = as_user("sue").post("/campaigns/new/", sent).content.decode()
    assert "choose another slug" in again


def test_only_staff_starts_campaigns(study: Campaign) -> None:
    assert as_user("mia").get("/campaigns/new/").status_code == 403


def test_those_who_may_take_labels_out_are_told_where(study: Campaign) -> None:
    for name, told in {"mia": True, "vic": True, "ada": False}.items():
        html = as_user(name).get(OVERVIEW).content.decode()
        assert (f'href="{OVERVIEW}data/"' in html) is told


def test_the_workspace_knows_where_to_ask_and_may_save(study: Campaign) -> None:
    client = as_user("ada")
    response = client.get(f"{OVERVIEW}label/")
    html = response.content.decode()
    for attribute in (
        'id="workspace"',
        'data-campaign="study"',
        'data-api="/api/v1/"',
        f'data-codebook="/api/v1/codebooks/{study.codebook.key}/1/"',
        'data-user="ada"',
        'data-home="/campaigns/study/"',
    ):
        assert attribute in html
    assert "<noscript>" in html
    assert "csrftoken" in client.cookies


def test_a_viewer_does_not_label(study: Campaign) -> None:
    assert as_user("vic").get(f"{OVERVIEW}label/").status_code == 403


def test_labels_of_texts_that_changed_since_are_counted_and_linked(study: Campaign) -> None:
    assert "changed since it was labeled" not in as_user("mia").get(OVERVIEW).content.decode()
    comment = study.units.get().comment
    assert comment is not None
    comment.text_revision = 2
    comment.save()
    html = as_user("mia").get(OVERVIEW).content.decode()
    assert "1 annotation is of a text that its source changed since it was labeled." in html
    assert f'href="/threads/{comment.thread_id}/?at=0#c{comment.pk}"' in html
    assert "changed since it was labeled" not in as_user("ada").get(OVERVIEW).content.decode()
