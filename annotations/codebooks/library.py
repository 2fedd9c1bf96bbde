"""The codebooks that come with Threadmark: every YAML file in ``library/``, nothing to register."""

from __future__ import annotations

from pathlib import Path

from annotations.codebooks.schema import CodebookFile, parse_codebook
from annotations.errors import InvalidCodebook

LIBRARY = Path(__file__).with_suffix("")


def library_files(folder: Path = LIBRARY) -> list[Path]:
    """The codebook files of the library, by name."""
    return sorted(folder.glob("*.yaml"))


def read_codebook(file: Path) -> CodebookFile:
    """The codebook in a file. Raises InvalidCodebook, whose message starts with the file's name."""
    try:
        return parse_codebook(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise InvalidCodebook(f"{file.name}: not UTF-8 text; save it as UTF-8.") from error
    except InvalidCodebook as error:
        raise InvalidCodebook(f"{file.name}: {error.message}", fields=error.fields) from error


def library_codebooks(folder: Path = LIBRARY) -> list[CodebookFile]:
    """All codebooks of the library, by key and version.

    Raises InvalidCodebook if a file breaks the schema or two files are the same version.
    """
    found: dict[tuple[str, int], CodebookFile] = {}
    for file in library_files(folder):
        codebook = read_codebook(file)
        place = (codebook.key, codebook.version)
        if place in found:
            raise InvalidCodebook(
                f"{file.name}: version {codebook.version} of {codebook.key} stands in another "
                "file already; raise the version."
            )
        found[place] = codebook
    return [found[place] for place in sorted(found)]
