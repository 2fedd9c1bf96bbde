"""What may be relied on when two releases are compared by the ids of what is in them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from annotations.exporters.rows import CommentRow, Row, ThreadRow
from annotations.releases.difference import EXAMPLES, changed_fields, differences
from tests.annotations.exporters.discussion import dataset, label, said

IDS = st.sets(st.sampled_from([f"c{number}" for number in range(30)]))


def thread_of(ids: set[str], text: str = "") -> list[Row]:
    comments = [
        CommentRow(
            id=one, text=text, position=place, annotations=(said("A1", label("claim", "yes")),)
        )
        for place, one in enumerate(sorted(ids))
    ]
    return [ThreadRow(id="t1"), *comments]


def test_the_same_dataset_has_no_difference_however_it_is_ordered() -> None:
    for told in differences(dataset(), dataset()).values():
        assert told.before == told.after > 0
        assert (told.added.number, told.removed.number, told.changed.number) == (0, 0, 0)


@given(IDS, IDS)
def test_what_is_added_and_removed_is_what_only_one_of_them_has(
    before: set[str], after: set[str]
) -> None:
    """Comments that only moved because others came before them have not changed."""
    told = differences(dataset(thread_of(before)), dataset(thread_of(after)))
    comments, annotations = told["comments"], told["annotations"]
    assert (comments.before, comments.after) == (len(before), len(after))
    assert comments.added.number == annotations.added.number == len(after - before)
    assert comments.removed.number == len(before - after)
    assert comments.changed.number == annotations.changed.number == 0
    expected = sorted(f"t1/{one}" for one in after - before)[:EXAMPLES]
    assert list(comments.added.examples) == expected


def test_a_changed_text_is_a_change_of_the_comment_alone() -> None:
    told = differences(dataset(thread_of({"c1", "c2"})), dataset(thread_of({"c1", "c2"}, "Hm.")))
    assert told["comments"].changed.examples == ("t1/c1", "t1/c2")
    assert told["annotations"].changed.number == 0


def test_a_changed_answer_is_a_change_of_the_annotation_alone() -> None:
    def changed(row: Row) -> Row:
        if row.id != "c3":
            return row
        return structs.replace(row, annotations=(said("A2", label("claim", "yes")),))

    told = differences(dataset(), dataset().through(changed))
    assert told["annotations"].changed.examples == ("t2/c3/A2",)
    assert told["comments"].changed.number == told["threads"].changed.number == 0


def test_the_same_id_in_two_threads_is_two_comments() -> None:
    both = [*thread_of({"c1"}), ThreadRow(id="t2"), CommentRow(id="c1")]
    told = differences(dataset(thread_of({"c1"})), dataset(both))
    assert told["comments"].added.examples == ("t2/c1",)


def test_a_field_that_is_new_or_gone_counts_as_changed() -> None:
    assert changed_fields({"a": 1, "b": 2}, {"b": 2, "c": 3}) == {"a": [1, None], "c": [None, 3]}
