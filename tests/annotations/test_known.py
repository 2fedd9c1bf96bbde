"""Adding known answers, taking them back, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from annotations.agreement.known import question_scores, unit_score
from annotations.errors import Conflict, InvalidInput, NotFound
from annotations.models import Annotation, Assignment, Codebook, Revision, Unit, User
from annotations.selectors.known import known_counts, known_of
from annotations.services.assignments import take_unit
from annotations.services.campaigns import create_campaign, set_state
from annotations.services.gold import GoldLabel, save_gold
from annotations.services.known import Known, KnownAdded, add_known_units, take_back_known_unit
from annotations.services.known_gold import take_known_from_gold
from annotations.services.sampling import raise_overlap
from tests.annotations.known import make_known
from tests.annotations.study import Study, at_once, build_study, draw, label_next
from tests.builders import NOON, build_comment, build_corpus, build_thread

KINDS = {
    "claim": "single_label",
    "reasons": "multi_label",
    "certainty": "rating",
    "count": "number",
    "why": "text",
    "part": "span",
    "to": "relation",
}


def span(start: int, end: int, label: str = "fact") -> dict[str, object]:
    return {"start": start, "end": end, "quote": "x" * (end - start), "label": label}


class TestScores:
    @pytest.mark.parametrize(
        ("key", "right", "said", "score"),
        [
            ("claim", "yes", "yes", 1),
            ("claim", "yes", "no", 0),
            ("claim", "yes", None, 0),
            ("certainty", 3.0, 3, 1),
            ("certainty", 3.0, 4.0, 0),
            ("count", 0.0, 0.0, 1),
            ("reasons", ["old", "rude"], ["rude", "old"], 1),
            ("reasons", ["old", "rude"], ["rude", "wrong"], 1 / 3),
            ("reasons", ["old"], None, 0),
            ("part", [span(0, 10)], [span(0, 10)], 1),
            ("part", [span(0, 10)], [span(5, 15)], 0.5),
            ("part", [span(0, 10)], [span(0, 10, "opinion")], 0),
            ("part", [span(0, 4), span(2, 6)], [span(0, 6)], 1),
            ("part", [span(0, 10)], None, 0),
        ],
    )
    def test_by_hand(self, key: str, right: object, said: object, score: float) -> None:
        given = {} if said is None else {key: said}
        assert question_scores({key: right}, given, KINDS) == {key: pytest.approx(score)}

    def test_texts_and_relations_have_none_and_other_answers_do_not_count(self) -> None:
        known = {"why": "so", "to": [{"comment": 1}]}
        assert question_scores(known, {"claim": "yes", "why": "so"}, KINDS) == {}
        assert unit_score(known, known, KINDS) is None

    def test_a_unit_s_is_the_mean_over_the_known_questions(self) -> None:
        known = {"claim": "yes", "reasons": ["old", "rude"], "why": "so"}
        said = {"claim": "yes", "reasons": ["old"], "count": 7.0}
        assert unit_score(known, said, KINDS) == pytest.approx(0.75)


def add(study: Study, *known: Known, purpose: str = "check") -> KnownAdded:
    return add_known_units(campaign=study.campaign, purpose=purpose, known=known, now=NOON)


@pytest.mark.django_db
class TestAdding:
    def test_a_free_unit_of_the_sample_loses_its_slots(self) -> None:
        study = build_study(3, overlap=2)
        told = add(study, Known(study.comments[1].pk, {"claim": "no"}, "It is a question."))
        assert (told.created, told.from_sample, told.updated, told.refused) == (1, 1, 0, [])
        unit = Unit.objects.get(pk=study.units[1].pk)
        assert (unit.purpose, unit.order, unit.overlap) == ("check", 1, 2)
        assert not unit.assignments.exists()
        gold = unit.annotations.get()
        assert (gold.source, gold.state, gold.reason) == ("gold", "submitted", "It is a question.")
        assert Revision.objects.get(annotation=gold).content["answers"] == {"claim": "no"}

    def test_another_comment_of_the_corpus_becomes_a_unit_beyond_the_sample(self) -> None:
        study = build_study(3)
        more = [build_comment(study.comments[0].thread) for _ in range(2)]
        told = add(study, *(Known(comment.pk, {"claim": "no"}) for comment in more))
        assert (told.created, told.from_sample) == (2, 0)
        units = Unit.objects.filter(comment__in=more)
        assert [(u.order, u.overlap, u.purpose) for u in units] == [
            (3, 0, "check"),
            (4, 0, "check"),
        ]

    def test_the_same_again_changes_nothing_and_other_answers_are_a_revision(self) -> None:
        study = build_study(1)
        pk = study.comments[0].pk
        add(study, Known(pk, {"claim": "no"}))
        same = add(study, Known(pk, {"claim": "no"}))
        assert (same.created, same.updated, same.refused) == (0, 0, [])
        assert add(study, Known(pk, {"claim": "yes"}, "Why.")).updated == 1
        gold = Annotation.objects.get()
        assert (gold.revision, gold.reason, gold.revisions.count()) == (2, "Why.", 2)

    def test_each_that_cannot_be_taken_is_refused_by_itself(self) -> None:
        study = build_study(["One.", "Two.", "Three."], annotators=1)
        elsewhere = build_comment(build_thread(build_corpus()))
        label_next(study.members[0])
        one, two, three = (comment.pk for comment in study.comments)
        make_known(study.campaign, "test", study.comments[2:])
        told = add(
            study,
            Known(one, {"claim": "yes"}),
            Known(elsewhere.pk, {"claim": "yes"}),
            Known(two, {"claim": "maybe"}),
            Known(three, {"claim": "yes"}),
            Known(two, {"why": "so"}),
        )
        said = [(refused.comment, refused.message) for refused in told.refused]
        assert told.created == 0
        assert [pk for pk, _ in said] == [one, elsewhere.pk, two, three, two]
        for (_, message), words in zip(
            said,
            (
                "Somebody labels the comment",
                "There is no visible comment",
                "'maybe' is no label",
                "is for the test already",
                "stands in the list twice",
            ),
            strict=True,
        ):
            assert words in message

    def test_a_check_needs_an_answer_that_can_be_scored(self) -> None:
        study = build_study(2)
        known = Known(study.comments[0].pk, {"why": "so"})
        assert "needs an answer that can be scored" in add(study, known).refused[0].message
        assert add(study, known, purpose="training").created == 1

    def test_what_somebody_has_seen_does_not_change(self) -> None:
        study = build_study(1, annotators=1)
        more = build_comment(study.comments[0].thread)
        unit = make_known(study.campaign, "training", [more])[0]
        assert take_unit(membership=study.members[0], now=NOON).unit == unit
        told = add(study, Known(more.pk, {"claim": "no"}), purpose="training")
        assert "has seen" in told.refused[0].message
        with pytest.raises(Conflict, match="has seen"):
            take_back_known_unit(campaign=study.campaign, unit=unit, now=NOON)

    def test_a_closed_campaign_another_purpose_and_too_many_are_refused(self) -> None:
        study = build_study(1)
        known = Known(study.comments[0].pk, {"claim": "yes"})
        with pytest.raises(InvalidInput, match="not for 'study'"):
            add(study, known, purpose="study")
        with pytest.raises(InvalidInput, match="At most 1,000"):
            add(study, *[known] * 1_001)
        set_state(campaign=study.campaign, state="closed", now=NOON)
        with pytest.raises(Conflict, match="is closed"):
            add(study, known)


@pytest.mark.django_db
class TestTakingBack:
    def test_one_of_the_sample_is_free_again(self) -> None:
        study = build_study(2, annotators=1)
        unit = make_known(study.campaign, "check", study.comments[:1])[0]
        take_back_known_unit(campaign=study.campaign, unit=unit, now=NOON)
        unit.refresh_from_db()
        assert unit.purpose == "study"
        assert label_next(study.members[0]).unit == unit
        assert Annotation.objects.get(source="gold").state == "draft"
        with pytest.raises(Conflict):
            take_back_known_unit(campaign=study.campaign, unit=unit, now=NOON)

    def test_it_has_as_many_slots_as_all_units_have_by_now(self) -> None:
        study = build_study(2)
        unit = make_known(study.campaign, "check", study.comments[:1])[0]
        raise_overlap(campaign=study.campaign, overlap=3, user=None, now=NOON)
        draw(study.campaign)
        take_back_known_unit(campaign=study.campaign, unit=unit, now=NOON)
        unit.refresh_from_db()
        assert (unit.overlap, unit.assignments.count()) == (3, 3)

    def test_one_beyond_the_sample_is_given_to_nobody_until_it_is_added_again(self) -> None:
        study = build_study(1, annotators=1)
        more = build_comment(study.comments[0].thread)
        unit = make_known(study.campaign, "training", [more])[0]
        take_back_known_unit(campaign=study.campaign, unit=unit, now=NOON)
        assert known_counts(study.campaign).training == 0
        assert not Assignment.objects.filter(unit=unit).exists()
        make_known(study.campaign, "test", [more])
        assert known_counts(study.campaign).test == 1
        assert take_unit(membership=study.members[0], now=NOON).unit == unit


@pytest.mark.django_db(transaction=True)
def test_what_is_just_being_given_is_not_taken_back() -> None:
    """Either somebody has it, or it is of the sample again: never both."""
    for _ in range(8):
        study = build_study(3, annotators=3)
        unit = make_known(study.campaign, "training", study.comments[:1])[0]
        acts: list[Callable[[], object]] = [
            partial(take_unit, membership=member, now=NOON) for member in study.members
        ]
        back = partial(take_back_known_unit, campaign=study.campaign, unit=unit, now=NOON)
        acts.append(back)
        done = at_once(acts)
        assert all(isinstance(one, Assignment | Conflict | None) for one in done), done
        unit.refresh_from_db()
        purposes = set(unit.assignments.values_list("purpose", flat=True))
        assert purposes == {unit.purpose}, done


@pytest.mark.django_db
class TestGoldOfTheCorpus:
    def make(self, labels: int = 6) -> Study:
        corpus = build_corpus()
        thread = build_thread(corpus)
        comments = [build_comment(thread) for _ in range(labels)]
        gold = [GoldLabel(comment.pk, "claim", "cfs") for comment in comments]
        save_gold(corpus=corpus, codebook="claimbuster", labels=gold, now=NOON)
        campaign = create_campaign(
            slug=f"{corpus.slug}-study",
            corpus=corpus,
            codebook=Codebook.objects.get(key="claimbuster"),
            annotators=[User.objects.create(username=corpus.slug)],
            now=NOON,
        )
        draw(campaign)
        members = list(campaign.memberships.all())
        return Study(campaign, comments, list(campaign.units.order_by("order")), members)

    def drawn(self, study: Study) -> list[int | None]:
        return [unit.comment_id for unit in known_of(study.campaign)]

    def test_so_many_are_drawn_and_the_seed_says_which(self) -> None:
        first, second = self.make(), self.make()
        for study in (first, second):
            told = take_known_from_gold(
                campaign=study.campaign, purpose="test", count=3, seed=5, now=NOON
            )
            assert (told.created, told.refused) == (3, [])
        places = [
            [[c.pk for c in study.comments].index(pk or 0) for pk in self.drawn(study)]
            for study in (first, second)
        ]
        assert places[0] == places[1]

    def test_only_free_ones_are_drawn(self) -> None:
        study = self.make(3)
        unit = take_unit(membership=study.members[0], now=NOON).unit
        with pytest.raises(InvalidInput, match="Only 2 gold labels are free"):
            take_known_from_gold(campaign=study.campaign, purpose="test", count=3, seed=1, now=NOON)
        take_known_from_gold(campaign=study.campaign, purpose="test", count=2, seed=1, now=NOON)
        assert unit.comment_id not in self.drawn(study)
        with pytest.raises(NotFound, match="or all of them are in use"):
            take_known_from_gold(campaign=study.campaign, purpose="test", count=1, seed=1, now=NOON)
