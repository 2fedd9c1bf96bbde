"""HateXplain's files, read by the rules of its authors' repository."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from annotations.exporters.dataset import Dataset
from annotations.exporters.rows import AnswerRow, CommentRow, ThreadRow, said_by
from tests.annotations.exporters.discussion import TEXT, dataset, label, said
from tests.annotations.exporters.written import written_files


def read(study: Dataset) -> tuple[dict[str, Any], dict[str, list[str]]]:
    files = written_files("hatexplain", study)
    assert set(files) == {"claim/dataset.json", "claim/post_id_divisions.json"}
    posts, divisions = (json.loads(files[name]) for name in sorted(files))
    return posts, divisions


def marked(text: str, *places: tuple[int, int], labeled: str | None = None) -> Dataset:
    spans = (
        AnswerRow(question="part", kind="span", start=a, end=b, quote=text[a:b]) for a, b in places
    )
    annotation = said("A1", label("claim", "yes"), *spans, text=labeled)
    comment = CommentRow(id="c1", text=text, annotations=(annotation,))
    return dataset([ThreadRow(id="t1"), comment])


def test_a_post_has_the_fields_of_the_original() -> None:
    posts, _ = read(dataset())
    post = posts["c1"]
    assert list(post) == ["post_id", "annotators", "rationales", "post_tokens"]
    assert post["annotators"] == [
        {"label": "yes", "annotator_id": 1, "target": ["rude", "wrong"]},
        {"label": "no", "annotator_id": 2, "target": ["None"]},
    ]
    assert all(id == post["post_id"] for id, post in posts.items())


def test_rationales_are_the_words_that_were_marked() -> None:
    post = read(dataset())[0]["c1"]
    words = [
        [word for word, bit in zip(post["post_tokens"], mask, strict=True) if bit]
        for mask in post["rationales"]
    ]
    assert words == [["😀", "=", "2", "+", "2", "it", "costs", "2", "million"], ["costs"]]


@given(text=st.text(max_size=40), data=st.data())
def test_tokens_are_the_text_and_every_marked_sign_is_in_a_marked_token(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    post = read(marked(text, (start, end)))[0]["c1"]
    assert "".join(post["post_tokens"]).split() == "".join(text.split()).split()
    marks = post["rationales"][0] if post["rationales"] else [0] * len(post["post_tokens"])
    assert set(marks) <= {0, 1}
    reason = "".join(word for word, bit in zip(post["post_tokens"], marks, strict=True) if bit)
    assert "".join(text[start:end].split()) in reason


def test_who_marked_nothing_has_no_rationale() -> None:
    assert read(marked("Well, yes."))[0]["c1"]["rationales"] == []


def test_spans_of_an_earlier_text_are_no_rationale_for_this_one() -> None:
    post = read(marked("Well, yes.", (0, 4), labeled="Then no."))[0]["c1"]
    assert post["rationales"] == []
    assert post["annotators"][0]["label"] == "yes"


def test_divisions_are_the_splits() -> None:
    assert read(dataset())[1] == {"train": ["c1", "c2"], "val": ["c6"], "test": ["c3"]}
    assert read(marked(TEXT))[1] == {"train": ["c1"], "val": [], "test": []}


def test_comments_that_no_person_labeled_are_left_out() -> None:
    posts, _ = read(dataset())
    labeled = [
        row.id
        for row in dataset().rows()
        if isinstance(row, CommentRow)
        and any(one.about("claim") for one in said_by(row.annotations, "human"))
    ]
    assert list(posts) == labeled
    assert len(labeled) < sum(isinstance(row, CommentRow) for row in dataset().rows())
