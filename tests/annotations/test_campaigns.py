"""Campaigns are made whole or not at all, and their people keep their numbers."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from annotations.errors import Conflict, InvalidInput
from annotations.models import Campaign, Membership
from annotations.services.annotations import Save
from annotations.services.campaigns import (
    Design,
    add_member,
    change_role,
    create_campaign,
    set_state,
)
from annotations.services.corpora import create_corpus
from tests.annotations.study import a_save, at_once, build_study, label_next
from tests.builders import (
    NOON,
    build_codebook,
    build_comment,
    build_corpus,
    build_thread,
    build_user,
)

Role = Membership.Role


def create(**fields: Any) -> Campaign:
    if "corpus" not in fields:
        fields["corpus"] = build_corpus()
        build_comment(build_thread(fields["corpus"]))
    return create_campaign(
        **{"slug": "bridge", "codebook": build_codebook(), "now": NOON, **fields}
    )


@pytest.mark.django_db
class TestCreate:
    def test_it_is_open_and_has_its_people_with_numbers_of_their_own(self) -> None:
        people = {name: build_user(name) for name in ("ada", "ben", "cleo")}
        campaign = create(manager=people["cleo"], annotators=[people["ada"], people["ben"]])
        assert (campaign.state, campaign.name) == ("open", "bridge")
        roles = {m.user.username: m.role for m in campaign.memberships.all() if m.user}
        assert roles == {"ada": Role.ANNOTATOR, "ben": Role.ANNOTATOR, "cleo": Role.MANAGER}
        assert sorted(m.pseudonym for m in campaign.memberships.all()) == ["A1", "A2", "A3"]

    def test_the_design_is_kept(self) -> None:
        design = Design(overlap=4, order="random", seed=9, context="parent", show_article=False)
        campaign = create(design=design)
        campaign.refresh_from_db()
        assert (campaign.overlap, campaign.order, campaign.seed) == (4, "random", 9)
        assert (campaign.context, campaign.show_article) == ("parent", False)

    def test_a_slug_is_taken_once(self) -> None:
        create()
        with pytest.raises(Conflict, match="There is a campaign 'bridge' already"):
            create()

    @pytest.mark.parametrize("status", ["deleted_by_author", "missing", None])
    def test_where_nothing_can_be_labeled_nothing_is_made(self, status: str | None) -> None:
        corpus = build_corpus("empty")
        if status:
            build_comment(build_thread(corpus), status=status)
        with pytest.raises(Conflict, match="The corpus empty holds no visible comment"):
            create(corpus=corpus, annotators=[build_user()])
        assert not Campaign.objects.exists()
        assert not Membership.objects.exists()

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"overlap": 0}, "between 1 and 100, not 0"),
            ({"overlap": 101}, "between 1 and 100, not 101"),
            ({"lease_minutes": 0}, "at least a minute"),
            ({"order": "alphabetic"}, "one of thread, random, uncertain, not 'alphabetic'"),
            ({"context": "all"}, "one of comment, parent, ancestors, preceding, thread, not 'all'"),
        ],
    )
    def test_a_design_that_makes_no_sense_is_refused(
        self, wrong: dict[str, Any], words: str
    ) -> None:
        with pytest.raises(InvalidInput, match=words):
            Design(**wrong)


@pytest.mark.django_db
class TestPeople:
    def test_nobody_takes_part_twice(self) -> None:
        campaign, user = create(), build_user("ada")
        add_member(campaign=campaign, user=user, role="annotator", now=NOON)
        with pytest.raises(Conflict, match="ada takes part in bridge already"):
            add_member(campaign=campaign, user=user, role="manager", now=NOON)
        assert campaign.memberships.get().role == "annotator"

    def test_a_number_is_not_given_again(self) -> None:
        campaign = create(annotators=[build_user("ada"), build_user("ben")])
        campaign.memberships.get(number=1).delete()
        assert add_member(campaign=campaign, user=build_user(), role="viewer", now=NOON).number == 3

    def test_another_role_keeps_what_was_labeled(self) -> None:
        study = build_study(1)
        label_next(study.members[0])
        member = change_role(membership=study.members[0], role="viewer", now=NOON)
        member.refresh_from_db()
        assert (member.role, member.annotations.count()) == ("viewer", 1)

    def test_there_is_no_other_role_or_state(self) -> None:
        campaign, user = create(), build_user()
        with pytest.raises(InvalidInput, match="not 'boss'"):
            add_member(campaign=campaign, user=user, role="boss", now=NOON)
        member = add_member(campaign=campaign, user=user, role="viewer", now=NOON)
        with pytest.raises(InvalidInput, match="not 'boss'"):
            change_role(membership=member, role="boss", now=NOON)
        with pytest.raises(InvalidInput, match="one of open, paused, closed, not 'ajar'"):
            set_state(campaign=campaign, state="ajar", now=NOON)

    def test_a_paused_campaign_goes_on(self) -> None:
        study, one = build_study(2), a_save()
        set_state(campaign=study.campaign, state="paused", now=NOON)
        with pytest.raises(Conflict):
            label_next(study.members[0], one)
        set_state(campaign=study.campaign, state="open", now=NOON)
        assert isinstance(one, Save)
        assert label_next(study.members[0], one).unit == study.units[0]


@pytest.mark.django_db(transaction=True)
def test_people_who_join_at_once_get_numbers_of_their_own() -> None:
    campaign = create()
    users = [build_user() for _ in range(5)]
    joins = [
        partial(add_member, campaign=campaign, user=user, role="annotator", now=NOON)
        for user in users
    ]
    members = [joined for joined in at_once(joins) if isinstance(joined, Membership)]
    assert sorted(member.number for member in members) == [1, 2, 3, 4, 5]


@pytest.mark.django_db
class TestCorpora:
    def test_a_slug_is_taken_once(self) -> None:
        assert create_corpus(slug="news", now=NOON).name == "news"
        with pytest.raises(Conflict, match="There is a corpus 'news' already"):
            create_corpus(slug="news", now=NOON)
        with pytest.raises(InvalidInput, match="a word of the addresses"):
            create_corpus(slug="new", now=NOON)

    def test_each_has_a_key_of_its_own_for_pseudonyms(self) -> None:
        one, other = (create_corpus(slug=slug, now=NOON) for slug in ("one", "other"))
        assert one.pseudonym_key != other.pseudonym_key

    def test_names_are_pseudonyms_shown_or_not_stored(self) -> None:
        with pytest.raises(InvalidInput, match="one of pseudonym, shown, dropped, not 'real'"):
            create_corpus(slug="news", author_names="real", now=NOON)
