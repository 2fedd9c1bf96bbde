"""A mirror that only follows the feeds has what the lists show, whatever anybody does meanwhile.

Every service that writes what a mirror keeps has its act here.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from annotations.errors import Conflict
from annotations.models import (
    Annotation,
    Assignment,
    Campaign,
    Codebook,
    Comment,
    Corpus,
    Dispute,
    Membership,
    Recoding,
    RuleRun,
    TextScan,
    Unit,
)
from annotations.services.adjudication import Decision, decide
from annotations.services.annotations import Save, save_annotation
from annotations.services.campaigns import set_state
from annotations.services.corpora import change_corpus, create_corpus
from annotations.services.disputes import measure_disputes
from annotations.services.gold import GoldLabel, save_gold
from annotations.services.jobs import run_job
from annotations.services.known import Known, add_known_units, take_back_known_unit
from annotations.services.recoding import recode, start_recoding
from annotations.services.rules import Rule, settle_clear, start_rule
from annotations.services.suggestions import Suggestion, suggest_answers
from annotations.services.texts import scan_texts, start_scan
from tests.annotations.mirror import Mirror, listed
from tests.annotations.test_codebook_changes import label, question
from tests.annotations.test_recoding import load
from tests.builders import NOON, build_campaign, build_membership, build_unit, build_user
from tests.importers.storing import run_command, write_lines

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

LATER = NOON + timedelta(days=1)
COMMENTS = 14
ROOT = Path(__file__).parents[2]
KEPT = {"Annotation", "Answer", "Comment", "CommentRelation", "Thread"}
WRITING = {"create", "bulk_create", "get_or_create", "update", "bulk_update", "delete"}
ENGLISH = "My grandmother sold smoked herring at the old harbour every Sunday morning, {}."
GERMAN = "Ich verstehe nicht, warum uns niemand von der gesperrten Straße erzählt hat, {}."


def codebook(version: int) -> Codebook:
    """Each version has one label more."""
    labels = [label(name) for name in ("yes", "no", *(f"more{n}" for n in range(version)))]
    asked = question("claim", *labels, kind="single_label")
    part = question("part", label("fact"), label("opinion"), kind="span", required=False)
    return load(version, asked, part)


class Walk:
    """A study in which something happens at random, and its source, which changes as well."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.random, self.folder = random.Random(seed), folder
        self.version = 1
        self.corpus = create_corpus(slug="news", author_names="shown", now=NOON)
        self.source: dict[str, dict[str, Any]] = {}
        for number in range(COMMENTS):
            self.source[f"c{number}"] = self.new_line(number)
        self.reimport()
        self.campaign = build_campaign(self.corpus, codebook(1), "study", state="open")
        self.members = [build_membership(self.campaign) for _ in range(3)]
        self.desk = build_membership(self.campaign, role="adjudicator")
        for comment in Comment.objects.order_by("pk")[:8]:
            unit = build_unit(self.campaign, comment, overlap=3)
            for slot in range(1, 5):
                Assignment.objects.create(
                    campaign=self.campaign, unit=unit, slot=slot, order=unit.order
                )

    def acts(self) -> list[Callable[[], None]]:
        return [
            *(self.edit, self.take_back, self.bring_back, self.answer_another, self.move),
            *(self.rename, self.retitle, self.say_more, self.quote),
            *(self.save, self.save, self.save, self.skip_as_harmful, self.put_aside),
            *(self.suggest, self.decide, self.settle, self.tell_gold),
            *(self.make_known, self.take_known_back, self.go_on_with_a_newer_codebook),
            *(self.scan, self.show_names_otherwise),
        ]

    # the source

    def new_line(self, number: int) -> dict[str, Any]:
        earlier = [name for name in self.source if self.source[name]["thread"] != "t3"]
        parent = self.random.choice(earlier) if earlier and number % 3 else None
        text = self.random.choice((ENGLISH, GERMAN)).format(number)
        return {
            "thread": self.source[parent]["thread"] if parent else f"t{number % 2}",
            "thread_title": "The bridge",
            "comment": f"c{number}",
            "parent": parent,
            "author_id": f"a{number % 4}",
            "author": f"Author {number % 4}",
            "time": f"2026-01-01T10:{number % 60:02}:00Z",
            "status": "approved",
            "text": text,
        }

    def reimport(self) -> None:
        path = write_lines(self.folder / f"{uuid4().hex}.jsonl", self.source.values())
        run_command(path, corpus="news")

    def some_line(self) -> dict[str, Any]:
        return self.source[self.random.choice(list(self.source))]

    def edit(self) -> None:
        self.some_line()["text"] = f"Something else: {self.random.random()}"
        self.reimport()

    def take_back(self) -> None:
        for _ in range(2):
            self.some_line().update(status="deleted", text="")
        self.reimport()

    def bring_back(self) -> None:
        for line in self.source.values():
            if line["status"] == "deleted":
                line.update(status="approved", text="I am back.")
                break
        self.reimport()

    def answer_another(self) -> None:
        line, parent = self.some_line(), self.some_line()
        if line["thread"] == parent["thread"] and line is not parent:
            line["parent"] = parent["comment"]
        self.reimport()

    def move(self) -> None:
        line = self.some_line()
        line.update(thread=f"t{self.random.randrange(4)}", parent=None, thread_title="")
        self.reimport()

    def rename(self) -> None:
        author, name = f"a{self.random.randrange(4)}", f"Name {self.random.random()}"
        for line in self.source.values():
            if line["author_id"] == author:
                line["author"] = name
        self.reimport()

    def retitle(self) -> None:
        title = f"About {self.random.random()}"
        for line in self.source.values():
            line["thread_title"] = title
        self.reimport()

    def say_more(self) -> None:
        for number in range(len(self.source), len(self.source) + 3):
            self.source[f"c{number}"] = self.new_line(number)
        self.reimport()

    def quote(self) -> None:
        """Somebody is named in a comment: whoever is renamed is named otherwise there, too."""
        self.some_line()["text"] = f"@Author {self.random.randrange(4)} is right."
        self.reimport()

    # the study

    def unit(self) -> Unit:
        units = Unit.objects.filter(campaign=self.campaign, purpose="study", overlap__gt=0)
        return self.random.choice(list(units.select_related("comment", "campaign").order_by("pk")))

    def disagree(self) -> None:
        """About some units, so that there is something to decide; of others two say the same."""
        units = Unit.objects.filter(campaign=self.campaign, comment__status="visible")
        for number, unit in enumerate(units.select_related("comment").order_by("-order")[:4]):
            second = "no" if number % 2 else "yes"
            for member, said in zip(self.members, ("yes", second), strict=False):
                self.save(unit, member, state="submitted", answers={"claim": said})

    def save(
        self, unit: Unit | None = None, member: Membership | None = None, **fields: Any
    ) -> None:
        unit, member = unit or self.unit(), member or self.random.choice(self.members)
        slot = Assignment.objects.filter(unit=unit, membership=member).first()
        slot = slot or Assignment.objects.filter(unit=unit, state="pending").first()
        if slot is None:
            return
        slot.membership, slot.state, slot.leased_until = member, "leased", LATER
        slot.save()
        said = Annotation.objects.filter(unit=unit, membership=member, source="human").first()
        state = self.random.choice(("submitted", "submitted", "draft"))
        assert unit.comment is not None
        part = [{"start": 0, "end": 4, "quote": unit.comment.text[:4], "label": "fact"}]
        answers: dict[str, Any] = {"claim": self.random.choice(("yes", "no"))}
        if unit.comment.text:
            answers["part"] = part
        given = {"state": state, "answers": answers, "based_on": said.revision if said else 0}
        save = Save(save_id=uuid4(), **{**given, **fields})
        save_annotation(membership=member, unit=unit, save=save, now=NOON)

    def skip_as_harmful(self) -> None:
        self.save(state="skipped", harmful=True, answers={})

    def put_aside(self) -> None:
        said = Annotation.objects.filter(unit__purpose="study", source="human").order_by("pk")
        one = self.random.choice(list(said.select_related("unit__comment", "membership")))
        self.save(one.unit, one.membership, aside=True)

    def suggest(self) -> None:
        told = [
            Suggestion(pk, {"claim": self.random.choice(("yes", "no"))})
            for pk in Comment.objects.order_by("pk").values_list("pk", flat=True)[:4]
        ]
        suggest_answers(campaign=self.campaign, model="m-1", suggestions=told, now=NOON)

    def decide(self) -> None:
        measure_disputes(campaign=self.fresh(), now=LATER)
        dispute = Dispute.objects.filter(campaign=self.campaign).order_by("?").first()
        if dispute is None:
            return
        said = dispute.unit.annotations.filter(source="adjudication").first()
        decision = Decision(
            save_id=uuid4(), based_on=said.revision if said else 0, answers={"claim": "no"}
        )
        decide(membership=self.desk, unit=dispute.unit, decision=decision, now=LATER)

    def settle(self) -> None:
        measure_disputes(campaign=self.fresh(), now=LATER)
        rule = Rule(least=2, questions=("claim",))
        run = start_rule(membership=self.desk, rule=rule, user=None, now=LATER)
        run_job(RuleRun, run.pk, settle_clear, clock=lambda: LATER)

    def tell_gold(self) -> None:
        told = [
            GoldLabel(pk, "stance", self.random.choice(("support", "deny")))
            for pk in Comment.objects.order_by("pk").values_list("pk", flat=True)[:3]
        ]
        problems = save_gold(corpus=self.corpus, codebook="rumoureval-sdqc", labels=told, now=NOON)
        assert problems == []

    def make_known(self) -> None:
        visible = Comment.objects.filter(status="visible").order_by("-pk")
        known = [
            Known(pk, {"claim": "yes"}, f"Because {self.random.random()}")
            for pk in visible.values_list("pk", flat=True)[:2]
        ]
        add_known_units(campaign=self.campaign, purpose="check", known=known, now=NOON)

    def take_known_back(self) -> None:
        for unit in Unit.objects.filter(campaign=self.campaign, purpose="check"):
            try:
                take_back_known_unit(campaign=self.campaign, unit=unit, now=NOON)
            except Conflict:
                continue

    def go_on_with_a_newer_codebook(self) -> None:
        self.version += 1
        set_state(campaign=self.fresh(), state="paused", now=NOON)
        job = start_recoding(
            campaign=self.fresh(), after=codebook(self.version), user=None, now=NOON
        )
        run_job(Recoding, job.pk, recode)
        job.refresh_from_db()
        assert job.state == "done", job.error
        set_state(campaign=self.fresh(), state="open", now=NOON)

    def scan(self) -> None:
        scan = start_scan(corpus=self.corpus, user=None, now=NOON)
        run_job(TextScan, scan.pk, scan_texts)

    def show_names_otherwise(self) -> None:
        corpus = Corpus.objects.get(pk=self.corpus.pk)
        shown = "pseudonym" if corpus.author_names == "shown" else "shown"
        change_corpus(
            corpus=corpus, name="News", description="", licence="", author_names=shown, now=NOON
        )

    def fresh(self) -> Campaign:
        return Campaign.objects.get(pk=self.campaign.pk)


@pytest.mark.parametrize("seed", range(3))
def test_the_feeds_tell_all_that_anybody_does(seed: int, tmp_path: Path) -> None:
    walk = Walk(seed, tmp_path)
    client = APIClient()
    client.force_login(build_user(is_staff=True))
    walk.tell_gold()
    walk.disagree()
    gold = Campaign.objects.get(slug__endswith="-gold")
    feeds: tuple[Corpus | Campaign, ...] = (walk.corpus, walk.campaign, gold)
    mirrors = [Mirror(client, feed, page_size=walk.random.randint(3, 20)) for feed in feeds]
    acts = walk.acts()
    walk.random.shuffle(acts)
    for act in acts:
        act()
        if walk.random.random() < 0.3:
            continue  # two things happen before anybody looks
        for mirror, feed in zip(mirrors, feeds, strict=True):
            mirror.follow(pages=1)  # and stops on its way
            mirror.follow()
            full = listed(client, feed)
            assert mirror.rows == full, act.__name__
    kinds = set(Annotation.objects.values_list("source", flat=True))
    assert kinds == {"human", "model", "gold", "adjudication"}
    for mirror, feed in zip(mirrors, feeds, strict=True):
        mirror.follow()
        assert mirror.follow() == []
        again = Mirror(client, feed)
        again.follow()
        assert again.rows == mirror.rows == listed(client, feed)
        of_comments = {place for place in again.gone if place in again.rows}
        assert of_comments == {place for place, row in again.rows.items() if is_gone(*place, row)}


def test_every_module_that_writes_what_mirrors_keep_says_so() -> None:
    """Whoever adds a writer calls ``note_…`` in it, and adds an act above."""
    silent = {
        path.relative_to(ROOT).as_posix()
        for room in ("annotations", "importers")
        for path in (ROOT / room).rglob("*.py")
        if "migrations" not in path.parts
        and (source := path.read_text(encoding="utf-8"))
        and any(map(writes, ast.walk(ast.parse(source))))
        and "note_" not in source
    }
    assert silent == set()


def writes(node: ast.AST) -> bool:
    """Whether this is a call such as ``Comment.objects.filter(…).update(…)``."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    inner: ast.AST = node.func.value
    while isinstance(inner, ast.Attribute | ast.Call):
        inner = inner.func if isinstance(inner, ast.Call) else inner.value
    return node.func.attr in WRITING and isinstance(inner, ast.Name) and inner.id in KEPT


def is_gone(kind: str, pk: int, row: dict[str, Any]) -> bool:
    """Whether the source took back what the row is about."""
    if kind == "thread":
        return False
    comment = Comment.objects.get(pk=pk if kind == "comment" else row["comment"])
    return comment.status != "visible"
