"""Conversion between formats of marked documents, exact or with a counted loss."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from wazir.errors import DataError
from wazir.spans import Document
from wazir_training.formats.names import FormatName
from wazir_training.formats.omissions import Omissions
from wazir_training.formats.registry import FORMATS, format_of
from wazir_training.sources import read_marked


@dataclass(frozen=True, slots=True)
class Conversion:
    """What was read, and what of it could not be written.

    Attributes:
        documents: Documents that were read.
        spans: Their spans, nested ones among them.
        nested: Their nested spans.
        target: Format of the output.
        omissions: What was left out or changed, in reading and in writing.
    """

    documents: int
    spans: int
    nested: int
    target: FormatName
    omissions: Omissions


def convert(
    source: str,
    output: Path,
    *,
    source_format: FormatName | None = None,
    target_format: FormatName | None = None,
    split: str = "",
) -> Conversion:
    """Read marked documents and write them in another format.

    Args:
        source: As `read_marked` takes it.
        output: File, or for brat a folder, which appears when all is written. A file that is there is replaced.
        source_format: Format of the source, if its ending does not say it.
        target_format: Format of the output, if its ending does not say it.
        split: Split of a data set.

    Raises:
        DataError: the source cannot be read, the output cannot be written or its format is not known.
        WazirError: a library is not installed.
    """
    target = format_of(output) if target_format is None else target_format
    omissions = Omissions()
    read = list(read_marked(source, omissions, split=split, source_format=source_format))
    several = len({file for file, _ in read}) > 1
    documents = [_named(document, file) if several and file else document for file, document in read]
    with _appearing(output, FORMATS[target].is_folder) as part:
        FORMATS[target].write(documents, part, omissions)
    nested = sum(len(span.inner) for document in documents for span in document.spans)
    spans = nested + sum(len(document.spans) for document in documents)
    return Conversion(len(documents), spans, nested, target, omissions)


def _named(document: Document, file: Path) -> Document:
    return Document(document.text, document.spans, f"{file.stem}:{document.id}" if document.id else file.stem)


@contextmanager
def _appearing(path: Path, is_folder: bool) -> Iterator[Path]:
    """A path to write to, which takes the place of ``path`` only when all is written."""
    target = path.resolve()
    if is_folder and target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise DataError("this exists and is no empty folder", "Name a new folder.", path)
    if not is_folder and target.is_dir():
        raise DataError("this is a folder", "Name a file in it.", path)
    try:
        if target.exists() and not target.is_dir() and not target.is_file():
            yield target  # a pipe or device is written to as it is
            return
        with TemporaryDirectory(prefix=".wazir-", dir=target.parent) as folder:
            part = Path(folder) / target.name
            yield part
            if target.is_dir():
                target.rmdir()
            part.replace(target)
    except OSError as error:
        problem = f"cannot be written, {error.strerror or error}"
        raise DataError(problem, "Check folder, permissions and space.", path) from None
