"""Reading documents from files, by their ending."""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path

from wazir.conll import read_conll
from wazir.errors import DataError
from wazir.jsonl import read_jsonl
from wazir.markup import read_markup
from wazir.spans import Document

Reader = Callable[[Iterable[str], Path | None], Iterator[Document]]
#: Endings of files of a word and its tags a line; the tag scheme is found from the tags.
CONLL_ENDINGS = (".conll", ".iob", ".iob1", ".iob2", ".bio", ".bioes", ".iobes", ".tsv")
#: Formats that carry spans, by file ending.
READERS: dict[str, Reader] = {
    ".ann": read_markup,
    ".jsonl": read_jsonl,
    **dict.fromkeys(CONLL_ENDINGS, read_conll),
}


def read_lines(path: str | Path) -> Iterator[str]:
    r"""Read a UTF-8 file line by line, without line ends (``\n`` or ``\r\n``) and byte order mark.

    Args:
        path: The file; `-` is standard input.

    Raises:
        DataError: the file is missing, unreadable, a directory, or not UTF-8 (with line and byte offset).
    """
    for line in _decoded_lines(path):
        yield line.removesuffix("\n").removesuffix("\r")


def read_text(path: str | Path, keep_mark: bool = False) -> str:
    """Read a UTF-8 file whole, line ends as they are; raises as `read_lines`.

    Args:
        path: The file; `-` is standard input.
        keep_mark: Keep a byte order mark as the first character.
    """
    return "".join(_decoded_lines(path, keep_mark))


def _decoded_lines(path: str | Path, keep_mark: bool = False) -> Iterator[str]:
    position = 0
    if str(path) == "-" and sys.stdin is None:
        raise DataError("standard input is closed", "Name a file.", path)
    try:
        with nullcontext(sys.stdin.buffer) if str(path) == "-" else Path(path).open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    text = line.decode("utf-8")
                except UnicodeDecodeError as error:
                    raise DataError(
                        f"byte {position + error.start} of the file (0x{line[error.start]:02x}) is not valid UTF-8",
                        "Save the file as UTF-8, for example with `iconv -f windows-1256 -t utf-8`.",
                        path,
                        number,
                    ) from None
                yield text.removeprefix("\ufeff") if position == 0 and not keep_mark else text
                position += len(line)
    except FileNotFoundError:
        raise DataError("no such file", "Check the path.", path) from None
    except IsADirectoryError:
        raise DataError("this is a directory", "Name a file in it.", path) from None
    except OSError as error:
        raise DataError(f"cannot be read, {error.strerror or error}", "Check its permissions.", path) from None


def read_documents(path: str | Path) -> Iterator[Document]:
    """Read marked documents from a file of one of `READERS`, or from all in a folder.

    A folder is read in name order, without its subfolders.

    Raises:
        DataError: no such file, nothing to read in the folder, an unknown ending, or bad content.
    """
    for file in marked_files(path, READERS):
        for document in READERS[file.suffix.lower()](read_lines(file), file):
            yield Document(document.text, document.spans, f"{file.name}:{document.id}")


def marked_files(path: str | Path, endings: Collection[str]) -> list[Path]:
    """A file, or those of a folder that have one of the endings, in name order, without its subfolders.

    Raises:
        DataError: no such file, nothing to read in the folder, or a file of another ending.
    """
    path = Path(path)
    if path.is_dir():
        files = sorted(p for p in path.iterdir() if p.suffix.lower() in endings and not p.is_dir())
        if not files:
            raise DataError("no marked files in this folder", f"It should hold {' or '.join(endings)} files.", path)
        return files
    if not path.exists():
        raise DataError("no such file", "Check the path.", path)
    if path.suffix.lower() not in endings:
        raise DataError(f"unknown format {path.suffix!r}", f"Use one of {', '.join(endings)}.", path)
    return [path]


def paragraphs(document: Document) -> Iterator[tuple[int, Document]]:
    """The lines of a document as documents of their own, line ends included; white lines are left out.

    Yields:
        The number of the line, from 1, and the line with its spans.

    Raises:
        DataError: a span crosses the end of a line.
    """
    start = 0
    spans = document.spans
    first = 0
    for number, line in enumerate(document.text.splitlines(keepends=True), 1):
        end = start + len(line)
        after = bisect_left(spans, end, lo=first, key=lambda s: s.start)
        mine = spans[first:after]
        if mine and mine[-1].end > end:
            raise DataError(
                f"span {mine[-1].text!r:.60} crosses the end of a line", "Cut it in two.", document.id or None
            )
        if not line.isspace():
            yield number, Document(line, tuple(s.shift(-start) for s in mine), document.id)
        first, start = after, end
