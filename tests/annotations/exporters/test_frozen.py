"""What may be relied on when a dataset is frozen in a file."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from annotations.exporters.frozen import freeze, frozen
from tests.annotations.exporters.discussion import ROWS, STUDY, dataset


def file_of(content: bytes) -> Callable[[], io.BytesIO]:
    return lambda: io.BytesIO(content)


WHOLE = b"".join(freeze(dataset(), {"withheld": 3}))


def test_a_frozen_dataset_says_what_it_said_as_often_as_it_is_read() -> None:
    found = frozen(file_of(WHOLE))
    assert found.dataset.study == STUDY
    assert found.beside == {"withheld": 3}
    assert tuple(found.dataset.rows()) == tuple(found.dataset.rows()) == ROWS


def test_reading_may_stop_early() -> None:
    rows = frozen(file_of(WHOLE)).dataset.rows()
    next(rows)
    rows.close()


def test_a_study_without_rows_is_whole() -> None:
    assert list(frozen(file_of(b"".join(freeze(dataset([]), {})))).dataset.rows()) == []


@pytest.mark.parametrize("missing", range(5, len(WHOLE), 7))
def test_a_file_that_is_not_whole_is_never_taken_for_one(missing: int) -> None:
    with pytest.raises(ValueError, match="frozen dataset"):
        list(frozen(file_of(WHOLE[:-missing])).dataset.rows())


def test_a_file_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="frozen dataset"):
        frozen(file_of(b"campaign,codebook\r\n"))


def test_a_long_dataset_comes_out_while_it_is_read() -> None:
    many = dataset(row for _ in range(3_000) for row in ROWS)
    pieces = list(freeze(many, {}))
    assert len(pieces) > 3
    assert list(frozen(file_of(b"".join(pieces))).dataset.rows()) == list(many.rows())
