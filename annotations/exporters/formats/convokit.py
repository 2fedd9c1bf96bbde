"""A ConvoKit corpus: utterances with their labels, conversations and speakers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import datetime
from itertools import chain
from typing import IO, Any

from annotations.exporters.annotation_lines import answers_by_question
from annotations.exporters.conversation_tree import ConversationTree
from annotations.exporters.dataset import Dataset, QuestionFacts, Study
from annotations.exporters.disk_set import DiskSet
from annotations.exporters.final import final_answers
from annotations.exporters.folder import Folder
from annotations.exporters.json_object import JsonObject
from annotations.exporters.rows import CommentRow, ThreadRow

TITLE = "ConvoKit corpus"
# As ConvoKit's own corpora call whoever has no account any more.
NOBODY = "[deleted]"
LABELS = {
    "labels": dict,
    "labeled_texts": dict,
    "final": dict,
    "decided_by": dict,
    "counts": dict,
    "shares": dict,
}
OF_UTTERANCES = {
    "kind": str,
    "reply_to": str,
    "position": int,
    "depth": int,
    "language": str,
    "score": int,
    "sampled": bool,
    "stands_in": bool,
    "split": str,
    **LABELS,
}
OF_CONVERSATIONS = {
    "thread_id": str,
    "title": str,
    "url": str,
    "platform": str,
    "language": str,
    "started_at": float,
    "split": str,
    **LABELS,
}


def write_files(dataset: Dataset, folder: Folder) -> None:
    study = dataset.study
    with closing(DiskSet()) as speakers:
        with (
            folder.open("utterances.jsonl") as utterances,
            folder.open("conversations.json") as file,
            closing(ConversationTree()) as tree,
        ):
            talk = _Talk(study, utterances, speakers, tree)
            conversations = JsonObject(file, _json)
            for thread, comments in dataset.threads():
                talk.add(thread, next(comments, None), comments)
                conversations.add(tree.root, _with_meta(_of_conversation(thread, study)))
            conversations.close()
        with folder.open("speakers.json") as file:
            members = JsonObject(file, _json)
            for speaker in speakers:
                members.add(speaker, _with_meta({}))
            members.close()
    about = _of_the_corpus(study)
    folder.add("corpus.json", _json(about) + b"\n")
    folder.add("index.json", _json(_index(about)) + b"\n")


class _Talk:
    """The utterances of the threads that were added; ``speakers`` gathers who speaks."""

    def __init__(
        self, study: Study, utterances: IO[bytes], speakers: DiskSet, tree: ConversationTree
    ) -> None:
        self._questions = [one for one in study.codebook.questions if one.unit == "comment"]
        self._utterances = utterances
        self._speakers = speakers
        self._tree = tree

    def add(
        self, thread: ThreadRow, first: CommentRow | None, others: Iterable[CommentRow]
    ) -> None:
        if not self._tree.begin(thread, first):
            opening = CommentRow(
                id=self._tree.root, kind="post", posted_at=thread.started_at, split=thread.split
            )
            self._say(opening, stands_in=True)
        for comment in chain([first] if first else [], others):
            self._say(comment, stands_in=False)

    def _say(self, comment: CommentRow, *, stands_in: bool) -> None:
        speaker = comment.author or NOBODY
        self._speakers.add(speaker)
        meta = {
            "kind": comment.kind,
            "reply_to": comment.reply_to,
            "position": comment.position,
            "depth": comment.depth,
            "language": comment.language,
            "score": comment.score,
            "sampled": comment.sampled,
            "stands_in": stands_in,
            "split": comment.split,
            **_labels(comment, self._questions),
        }
        told: dict[str, Any] = {
            "id": comment.id,
            "conversation_id": self._tree.root,
            "text": comment.text,
            "speaker": speaker,
            "meta": meta,
            "reply-to": self._tree.parent(comment),
            "timestamp": _seconds(comment.posted_at),
            "vectors": [],
        }
        self._utterances.write(_json(told) + b"\n")


def _labels(about: ThreadRow | CommentRow, questions: list[QuestionFacts]) -> dict[str, Any]:
    """What was said, by layer and by whom, and of which text if that changed later; and by
    question what comes of it."""
    told: dict[str, Any] = {name: {} for name in LABELS}
    for one in about.annotations:
        if one.state == "submitted":
            who = one.model or one.annotator or one.source
            told["labels"].setdefault(one.source, {})[who] = answers_by_question(one.answers)
            if one.text is not None:
                told["labeled_texts"].setdefault(one.source, {})[who] = one.text
    if not told["labels"]:
        return told
    for question, final in zip(questions, final_answers(about, questions), strict=True):
        told["final"].update(answers_by_question(final.answers))
        for name in ("decided_by", "counts", "shares"):
            if value := getattr(final, name):
                told[name][question.key] = value
    return told


def _of_conversation(thread: ThreadRow, study: Study) -> dict[str, Any]:
    questions = [one for one in study.codebook.questions if one.unit == "thread"]
    return {
        "thread_id": thread.id,
        "title": thread.title,
        "url": thread.url,
        "platform": thread.platform,
        "language": thread.language,
        "started_at": _seconds(thread.started_at),
        "split": thread.split,
        **_labels(thread, questions),
    }


def _of_the_corpus(study: Study) -> dict[str, Any]:
    codebook = study.codebook
    return {
        "name": study.name,
        "description": study.description,
        "campaign": study.campaign,
        "corpus": study.corpus_name,
        "licence": study.corpus_licence,
        "codebook": codebook.key,
        "codebook_version": codebook.version,
        "questions": {one.key: one.title for one in codebook.questions},
        "layers": list(study.contents.layers),
    }


def _index(about: Mapping[str, Any]) -> dict[str, Any]:
    """The types of all metadata, as ConvoKit names them."""
    return {
        "utterances-index": _types(OF_UTTERANCES),
        "speakers-index": {},
        "conversations-index": _types(OF_CONVERSATIONS),
        "overall-index": _types({name: type(value) for name, value in about.items()}),
        "version": 1,
        "vectors": [],
    }


def _types(kinds: Mapping[str, type]) -> dict[str, list[str]]:
    return {name: [str(kind)] for name, kind in kinds.items()}


def _with_meta(meta: Mapping[str, Any]) -> dict[str, Any]:
    return {"meta": meta, "vectors": []}


def _seconds(time: datetime | None) -> float | None:
    """Since 1970, which is how ConvoKit counts."""
    return time.timestamp() if time else None


def _json(value: Any) -> bytes:
    """In ASCII, because ConvoKit opens files in whatever encoding its machine prefers."""
    return json.dumps(value, separators=(",", ":")).encode()
