"""Reading the sources of a configuration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from wazir.documents import read_documents
from wazir.errors import DataError
from wazir.spans import Document
from wazir_training.config import Source


def read_source(source: Source) -> Iterator[Document]:
    """The documents of a source, with their marks.

    Raises:
        DataError: no such file, or bad content.
    """
    if not Path(source.path).exists():
        raise DataError(
            "no such file or folder",
            "Mend data.train or data.dev, or give other paths on the command line.",
            source.path,
        )
    yield from read_documents(source.path)
