"""What the versions after the first one added, in the order of their migrations."""

from __future__ import annotations

from tests.builders import NOON
from tests.chaos.story import JOB, Story, since


@since("annotations.0003_thread_figures")
def figures(story: Story) -> None:
    """A thread that was imported by that version; the one of before has none of this."""
    story.add(
        "Thread",
        "later thread",
        corpus_id=story["corpus"],
        source_id="t2",
        title="Cranes",
        created_at=NOON,
        comment_count=1,
        ended_at=NOON,
        started_at=NOON,
        language="de",
        max_depth=1,
        order_is_stale=False,
    )
    for number in range(2):
        story.add(
            "Comment",
            f"later comment {number}",
            corpus_id=story["corpus"],
            thread_id=story["later thread"],
            source_id=f"d{number}",
            kind="comment" if number else "article",
            text="Der Kran steht still.",
            ordinal=number,
            position=number,
            depth=number,
            posted_at=NOON,
            created_at=NOON,
            language="de",
            links=[{"url": "https://example.org"}],
        )


@since("importers.0002_pieces")
def pieces(story: Story) -> None:
    story.change("ImportRun", "import", authors_before=4, stored=3)
    story.add("ImportTouch", run_id=story["import"], kind="author", row=3, outcome=2)
    story.add(
        "ImportPiece",
        run_id=story["import"],
        number=2,
        start=10,
        end=90,
        first_line=4,
        records=3,
        counts={"comments": 3},
        refusals=[{"line": 5}],
        created_by_id=story["ada"],
        **JOB,
    )


@since("annotations.0004_text_scans")
def scans(story: Story) -> None:
    story.add(
        "TextScan",
        corpus_id=story["corpus"],
        created_by_id=story["ada"],
        languages={"de": 2},
        groups=1,
        copies=2,
        **JOB,
    )
    group = story.add(
        "DuplicateGroup",
        corpus_id=story["corpus"],
        rank=1,
        size=2,
        authors=2,
        threads=2,
        first_at=NOON,
        last_at=NOON,
        example_id=story["comment 4"],
    )
    for position in range(2):
        story.add(
            "DuplicateMember",
            group_id=group,
            position=position,
            similarity=1 - position / 9,
            comment_id=story[f"later comment {position}"],
        )


@since("annotations.0005_workspace")
def workspace(story: Story) -> None:
    story.change("Campaign", "campaign", show_suggestions=True)
    story.add(
        "Codebook",
        "sure codebook",
        key="sure",
        version=1,
        title="Sure",
        source="key: sure",
        sha256="f" * 64,
        created_at=NOON,
        confidence=True,
    )
    ruling = story.add(
        "Ruling",
        "ruling",
        campaign_id=story["campaign"],
        text="Minutes **count**.",
        created_at=NOON,
        created_by_id=story["ada"],
    )
    story.change(
        "Membership", "member ben", codebook_seen_id=story["codebook"], rulings_seen_id=ruling
    )
    story.annotation("model 0", "unit 0", None, source="model", model="guesser-1")
    story.answer("model 0", "claim", "no")
    story.change("Annotation", "ben 0", confidence=3)
    story.add(
        "Revision",
        annotation_id=story["ben 0"],
        number=2,
        save_id="0" * 31 + "f",
        state="submitted",
        content={"answers": {"claim": "no"}},
        saved_at=NOON,
        aside=True,
    )


@since("annotations.0006_care")
def care(story: Story) -> None:
    category = story.add(
        "ContentCategory",
        "category",
        key="spiders",
        title="Spiders",
        description="With legs.",
        position=3,
    )
    story.change(
        "Campaign",
        "campaign",
        break_minutes=20,
        cover_content=False,
        daily_units=90,
        daily_warned=9,
        support_text="Call us.",
    )
    story.change("User", "ben", preferences={"theme": "dark"})
    story.change("Annotation", "ben 1", harmful=True)
    story.link("Corpus_content_categories", corpus_id=story["corpus"], contentcategory_id=category)
    story.link("User_avoided", user_id=story["ben"], contentcategory_id=category)
    by = {"added_by_id": story["ada"], "created_at": NOON, "category_id": category}
    story.add("ContentRule", corpus_id=story["corpus"], kind="field", field="nsfw", value="1", **by)
    rule = story.add("ContentRule", corpus_id=story["corpus"], kind="words", words=["spider"], **by)
    story.add("ContentWarning", comment_id=story["comment 0"], basis="rule", rule_id=rule, **by)
    story.add("ContentClearance", comment_id=story["comment 1"], **by)


@since("annotations.0008_codebook_translations")
def translations(story: Story) -> None:
    story.add(
        "Codebook",
        key="said",
        version=1,
        title="Said",
        source="key: said",
        sha256="9" * 64,
        created_at=NOON,
        translations={"de": {"title": "Gesagt"}},
    )


@since("annotations.0009_study")
def study(story: Story) -> None:
    story.add(
        "Campaign",
        "whole campaign",
        slug="whole",
        name="Whole threads",
        corpus_id=story["corpus"],
        codebook_id=story["codebook"],
        created_at=NOON,
        whole_threads=True,
        overlap=1,
        overlap_more=2,
        share_more=0.5,
        test_score=0.8,
        check_every=10,
        check_score=0.7,
        check_window=5,
        repeat_every=20,
        disputes_measured_at=NOON,
    )
    of_campaign = {"campaign_id": story["campaign"]}
    by = {"created_by_id": story["ada"]}
    sample = story.add(
        "Sample",
        "sample",
        **of_campaign,
        **by,
        **JOB,
        kind="overlap",
        recipe={"overlap": 3},
        candidates=9,
        units=5,
    )
    story.add(
        "Unit",
        "check",
        **of_campaign,
        thread_id=story["later thread"],
        order=9,
        comment_id=story["later comment 1"],
        purpose="check",
        overlap=3,
        sample_id=sample,
    )
    story.add(
        "Unit",
        "repeat",
        **of_campaign,
        thread_id=story["thread"],
        order=10,
        comment_id=story["comment 0"],
        purpose="repeat",
        repeat_of_id=story["unit 0"],
    )
    story.add(
        "Assignment",
        "check of ben",
        **of_campaign,
        unit_id=story["check"],
        slot=1,
        order=9,
        membership_id=story["member ben"],
        state="submitted",
        changed_at=NOON,
        language="de",
        purpose="check",
        score=0.5,
    )
    story.annotation("ben check", "check", "member ben")
    story.answer("ben check", "claim", "no")
    story.change(
        "Membership",
        "member cleo",
        languages=["de"],
        paused_at=NOON,
        pause_reason="Her checks.",
        admitted_at=NOON,
    )
    story.change("Annotation", "model 0", certainty=0.75)
    story.change("Annotation", "decided 0", reason="The minutes say so.", rule="majority of 2")
    story.add(
        "Ruling", **of_campaign, text="Cranes do not.", created_at=NOON, unit_id=story["unit 0"]
    )
    for method, seed in (("mace", 3), ("majority", 1)):
        story.add(
            "Aggregation",
            f"aggregation {method}",
            **of_campaign,
            **by,
            **JOB,
            method=method,
            seed=seed,
            units=2,
            result={"competence": {"A2": 0.9}},
        )
    story.add(
        "AgreementRun",
        **of_campaign,
        **by,
        **JOB,
        seed=5,
        resamples=100,
        labels=4,
        result={"claim": {"alpha": 0.1}},
    )
    story.add(
        "Consensus",
        "consensus",
        aggregation_id=story["aggregation mace"],
        question_id=story["question claim"],
        unit_id=story["unit 0"],
        value="yes",
        shares={"yes": 0.6, "no": 0.4},
    )
    dispute = story.add(
        "Dispute",
        **of_campaign,
        unit_id=story["unit 0"],
        share=0.5,
        ratings=2,
        measured_at=NOON,
        membership_id=story["member gone"],
        held_until=NOON,
        decided_at=NOON,
    )
    story.add(
        "DisputedQuestion", dispute_id=dispute, question_id=story["question claim"], share=0.5
    )
    story.add(
        "Invitation",
        **of_campaign,
        **by,
        role="viewer",
        token_hash="7" * 64,
        prefix="abcd1234",
        note="For the class",
        most_uses=5,
        uses=2,
        expires_at=NOON,
        revoked_at=NOON,
        created_at=NOON,
    )
    story.add(
        "NoteReply",
        annotation_id=story["ben 0"],
        **by,
        note="Unsure of “doubled”.",
        text="It counts.",
        created_at=NOON,
        ruling_id=story["ruling"],
    )
    story.add("Ranking", **of_campaign, **by, **JOB, units=4)
    story.add(
        "Recoding",
        **of_campaign,
        **by,
        **JOB,
        before_id=story["codebook"],
        after_id=story["later codebook"],
        reopen=True,
        mapping={"claim": "claim"},
        counts={"kept": 4},
    )
    member = story.add(
        "Membership",
        "member whole",
        campaign_id=story["whole campaign"],
        user_id=story["ben"],
        role="annotator",
        number=1,
        joined_at=NOON,
        admitted_at=NOON,
    )
    story.add(
        "Turn",
        campaign_id=story["whole campaign"],
        thread_id=story["later thread"],
        slot=2,
        first=1,
        last=2,
        language="de",
        membership_id=member,
        held_until=NOON,
        done_at=NOON,
    )
