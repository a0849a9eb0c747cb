"""Reading sources of raw text: one paragraph or article a line, plain or compressed."""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from datasets import Dataset, load_dataset
from datasets.exceptions import DatasetGenerationError

from wazir.errors import DataError, short
from wazir_training.config import TextSource


def files_of(source: TextSource) -> list[Path]:
    """Files of a source, in order.

    Raises:
        DataError: there is none.
    """
    found = sorted(Path(p) for p in glob.glob(source.path, recursive=True) if Path(p).is_file())
    if not found:
        raise DataError("no such file", "Name a file of text, or a glob.", source.path)
    return found


def fingerprint(sources: Sequence[TextSource]) -> str:
    """A hash of the contents of the files of sources."""
    digest = hashlib.sha256()
    for path in (path for source in sources for path in files_of(source)):
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]


def described(sources: Sequence[TextSource]) -> list[dict[str, Any]]:
    """What a model card must say of sources, as `metrics.json` keeps it."""
    return [{"name": s.name or Path(s.path).name, "licence": s.licence, "share": s.share} for s in sources]


def raw_lines(source: TextSource) -> Dataset:
    """Its lines, in a column ``text``.

    Raises:
        DataError: it is missing, or is not UTF-8 text.
    """
    files = files_of(source)
    try:
        lines = load_dataset("text", data_files=[str(p.resolve()) for p in files], split="train")
    except (DatasetGenerationError, UnicodeDecodeError, OSError, EOFError) as error:
        cause = error.__cause__ if isinstance(error.__cause__, Exception) else error
        raise DataError(f"cannot be read ({short(cause)})", "Save it as UTF-8 text.", source.path) from None
    if source.share < 1:
        steps = np.floor(np.arange(len(lines) + 1) * source.share)
        lines = lines.select(np.flatnonzero(np.diff(steps)))
    return lines
