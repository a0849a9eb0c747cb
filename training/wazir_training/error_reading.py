"""Reading a source that has errors: all documents that can be had, and every error."""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import chain, repeat
from pathlib import Path

from wazir.documents import marked_files, read_lines
from wazir.errors import DataError
from wazir.jsonl import parse_object, read_jsonl
from wazir.markup import read_markup
from wazir.spans import Document
from wazir_training.config import Source
from wazir_training.formats import brat
from wazir_training.formats.jsonl import parse_values
from wazir_training.formats.omissions import Omissions
from wazir_training.formats.registry import READERS
from wazir_training.sources import read_source

#: Errors of one file after which the rest of it is not read.
MOST_ERRORS = 100
LineReader = Callable[[Iterable[str], Path], Iterator[Document]]


def read_around_errors(source: Source) -> tuple[list[Document], list[str]]:
    """Read on after an error: with the next line of a file that has a document a line, and with the next file.

    Returns:
        The documents, and the errors as sentences, each with its place.
    """
    documents: list[Document] = []
    try:
        for document in read_source(source):
            documents.append(document)  # noqa: PERF402 (those before the error count)
    except DataError as error:
        found, errors = _read_parts(source)
        # Where the second reading does not meet the error, it reads the source in another way: the first one counts.
        return (found, errors) if str(error) in errors else (documents, [str(error)])
    return documents, []


def _read_parts(source: Source) -> tuple[list[Document], list[str]]:
    path = Path(source.path)
    try:
        if path.is_file():
            return _read_lines(path)
        folders = [path] if path.is_dir() else [Path(match) for match in sorted(glob.glob(source.path, recursive=True))]
        files = [file for folder in folders if _holds_marks(folder) for file in marked_files(folder, READERS)]
    except DataError as error:
        return [], [str(error)]
    parts = [read_around_errors(replace(source, path=str(file))) for file in files]
    return [d for part, _ in parts for d in part], [e for _, part in parts for e in part]


def _holds_marks(path: Path) -> bool:
    return path.is_dir() or path.suffix.lower() in READERS


def _read_lines(path: Path) -> tuple[list[Document], list[str]]:
    documents: list[Document] = []
    errors: list[str] = []
    read = _line_reader(path)
    if read is None:
        return documents, errors
    lines = read_lines(path)
    done = 0
    while len(errors) < MOST_ERRORS:
        try:
            for d in read(chain(repeat("", done), lines), path):  # empty lines keep the count
                documents.append(Document(d.text, d.spans, f"{path.name}:{d.id}"))  # noqa: PERF401 (likewise)
            return documents, errors
        except DataError as error:
            errors.append(str(error))
            if error.line is None:
                return documents, errors
            done = error.line
    return documents, [*errors, f"{path}: {MOST_ERRORS} errors. The rest of the file was not read; mend these first."]


def _line_reader(path: Path) -> LineReader | None:
    """The reader of a format in which a bad line leaves the next one readable."""
    if path.suffix.lower() == ".jsonl":
        omissions = Omissions(strict=True)
        return partial(read_jsonl, parse=lambda line: parse_values(parse_object(line), omissions))
    if path.suffix.lower() == ".ann" and not brat.is_standoff(path):
        return read_markup
    return None
