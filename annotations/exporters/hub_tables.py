"""The tables of a folder for the Hugging Face hub: one config, a table for each split."""

from __future__ import annotations

from contextlib import ExitStack

from annotations.exporters.annotation_table import AnnotationTable
from annotations.exporters.comment_table import CommentTable
from annotations.exporters.dataset import Study
from annotations.exporters.folder import Folder
from annotations.exporters.item_table import ItemTable
from annotations.exporters.readme import Config
from annotations.exporters.rows import CommentRow, ThreadRow
from annotations.exporters.shards import Shards
from annotations.exporters.table import Table

# The splits in the order that the hub shows; what is in none of them is for training.
TRAIN, *_ = SPLITS = ("train", "validation", "test")
TOLD = {
    "default": "annotation: who said what of which comment",
    "items": "comment that was labeled, with its final answers",
    "comments": "comment, those that are only context among them",
}


class HubTables:
    """One config of the hub: ``default``, ``items`` or ``comments``."""

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


def _table(name: str, study: Study) -> Table:
    if name == "items":
        return ItemTable(study)
    return CommentTable() if name == "comments" else AnnotationTable(study)
