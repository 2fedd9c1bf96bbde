"""Where uploaded files are kept until, and after, they are imported."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import IO
from uuid import uuid4

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage

from annotations.errors import InvalidInput, UnreadableFile
from importers.models import ImportRun
from importers.source import Source


def keep_upload(upload: IO[bytes], *, name: str) -> str:
    """Store the file under a name of its own, and give that name.

    Raises InvalidInput for a file larger than MAX_UPLOAD_MB.
    """
    size = upload.seek(0, 2)
    upload.seek(0)
    if size > settings.MAX_UPLOAD_BYTES:
        limit = settings.MAX_UPLOAD_BYTES // 1_000_000
        raise InvalidInput(
            f"{name} has {size / 1e6:,.0f} MB; at most {limit:,} are taken here. "
            "Use `manage.py import_threads` on the server instead."
        )
    name = f"imports/{uuid4().hex}"
    try:
        return default_storage.save(name, File(upload))
    except OSError:  # a full disk: what was written of it would keep it full
        default_storage.delete(name)
        raise


@contextmanager
def kept_source(run: ImportRun) -> Iterator[Source]:
    """The run's file on this machine's disk, fetched if the storage is elsewhere.

    Raises UnreadableFile if it is not kept any more.
    """
    if not run.file or not default_storage.exists(run.file):
        raise UnreadableFile(
            f"The file {run.file_name} is not kept here. What was stored of it stays: import the "
            "file again, and only what is missing is added."
        )
    try:
        path = Path(default_storage.path(run.file))
    except NotImplementedError:
        with tempfile.NamedTemporaryFile() as copy, default_storage.open(run.file) as file:
            shutil.copyfileobj(file, copy)
            copy.flush()
            yield Source(Path(copy.name), run.file_name)
    else:
        yield Source(path, run.file_name)


def shown_name(name: str) -> str:
    """The last part of an upload's name, without what terminals and databases choke on."""
    last = PurePath(name.replace("\\", "/")).name
    return "".join(character for character in last if character.isprintable())[:300] or "file"
