"""Which column plays which role, guessed from the header and some rows.

Names are compared without case and punctuation (`comment_id`, `commentID`, `Comment Id`).
A column is taken for a role only if most sample rows agree: times can be read, scores are
numbers, comment ids do not repeat within a thread; every row has an author's id or it is not
used; a thread's title and address are the same in all its rows. One column plays one role, the
text comes first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, get_args

from importers.dates import DateOrder, order_of
from importers.privacy import bare_name
from importers.values import identifier, is_null, is_yes, moment, plain, status_of, whole_number

Role = Literal[
    "thread",
    "thread_title",
    "thread_url",
    "missing",
    "comment",
    "parent",
    "author",
    "author_id",
    "time",
    "score",
    "kind",
    "status",
    "deleted",
    "text",
]
ROLES: tuple[Role, ...] = get_args(Role)
MIN_ROWS = 2
MIN_MEAN_WORDS = 4

SYNONYMS: Mapping[Role, str] = {
    "text": "text body commentbody commenttext commentcontent content message messagetext "
    "fulltext textoriginal textdisplay selftext utterance comment",
    "thread": "thread threadid linkid conversationid articleid storyid discussionid topicid "
    "videoid submissionid postid rootid root",
    "thread_title": "threadtitle articletitle posttitle linktitle headline title subject",
    "thread_url": "threadurl articleurl posturl pageurl url link",
    "comment": "commentid messageid replyid tweetid id cid uid comment",
    "parent": "parent parentid parentcommentid inreplyto inreplytoid inreplytostatusid "
    "inreplytocommentid isreplyto replyto replytoid replytomessageid commentparent",
    "author_id": "authorid userid speakerid authorfullname commenterid userprofileuserid "
    "owneruserid ownerid creatorid",
    "author": "author authorname authordisplayname commentauthor username userdisplayname "
    "displayname screenname nickname speaker commenter user by userusername userscreenname "
    "userprofiledisplayname ownerdisplayname ownername creatorname authorusername",
    "time": "createdutc createdat createdtime createdate createddate created timestamp time "
    "datetime date publishedat published postedat postedon dateposted posttime postedtime postdate "
    "datecreated createdon pubdate isodatetime unixtimestamp dateunixtime commentdategmt "
    "commentdate",
    "score": "score points likes likecount recommendations votes totalvotes ups numrecommends "
    "thumbsup upvotes",
    "kind": "kindnested kind commentkind commenttype type",
    "status": "status commentstatus moderationstatus",
    "deleted": "deleted isdeleted deletedat timestampdeleted",
}
PAGE_ADDRESSES = frozenset({"threadurl", "articleurl", "posturl", "pageurl"})
ADDRESSES = frozenset({"url", "link"})
Rows = Sequence[Mapping[str, Any]]


def guess_columns(rows: Rows) -> dict[str, str]:
    """Columns by role; without a role where nothing fits. Empty if no column holds text.

    Where no column tells the threads apart but one holds their titles, the title does; else the
    address of the page does.
    """
    names = names_of(rows)
    bare = {name: bare_name(name) for name in names}
    guess: dict[str, str] = {}
    for role, synonyms in SYNONYMS.items():
        for synonym in synonyms.split():
            fitting = [n for n in names if bare[n] == synonym and n not in guess.values()]
            if role not in guess and fitting and _agrees(role, fitting[0], rows, guess):
                guess[role] = fitting[0]
    if "text" not in guess and (wordy := _wordiest(names, rows, set(guess.values()))):
        guess["text"] = wordy
    if "thread" not in guess and "thread_title" in guess:
        guess["thread"] = guess["thread_title"]
    if "thread" not in guess and (address := _address_of_threads(names, rows, guess)):
        guess["thread"] = guess["thread_url"] = address
    return {role: guess[role] for role in ROLES if role in guess} if "text" in guess else {}


def _address_of_threads(names: Sequence[str], rows: Rows, guess: Mapping[str, str]) -> str | None:
    """A column with the address of the page in every row. One of the name `url` or `link` may be
    that of each comment, unless several rows share it.
    """
    for name in names:
        addresses = {plain_or_nothing(row.get(name)) for row in rows}
        is_page = bare_name(name) in PAGE_ADDRESSES
        is_shared = bare_name(name) in ADDRESSES and 2 * len(addresses) <= len(rows)
        if (is_page or is_shared) and "" not in addresses and name not in _others(guess):
            return name
    return None


def _others(guess: Mapping[str, str]) -> set[str]:
    return {name for role, name in guess.items() if role != "thread_url"}


def plain_or_nothing(value: Any) -> str:
    try:
        return plain(value)
    except ValueError:
        return ""


def names_of(rows: Rows) -> list[str]:
    """The columns of all these rows, each once."""
    return list(dict.fromkeys(name for row in rows for name in row))


def names_text(names: Iterable[str]) -> bool:
    """Whether one of these is a known name for the column of the text."""
    return bool({bare_name(name) for name in names} & set(SYNONYMS["text"].split()))


def ids_repeat_across_threads(columns: Mapping[str, str], rows: Rows) -> bool:
    """Whether ids of comments come again in other threads, but not in their own."""
    if "thread" not in columns or "comment" not in columns:
        return False
    pairs = [
        pair for pair in _pairs(columns["thread"], columns["comment"], rows) if pair[0] is not None
    ]
    distinct = set(pairs)
    return len(distinct) == len(pairs) and len({comment for _, comment in pairs}) < len(pairs)


def is_constant(name: str, thread: str | None, rows: Rows) -> bool:
    """Whether a column says the same in all rows of a thread; without one all are one thread."""
    said: dict[object, set[str]] = {}
    for row in rows:
        key = repr(row.get(thread)) if thread else None
        said.setdefault(key, set()).add(repr(row.get(name)))
    return all(len(values) == 1 for values in said.values())


def _pairs(thread: str, comment: str, rows: Rows) -> list[tuple[object, object]]:
    """The ids of threads, perhaps None, with those of their comments."""
    read = [(_read("thread", row.get(thread)), _read("comment", row.get(comment))) for row in rows]
    return [pair for pair in read if pair[1] is not None]


def _agrees(role: Role, name: str, rows: Rows, guess: Mapping[str, str]) -> bool:
    """Whether most values can be read: a few bad rows do not cost the column its role."""
    values = [row.get(name) for row in rows]
    said = [row for row in rows if not is_null(row.get(name))]
    if role == "author_id" and len(said) < len(values):
        return False
    if role == "comment" and "thread" in guess:
        return 2 * len(set(_pairs(guess["thread"], name, rows))) > len(values)
    if role == "time":
        order = order_of(row.get(name) for row in said)
        return 2 * sum(_time(row.get(name), order) for row in said) > len(said) or not said
    read = [value for row in said if (value := _read(role, row.get(name))) is not None]
    if role == "comment":
        return 2 * len(set(read)) > len(values)
    if role == "thread_title" and "thread" in guess:
        return is_constant(name, guess["thread"], said)
    if role == "thread_title" and len(said) < len(values):
        return False
    if role == "thread_url":
        return is_constant(name, guess.get("thread", guess.get("thread_title")), said)
    return 2 * len(read) > len(said) or not said


def _read(role: Role, value: Any) -> object:
    if role == "text":
        return value if isinstance(value, str) else None
    try:
        return _reader(role)(value)
    except ValueError:
        return None


def _time(value: Any, order: DateOrder | None) -> bool:
    """Whether a time can be read of it."""
    try:
        return moment(value, order)[0] is not None
    except ValueError:
        return False


def _reader(role: Role) -> Callable[[Any], object]:
    match role:
        case "score":
            return whole_number
        case "status":
            return status_of
        case "deleted":
            return is_yes
        case "thread" | "comment" | "parent" | "author_id":
            return identifier
        case _:
            return plain


def _wordiest(names: Sequence[str], rows: Rows, taken: set[str]) -> str | None:
    """The column with the most words a row, if there are rows and words enough to tell."""
    words = {
        name: sum(len(v.split()) for row in rows if isinstance(v := row.get(name), str))
        for name in names
        if name not in taken
    }
    best = max(words, key=lambda name: words[name], default=None)
    if best is None or len(rows) < MIN_ROWS or words[best] < MIN_MEAN_WORDS * len(rows):
        return None
    return best
