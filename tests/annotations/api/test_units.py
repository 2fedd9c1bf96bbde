"""What managers and readers see of units, who works on them, authors and content warnings."""

from __future__ import annotations

from typing import Any

import pytest

from annotations.models import Corpus, Unit
from tests.annotations.api.world import API, World
from tests.builders import (
    NOON,
    build_annotation,
    build_author,
    build_category,
    build_comment,
    build_corpus,
    build_membership,
    build_thread,
    build_unit,
    build_warning,
)

UNITS, ASSIGNMENTS = "campaigns/study/units/", "campaigns/study/assignments/"


def rows(world: World, address: str, role: str = "viewer", **query: Any) -> list[dict[str, Any]]:
    response = world.client(role).get(API + address, query)
    assert response.status_code == 200, response.content
    found: list[dict[str, Any]] = response.json()["results"]
    return found


class TestUnits:
    def test_a_unit_tells_what_it_is_and_how_far(self, world: World) -> None:
        comment = build_comment(world.thread, "a")
        unit = build_unit(world.campaign, comment, overlap=3)
        build_annotation(unit, build_membership(world.campaign), state="submitted")
        build_annotation(unit, build_membership(world.campaign), state="skipped")
        build_annotation(unit, build_membership(world.campaign), state="skipped", harmful=True)
        build_annotation(unit, build_membership(world.campaign), state="draft")
        build_annotation(unit, build_membership(world.campaign), source="adjudication")
        (shown,) = rows(world, UNITS, "manager", comment=comment.pk)
        assert shown == {
            "id": unit.pk,
            "thread": world.thread.pk,
            "thread_source_id": world.thread.source_id,
            "comment": comment.pk,
            "comment_source_id": comment.source_id,
            "order": unit.order,
            "purpose": "study",
            "wanted": 3,
            "submitted": 1,
            "skipped": 1,
            "adjudicated": True,
        }
        assert [one["id"] for one in rows(world, UNITS, adjudicated="true")] == [unit.pk]

    def test_a_unit_that_is_a_whole_thread_has_no_comment(self, world: World) -> None:
        thread = build_thread(world.corpus)
        Unit.objects.create(campaign=world.campaign, thread=thread, order=9_999)
        (shown,) = rows(world, UNITS, "manager", thread=thread.pk)
        assert (shown["comment"], shown["comment_source_id"]) == (None, None)

    def test_they_come_in_the_order_of_working(self, world: World) -> None:
        orders = [one["order"] for one in rows(world, UNITS, "manager")]
        assert orders == sorted(orders)

    @pytest.mark.parametrize("role", ["viewer", "adjudicator"])
    def test_only_managers_learn_which_answers_are_known(self, world: World, role: str) -> None:
        every = {one["purpose"] for one in rows(world, UNITS, "manager")}
        assert every > {"study"}
        shown = rows(world, UNITS, role)
        assert {one["purpose"] for one in shown} == {None}
        assert world.known.pk not in {one["id"] for one in shown}
        assert rows(world, UNITS, role, purpose=world.known.purpose) == []

    def test_a_token_for_labels_learns_no_purpose_from_its_manager(self, world: World) -> None:
        shown = world.script("manager", "labels:read").get(API + UNITS).json()["results"]
        assert {one["purpose"] for one in shown} == {None}


class TestAssignments:
    def test_a_slot_tells_who_holds_it(self, world: World) -> None:
        (held,) = rows(world, ASSIGNMENTS, "manager", unit=world.unit.pk, state="leased")
        assert held["annotator"] == world.membership("annotator").pseudonym
        assert held["leased_until"] is not None
        free = rows(world, ASSIGNMENTS, "manager", unit=world.unit.pk, state="pending")
        assert {one["annotator"] for one in free} == {None}

    def test_they_are_found_by_annotator(self, world: World) -> None:
        pseudonym = world.membership("annotator").pseudonym
        mine = rows(world, ASSIGNMENTS, "manager", annotator=pseudonym)
        assert mine
        assert {one["annotator"] for one in mine} == {pseudonym}
        for unknown in ("A999", "annotator", "A", "A99999999999", "A-1"):
            assert rows(world, ASSIGNMENTS, "manager", annotator=unknown) == []


class TestAuthors:
    def test_they_are_shown_as_the_corpus_says(self, world: World) -> None:
        named = build_author(world.corpus, "Grace", source_id="grace-1")
        build_comment(world.thread, "a", author=named)
        (shown,) = rows(world, "authors/", author=named.pseudonym)
        assert shown == {
            "id": named.pk,
            "corpus": "talk",
            "author": named.pseudonym,
            "pseudonym": named.pseudonym,
            "comments": 1,
        }
        assert rows(world, "authors/", author="Grace") == []
        Corpus.objects.update(author_names="shown")
        (shown,) = rows(world, "authors/", author="Grace")
        assert shown["author"] == "Grace"

    def test_no_source_s_id_leaves(self, world: World) -> None:
        build_author(world.corpus, source_id="the-source-s-own-id")
        assert "the-source-s-own-id" not in str(rows(world, "authors/", "staff"))

    def test_those_of_other_corpora_do_not_exist(self, world: World) -> None:
        build_author(build_corpus("other"))
        assert {one["corpus"] for one in rows(world, "authors/")} <= {"talk"}
        assert world.client("viewer").get(API + "authors/?corpus=other").status_code == 404


class TestContent:
    def test_a_corpus_tells_of_what_it_warns_and_why(self, world: World) -> None:
        hate, war = build_category("hate"), build_category("war")
        world.corpus.content_categories.add(war)
        rule = world.corpus.content_rules.create(
            kind="words", words=["damn"], category=hate, created_at=NOON
        )
        warning = build_warning(world.comments[1], basis="rule", rule=rule)
        answer = world.client("viewer").get(API + "corpora/talk/categories/").json()
        assert answer == {"of_all": ["war"], "counts": {"hate": 1}}
        (shown,) = rows(world, "corpora/talk/rules/")
        assert (shown["words"], shown["category"], shown["warned"]) == (["damn"], "hate", 1)
        (warned,) = rows(world, "warnings/", comment=world.comments[1].pk, category="hate")
        assert (warned["id"], warned["basis"], warned["rule"]) == (warning.pk, "rule", rule.pk)

    def test_warnings_of_other_corpora_do_not_exist(self, world: World) -> None:
        build_warning(build_comment(build_thread(build_corpus("other"))))
        assert rows(world, "warnings/") == []
        assert len(rows(world, "warnings/", "staff", corpus="other")) == 1

    def test_everybody_sees_the_categories(self, world: World) -> None:
        build_category("hate", title="Hate")
        assert "hate" in {one["key"] for one in rows(world, "categories/", "annotator")}


class TestChangingACorpus:
    def change(self, world: World, **sent: Any) -> Any:
        return world.client("staff").patch(API + "corpora/talk/", sent, format="json")

    def test_what_is_left_out_stays(self, world: World) -> None:
        before = world.corpus.name
        answer = self.change(world, licence="CC0", author_names="shown").json()
        assert (answer["licence"], answer["author_names"], answer["name"]) == (
            "CC0",
            "shown",
            before,
        )

    def test_names_are_not_dropped_afterwards(self, world: World) -> None:
        answer = self.change(world, author_names="dropped", licence="CC0")
        assert (answer.status_code, list(answer.json()["fields"])) == (409, ["author_names"])
        world.corpus.refresh_from_db()
        assert (world.corpus.author_names, world.corpus.licence) == ("pseudonym", "")

    def test_a_corpus_without_authors_may_still_drop_them(self, world: World) -> None:
        empty = build_corpus("empty")
        address = API + "corpora/empty/"
        sent = {"author_names": "dropped"}
        assert world.client("staff").patch(address, sent, format="json").status_code == 200
        empty.refresh_from_db()
        assert empty.author_names == "dropped"

    @pytest.mark.parametrize("sent", [{}, {"slug": "other"}, {"name": ""}])
    def test_nothing_and_what_cannot_change_is_refused(
        self, world: World, sent: dict[str, Any]
    ) -> None:
        assert self.change(world, **sent).status_code == 400
