"""An invitation lets in as many as it says, whoever opens it when."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from annotations.errors import Conflict, InvalidInput
from annotations.models import Invitation, Membership, User
from annotations.services.campaigns import change_role
from annotations.services.invitations import (
    create_invitation,
    find_invitation,
    join_campaign,
    join_with_new_account,
    revoke_invitation,
)
from tests.annotations.study import at_once
from tests.builders import NOON, build_campaign, build_membership, build_user


@pytest.mark.django_db(transaction=True)
def test_its_uses_are_counted_exactly_when_many_come_at_once() -> None:
    campaign = build_campaign()
    _, token = create_invitation(
        campaign=campaign, role="annotator", days=7, most_uses=3, created_by=None, now=NOON
    )
    users = [build_user() for _ in range(8)]
    done = at_once([partial(join_campaign, token=token, user=user, now=NOON) for user in users])
    assert sum(isinstance(one, tuple) for one in done) == 3
    assert all("is used up" in str(one) for one in done if isinstance(one, Exception))
    assert Invitation.objects.get().uses == 3
    numbers = Membership.objects.filter(campaign=campaign).values_list("number", flat=True)
    assert sorted(numbers) == [1, 2, 3]


@pytest.mark.django_db(transaction=True)
def test_no_account_is_left_where_the_last_use_is_taken() -> None:
    campaign = build_campaign()
    _, token = create_invitation(
        campaign=campaign, role="annotator", days=7, most_uses=1, created_by=None, now=NOON
    )
    join = partial(join_with_new_account, token=token, password="a bridge too far", now=NOON)
    done = at_once([partial(join, username=f"new{number}") for number in range(4)])
    assert sum(isinstance(one, Membership) for one in done) == 1
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_name_that_two_want_at_once_is_one_s() -> None:
    _, token = create_invitation(
        campaign=build_campaign(), role="annotator", days=7, created_by=None, now=NOON
    )
    join = partial(join_with_new_account, token=token, password="a bridge too far", now=NOON)
    done = at_once([partial(join, username="ada")] * 4)
    assert sum(isinstance(one, Membership) for one in done) == 1
    assert sum("is taken" in str(one) for one in done) == 3, done


@pytest.mark.django_db
class TestOfAManagerWhoIsNoneAnyMore:
    def made_by(self, member: Membership | None, **changes: Any) -> Invitation:
        user = member.user if member else None
        wanted = {"campaign": build_campaign(), "role": "manager", "days": 7, **changes}
        return create_invitation(**wanted, created_by=user, now=NOON)[0]

    def test_their_links_for_managers_end_and_no_others(self) -> None:
        here = build_campaign()
        member, other = (build_membership(here, role="manager") for _ in range(2))
        theirs = [self.made_by(member, campaign=here) for _ in range(2)]
        kept = [
            self.made_by(member, campaign=here, role="annotator"),
            self.made_by(member),
            self.made_by(other, campaign=here),
            self.made_by(None, campaign=here),
        ]
        earlier = revoke_invitation(campaign=here, pk=theirs[1].pk, now=NOON)
        later = NOON + timedelta(hours=1)
        change_role(membership=member, role="manager", now=later)
        assert Invitation.objects.get(pk=theirs[0].pk).revoked_at is None
        member.role = "annotator"  # as a form leaves it
        change_role(membership=member, role="annotator", now=later)
        assert Invitation.objects.get(pk=theirs[0].pk).revoked_at == later
        assert Invitation.objects.get(pk=earlier.pk).revoked_at == NOON
        live = Invitation.objects.filter(revoked_at__isnull=True)
        assert {one.pk for one in live} == {one.pk for one in kept}

    def test_an_erased_account_takes_nobody_else_s_along(self) -> None:
        member = build_membership(build_campaign(), role="manager")
        Membership.objects.filter(pk=member.pk).update(user=None)
        member.refresh_from_db()
        link = self.made_by(None, campaign=member.campaign)
        change_role(membership=member, role="viewer", now=NOON)
        assert Invitation.objects.get(pk=link.pk).revoked_at is None


@pytest.mark.django_db
class TestMaking:
    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"role": "king"}, "A role is one of"),
            ({"days": 0}, "1 to 365 days"),
            ({"days": 366}, "1 to 365 days"),
            ({"most_uses": 0}, "1 to 10,000 people"),
            ({"note": "x" * 201}, "at most 200 characters"),
        ],
    )
    def test_what_cannot_be_is_refused(self, changes: dict[str, object], words: str) -> None:
        wanted: dict[str, object] = {"role": "viewer", "days": 7, **changes}
        with pytest.raises(InvalidInput, match=words):
            create_invitation(
                campaign=build_campaign(),
                created_by=None,
                now=NOON,
                **wanted,  # type: ignore[arg-type]
            )

    def test_no_two_are_alike_and_each_has_192_bits(self) -> None:
        campaign = build_campaign()
        make = partial(
            create_invitation, campaign=campaign, role="viewer", days=1, created_by=None, now=NOON
        )
        tokens = {make()[1] for _ in range(20)}
        assert len(tokens) == 20
        assert {len(token) for token in tokens} == {32}

    def test_a_closed_campaign_takes_nobody(self) -> None:
        campaign = build_campaign(state="closed")
        _, token = create_invitation(
            campaign=campaign, role="viewer", days=1, created_by=None, now=NOON
        )
        with pytest.raises(Conflict, match="is closed"):
            find_invitation(token=token, now=NOON)
