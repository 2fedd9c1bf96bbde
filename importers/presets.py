"""Tables whose layout is known: which columns mark one, what they mean, what else differs.

A preset is data. Its columns are named bare (`commentBody` is `commentbody`). Of the columns of
one role the first is the role's; the others stand in for it where it says nothing in a row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from importers.columns import Role
from importers.privacy import bare_name
from importers.records import Kind


@dataclass(frozen=True, kw_only=True)
class Preset:
    """``marks`` are the columns that only this layout has together.

    ``html``: the text is HTML. ``utc``: times without a zone are in UTC. ``kind``: what every row
    is. ``opens``: a row whose id is its thread's opens it. ``parent_in_id``: the part of a
    comment's id that is its parent's. ``thread_in_name``: the part of the file's name that is the
    thread's id. ``nobody``: names, in lower case, under which everybody may write. ``quotes``: a
    number behind `>>` in the text is the id of the comment answered.
    """

    name: str
    title: str
    marks: frozenset[str]
    columns: Mapping[Role, tuple[str, ...]]
    platform: str = ""
    html: bool = False
    utc: bool = False
    kind: Kind = "comment"
    opens: bool = False
    parent_in_id: re.Pattern[str] | None = None
    thread_in_name: re.Pattern[str] | None = None
    nobody: frozenset[str] = frozenset()
    quotes: bool = False


PRESETS: tuple[Preset, ...] = (
    Preset(
        name="nyt",
        title="New York Times comments (Kaggle)",
        marks=frozenset({"commentbody", "commentid", "articleid", "userdisplayname", "depth"}),
        columns={
            "thread": ("articleid",),
            "comment": ("commentid",),
            "parent": ("parentid",),
            "author": ("userdisplayname",),
            "author_id": ("userid",),
            "time": ("createdate",),
            "score": ("recommendations",),
            "status": ("status",),
            "text": ("commentbody",),
        },
        platform="web",
        html=True,
    ),
    Preset(
        name="fox_news",
        title="Fox News user comments",
        marks=frozenset({"title", "text", "label", "user", "prev", "succ"}),
        columns={
            "thread": ("title",),
            "thread_title": ("title",),
            "author": ("user",),
            "text": ("text",),
        },
        platform="web",
    ),
    Preset(
        name="crowdtangle",
        title="CrowdTangle posts",
        marks=frozenset({"facebookid", "username", "message", "url", "likes"}),
        columns={
            "thread": ("url",),
            "thread_title": ("linktext",),
            "thread_url": ("url",),
            "comment": ("url",),
            "author": ("pagename", "groupname", "username"),
            "author_id": ("facebookid", "pageid"),
            "time": ("postcreated", "created"),
            "score": ("likes",),
            "missing": ("comments",),
            "text": ("message", "imagetext", "linktext", "description"),
        },
        platform="facebook",
        kind="post",
    ),
    Preset(
        name="4cat_4chan",
        title="4chan posts from 4CAT",
        marks=frozenset({"threadid", "id", "timestamp", "board", "body", "subject", "imagemd5"}),
        columns={
            "thread": ("threadid",),
            "thread_title": ("subject",),
            "comment": ("id",),
            "author": ("author",),
            "time": ("unixtimestamp", "timestamp"),
            "deleted": ("timestampdeleted",),
            "text": ("body",),
        },
        platform="4chan",
        utc=True,
        opens=True,
        nobody=frozenset({"anonymous"}),
        quotes=True,
    ),
    Preset(
        name="4cat",
        title="4CAT items",
        marks=frozenset({"id", "threadid", "author", "body", "timestamp", "unixtimestamp"}),
        columns={
            "thread": ("threadid",),
            "thread_title": ("subject",),
            "comment": ("id",),
            "parent": ("parentid",),
            "author": ("author",),
            "time": ("unixtimestamp", "timestamp"),
            "score": ("score",),
            "text": ("body",),
        },
        utc=True,
        opens=True,
    ),
    Preset(
        name="socc",
        title="SFU Opinion and Comments Corpus (gnm_comments)",
        marks=frozenset({"articleid", "commentcounter", "commenttext"}),
        columns={
            "thread": ("articleid",),
            "comment": ("commentcounter",),
            "author": ("commentauthor", "author"),
            "time": ("timestamp", "posttime"),
            "score": ("totalvotes",),
            "status": ("status",),
            "text": ("commenttext",),
        },
        platform="web",
        parent_in_id=re.compile(r"(.+?_\d+(?:_\d+)+)_\d+"),
    ),
    Preset(
        name="youtube_data_tools",
        title="YouTube Data Tools comments",
        marks=frozenset({"id", "isreplyto", "authorname", "text", "publishedat"}),
        columns={
            "thread": ("videoid",),
            "comment": ("id",),
            "parent": ("isreplyto",),
            "author": ("authorname",),
            "author_id": ("authorchannelid",),
            "time": ("publishedat",),
            "score": ("likecount",),
            "text": ("text",),
        },
        platform="youtube",
        thread_in_name=re.compile(r"videoinfo_([\w-]{11})_"),
    ),
)


def get_preset(name: str) -> Preset:
    """The preset of that name; raises ValueError naming the known ones."""
    for preset in PRESETS:
        if preset.name == name:
            return preset
    known = ", ".join(preset.name for preset in PRESETS)
    raise ValueError(f"There is no preset {name!r}; the known ones are: {known}")


def preset_of(names: Iterable[str]) -> Preset | None:
    """The preset whose marks are all among these columns."""
    bare = {bare_name(name) for name in names}
    return next((preset for preset in PRESETS if preset.marks <= bare), None)
