"""The people of threads by all names that the source knows them by: for privacy, not to show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from annotations.exporters.rows import NamedRow
from annotations.models import Author, CommentRelation

AUTHOR = ("comments__thread", "name", "source_id", "pseudonym")
MENTION = (
    *("comment_id", "target_author__name", "target_author__source_id"),
    *("target_author__pseudonym", "start", "end"),
)
People = dict[int, tuple[NamedRow, ...]]


def thread_authors(threads: Collection[int], *, shows_names: bool) -> People:
    """All who write in each thread, also what does not leave; ``shows_names`` says by what the
    dataset calls them."""
    authors = Author.objects.filter(comments__thread__in=threads).distinct()
    found: dict[int, list[NamedRow]] = defaultdict(list)
    for thread, name, source_id, pseudonym in authors.order_by("pk").values_list(*AUTHOR):
        author = (shows_names and name) or pseudonym
        found[thread].append(NamedRow(author=author, names=_names(name, source_id)))
    return {thread: tuple(people) for thread, people in found.items()}


def mentioned_people(comments: Collection[int], *, shows_names: bool) -> People:
    """Whom the text of each comment mentions, and where."""
    mentions = CommentRelation.objects.filter(
        comment__in=comments, kind=CommentRelation.Kind.MENTION
    ).order_by("comment", "start", "id")
    found: dict[int, list[NamedRow]] = defaultdict(list)
    for comment, name, source_id, pseudonym, start, end in mentions.values_list(*MENTION):
        author = (shows_names and name) or pseudonym
        names = _names(name, source_id)
        found[comment].append(NamedRow(author=author, names=names, start=start, end=end))
    return {comment: tuple(people) for comment, people in found.items()}


def _names(name: str, source_id: str) -> tuple[str, ...]:
    """An id is a name, too, where people could write it; a bare number they would not."""
    return tuple(one for one in (name, "" if source_id.isdigit() else source_id) if one)
