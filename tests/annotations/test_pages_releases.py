"""What managers and viewers find on the pages of releases, and may do there."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.exporters.contents import Contents
from annotations.models import Aggregation, Campaign, Release, User
from annotations.pages.card_form import CardForm, as_written
from annotations.releases.card import Card, Creator
from annotations.releases.loading import loading
from annotations.releases.questions import QUESTIONS
from annotations.selectors import release_preview
from tests import builders as build
from tests.annotations.data_form import filled_in
from tests.annotations.released import KEY, NO_CARD, build_study, drafted, released
from tests.annotations.releases.edition import CARD

pytestmark = pytest.mark.django_db
DATA = "/campaigns/bridge-study/data/"
NEW = "/campaigns/bridge-study/releases/new/"


@pytest.fixture
def study() -> Campaign:
    campaign = build_study()
    for name, role in {"mia": "manager", "vic": "viewer", "bob": "annotator"}.items():
        build.build_membership(campaign, build.build_user(name), role=role)
    return campaign


@pytest.fixture
def release(study: Campaign) -> Release:
    return released(study, split_by="author")


def as_user(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client


def page_of(release: Release, rest: str = "") -> str:
    return f"/releases/{release.pk}/{rest}"


def html_of(name: str, address: str) -> str:
    response = as_user(name).get(address)
    assert response.status_code == 200
    return response.content.decode()


def sent(**changed: Any) -> dict[str, Any]:
    usual = {
        "title": "The bridge",
        "version": "1.0",
        "formats": ["csv", "jsonl"],
        "card-creators": "Ada Byron",
        "card-licence": "CC-BY-4.0",
    }
    return filled_in(**{**usual, **changed})


class TestADraft:
    def test_begins_with_what_is_known(self, study: Campaign) -> None:
        User.objects.filter(username="mia").update(first_name="Mia", last_name="Maas")
        html = html_of("mia", NEW)
        for known in ('value="The bridge"', 'value="1.0"', ">\nMia Maas</textarea>"):
            assert known in html
        assert 'value="CC-BY-NC-4.0"' in html
        for question in QUESTIONS:
            assert f'name="card-answer_{question.key}"' in html

    def test_is_kept_shown_changed_and_confirmed(self, study: Campaign) -> None:
        client = as_user("mia")
        answers = {"card-answer_purpose": "To see who claims what.", "card-warnings": "It insults."}
        html = client.post(NEW, sent(**answers, privacy="redacted"), follow=True).content.decode()
        draft = Release.objects.get()
        assert (draft.state, draft.version, draft.formats) == ("staged", "1.0", ["csv", "jsonl"])
        assert draft.created_by == User.objects.get(username="mia")
        assert Contents.from_json(draft.contents) == Contents(privacy="redacted")
        assert Card.from_json(draft.card) == Card(
            creators=(Creator(name="Ada Byron"),),
            licence="CC-BY-4.0",
            warnings=("It insults.",),
            answers={"purpose": "To see who claims what."},
        )
        for shown in ("Privacy: Redacted.", "To see who claims what.", "It insults.", "Draft"):
            assert shown in html
        change = page_of(draft, "change/")
        assert "To see who claims what." in client.get(change).content.decode()
        client.post(change, sent(version="1.1"))
        draft.refresh_from_db()
        assert (draft.version, draft.contents["privacy"]) == ("1.1", "full")
        html = client.post(page_of(draft, "confirm/"), follow=True).content.decode()
        draft.refresh_from_db()
        assert draft.state == "queued"
        assert f'data-job-url="/api/v1/releases/{draft.pk}/"' in html
        assert "No worker is running, so this waits" in html
        assert client.get(change).status_code == 409
        assert client.post(change, sent(version="1.2")).status_code == 409

    def test_shows_what_it_would_hold(self, study: Campaign) -> None:
        html = html_of("mia", page_of(drafted(study, split_by="author")))
        cells = re.findall(r'<th scope="row">(\w+)</th>((?:<td class="num">\d+</td>)+)', html)
        rows = {name: re.findall(r"\d+", numbers) for name, numbers in cells}
        assert rows["All"][:3] == ["3", "12", "9"]
        parts = [row for name, row in rows.items() if name != "All"]
        assert sum(int(row[1]) for row in parts) == 12
        assert "Labels of people" in html
        assert "authors" not in html.partition("Leaks between the parts")[2].partition("</ul>")[0]
        assert "A sample: 12 of 15 that fitted." in html

    def test_of_a_large_campaign_is_not_counted_while_somebody_waits(
        self, study: Campaign, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(release_preview, "MOST_UNITS", 2)
        html = html_of("mia", page_of(drafted(study)))
        assert "This campaign is too large to be counted here." in html
        assert "Freeze and make the release" in html

    def test_says_what_it_lacks_and_cannot_be_confirmed(self, study: Campaign) -> None:
        draft = drafted(study, card=NO_CARD)
        html = html_of("mia", page_of(draft))
        for sentence in NO_CARD.missing.values():
            assert sentence in html
        assert "Freeze and make the release" not in html
        assert as_user("mia").post(page_of(draft, "confirm/")).status_code == 400

    def test_leaves_no_question_out_that_nobody_answered(self, study: Campaign) -> None:
        html = html_of("mia", page_of(drafted(study)))
        sheet = html.partition("Datasheet")[2]
        unanswered = [one for one in QUESTIONS if not one.known and one.key not in CARD.answers]
        assert f"{len(unanswered)} not answered" in sheet
        for question in unanswered:
            assert question.question.replace("'", "&#x27;") in sheet

    def test_warns_of_an_aggregation_that_is_older_than_the_labels(self, study: Campaign) -> None:
        Aggregation.objects.create(
            campaign=study,
            method="majority",
            state="done",
            created_at=build.NOON,
            started_at=build.NOON - timedelta(days=1),
        )
        draft = drafted(study, layers=("aggregated",), method="majority")
        assert "is older than 18 labels" in html_of("mia", page_of(draft))

    def test_warns_of_a_part_that_nothing_falls_into(self, study: Campaign) -> None:
        draft = drafted(study, split_by="thread", shares=(0.0, 0.98, 0.02))
        html = html_of("mia", page_of(draft))
        assert "Nothing falls into test: choose another seed or other shares." in html
        empty = '<td class="num">0</td>' * 5
        for title in ("Train", "Test"):
            assert f'<th scope="row">{title}</th>{empty}' in html

    @pytest.mark.parametrize(
        ("version", "sentence"),
        [(3, "The agreement is older than 18 labels"), (2, "for another version of the codebook")],
    )
    def test_warns_of_an_agreement_that_is_older_than_the_labels(
        self, study: Campaign, version: int, sentence: str
    ) -> None:
        run = study.agreements.get()
        run.started_at = build.NOON - timedelta(days=1)
        run.result["codebook"]["version"] = version
        run.save()
        assert sentence in html_of("mia", page_of(drafted(study)))

    def test_is_discarded(self, study: Campaign) -> None:
        draft = drafted(study)
        as_user("mia").post(page_of(draft, "discard/"))
        assert not Release.objects.exists()

    def test_is_nobodys_business_but_the_managers(self, study: Campaign) -> None:
        draft = drafted(study)
        for name in ("vic", "bob"):
            assert as_user(name).get(page_of(draft)).status_code == 404
            assert as_user(name).post(page_of(draft, "confirm/")).status_code == 404
        assert "Claims about the bridge" not in html_of("vic", DATA)
        assert "Claims about the bridge" in html_of("mia", DATA)
        for name in ("vic", "bob"):
            assert as_user(name).get(NEW).status_code == 403
            assert as_user(name).post(NEW, sent()).status_code == 403
        assert Release.objects.get().state == "staged"

    @pytest.mark.parametrize(
        ("changed", "sentence"),
        [
            ({"title": ""}, "This field is required."),
            ({"formats": None}, "Choose at least one format."),
            ({"formats": ["papyrus"]}, "“papyrus” is no export format"),
            ({"version": "no version"}, "&#x27;no version&#x27; is no version"),
            ({"version": "0.9"}, "has a release 0.9 already"),
            ({"card-creators": "Ada; ; 12"}, "&#x27;12&#x27; is no ORCID"),
            ({"card-creators": "; Lindhaven"}, "Each of those who made the dataset has a name."),
            ({"card-creators": "a; b; c; d"}, "“a; b; c; d” has more than"),
            ({"card-doi": "here"}, "&#x27;here&#x27; is no DOI"),
            ({"card-url": "here"}, "&#x27;here&#x27; is no address"),
            ({"card-languages": "English!"}, "is no language"),
            ({"share_train": "90"}, "The shares sum to 110 percent"),
        ],
    )
    def test_that_is_wrong_is_refused_beside_the_field_and_keeps_the_rest(
        self, study: Campaign, changed: dict[str, Any], sentence: str
    ) -> None:
        drafted(study, version="0.9")
        kept = {"card-answer_used": "Nowhere so far."}
        response = as_user("mia").post(NEW, sent(**kept, **changed))
        assert response.status_code == 400
        html = response.content.decode()
        assert sentence in html
        assert "Nowhere so far." in html
        assert Release.objects.count() == 1

    def test_is_taken_up_again_after_it_was_cancelled(self, study: Campaign) -> None:
        draft = drafted(study)
        client = as_user("mia")
        client.post(page_of(draft, "confirm/"))
        client.post(page_of(draft, "cancel/"))
        assert "Cancelled" in html_of("mia", page_of(draft))
        client.post(page_of(draft, "retry/"))
        draft.refresh_from_db()
        assert draft.state == "queued"


class TestARelease:
    def test_shows_files_checksums_and_how_to_load_and_cite_it(self, release: Release) -> None:
        html = html_of("vic", page_of(release))
        assert f'href="/api/v1/releases/{release.pk}/file/"' in html
        assert release.sha256 in html
        for file in release.manifest["files"]:
            assert file["sha256"] in html
            assert f'href="/api/v1/releases/{release.pk}/files/{file["name"]}"' in html
        assert "SHA256SUMS" in html
        assert "pandas.read_csv(&quot;csv/bridge-study.csv&quot;" in html
        assert "Ada Lovelace; van Beethoven, Ludwig" in html
        assert "@misc{bridge-study-1.0," in html
        assert "https://doi.org/10.5281/zenodo.1234" in html
        assert "Creative Commons Attribution 4.0 International" in html
        assert "3 threads stand in more than one part (12 comments), such as t1, t10, t2." in html
        assert "To judge people." in html

    def test_warns_of_cells_that_a_spreadsheet_would_calculate(self, study: Campaign) -> None:
        warning = "with a sign that a spreadsheet takes for a formula"
        kept, escaped = released(study), released(study, version="1.1", formulas="escape")
        number = kept.manifest["formula_cells"]
        assert f"CSV: {number} cells begin {warning}" in html_of("vic", page_of(kept))
        assert warning not in html_of("vic", page_of(escaped))

    def test_is_not_withdrawn_or_followed_by_viewers(self, release: Release) -> None:
        html = html_of("vic", page_of(release))
        assert "New version" not in html
        assert "Withdraw this release" not in html
        refused = as_user("vic").post(page_of(release, "withdraw/"), {"reason": "I say so."})
        assert refused.status_code == 403
        release.refresh_from_db()
        assert release.withdrawn_at is None

    def test_does_not_exist_for_annotators(self, release: Release) -> None:
        assert as_user("bob").get(page_of(release)).status_code == 404

    def test_tells_how_many_comments_were_taken_back_since(self, release: Release) -> None:
        told = "taken back by its source since"
        assert told not in html_of("vic", page_of(release))
        unit = release.campaign.units.filter(comment__status="visible").first()
        assert unit is not None
        assert unit.comment is not None
        unit.comment.status = "deleted_by_author"
        unit.comment.save()
        assert f"1 comment of the sample was {told}" in html_of("vic", page_of(release))

    def test_is_withdrawn_for_a_reason_that_everybody_reads(self, release: Release) -> None:
        refused = as_user("mia").post(page_of(release, "withdraw/"), {"reason": " "})
        assert refused.status_code == 400
        assert "Say why: those who used it will ask." in refused.content.decode()
        as_user("mia").post(page_of(release, "withdraw/"), {"reason": "Ada asked us to."})
        html = html_of("vic", page_of(release))
        assert "Ada asked us to." in html
        assert release.manifest["files"][0]["sha256"] in html
        assert f"/api/v1/releases/{release.pk}/file" not in html
        assert "Withdrawn" in html_of("vic", DATA)

    def test_gives_the_next_version_its_choices_and_card(self, release: Release) -> None:
        client = as_user("mia")
        again = f"{NEW}?like={release.pk}"
        html = client.get(again).content.decode()
        assert 'value="1.1"' in html
        assert "To judge people." in html
        assert f'value="{CARD.url}"' in html
        assert f'value="{CARD.doi}"' not in html
        assert "The same pseudonyms as in version 1.0" in html
        assert re.search(r'name="split_by" value="author"[^>]*checked', html)
        client.post(again, sent(version="1.1", same_pseudonyms="on"))
        client.post(again, sent(version="1.2"))
        keys = dict(Release.objects.values_list("version", "key"))
        assert keys["1.1"] == keys["1.0"] == KEY
        assert keys["1.2"] != KEY

    def test_of_another_campaign_gives_nothing(self, release: Release) -> None:
        other = build.build_campaign()
        build.build_membership(other, User.objects.get(username="mia"), role="manager")
        html = html_of("mia", f"/campaigns/{other.slug}/releases/new/?like={release.pk}")
        assert "To judge people." not in html

    def test_is_compared_with_another(self, study: Campaign, release: Release) -> None:
        build.build_answer(build.build_annotation(build.build_unit(study)), "claim", label="no")
        later = released(study, version="2.0", notes=False)
        html = html_of("vic", page_of(later))
        address = f"/releases/{release.pk}/differences/{later.pk}/"
        assert f'href="{address}"' in html
        html = html_of("vic", address)
        for shown in ("From 1.0 to 2.0", "<code>split_by</code>", "author", "<code>notes</code>"):
            assert shown in html

    def test_is_not_compared_by_ids_that_mean_something_else(self, study: Campaign) -> None:
        before = released(study, version="1.0", privacy="redacted")
        after = released(study, version="2.0", privacy="redacted", key="ab" * 32)
        html = html_of("mia", f"/releases/{before.pk}/differences/{after.pk}/")
        assert "Their ids are pseudonyms of different keys" in html

    def test_that_is_a_draft_is_not_compared(self, study: Campaign, release: Release) -> None:
        draft = drafted(study, version="2.0")
        address = f"/releases/{release.pk}/differences/{draft.pk}/"
        assert as_user("mia").get(address).status_code == 409
        assert as_user("vic").get(address).status_code == 404

    def test_without_splits_leaks_nothing(self, study: Campaign) -> None:
        html = html_of("mia", page_of(released(study)))
        assert "It is not split, so nothing can leak between parts." in html

    def test_whose_file_is_lost_still_tells_what_it_was(self, release: Release) -> None:
        default_storage.delete(release.file)
        html = html_of("mia", page_of(release))
        assert release.manifest["files"][0]["sha256"] in html
        assert f"/api/v1/releases/{release.pk}/files/" not in html


@pytest.mark.parametrize(
    ("versions", "suggested"),
    [
        ([], "1.0"),
        (["1.0"], "1.1"),
        (["1.9"], "1.10"),
        (["1.2", "1.1"], "1.3"),
        (["2026-11"], "2026-12"),
        (["final"], "final.0"),
    ],
)
def test_the_next_version_counts_on(study: Campaign, versions: list[str], suggested: str) -> None:
    for version in versions:
        drafted(study, version=version)
    assert f'name="version" value="{suggested}"' in html_of("mia", NEW)


def test_a_card_goes_through_its_form_and_back() -> None:
    form = CardForm({f"card-{name}": value for name, value in as_written(CARD).items()})
    assert form.is_valid()
    assert form.card() == CARD


def test_a_line_that_loads_names_a_file_that_there_is(study: Campaign) -> None:
    release = released(study, "csv", "jsonl", "threads")
    lines = loading(release.formats, release.manifest["files"])
    names = {file["name"] for file in release.manifest["files"]}
    assert lines.keys() == {"csv", "jsonl", "threads"}
    for line in lines.values():
        assert line.split('"')[1] in names


@pytest.mark.parametrize("name", ["mia", "vic"])
def test_the_pages_ask_as_often_for_many_releases_as_for_few(
    study: Campaign, release: Release, name: str
) -> None:
    client = as_user(name)

    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    addresses = (DATA, page_of(release))
    released(study, version="1.1")
    few = [queries(address) for address in addresses]
    for number in range(2, 5):
        released(study, version=f"1.{number}")
    assert [queries(address) for address in addresses] == few
    assert max(few) <= 25
