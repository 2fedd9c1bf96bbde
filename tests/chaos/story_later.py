"""What the latest versions added, in the order of their migrations."""

from __future__ import annotations

from datetime import timedelta

from tests.builders import NOON
from tests.chaos.story import JOB, Story, since


@since("annotations.0010_design")
def design(story: Story) -> None:
    story.change("Sample", "sample", drawn_at=NOON)


@since("annotations.0011_stages")
def stages(story: Story) -> None:
    story.add(
        "Assignment",
        campaign_id=story["campaign"],
        unit_id=story["repeat"],
        slot=1,
        order=10,
        membership_id=story["member ben"],
        state="leased",
        leased_until=NOON,
        changed_at=NOON,
        purpose="repeat",
        number=5,
    )


@since("annotations.0012_consensus_median")
def median(story: Story) -> None:
    story.add(
        "Consensus",
        aggregation_id=story["aggregation mace"],
        unit_id=story["unit 0"],
        question_id=story["question certainty"],
        value=4.0,
        median=3.5,
    )


@since("annotations.0013_dispute")
def rule_runs(story: Story) -> None:
    story.add(
        "RuleRun",
        campaign_id=story["campaign"],
        created_by_id=story["ada"],
        membership_id=story["member gone"],
        least=2,
        agree=0.75,
        questions=["claim"],
        settled=3,
        **JOB,
    )


@since("annotations.0014_unit_ids")
def unit_ids(story: Story) -> None:
    story.add(
        "Unit",
        "unit by chance",
        id=7_301_554_208_331_002,
        campaign_id=story["campaign"],
        thread_id=story["later thread"],
        order=11,
    )
    story.annotation("ben by chance", "unit by chance", "member ben")
    story.answer("ben by chance", "whole", text="Still on topic.")


@since("annotations.0015_releases")
def releases(story: Story) -> None:
    story.change("Campaign", "campaign", traits=["age"])
    story.change("Membership", "member ben", traits={"age": "25-34"}, traits_agreed_at=NOON)
    story.change(
        "ExportRun", "export", contents={"notes": False}, warnings=["Few labels."], withheld=2
    )
    common = {"campaign_id": story["campaign"], "created_by_id": story["ada"], "title": "Fees"}
    done = {**JOB, "state": "done", "error": "", "cancel_asked": False}
    story.add(
        "Release",
        **common,
        version="1.0",
        contents={"seed": 2},
        formats=["jsonl"],
        card={"summary": "Fees."},
        key="5" * 64,
        frozen_at=NOON,
        frozen="releases/1/rows",
        file="releases/1.zip",
        rows=4,
        bytes=5_000,
        sha256="8" * 64,
        manifest={"files": 3},
        withdrawn_at=NOON,
        withdrawn_reason="A name was in it.",
        **done,
    )
    story.add("Release", **common, version="1.1", key="6" * 64, **JOB)


@since("annotations.0017_token_scopes")
def token_scopes(story: Story) -> None:
    story.change("ApiToken", "token", last_used_at=NOON, limited=True, scopes=["label.read"])
    story.link("ApiToken_campaigns", apitoken_id=story["token"], campaign_id=story["campaign"])


@since("annotations.0018_changes_and_webhooks")
def changes_and_webhooks(story: Story) -> None:
    hook = story.add(
        "Webhook",
        campaign_id=story["campaign"],
        created_by_id=story["ada"],
        url="https://example.org/hook",
        events=["ping"],
        secret="whsec_a",
        old_secret="whsec_b",
        old_secret_until=NOON,
        created_at=NOON,
        paused_at=NOON,
        pause_reason="gone",
        failing_since=NOON,
        rests_until=NOON,
    )
    for subject, fate in (
        ("ping:1", {"state": "delivered", "delivered_at": NOON}),
        ("ping:2", {"state": "waiting", "next_try_at": NOON + timedelta(hours=1)}),
    ):
        story.add(
            "Delivery",
            subject,
            webhook_id=hook,
            event="ping",
            subject=subject,
            body='{"type": "ping"}',
            tries=2,
            tries_before=1,
            created_at=NOON,
            **fate,
        )
    story.add(
        "DeliveryTry",
        delivery_id=story["ping:1"],
        number=1,
        tried_at=NOON,
        seconds=0.5,
        status=410,
        error="",
        answer="gone",
    )
    story.add(
        "DeliveryTry",
        delivery_id=story["ping:1"],
        number=2,
        tried_at=NOON,
        seconds=0.5,
        error="No route.",
    )


@since("annotations.0019_first_changes")
def a_numbered_change(story: Story) -> None:
    """The migration itself told of all that there was; one of them has been read since."""
    rows = story.apps.get_model("annotations", "Change").objects
    change = rows.filter(kind="annotation").earliest("pk")
    rows.filter(pk=change.pk).update(pending=False, number=1)


@since("annotations.0020_erasing")
def erasures(story: Story) -> None:
    story.add(
        "Erasure",
        kind="author",
        counts={"comments": 2},
        erased_at=NOON,
        corpus_id=story["corpus"],
        erased_by_id=story["ada"],
    )
    story.add(
        "Revision",
        annotation_id=story["ben 0"],
        number=3,
        save_id="0" * 31 + "e",
        state="submitted",
        content={},
        saved_at=NOON,
        erased_at=NOON,
    )


@since("annotations.0021_audit")
def what_the_log_says(story: Story) -> None:
    """The second entry is the one that lets older ones go."""
    for act, forgets_before in (("role_given", None), ("log_forgotten", NOON)):
        story.add(
            "AuditEntry",
            at=NOON,
            act=act,
            user_id=story["ada"],
            name="ada",
            way="token",
            token="Script (tm_1a2b)",
            address="192.0.2.0/24",
            kind="membership",
            about="ben",
            campaign_id=story["campaign"],
            details={"role": "viewer"},
            forgets_before=forgets_before,
        )
