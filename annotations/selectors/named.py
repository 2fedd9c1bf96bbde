"""The people of threads by all names that the source knows them by: for privacy, not to show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from annotations.exporters.rows import NamedRow
from annotations.models import Author, Comment, CommentRelation
from annotations.selectors.recipe_conditions import by_code_points

AUTHOR = ("name", "source_id", "pseudonym")
MENTION = (
    *("comment_id", "target_author__name", "target_author__source_id"),
    *("target_author__pseudonym", "start", "end"),
)


def thread_authors(thread: int, *, shows_names: bool) -> tuple[NamedRow, ...]:
    """All who write in the thread, also what does not leave; ``shows_names`` says by what the
    dataset calls them."""
    writing = Comment.objects.filter(thread=thread).values("author")
    authors = Author.objects.filter(pk__in=writing).order_by(by_code_points())
    return tuple(
        NamedRow(author=(shows_names and name) or pseudonym, names=_names(name, source_id))
        for name, source_id, pseudonym in authors.values_list(*AUTHOR).iterator()
    )


def mentioned_people(
    comments: Collection[int], *, shows_names: bool
) -> dict[int, tuple[NamedRow, ...]]:
    """Whom the text of each comment mentions, and where."""
    mentions = CommentRelation.objects.filter(
        comment__in=comments, kind=CommentRelation.Kind.MENTION
    ).order_by("comment", "start", "end", by_code_points("target_author__source_id"))
    found: dict[int, list[NamedRow]] = defaultdict(list)
    for comment, name, source_id, pseudonym, start, end in mentions.values_list(*MENTION):
        author = (shows_names and name) or pseudonym
        names = _names(name, source_id)
        found[comment].append(NamedRow(author=author, names=names, start=start, end=end))
    return {comment: tuple(people) for comment, people in found.items()}


def _names(name: str, source_id: str) -> tuple[str, ...]:
    """An id is a name, too, where people could write it; a bare number they would not."""
    return tuple(one for one in (name, "" if source_id.isdigit() else source_id) if one)
