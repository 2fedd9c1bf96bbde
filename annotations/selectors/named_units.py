"""Units and members as the lines of a bulk request name them: looked up together."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import Q

from annotations.errors import InvalidInput, NotFound
from annotations.models import Campaign, Comment, Membership, Unit

_PSEUDONYM = re.compile(r"A([1-9]\d{0,8})")


@dataclass(frozen=True, slots=True)
class UnitName:
    """A unit by its id, or by its comment's id here or at the source: one of the three."""

    unit: int | None = None
    comment: int | None = None
    comment_source_id: str | None = None

    def __str__(self) -> str:
        if self.unit is not None:
            return f"with the id {self.unit}"
        if self.comment is not None:
            return f"about the comment {self.comment}"
        return f"about the comment {(self.comment_source_id or '')[:100]!r}"


@dataclass(slots=True)
class NamedUnits:
    """Units of one campaign that can be found by their names."""

    by_id: dict[int, Unit] = field(default_factory=dict)
    by_comment: dict[int, Unit] = field(default_factory=dict)
    by_source_id: dict[str, Unit] = field(default_factory=dict)

    def find(self, name: UnitName) -> Unit | None:
        if name.unit is not None:
            return self.by_id.get(name.unit)
        if name.comment is not None:
            return self.by_comment.get(name.comment)
        return self.by_source_id.get(name.comment_source_id or "")


def named_units(
    campaign: Campaign, names: Iterable[UnitName], *, held_by: Membership | None = None
) -> NamedUnits:
    """Those of the named units that there are; ``held_by`` leaves only those that the member has.

    A comment names its unit of the sample, or with a known answer, never one that repeats it.
    """
    listed = list(names)
    ids = {name.unit for name in listed if name.unit is not None}
    comments = {name.comment for name in listed if name.comment is not None}
    source_ids = {name.comment_source_id for name in listed if name.comment_source_id is not None}
    comments |= set(comments_of(campaign, source_ids).values())
    units = Unit.objects.filter(campaign=campaign).select_related("comment")
    units = units.defer(*(f"comment__{name}" for name in ("raw", "html", "blocks", "links")))
    if held_by is not None:
        units = units.filter(assignments__membership=held_by)
    found = NamedUnits()
    for unit in units.filter(Q(pk__in=ids) | Q(comment__in=comments, repeat_of=None)):
        unit.campaign = campaign
        found.by_id[unit.pk] = unit
        if unit.comment is not None and unit.repeat_of_id is None:
            found.by_comment[unit.comment.pk] = unit
            found.by_source_id[unit.comment.source_id] = unit
    return found


def comments_of(campaign: Campaign, source_ids: Collection[str]) -> Mapping[str, int]:
    """The ids of the corpus's comments by their ids at the source."""
    if not source_ids:
        return {}
    known = Comment.objects.filter(corpus=campaign.corpus_id, source_id__in=source_ids)
    return dict(known.values_list("source_id", "pk"))


class NamedMembers:
    """Members of a campaign by their pseudonym there, or by their user name."""

    def __init__(self, campaign: Campaign, names: Iterable[str]) -> None:
        wanted = set(names)
        numbers = {int(found[1]) for name in wanted if (found := _PSEUDONYM.fullmatch(name))}
        rows = Membership.objects.filter(campaign=campaign).select_related("user")
        self._found: dict[str, set[Membership]] = {}
        for member in rows.filter(Q(number__in=numbers) | Q(user__username__in=wanted)):
            names_of = {member.pseudonym} | ({member.user.username} if member.user else set())
            for name in names_of & wanted:
                self._found.setdefault(name, set()).add(member)

    @property
    def ids(self) -> set[int]:
        return {member.pk for members in self._found.values() for member in members}

    def find(self, name: str) -> Membership:
        """Raises NotFound, and InvalidInput where it is one's pseudonym and another's name."""
        members = self._found.get(name, set())
        if not members:
            raise NotFound(f"Nobody in this campaign is called {name[:150]!r}.")
        if len(members) > 1:
            sentence = f"{name} is the pseudonym of one and the user name of another: use the other"
            raise InvalidInput(f"{sentence} name.", fields={"annotator": [f"{sentence} name."]})
        return next(iter(members))
