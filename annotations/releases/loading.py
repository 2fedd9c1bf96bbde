"""How the files of a release are loaded, a line for each format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

IDS = 'dtype={"thread_id": str, "comment_id": str}'
DOCS = 'list(spacy.tokens.DocBin().from_disk("{file}").get_docs(spacy.blank("xx").vocab))'
LINES = {
    "conll": (".conllup", 'list(conllu.parse_incr(open("{file}", encoding="utf-8")))'),
    "convokit": ("utterances.jsonl", 'convokit.Corpus(filename="{parent}")'),
    "csv": (".csv", f'pandas.read_csv("{{file}}", {IDS}, keep_default_na=False)'),
    "doccano": (".jsonl", 'pandas.read_json("{file}", lines=True)'),
    "hatexplain": ("dataset.json", 'json.load(open("{file}", encoding="utf-8"))'),
    "huggingface": ("README.md", 'datasets.load_dataset("{parent}")'),
    "jsonl": (".jsonl", f'pandas.read_json("{{file}}", lines=True, {IDS})'),
    "label_studio": ("tasks.json", 'json.load(open("{file}", encoding="utf-8"))'),
    "lewidi": (
        "_train.json",
        'pandas.read_json("{file}", orient="index", convert_axes=False, dtype=False)',
    ),
    "parquet": (".parquet", 'pandas.read_parquet("{file}")'),
    "spacy": (".spacy", DOCS),
    "threads": (".jsonl", 'pandas.read_json("{file}", lines=True, dtype=False)'),
    "web_annotation": (".jsonld", 'json.load(open("{file}", encoding="utf-8"))["first"]["items"]'),
}


def loading(formats: Iterable[str], files: Iterable[Mapping[str, object]]) -> dict[str, str]:
    """A line of Python for each format that has one, with the paths inside of the archive.

    ``files`` are those of the manifest; where a format has several, the line loads the first.
    """
    named = [(str(one["format"]), str(one["name"])) for one in files]
    lines = {}
    for name in formats:
        suffix, line = LINES.get(name, ("", ""))
        fitting = [path for owner, path in named if owner == name and path.endswith(suffix)]
        if line and fitting:
            parent = fitting[0].rpartition("/")[0]
            lines[name] = line.replace("{file}", fitting[0]).replace("{parent}", parent)
    return lines
