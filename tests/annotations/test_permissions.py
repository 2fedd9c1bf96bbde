"""Who may do what: the table of permissions.py, seen from outside."""

from __future__ import annotations

from typing import get_args

import pytest

from annotations.errors import NotFound, NotPermitted
from annotations.models import Campaign, Membership, User
from annotations.permissions import (
    Permission,
    access_campaign,
    access_corpus,
    campaigns_with,
    readable_corpora,
    require_staff,
)
from tests.builders import (
    build_annotation,
    build_campaign,
    build_corpus,
    build_membership,
    build_unit,
    build_user,
)

pytestmark = pytest.mark.django_db

MAY: dict[str, set[Permission]] = {
    "manager": {
        "campaign.view",
        "campaign.manage",
        "annotation.write",
        "annotation.read_all",
        "annotation.adjudicate",
        "note.answer",
        "export.create",
        "release.create",
        "corpus.read",
        "corpus.warn",
        "suggestion.write",
    },
    "adjudicator": {
        "campaign.view",
        "annotation.write",
        "annotation.read_all",
        "annotation.adjudicate",
        "note.answer",
        "corpus.read",
    },
    "annotator": {"campaign.view", "annotation.write"},
    "viewer": {"campaign.view", "annotation.read_all", "export.create", "corpus.read"},
}
STAFF_MAY = MAY["manager"] - {"annotation.write", "annotation.adjudicate"}
EVERYTHING: tuple[Permission, ...] = get_args(Permission)


@pytest.fixture
def campaign() -> Campaign:
    return build_campaign(slug="bridge", name="The bridge")


def somebody(campaign: Campaign, role: str) -> User:
    user = build_membership(campaign, role=role).user
    assert user is not None
    return user


def allowed(user: User, permission: Permission) -> bool:
    try:
        access = access_campaign(user, "bridge", permission)
    except NotPermitted:
        return False
    assert access.may(permission)
    return True


@pytest.mark.parametrize("permission", EVERYTHING)
class TestTable:
    @pytest.mark.parametrize("role", Membership.Role.values)
    def test_a_role_may_do_its_part(
        self, campaign: Campaign, role: str, permission: Permission
    ) -> None:
        user = somebody(campaign, role)
        build_campaign(slug="another")
        assert allowed(user, permission) == (permission in MAY[role])
        assert list(campaigns_with(user, permission)) == [campaign] * (permission in MAY[role])

    def test_staff_manages_but_does_not_label(
        self, campaign: Campaign, permission: Permission
    ) -> None:
        admin = build_user(is_staff=True)
        assert allowed(admin, permission) == (permission in STAFF_MAY)
        assert list(campaigns_with(admin, permission)) == [campaign] * (permission in STAFF_MAY)

    def test_staff_that_takes_part_may_do_both(
        self, campaign: Campaign, permission: Permission
    ) -> None:
        user = somebody(campaign, "adjudicator")
        User.objects.filter(pk=user.pk).update(is_staff=True)
        user.refresh_from_db()
        assert allowed(user, permission)

    def test_for_a_stranger_there_is_no_campaign(
        self, campaign: Campaign, permission: Permission
    ) -> None:
        stranger = somebody(build_campaign(slug="another"), "manager")
        with pytest.raises(NotFound, match="no campaign 'bridge' that you take part in"):
            access_campaign(stranger, "bridge", permission)
        with pytest.raises(NotFound, match="no campaign 'tunnel' that you take part in"):
            access_campaign(stranger, "tunnel", permission)


class TestWords:
    def test_a_refusal_names_campaign_and_role(self, campaign: Campaign) -> None:
        with pytest.raises(NotPermitted, match=r"In The bridge, a viewer may not do this\."):
            access_campaign(somebody(campaign, "viewer"), "bridge", "annotation.write")
        with pytest.raises(NotPermitted, match="a staff member may not do this"):
            access_campaign(build_user(is_staff=True), "bridge", "annotation.write")

    def test_importing_is_for_staff(self) -> None:
        require_staff(build_user(is_staff=True))
        with pytest.raises(NotPermitted, match="Only staff may do this"):
            require_staff(build_user())


class TestCorpora:
    @pytest.mark.parametrize("role", Membership.Role.values)
    def test_whole_threads_are_read_by_those_who_label_nothing_blind(
        self, campaign: Campaign, role: str
    ) -> None:
        user = somebody(campaign, role)
        build_corpus("another")
        expected = [campaign.corpus] if "corpus.read" in MAY[role] else []
        assert list(readable_corpora(user)) == expected

    def test_staff_reads_all(self, campaign: Campaign) -> None:
        another = build_corpus("another")
        admin = build_user(is_staff=True)
        assert set(readable_corpora(admin)) == {campaign.corpus, another}
        assert access_corpus(admin, "another") == another

    def test_what_one_may_not_read_is_not_there(self, campaign: Campaign) -> None:
        user = somebody(campaign, "annotator")
        for slug in (campaign.corpus.slug, "nowhere"):
            with pytest.raises(NotFound, match=f"no corpus '{slug}' that you may read"):
                access_corpus(user, slug)


def test_somebody_who_is_gone_leaves_role_number_and_labels(campaign: Campaign) -> None:
    user = somebody(campaign, "annotator")
    member = campaign.memberships.get()
    build_annotation(build_unit(campaign), member)
    user.delete()
    member.refresh_from_db()
    assert (member.user, member.role, member.number) == (None, "annotator", 1)
    assert member.annotations.count() == 1
