"""Training, dev and test documents of a configuration, with nothing of the test data among the training ones."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wazir.documents import paragraphs, read_text
from wazir.errors import DataError
from wazir.jsonl import format_document
from wazir.spans import Document
from wazir_training.config import DataConfig, Source
from wazir_training.formats.registry import READERS
from wazir_training.overlap import all_runs, word_runs
from wazir_training.sources import read_data, read_source


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Documents that train and that test.

    Attributes:
        train: Training paragraphs.
        dev: Paragraphs that choose the best epoch.
        test: Paragraphs that are scored once, at the end.
        left_out: Training paragraphs left out because they share a run of words with dev, test or held-out text.
        runs: Runs of words of dev, test and held-out text.
    """

    train: tuple[Document, ...]
    dev: tuple[Document, ...]
    test: tuple[Document, ...]
    left_out: tuple[Document, ...]
    runs: frozenset[tuple[str, ...]]

    def fingerprints(self) -> dict[str, str]:
        """A hash of each part, texts and spans, that tells whether two runs had the same data."""
        parts = {"train": self.train, "dev": self.dev, "test": self.test}
        return {name: _fingerprint(documents) for name, documents in parts.items() if documents}


def load_data(config: DataConfig) -> TrainingData:
    """Read the sources of a configuration.

    Raises:
        DataError: a file is missing or broken, or a part is empty.
    """
    train, dev, fold = _split(config)
    test = _read(config.test) + fold
    for name, sources, documents in (
        ("train", config.train, train),
        ("dev", config.dev, dev),
        ("test", config.test, test),
    ):
        if not documents and (sources or name == "dev"):
            where = ", ".join(s.path for s in sources) or "the share of data.train"
            raise DataError(f"data.{name} holds no paragraphs", "Name a file that holds some.", where)
    runs = all_runs([d.text for d in (*dev, *test)] + held_out_texts(config.held_out))
    kept: list[Document] = []
    left_out: list[Document] = []
    for document in train:
        (left_out if word_runs(document.text) & runs else kept).append(document)
    if not kept:
        raise DataError(
            f"no training paragraphs, {len(left_out)} were left out for sharing eight words in a row with test data",
            "Give other data.train.",
        )
    return TrainingData(tuple(kept), tuple(dev), tuple(test), tuple(left_out), frozenset(runs))


def read_dev(config: DataConfig) -> list[Document]:
    """The dev paragraphs of a configuration; raises as `load_data`."""
    return _split(config)[1] if config.dev_share else _read(config.dev)


def _split(config: DataConfig) -> tuple[list[Document], list[Document], list[Document]]:
    """Paragraphs that train, those that choose, and those of the fold, which test."""
    train: list[Document] = []
    tests: list[Document] = []
    for source in config.train:
        fold = config.fold if config.fold and config.fold.path == source.path else None
        for i, document in enumerate(_read([source])):
            (tests if fold and i % fold.of == fold.number - 1 else train).append(document)
    if not config.dev_share:
        return train, _read(config.dev), tests
    every = carved_every(config.dev_share)
    return [d for i, d in enumerate(train) if i % every], train[::every], tests


def carved_every(share: float) -> int:
    """Every how manieth training paragraph is dev data; not drawn by seed, so that runs of several seeds compare."""
    return round(1 / share)


def is_plain_text(path: str) -> bool:
    """Whether a held-out source is a file of plain text, as it has the ending of no format."""
    return Path(path).is_file() and Path(path).suffix.lower() not in READERS


def _read(sources: Sequence[Source]) -> list[Document]:
    return [p for source in sources for d in read_source(source) for _, p in paragraphs(d)]


def held_out_texts(paths: Sequence[str]) -> list[str]:
    """Texts of files and folders, plain or marked, that must not train."""
    return [
        text
        for path in paths
        for text in ([read_text(path)] if is_plain_text(path) else [d.text for d in read_data(path)])
    ]


def _fingerprint(documents: Sequence[Document]) -> str:
    digest = hashlib.sha256()
    for document in documents:
        digest.update(format_document(Document(document.text, document.spans)).encode() + b"\n")
    return digest.hexdigest()[:16]
