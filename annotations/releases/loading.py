"""How the files of a release are loaded, a line for each format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

IDS = 'dtype={"thread_id": str, "comment_id": str}'
LINES = {
    "csv": f'pandas.read_csv("{{file}}", {IDS}, keep_default_na=False)',
    "jsonl": f'pandas.read_json("{{file}}", lines=True, {IDS})',
    "threads": 'pandas.read_json("{file}", lines=True, dtype=False)',
    "parquet": 'pandas.read_parquet("{file}")',
    "huggingface": 'datasets.load_dataset("{folder}")',
    "convokit": 'convokit.Corpus(filename="{folder}")',
    "lewidi": 'pandas.read_json("{file}", orient="index")',
    "hatexplain": 'pandas.read_json("{file}", orient="index")',
    "spacy": 'spacy.tokens.DocBin().from_disk("{file}")',
    "doccano": 'pandas.read_json("{file}", lines=True)',
    "label_studio": 'json.load(open("{file}", encoding="utf-8"))',
}


def loading(formats: Iterable[str], files: Iterable[Mapping[str, object]]) -> dict[str, str]:
    """A line of Python for each format that has one, with the paths inside of the archive.

    ``files`` are those of the manifest.
    """
    first: dict[str, str] = {}
    for one in files:
        first.setdefault(str(one["format"]), str(one["name"]))
    return {
        name: LINES[name].replace("{file}", first[name]).replace("{folder}", name)
        for name in formats
        if name in LINES and name in first
    }
