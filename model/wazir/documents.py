"""Reading documents from files, by their ending."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from wazir.conll import read_conll
from wazir.errors import DataError
from wazir.jsonl import read_jsonl
from wazir.markup import read_markup
from wazir.spans import Document

Reader = Callable[[Iterable[str], Path | None], Iterator[Document]]
#: Formats that carry spans, by file ending.
READERS: dict[str, Reader] = {
    ".ann": read_markup,
    ".jsonl": read_jsonl,
    ".conll": read_conll,
    ".iob2": read_conll,
}


def read_text(path: str | Path) -> str:
    """Read a UTF-8 file whole, with or without a byte order mark; `-` is standard input.

    Raises:
        DataError: the file is missing, unreadable, a directory, or not UTF-8 (with the byte offset).
    """
    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else Path(path).read_bytes()
    except FileNotFoundError:
        raise DataError("no such file", "Check the path.", path) from None
    except IsADirectoryError:
        raise DataError("this is a directory", "Name a file in it.", path) from None
    except OSError as error:
        raise DataError(f"cannot be read, {error.strerror or error}", "Check its permissions.", path) from None
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise DataError(
            f"byte {error.start} (0x{data[error.start]:02x}) is not valid UTF-8",
            "Save the file as UTF-8, for example with `iconv -f windows-1256 -t utf-8`.",
            path,
        ) from None


def read_documents(path: str | Path) -> Iterator[Document]:
    """Read marked documents from an `.ann`, `.jsonl`, `.conll` or `.iob2` file, or from all in a folder.

    A folder is read in name order, without its subfolders.

    Raises:
        DataError: no such file, nothing to read in the folder, an unknown ending, or bad content.
    """
    path = Path(path)
    if path.is_dir():
        files = sorted(p for p in path.iterdir() if p.suffix in READERS)
        if not files:
            raise DataError("no marked files in this folder", f"It should hold {' or '.join(READERS)} files.", path)
        for file in files:
            yield from read_documents(file)
        return
    if path.suffix not in READERS and path.exists():
        raise DataError(f"unknown format {path.suffix!r}", f"Use one of {', '.join(READERS)}.", path)
    for document in READERS.get(path.suffix, read_jsonl)(split_lines(read_text(path)), path):
        yield Document(document.text, document.spans, f"{path.name}:{document.id}")


def split_lines(text: str) -> list[str]:
    r"""Lines of a file, cut at ``\n`` only; U+2028 and the like stay inside a line."""
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines
