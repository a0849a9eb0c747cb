"""Reading marked documents from wherever they lie: a file, a folder, a glob, or a data set of the Hub."""

from __future__ import annotations

import glob
import logging
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from wazir.documents import marked_files
from wazir.errors import DataError
from wazir.spans import Document
from wazir_training.formats import brat
from wazir_training.formats.hub import is_dataset_folder, read_dataset
from wazir_training.formats.names import FormatName
from wazir_training.formats.omissions import Omissions
from wazir_training.formats.registry import FORMATS, READERS, Reader

if TYPE_CHECKING:  # conversion needs no pydantic
    from wazir_training.config import Source

_LOGGER = logging.getLogger(__name__)
#: Id of a data set on the Hub, and its configuration if it has several.
_HUB_ID = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*(:[\w.-]+)?")


def read_source(source: Source) -> Iterator[Document]:
    """The documents of a source, with their marks; what was neither text nor mark and not read is logged.

    Raises:
        DataError: nothing there, no documents in it, bad content, or a text or span that would be lost.
    """
    omissions = Omissions(strict=True)
    for file, document in read_marked(source.path, omissions, split=source.split):
        name = source.path if file is None else file.name
        yield Document(document.text, document.spans, f"{name}:{document.id}" if document.id else name)
    for line in omissions.lines():
        _LOGGER.warning("%s: %s", source.path, line)


def read_data(path: str | Path) -> list[Document]:
    """The documents of what a command is given to read; raises as `read_source`."""
    from wazir_training.config import Source

    return list(read_source(Source(str(path))))


def read_marked(
    path: str, omissions: Omissions, *, split: str = "", source_format: FormatName | None = None
) -> Iterator[tuple[Path | None, Document]]:
    """Read marked documents.

    Args:
        path: File, folder, glob, id of a data set on the Hub or a data set saved in a folder. A folder is read in
            name order, without its subfolders and files of other endings; of a glob every file is read.
        omissions: Counts what is left out.
        split: Split of a data set.
        source_format: Format of all files, if their endings do not say it.

    Yields:
        The file, None for a data set, and a document of it, whose id is unique in the file.

    Raises:
        DataError: nothing there, no documents in it, or bad content.
    """
    found = False
    for each in _read_marked(path, omissions, split, source_format):
        found = True
        yield each
    if not found:
        raise DataError("no documents in it", "Name a file that holds some.", path)


def _read_marked(
    path: str, omissions: Omissions, split: str, source_format: FormatName | None
) -> Iterator[tuple[Path | None, Document]]:
    place = Path(path)
    if _is_hub_id(place) or (place.is_dir() and source_format is None and (split or is_dataset_folder(place))):
        yield from ((None, document) for document in read_dataset(path, split, omissions))
        return
    if split:
        raise DataError(f"split {split!r} of what is no data set", "Leave out the split.", path)
    readers: Mapping[str, Reader] = READERS
    if source_format is not None:
        readers = dict.fromkeys(FORMATS[source_format].endings, FORMATS[source_format].read)
    for file in _files(path, readers, any_ending=source_format is not None):
        read = readers[file.suffix.lower()] if source_format is None else FORMATS[source_format].read
        yield from ((file, document) for document in read(file, omissions))


def _is_hub_id(path: Path) -> bool:
    return _HUB_ID.fullmatch(str(path)) is not None and path.suffix.lower() not in READERS and not path.exists()


def _files(path: str, readers: Mapping[str, Reader], any_ending: bool) -> list[Path]:
    if not Path(path).exists() and not glob.has_magic(path):
        raise DataError("no such file or folder", "Check the path.", path)
    if Path(path).exists():
        return [Path(path)] if any_ending and Path(path).is_file() else marked_files(path, readers)
    matches = [Path(match) for match in sorted(glob.glob(path, recursive=True))]
    if not matches:
        raise DataError("no file matches", "Mend the pattern.", path)
    texts = {m.with_suffix(".txt") for m in matches if m.suffix.lower() == ".ann" and brat.is_standoff(m)}
    files = [match for match in matches if match not in texts]
    for file in files:
        if file.is_dir():
            raise DataError(f"the pattern {path} matches this folder", "Let it match files alone.", file)
        if not any_ending:
            marked_files(file, readers)  # refuses other endings
    return files
