"""Who gets which unit next: by the languages one reads, and by how unsure models are."""

from __future__ import annotations

from typing import Any

import pytest

from annotations.errors import Conflict, NothingLeft
from annotations.models import Campaign, Membership, Ranking
from annotations.selectors.assignments import progress
from annotations.services.jobs import run_job
from annotations.services.ranking import rank_after_suggestions, rank_units, start_ranking
from annotations.services.suggestions import Suggestion, suggest_answers
from tests.annotations.study import Study, build_study, label_next
from tests.builders import NOON

pytestmark = pytest.mark.django_db


def label_all(member: Membership) -> list[str]:
    done = []
    try:
        while True:
            unit = label_next(member).unit
            done.append(unit.comment.text if unit.comment else "")
    except NothingLeft:
        return done


class TestLanguages:
    def study(self) -> Study:
        study = build_study(["de 0", "en 1", "? 2", "fr 3", "de 4"], annotators=3)
        for unit, language in zip(study.units, ("de", "en", "und", "fr", "de"), strict=True):
            unit.assignments.update(language=language)
        return study

    def reads(self, member: Membership, *languages: str) -> Membership:
        member.languages = list(languages)
        member.save()
        return member

    def test_others_are_never_given_and_what_cannot_be_told_is(self) -> None:
        study = self.study()
        german = self.reads(study.members[0], "de")
        assert progress(german).left == 3
        assert label_all(german) == ["de 0", "? 2", "de 4"]
        assert progress(german).left == 0

    def test_several_come_in_one_order(self) -> None:
        member = self.reads(self.study().members[0], "fr", "de")
        assert label_all(member) == ["de 0", "? 2", "fr 3", "de 4"]

    def test_a_language_learned_later_opens_what_was_passed(self) -> None:
        member = self.reads(self.study().members[0], "de")
        label_all(member)
        assert label_all(self.reads(member)) == ["en 1", "fr 3"]


class TestUncertain:
    def study(self, texts: int = 5, **design: Any) -> Study:
        return build_study(texts, annotators=2, order="uncertain", **design)

    def suggest(self, study: Study, model: str, said: dict[int, tuple[str, float | None]]) -> None:
        by_order = {unit.order: unit for unit in study.units}
        suggest_answers(
            campaign=study.campaign,
            model=model,
            suggestions=[
                Suggestion(by_order[n].comment_id or 0, {"claim": claim}, certainty)
                for n, (claim, certainty) in said.items()
            ],
            now=NOON,
        )

    def rank(self, campaign: Campaign) -> Ranking:
        ranking = start_ranking(campaign=campaign, user=None, now=NOON)
        run_job(Ranking, ranking.pk, rank_units)
        ranking.refresh_from_db()
        assert ranking.state == "done", ranking.error
        return ranking

    def orders(self, member: Membership, count: int) -> list[int]:
        return [label_next(member).unit.order for _ in range(count)]

    def test_what_a_model_is_least_sure_of_comes_first_and_the_unknown_last(self) -> None:
        study = self.study()
        self.suggest(study, "m", {0: ("yes", 0.9), 3: ("no", 0.5), 4: ("no", 0.6)})
        assert self.rank(study.campaign).units == 5
        assert self.orders(study.members[0], 5) == [3, 4, 0, 1, 2]

    def test_several_models_are_a_committee(self) -> None:
        study = self.study()
        self.suggest(study, "a", {0: ("yes", 0.9), 1: ("yes", 0.6), 2: ("yes", None)})
        self.suggest(study, "b", {0: ("no", 0.9), 1: ("yes", 0.5), 2: ("yes", None)})
        self.rank(study.campaign)
        assert self.orders(study.members[0], 3) == [0, 1, 2]

    def test_nobody_gets_a_unit_twice_after_a_new_order(self) -> None:
        study = self.study(overlap=2)
        first, second = study.members
        assert self.orders(first, 3) == [0, 1, 2]
        self.suggest(study, "m", {n: ("yes", n / 10) for n in range(5)})
        assert self.rank(study.campaign).units == 5
        assert progress(first).left == 2
        assert self.orders(first, 2) == [3, 4]
        with pytest.raises(NothingLeft):
            label_next(first)
        self.rank(study.campaign)
        assert self.orders(second, 5) == [0, 1, 2, 3, 4]

    def test_it_is_asked_for_once_and_only_where_it_counts(self) -> None:
        study = self.study()
        first = rank_after_suggestions(campaign=study.campaign, now=NOON)
        assert rank_after_suggestions(campaign=study.campaign, now=NOON) == first
        other = build_study(2).campaign
        assert rank_after_suggestions(campaign=other, now=NOON) is None
        with pytest.raises(Conflict, match="in another order"):
            start_ranking(campaign=other, user=None, now=NOON)

    def test_a_model_that_is_surer_now_is_heard(self) -> None:
        study = self.study()
        self.suggest(study, "m", {0: ("yes", 0.5)})
        self.suggest(study, "m", {0: ("yes", 0.8)})
        suggestion = study.units[0].annotations.get(source="model")
        assert (suggestion.certainty, suggestion.revision) == (0.8, 2)
