"""Rulings are added for good, and each member's reading of the guidelines is remembered."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from annotations.errors import InvalidInput, NotFound
from annotations.models import Campaign, Membership, Ruling
from annotations.selectors.workplace import MOST_RULINGS, Workplace, workplace
from annotations.services.rulings import LONGEST, add_ruling, see_guidelines
from tests.builders import NOON, build_campaign, build_membership, build_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Membership:
    return build_membership(build_campaign())


def at_work(member: Membership) -> Workplace:
    assert member.user is not None
    return workplace(member, member.user, now=NOON)


def rule(campaign: Campaign, text: str = "Irony is no claim.") -> Ruling:
    return add_ruling(campaign=campaign, text=text, now=NOON)


def test_a_ruling_says_who_made_it_and_when(member: Membership) -> None:
    user = build_user()
    made = add_ruling(campaign=member.campaign, text="  So. \n", created_by=user, now=NOON)
    made.refresh_from_db()
    assert (made.text, made.created_by, made.created_at) == ("So.", user, NOON)


@pytest.mark.parametrize("text", ["", " \n", "x" * (LONGEST + 1)])
def test_one_without_words_or_with_too_many_is_refused(member: Membership, text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        rule(member.campaign, text)
    assert refused.value.fields.keys() == {"text"}
    assert not Ruling.objects.exists()


def test_a_workplace_shows_the_newest_first_and_what_is_unseen(member: Membership) -> None:
    first, second = rule(member.campaign, "One."), rule(member.campaign, "Two.")
    rule(build_campaign(), "Of another campaign.")
    found = at_work(member)
    assert found.rulings == [second, first]
    assert (found.rulings_seen, found.codebook_seen) == (None, False)
    assert found.codebook == member.campaign.codebook


def test_what_was_seen_is_one_s_own(member: Membership) -> None:
    other = build_membership(member.campaign)
    first, second = rule(member.campaign), rule(member.campaign)
    seen = at_work(see_guidelines(membership=member, ruling=first.pk))
    assert (seen.rulings_seen, seen.codebook_seen) == (first.pk, True)
    assert not at_work(other).codebook_seen
    seen = at_work(see_guidelines(membership=member, ruling=second.pk))
    assert seen.rulings_seen == second.pk


def test_an_older_word_takes_nothing_back(member: Membership) -> None:
    first, second = rule(member.campaign), rule(member.campaign)
    see_guidelines(membership=member, ruling=second.pk)
    see_guidelines(membership=member, ruling=first.pk)
    see_guidelines(membership=member, ruling=None)
    member.refresh_from_db()
    assert at_work(member).rulings_seen == second.pk


def test_another_campaign_s_ruling_cannot_be_seen(member: Membership) -> None:
    foreign = rule(build_campaign())
    with pytest.raises(NotFound, match="no ruling"):
        see_guidelines(membership=member, ruling=foreign.pk)
    member.refresh_from_db()
    assert not at_work(member).codebook_seen


def test_what_a_workplace_costs_does_not_grow_with_the_rulings(
    member: Membership, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Ruling.objects.bulk_create(
        Ruling(campaign=member.campaign, text=f"{number}.", created_at=NOON)
        for number in range(MOST_RULINGS + 5)
    )
    with django_assert_num_queries(9):
        found = at_work(member)
    assert len(found.rulings) == MOST_RULINGS
    assert found.rulings[0].text == "204."
