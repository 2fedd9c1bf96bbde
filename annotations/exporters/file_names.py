"""Names of files for what has a name of its own: a thread, a person, a model."""

from __future__ import annotations

import hashlib
import re

from annotations.exporters.rows import HUMAN, AnnotationRow

LONGEST = 80
PLAIN = re.compile(rf"[a-z0-9_-](?:[a-z0-9_.-]{{0,{LONGEST - 2}}}[a-z0-9_-])?")
# What Windows takes for a device, whatever ending follows.
DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")
UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


def file_name(name: str) -> str:
    """``name`` as a file name on every system, another one for every other name.

    Where a system could take it for another (capitals, signs, length) or for a device, a piece of
    its checksum stands behind it.
    """
    if PLAIN.fullmatch(name) and not DEVICES.fullmatch(name):
        return name
    checksum = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{UNSAFE.sub('-', name)[:LONGEST]}-{checksum}"


def layer_name(annotation: AnnotationRow) -> str:
    """The folder for all that the same person, model, method or layer says: ``A1``, ``gold``."""
    if annotation.source == HUMAN:
        return annotation.annotator
    if annotation.model:
        return f"{annotation.source}-{file_name(annotation.model)}"
    return annotation.source
