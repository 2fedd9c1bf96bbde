"""A folder that ``datasets.load_dataset`` loads as it is: Parquet files by config and split."""

from __future__ import annotations

from contextlib import ExitStack

from annotations.exporters.dataset import Dataset
from annotations.exporters.folder import Folder
from annotations.exporters.hub import README
from annotations.exporters.readme import readme

TITLE = "Hugging Face datasets, Parquet by split"


def write_files(dataset: Dataset, folder: Folder) -> None:
    """What stands on pyarrow is loaded here: it costs every process that never writes any."""
    from annotations.exporters.hub_tables import HubTables

    study = dataset.study
    names = ["default", "items"] + (["comments"] if study.contents.context != "none" else [])
    languages: set[str] = set()
    with ExitStack() as files:
        configs = {name: HubTables(name, study, files) for name in names}
        for thread, comments in dataset.threads():
            for one in configs.values():
                one.add(thread, thread)
            for comment in comments:
                languages.add(comment.language)
                for one in configs.values():
                    one.add(thread, comment)
        told = [one.put(folder) for one in configs.values()]
    folder.add(README, readme(study, told, languages - {""}))
