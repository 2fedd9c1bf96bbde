"""What `make bench` tells: figures, what became of them, and how much is measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bench import __main__ as bench
from tests.bench.discussion import write_discussion
from tests.bench.figures import (
    Figure,
    at_least,
    at_most,
    not_less_than,
    not_more_than,
    quantile,
    shown,
    summary,
    write,
)
from tests.bench.shape import tree
from tests.bench.sizes import SIZES, runs, sizes_of


def _figure(value: float = 6.0, **fields: object) -> Figure:
    return Figure(part="import", what="lines", unit="rows/s", values=(value,), **fields)  # type: ignore[arg-type]


class TestVerdicts:
    @pytest.mark.parametrize(
        ("figure", "held"),
        [
            (_figure(6, floor=10, wanted=at_least(0.5)), True),
            (_figure(4, floor=10, wanted=at_least(0.5)), False),
            (_figure(4, floor=1, wanted=at_most(4)), True),
            (_figure(5, floor=1, wanted=at_most(4)), False),
            (_figure(5, wanted=not_more_than(5)), True),
            (_figure(6, wanted=not_more_than(5)), False),
            (_figure(0.8, wanted=not_less_than(0.8)), True),
            (_figure(0.7, wanted=not_less_than(0.8)), False),
            (_figure(6), None),
        ],
    )
    def test_a_figure_holds_what_is_wanted_of_it_or_not(
        self, figure: Figure, held: bool | None
    ) -> None:
        assert figure.held is held

    def test_without_its_floor_a_figure_cannot_hold(self) -> None:
        assert _figure(wanted=at_least(0.5)).held is False

    def test_the_median_of_several_runs_counts(self) -> None:
        figure = Figure("import", "lines", "rows/s", (1, 9, 5), floor=10)

        assert (figure.median, figure.ratio) == (5, 0.5)

    def test_a_quantile_is_one_of_the_times_or_lies_between_two(self) -> None:
        assert quantile([1.0, 2.0, 3.0], 50) == 2
        assert 2 < quantile([1.0, 2.0, 3.0], 99) < 3


class TestWhatIsTold:
    def test_each_figure_is_a_line_of_a_table_as_soon_as_it_comes(self) -> None:
        lines: list[str] = []
        figures = iter(
            [
                _figure(6, floor=10, wanted=at_least(0.5), database="SQLite", size=1000),
                _figure(4, floor=10, wanted=at_least(0.5), database="SQLite", size=1000),
            ]
        )
        told = shown(figures, lines.append)

        next(told)
        assert lines[0].startswith("\nimport, SQLite, 1,000, rows/s\n")
        assert lines[1].split() == [
            "lines",
            "6.00",
            "10.00",
            "0.60",
            "at",
            "least",
            "0.5",
            "x",
            "floor",
        ]
        next(told)
        assert lines[2].endswith("MISSED")
        assert len(lines) == 3

    def test_the_end_counts_what_held_and_what_was_missed(self) -> None:
        figures = [_figure(wanted=not_more_than(most)) for most in (5, 6, 7)]

        assert summary([*figures, _figure()]).startswith("2 of 3 held")

    def test_the_json_has_every_run_and_the_machine(self, tmp_path: Path) -> None:
        write([_figure(6, floor=10, wanted=at_least(0.5))], tmp_path / "new" / "bench.json")

        told = json.loads((tmp_path / "new" / "bench.json").read_text())
        (figure,) = told["figures"]
        assert figure["values"] == [6]
        assert figure["ratio"] == 0.6
        assert figure["wanted"] == "at least 0.5 x floor"
        assert figure["held"] is True
        assert {"system", "processors", "python", "load"} <= told["machine"].keys()


class TestSizes:
    def test_a_word_or_numbers_say_how_much(self) -> None:
        assert sizes_of("small") == SIZES["small"]
        assert sizes_of("100_000,1000") == (1_000, 100_000)

    @pytest.mark.parametrize("told", ["", "many", "0", "-1"])
    def test_everything_else_is_refused(self, told: str) -> None:
        with pytest.raises(ValueError):  # noqa: PT011
            sizes_of(told)

    def test_what_takes_long_is_measured_less_often(self) -> None:
        assert [runs(size) for size in (1_000, 100_000, 1_000_000)] == [5, 3, 1]


class TestTheWorkload:
    def test_the_same_numbers_give_the_same_bytes(self, tmp_path: Path) -> None:
        files = [tmp_path / name for name in ("one", "other")]
        for file in files:
            write_discussion(file, 2_000)

        assert files[0].read_bytes() == files[1].read_bytes()

    def test_threads_and_texts_are_as_long_as_real_ones(self, tmp_path: Path) -> None:
        write_discussion(tmp_path / "file", 20_000)
        comments = [json.loads(line) for line in (tmp_path / "file").open()]

        assert 60 < len(comments) / len({one["link_id"] for one in comments}) < 100
        assert 300 < sum(len(one["body"]) for one in comments) / len(comments) < 400

    def test_a_tree_stands_in_reading_order(self) -> None:
        places = tree(1_000)

        assert len(places) == 1_000
        for number, place in enumerate(places):
            parent = places[number - place.up] if place.up else None
            assert place.depth == (parent.depth + 1 if parent else 0)
        assert max(place.depth for place in places) > 3


class TestAsOneCommand:
    @pytest.mark.slow
    def test_a_part_is_measured_beside_its_floor_and_written_down(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = tmp_path / "bench.json"

        status = bench.main(["agreement", "--on", "SQLite", "--size", "300", "--json", str(file)])

        assert status == 0
        figures = json.loads(file.read_text())["figures"]
        assert {(one["part"], one["database"], one["size"]) for one in figures} == {
            ("agreement", "SQLite", 300)
        }
        (judged,) = (one for one in figures if one["wanted"])
        assert judged["floor"] > 0
        assert len(judged["values"]) == runs(300)
        assert "agreement, SQLite, 300, s" in capsys.readouterr().out

    def test_a_miss_fails_only_where_that_is_asked_for(self) -> None:
        missed = [_figure(wanted=not_more_than(1)), _figure()]

        assert bench.status(missed, strict=False) == 0
        assert bench.status(missed, strict=True) == 1
        assert bench.status(missed[1:], strict=True) == 0

    def test_a_part_that_there_is_not_is_refused(self) -> None:
        with pytest.raises(SystemExit):
            bench.main(["everything"])
