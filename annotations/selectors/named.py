"""The people of comments by all names that the source knows them by: for privacy, not to show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from annotations.exporters.rows import NamedRow
from annotations.models import Comment, CommentRelation

WRITER = ("pk", "author__name", "author__source_id", "author__pseudonym")
MENTIONED = (
    *("comment_id", "target_author__name", "target_author__source_id"),
    *("target_author__pseudonym", "start", "end"),
)


def named_people(
    comments: Collection[int], *, shows_names: bool
) -> dict[int, tuple[NamedRow, ...]]:
    """Who wrote each of the comments, and whom its text mentions where; ``shows_names`` says by
    what the dataset calls its authors."""
    writers = Comment.objects.filter(pk__in=comments, author__isnull=False).order_by("pk")
    mentions = CommentRelation.objects.filter(
        comment__in=comments, kind=CommentRelation.Kind.MENTION
    ).order_by("comment", "start", "id")
    found: dict[int, list[NamedRow]] = defaultdict(list)
    for pk, name, source_id, pseudonym in writers.values_list(*WRITER):
        author = (shows_names and name) or pseudonym
        found[pk].append(NamedRow(author=author, names=_names(name, source_id)))
    for pk, name, source_id, pseudonym, start, end in mentions.values_list(*MENTIONED):
        author = (shows_names and name) or pseudonym
        names = _names(name, source_id)
        found[pk].append(NamedRow(author=author, names=names, start=start, end=end))
    return {pk: tuple(people) for pk, people in found.items()}


def _names(name: str, source_id: str) -> tuple[str, ...]:
    """An id is a name, too, where people could write it; a bare number they would not."""
    return tuple(one for one in (name, "" if source_id.isdigit() else source_id) if one)
