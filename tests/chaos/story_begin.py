"""The first version: a corpus, a codebook, a campaign, and labels of every kind and state."""

from __future__ import annotations

from tests.builders import NOON
from tests.chaos.story import JOB, TEXTS, Story, since

QUESTIONS = (
    ("claim", "single_label", ("yes", "no")),
    ("reasons", "multi_label", ("old", "rude", "wrong")),
    ("certainty", "rating", ()),
    ("count", "number", ()),
    ("why", "text", ()),
    ("part", "span", ("fact", "opinion")),
    ("to", "relation", ("agrees",)),
)


@since("annotations.0001_initial")
def first_version(story: Story) -> None:
    _people(story)
    _thread(story)
    _codebook(story)
    _campaign(story)
    _labels(story)
    story.add(
        "ExportRun",
        "export",
        campaign_id=story["campaign"],
        created_by_id=story["ada"],
        format="jsonl",
        file="exports/1.jsonl",
        rows=6,
        bytes=900,
        sha256="a" * 64,
        **JOB,
    )
    story.add("Worker", name="celery@here", seen_at=NOON)


@since("importers.0001_initial")
def first_import(story: Story) -> None:
    story.add(
        "ImportRun",
        "import",
        corpus_id=story["corpus"],
        created_by_id=story["ada"],
        file="uploads/1.csv",
        file_name="Häfen.csv",
        sha256="b" * 64,
        format="table",
        options={"delimiter": ";"},
        dry_run=True,
        counts={"comments": 5},
        refusals=[{"line": 3, "message": "It has no id."}],
        **JOB,
    )


def _people(story: Story) -> None:
    for name, more in (
        ("ada", {"is_superuser": True, "is_staff": True, "email": "ada@example.org"}),
        ("ben", {"first_name": "Ben", "last_name": "Böll", "last_login": NOON}),
        ("cleo", {"is_active": False}),
    ):
        story.add("User", name, username=name, password="md5$x$y", date_joined=NOON, **more)
    group = story.apps.get_model("auth", "Group").objects.create(name="researchers")
    story.apps.get_model("annotations", "User").objects.get(pk=story["ben"]).groups.add(group.pk)
    permission = story.apps.get_model("auth", "Permission").objects
    kind = story.apps.get_model("contenttypes", "ContentType").objects.create(
        app_label="past", model="past"
    )
    allowed = permission.create(name="May look back", codename="look", content_type=kind)
    user = story.apps.get_model("annotations", "User").objects.get(pk=story["ben"])
    user.user_permissions.add(allowed.pk)
    story.add(
        "ApiToken",
        "token",
        digest="d" * 128,
        token_key="tm_1234",
        user_id=story["ada"],
        name="My script",
        expiry=NOON,
    )


def _thread(story: Story) -> None:
    corpus = story.add(
        "Corpus",
        "corpus",
        slug="harbour",
        name="Harbour",
        description="Talks.",
        licence="CC0",
        author_names="shown",
        pseudonym_key="k" * 64,
        created_at=NOON,
    )
    thread = story.add(
        "Thread",
        "thread",
        corpus_id=corpus,
        source_id="t1",
        title="Fees",
        url="https://example.org/1",
        platform="forum",
        missing=2,
        order_is_stale=False,
        raw={"views": 3},
        created_at=NOON,
    )
    author = story.add(
        "Author", "author", corpus_id=corpus, source_id="u1", name="Zoë", pseudonym="u123456"
    )
    for number, text in enumerate(TEXTS):
        story.add(
            "Comment",
            f"comment {number}",
            corpus_id=corpus,
            thread_id=thread,
            source_id=f"c{number}",
            kind="post" if number == 0 else "comment",
            text=text,
            reply_to_id=story.ids.get(f"comment {number - 1}"),
            reply_to_source_id=f"c{number - 1}" if number else "",
            reply_basis="inferred" if number == 2 else "given",
            reply_evidence="It quotes." if number == 2 else "",
            ordinal=number,
            position=number,
            depth=number,
            status="visible" if text else "deleted_by_author",
            text_revision=2 if number == 4 else 1,
            html="<p>…</p>",
            blocks=[{"kind": "p"}],
            posted_at=NOON,
            posted_at_estimated=number == 1,
            edited_at=NOON,
            score=number - 2,
            raw={"id": number},
            created_at=NOON,
            author_id=author,
        )
    story.add(
        "CommentRevision", comment_id=story["comment 4"], number=1, text="Fine.", replaced_at=NOON
    )
    story.add(
        "CommentRelation",
        comment_id=story["comment 1"],
        target_id=story["comment 0"],
        kind="quote",
        basis="given",
        start=0,
        end=4,
        target_start=0,
        target_end=4,
    )
    story.add(
        "CommentRelation",
        comment_id=story["comment 2"],
        target_author_id=author,
        kind="mention",
        basis="inferred",
        start=1,
        end=5,
    )


def _codebook(story: Story) -> None:
    codebook = story.add(
        "Codebook",
        "codebook",
        key="claims",
        version=2,
        title="Claims",
        description="What.",
        language="de",
        licence="CC0",
        citations=["Doe 2020"],
        guidelines="Read.",
        source="key: x",
        sha256="c" * 64,
        created_at=NOON,
    )
    for position, (key, kind, labels) in enumerate(QUESTIONS):
        scale = {"minimum": 1, "maximum": 5, "step": 1} if kind == "rating" else {}
        depends = {}
        if key == "reasons":
            depends = {"depends_on_id": story["question claim"], "depends_labels": ["yes"]}
        question = story.add(
            "Question",
            f"question {key}",
            codebook_id=codebook,
            key=key,
            position=position,
            kind=kind,
            title=key,
            help="Think.",
            required=False,
            **scale,
            **depends,
        )
        for place, label in enumerate(labels):
            story.add(
                "Label",
                f"label {label}",
                question_id=question,
                key=label,
                position=place,
                title=label,
                definition="A.",
                example="B.",
                hotkey=str(place + 1),
                value=place / 2,
                off_scale=place == 1,
            )
    story.add(
        "Question",
        "question whole",
        codebook_id=codebook,
        key="whole",
        position=7,
        kind="text",
        unit="thread",
        title="whole",
    )
    later = story.add(
        "Codebook",
        "later codebook",
        key="claims",
        version=3,
        title="Claims",
        source="key: x",
        sha256="e" * 64,
        created_at=NOON,
    )
    story.add(
        "Question",
        "later question",
        codebook_id=later,
        key="claim",
        position=0,
        kind="single_label",
        title="claim",
    )


def _campaign(story: Story) -> None:
    campaign = story.add(
        "Campaign",
        "campaign",
        slug="fees",
        name="Fees",
        description="Who claims what?",
        state="paused",
        overlap=2,
        order="random",
        seed=7,
        context="parent",
        show_article=False,
        show_names=False,
        show_scores=True,
        show_times=False,
        lease_minutes=60,
        created_at=NOON,
        corpus_id=story["corpus"],
        codebook_id=story["codebook"],
    )
    for number, (name, role) in enumerate(
        (("ada", "manager"), ("ben", "annotator"), ("cleo", "annotator"), ("", "adjudicator")), 1
    ):
        user = {"user_id": story[name]} if name else {}  # the last one's account was deleted
        story.add(
            "Membership",
            f"member {name or 'gone'}",
            campaign_id=campaign,
            role=role,
            number=number,
            joined_at=NOON,
            **user,
        )
    for order in range(5):
        story.add(
            "Unit",
            f"unit {order}",
            campaign_id=campaign,
            thread_id=story["thread"],
            comment_id=story[f"comment {order}"],
            order=order,
        )
    story.add("Unit", "unit thread", campaign_id=campaign, thread_id=story["thread"], order=5)
    for unit, slot, member, state in (
        ("unit 0", 1, "ben", "submitted"),
        ("unit 0", 2, "cleo", "submitted"),
        ("unit 1", 1, "ben", "skipped"),
        ("unit 1", 2, "cleo", "leased"),
        ("unit 2", 1, "ben", "leased"),
        ("unit 2", 2, "", "pending"),
        ("unit thread", 1, "ben", "submitted"),
    ):
        holder = {"membership_id": story[f"member {member}"]} if member else {}
        until = {"leased_until": NOON} if state == "leased" else {}
        story.add(
            "Assignment",
            f"assignment {unit} {slot}",
            campaign_id=campaign,
            unit_id=story[unit],
            slot=slot,
            order=slot,
            state=state,
            changed_at=NOON,
            **holder,
            **until,
        )


def _labels(story: Story) -> None:
    story.annotation(
        "ben 0",
        "unit 0",
        "member ben",
        revision=2,
        text_revision=2,
        flagged=True,
        note="Unsure of “doubled”.",
        seconds=4.5,
        context={"comments": [1, 2]},
    )
    story.answer("ben 0", "claim", "yes")
    story.answer("ben 0", "reasons", "old")
    story.answer("ben 0", "reasons", "wrong", position=1)
    story.answer("ben 0", "certainty", number=4)
    story.answer("ben 0", "count", number=-2.5)
    story.answer("ben 0", "why", text="“Doubled” – says who?\n=SUM(A1)")
    story.answer("ben 0", "part", "fact", start=4, end=11, quote="harbour")
    story.answer("ben 0", "to", "agrees", related_id=story["comment 1"])
    story.annotation("cleo 0", "unit 0", "member cleo")
    story.answer("cleo 0", "claim", "no")
    story.annotation("ben 1", "unit 1", "member ben", state="skipped", skip_reason="Not for me.")
    story.annotation("cleo 1", "unit 1", "member cleo", state="draft")
    story.answer("cleo 1", "claim", "yes")
    story.annotation("ben thread", "unit thread", "member ben")
    story.answer("ben thread", "whole", text="It goes off topic.")
    story.annotation("gold 4", "unit 4", None, source="gold")
    story.answer("gold 4", "claim", "no")
    story.annotation("decided 0", "unit 0", "member gone", source="adjudication")
    story.answer("decided 0", "claim", "yes")
