"""Training and dev documents of a configuration, with nothing of the test data among the training ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wazir.documents import READERS, paragraphs, read_text
from wazir.errors import DataError
from wazir.labels import LabelScheme
from wazir.spans import Document
from wazir_training.config import DataConfig, Source
from wazir_training.overlap import all_runs, word_runs
from wazir_training.sources import read_source


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Documents that train and that test.

    Attributes:
        train: Training paragraphs.
        dev: Paragraphs that choose the best epoch.
        left_out: Training paragraphs left out because they share a run of words with dev or held-out text.
    """

    train: tuple[Document, ...]
    dev: tuple[Document, ...]
    left_out: tuple[Document, ...]


def load_data(config: DataConfig, scheme: LabelScheme) -> TrainingData:
    """Read the sources of a configuration.

    Raises:
        DataError: a file is missing or broken, or holds a label that the scheme lacks.
    """
    dev = read_dev(config)
    test_texts = [d.text for d in dev] + [t for path in config.held_out for t in _texts(path)]
    runs = all_runs(test_texts)
    train: list[Document] = []
    left_out: list[Document] = []
    for source in config.train:
        for document in read_source(source):
            for _, paragraph in paragraphs(document):
                (left_out if word_runs(paragraph.text) & runs else train).append(paragraph)
    if not train:
        raise DataError(
            f"no training paragraphs, {len(left_out)} were left out for sharing eight words in a row with test data",
            "Give other data.train.",
        )
    check_labels([*train, *dev], scheme)
    return TrainingData(tuple(train), tuple(dev), tuple(left_out))


def _texts(path: str) -> list[str]:
    if Path(path).suffix in READERS or Path(path).is_dir():
        return [d.text for d in read_source(Source(path))]
    return [read_text(path)]


def read_dev(config: DataConfig) -> list[Document]:
    """The dev paragraphs of a configuration; raises as `load_data`."""
    return [p for source in config.dev for d in read_source(source) for _, p in paragraphs(d)]


def check_labels(documents: Sequence[Document], scheme: LabelScheme) -> None:
    """Make sure that a scheme has all labels of some documents.

    Raises:
        DataError: it lacks one.
    """
    for document in documents:
        for span in document.spans:
            layers = [(span, scheme.outer), *((s, scheme.inner) for s in span.inner)]
            for s, labels in layers:
                if s.label not in labels:
                    raise DataError(
                        f"unknown label {s.label!r} of span {s.text!r:.60}",
                        f"Labels here are {', '.join(labels)}.",
                        document.id or None,
                    )
