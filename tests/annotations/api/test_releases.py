"""Releases through the API: drafted, changed, confirmed, read file by file, withdrawn."""

from __future__ import annotations

import io
import zipfile
from hashlib import sha256
from typing import Any

import pytest
from django.core.files.storage import default_storage

from annotations.models import Release
from annotations.services.jobs import run_job
from annotations.services.releases import withdraw_release, write_release
from tests.annotations.api.left import LABELS
from tests.annotations.api.world import API, World
from tests.builders import NOON, build_annotation, build_answer, build_campaign

RELEASES = f"{API}releases/"
CARD = {"creators": [{"name": "Ada Byron"}], "licence": "CC-BY-4.0"}


def place(world: World, state: str, rest: str = "") -> str:
    return f"{RELEASES}{world.releases[state].pk}/{rest}"


def draft(world: World, **changes: Any) -> Any:
    wanted = {"campaign": "study", "title": "The study", "version": "1.0", "formats": ["jsonl"]}
    return world.client("manager").post(RELEASES, {**wanted, **changes}, format="json")


def body(response: Any) -> bytes:
    assert response.streaming
    return b"".join(response)


class TestADraft:
    def test_is_made_changed_and_confirmed(self, world: World) -> None:
        made = draft(world, contents={"layers": ["gold"], "privacy": "dehydrated"}).json()
        assert (made["state"], made["version"], made["formats"]) == ("staged", "1.0", ["jsonl"])
        assert made["contents"]["layers"] == ["gold"]
        assert made["missing"].keys() == {"creators", "licence"}
        client, address = world.client("manager"), f"{RELEASES}{made['id']}/"
        changed = client.patch(address, {"card": CARD, "version": "1.1"}, format="json").json()
        assert (changed["version"], changed["missing"]) == ("1.1", {})
        assert changed["contents"] == made["contents"]
        confirmed = client.post(f"{address}confirm/")
        assert (confirmed.status_code, confirmed.json()["state"]) == (202, "queued")
        late = client.patch(address, {"title": "Another"}, format="json")
        assert (late.status_code, late.json()["code"]) == (409, "conflict")
        assert client.delete(address).status_code == 409

    def test_is_not_confirmed_without_makers_and_licence(self, world: World) -> None:
        made = draft(world).json()
        response = world.client("manager").post(f"{RELEASES}{made['id']}/confirm/")
        assert response.status_code == 400
        assert response.json()["fields"].keys() == {"card.creators", "card.licence"}

    def test_of_a_version_that_there_is_is_refused(self, world: World) -> None:
        assert draft(world, version="0.3").status_code == 409

    def test_is_discarded_and_its_version_free_again(self, world: World) -> None:
        made = draft(world).json()
        assert world.client("manager").delete(f"{RELEASES}{made['id']}/").status_code == 204
        assert draft(world).status_code == 201

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"version": "one two"}, "version"),
            ({"formats": ["xml"]}, "formats"),
            ({"formats": []}, "formats"),
            ({"title": " "}, "title"),
            ({"contents": {"layers": []}}, "contents.layers"),
            ({"contents": {"colour": "red"}}, "contents.colour"),
            ({"contents": {"filters": {"depth_min": -1}}}, "contents.filters.depth_min"),
            ({"contents": {"layers": ["aggregated"], "method": "mace"}}, "contents.method"),
            ({"contents": []}, "contents"),
            ({"card": {"doi": "doi:10"}}, "card.doi"),
            ({"card": {"creators": [{"nom": "Ada"}]}}, "card.creators"),
            ({"card": {"author": "Ada"}}, "card.author"),
            ({"key": "0" * 64}, "key"),
        ],
    )
    def test_that_cannot_be_is_refused_beside_its_field(
        self, world: World, changes: dict[str, Any], field: str
    ) -> None:
        response = draft(world, **changes)
        assert (response.status_code, list(response.json()["fields"])) == (400, [field])
        nothing = world.client("manager").patch(place(world, "staged"), {}, format="json")
        assert nothing.status_code == 400


class TestReading:
    def test_drafts_are_shown_to_those_who_make_them(self, world: World) -> None:
        def states(role: str) -> set[str]:
            rows = world.client(role).get(f"{RELEASES}?campaign=study").json()["results"]
            return {row["state"] for row in rows}

        assert states("manager") == {"staged", "queued", "failed", "done"}
        assert states("viewer") == {"done"}
        assert world.client("annotator").get(RELEASES).json()["results"] == []

    def test_releases_are_listed_by_campaign_newest_first(self, world: World) -> None:
        other = build_campaign(slug="other")
        Release.objects.create(campaign=other, version="1", state="staged", created_at=NOON)
        rows = world.client("staff").get(f"{RELEASES}?campaign=study").json()["results"]
        ids = [row["id"] for row in rows]
        assert ids == sorted((one.pk for one in world.releases.values()), reverse=True)

    def test_nobody_is_told_the_key_of_the_pseudonyms(self, world: World) -> None:
        for state, release in world.releases.items():
            told = world.client("staff").get(place(world, state))
            assert release.key not in told.content.decode()
            assert "key" not in told.json()


class TestTheFiles:
    def test_are_listed_with_their_checksums(self, world: World) -> None:
        files = world.client("viewer").get(place(world, "done", "files/")).json()["files"]
        assert [one["name"] for one in files] == ["SHA256SUMS", "labels.csv", "manifest.json"]
        assert files[1] == {
            "name": "labels.csv",
            "size": len(LABELS),
            "sha256": sha256(LABELS).hexdigest(),
            "media_type": "text/csv",
            "rows": 1,
        }

    def test_come_out_of_the_archive_whole_and_in_parts(self, world: World) -> None:
        client, address = world.client("viewer"), place(world, "done", "files/labels.csv")
        whole = client.get(address)
        assert (whole.headers["Content-Type"], body(whole)) == ("text/csv", LABELS)
        assert whole.headers["ETag"] == f'"{sha256(LABELS).hexdigest()}"'
        part = client.get(address, headers={"Range": "bytes=8-12"})
        assert (part.status_code, body(part)) == (206, LABELS[8:13])
        head = client.head(address)
        assert (head.headers["Content-Length"], head.content) == (str(len(LABELS)), b"")

    def test_that_there_are_not_are_not_found(self, world: World) -> None:
        for path in ("labels", "LABELS.csv", "labels.csv/", "../labels.csv", "%00"):
            response = world.client("viewer").get(place(world, "done", f"files/{path}"))
            assert (response.status_code, response.json()["code"]) == (404, "not_found")

    def test_together_are_the_archive(self, world: World) -> None:
        response = world.client("viewer").get(place(world, "done", "file/"))
        assert response.headers["Content-Disposition"] == 'attachment; filename="study-0.3.zip"'
        with zipfile.ZipFile(io.BytesIO(body(response))) as archive:
            assert archive.read("labels.csv") == LABELS

    @pytest.mark.parametrize("rest", ["file/", "files/", "files/labels.csv"])
    def test_are_not_there_before_it_is_made_nor_once_they_are_lost(
        self, world: World, rest: str
    ) -> None:
        client = world.client("manager")
        early = client.get(place(world, "queued", rest))
        assert (early.status_code, early.json()["code"]) == (409, "conflict")
        default_storage.delete(world.releases["done"].file)
        lost = client.get(place(world, "done", rest))
        assert (lost.status_code, lost.json()["code"]) == (409, "conflict")
        assert "missing from the storage" in lost.json()["message"]


class TestWithdrawing:
    def test_takes_the_files_away_and_keeps_what_it_said(
        self, world: World, django_capture_on_commit_callbacks: Any
    ) -> None:
        client, address = world.client("manager"), place(world, "done")
        with django_capture_on_commit_callbacks(execute=True):
            told = client.post(f"{address}withdraw/", {"reason": "Consent."}, format="json").json()
        assert (told["state"], told["withdrawn_reason"]) == ("done", "Consent.")
        assert told["manifest"]["files"]
        refused = world.client("viewer").get(f"{address}files/labels.csv")
        assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
        assert "Consent." in refused.json()["message"]
        assert not default_storage.exists(world.releases["done"].file)

    def test_needs_a_reason_and_a_finished_release(self, world: World) -> None:
        client = world.client("manager")
        blank = client.post(place(world, "done", "withdraw/"), {"reason": " "}, format="json")
        assert (blank.status_code, list(blank.json()["fields"])) == (400, ["reason"])
        early = client.post(place(world, "staged", "withdraw/"), {"reason": "No."}, format="json")
        assert early.status_code == 409
        withdraw_release(release=world.releases["done"], reason="Consent.", now=NOON)
        again = client.post(place(world, "done", "withdraw/"), {"reason": "No."}, format="json")
        assert again.status_code == 409


def test_a_release_is_stopped_and_gone_on_with(world: World) -> None:
    client = world.client("manager")
    stopped = client.post(place(world, "queued", "cancel/")).json()
    assert stopped["state"] == "cancelled"
    again = client.post(place(world, "failed", "retry/"))
    assert again.status_code == 202
    assert client.post(place(world, "done", "cancel/")).status_code == 409


class TestDifferences:
    def made(self, world: World, version: str, **changes: Any) -> int:
        """A release that was confirmed and made."""
        pk: int = draft(world, version=version, card=CARD, **changes).json()["id"]
        world.client("manager").post(f"{RELEASES}{pk}/confirm/")
        run_job(Release, pk, write_release)
        assert world.client("viewer").get(f"{RELEASES}{pk}/").json()["state"] == "done"
        return pk

    def test_say_what_was_added_and_what_was_chosen_otherwise(self, world: World) -> None:
        first = self.made(world, "1.0")
        annotation = build_annotation(world.unit, world.membership("adjudicator"))
        build_answer(annotation, "claim", label="yes")
        second = self.made(world, "1.1", contents={"context": "thread"})
        client = world.client("viewer")
        told = client.get(f"{RELEASES}{second}/differences/", {"from": first}).json()
        assert told["reason"] == ""
        assert told["kinds"]["annotations"]["added"]["number"] == 1
        assert told["kinds"]["annotations"]["removed"] == {"number": 0, "examples": []}
        assert told["contents"] == {"context": ["none", "thread"]}

    def test_of_what_was_withdrawn_say_why_there_are_none(self, world: World) -> None:
        before = world.releases["withdrawn"].pk
        told = world.client("viewer").get(place(world, "done", f"differences/?from={before}"))
        assert "was withdrawn" in told.json()["reason"]
        assert told.json()["kinds"] == {}

    @pytest.mark.parametrize("query", ["", "?from=", "?from=x", "?from=-1", f"?from={10**30}"])
    def test_need_an_earlier_release(self, world: World, query: str) -> None:
        response = world.client("viewer").get(place(world, "done", f"differences/{query}"))
        assert (response.status_code, list(response.json()["fields"])) == (400, ["from"])

    def test_are_of_releases_that_are_made_and_may_be_seen(self, world: World) -> None:
        queued = world.releases["queued"].pk
        address = place(world, "done", f"differences/?from={queued}")
        assert world.client("viewer").get(address).status_code == 404
        assert world.client("manager").get(address).status_code == 409
