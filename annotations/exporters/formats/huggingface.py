"""A folder that ``datasets.load_dataset`` loads as it is: Parquet files by config and split."""

from __future__ import annotations

from contextlib import ExitStack

from annotations.exporters.annotation_table import AnnotationTable
from annotations.exporters.comment_table import CommentTable
from annotations.exporters.dataset import Dataset, Study
from annotations.exporters.folder import Folder
from annotations.exporters.item_table import ItemTable
from annotations.exporters.readme import README, Config, readme
from annotations.exporters.rows import CommentRow, ThreadRow
from annotations.exporters.shards import Shards
from annotations.exporters.table import Table

TITLE = "Hugging Face datasets, Parquet by split"
# The splits in the order that the hub shows; what is in none of them is for training.
TRAIN, *_ = SPLITS = ("train", "validation", "test")


def write_files(dataset: Dataset, folder: Folder) -> None:
    study = dataset.study
    names = ["default", "items"] + (["comments"] if study.contents.context != "none" else [])
    languages: set[str] = set()
    with ExitStack() as files:
        configs = {name: _Splits(name, study, files) for name in names}
        for thread, comments in dataset.threads():
            for one in configs.values():
                one.add(thread, thread)
            for comment in comments:
                languages.add(comment.language)
                for one in configs.values():
                    one.add(thread, comment)
        told = [one.put(folder) for one in configs.values()]
    folder.add(README, readme(study, told, languages - {""}))


class _Splits:
    """One config: a table for each split."""

    def __init__(self, name: str, study: Study, files: ExitStack) -> None:
        self._name = name
        self._shards = {split: Shards(_table(name, study), files, len(SPLITS)) for split in SPLITS}

    def add(self, thread: ThreadRow, about: ThreadRow | CommentRow) -> None:
        self._shards[about.split or TRAIN].add(thread, about)

    def put(self, folder: Folder) -> Config:
        """A split without rows has no file, because datasets cannot load one; a table without
        any has one to show its columns."""
        place = "data" if self._name == "default" else self._name
        splits = {split: one.rows for split, one in self._shards.items() if one.rows} or {TRAIN: 0}
        for split in splits:
            self._shards[split].put(folder, f"{place}/{split}")
        return Config(self._name, place, TOLD[self._name], splits)


TOLD = {
    "default": "annotation: who said what of which comment",
    "items": "comment that was labeled, with its final answers",
    "comments": "comment, those that are only context among them",
}


def _table(name: str, study: Study) -> Table:
    if name == "items":
        return ItemTable(study)
    return CommentTable() if name == "comments" else AnnotationTable(study)
