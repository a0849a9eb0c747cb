"""Every format with its reader, its writer and its file endings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from wazir.documents import CONLL_ENDINGS
from wazir.errors import DataError
from wazir.iob import TagScheme
from wazir.spans import Document
from wazir_training.formats import brat, conll, docbin, jsonl, label_studio, markup
from wazir_training.formats.names import FormatName
from wazir_training.formats.omissions import Omissions

Reader = Callable[[Path, Omissions], Iterator[Document]]
Writer = Callable[[Sequence[Document], Path, Omissions], None]


@dataclass(frozen=True, slots=True)
class Format:
    """A format of marked documents.

    Attributes:
        read: Reads a file.
        write: Writes a file that does not exist yet, or a folder.
        endings: Endings of files that hold it.
        is_folder: Whether `write` makes a folder.
    """

    read: Reader
    write: Writer
    endings: tuple[str, ...]
    is_folder: bool = False


FORMATS: dict[FormatName, Format] = {
    FormatName.ann: Format(markup.read, markup.write, (".ann",)),
    FormatName.jsonl: Format(jsonl.read, jsonl.write, (".jsonl",)),
    FormatName.conll: Format(conll.read, conll.write, CONLL_ENDINGS),
    FormatName.iob1: Format(conll.read, partial(conll.write, scheme=TagScheme.IOB1), CONLL_ENDINGS),
    FormatName.bioes: Format(conll.read, partial(conll.write, scheme=TagScheme.BIOES), CONLL_ENDINGS),
    FormatName.brat: Format(brat.read, brat.write, (".ann",), is_folder=True),
    FormatName.label_studio: Format(label_studio.read, label_studio.write, (".json",)),
    FormatName.doccano: Format(jsonl.read_doccano, jsonl.write_doccano, (".jsonl",)),
    FormatName.spacy: Format(docbin.read, docbin.write, (".spacy",)),
}


def _read_ann(path: Path, omissions: Omissions) -> Iterator[Document]:
    return brat.read(path, omissions) if brat.is_standoff(path) else markup.read(path, omissions)


#: Readers by file ending, in lower case; `.ann` and `.jsonl` are told apart by their content.
READERS: dict[str, Reader] = {
    ".ann": _read_ann,
    ".jsonl": jsonl.read,
    **dict.fromkeys(CONLL_ENDINGS, conll.read),
    ".json": label_studio.read,
    ".spacy": docbin.read,
}
_WRITTEN_AS = {
    ".ann": FormatName.ann,
    ".jsonl": FormatName.jsonl,
    **dict.fromkeys(CONLL_ENDINGS, FormatName.conll),
    ".iob1": FormatName.iob1,
    ".bioes": FormatName.bioes,
    ".iobes": FormatName.bioes,
    ".json": FormatName.label_studio,
    ".spacy": FormatName.spacy,
}


def format_of(path: Path) -> FormatName:
    """The format in which a file of this name is written.

    Raises:
        DataError: its ending says none.
    """
    if path.suffix.lower() not in _WRITTEN_AS:
        problem = f"the ending {path.suffix!r} names no format to write"
        raise DataError(problem, f"Name one with --to: {', '.join(FormatName)}.", path)
    return _WRITTEN_AS[path.suffix.lower()]
