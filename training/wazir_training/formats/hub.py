"""Data sets of the Hugging Face Hub, or in the layouts of `datasets` in a folder."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from wazir.conll import tagged_document
from wazir.errors import DataError, WazirError, short
from wazir.iob import find_scheme
from wazir.jsonl import document_from_dict
from wazir.spans import Document
from wazir_training.formats.omissions import Omissions

#: Files that `Dataset.save_to_disk` and `DatasetDict.save_to_disk` write.
_SAVED = ("state.json", "dataset_dict.json")
_COLUMNS = "Give it the columns 'text' and 'spans', or 'tokens' and 'ner_tags'."


def is_dataset_folder(path: Path) -> bool:
    """Whether a folder was saved by `datasets` or holds Parquet files, as the repositories of the Hub do."""
    return any((path / name).is_file() for name in _SAVED) or next(path.rglob("*.parquet"), None) is not None


def read_dataset(name: str, split: str, omissions: Omissions) -> Iterator[Document]:
    """Read one split of a data set: rows with ``text`` and ``spans``, or with ``tokens`` and ``ner_tags``.

    Spans are as in Wazir's JSONL. Tags follow any scheme of `wazir.iob`, as strings or as classes with names.

    Args:
        name: Id on the Hub, ``org/name`` or ``org/name:configuration``, or a folder.
        split: Its split; may be empty where it has one alone.
        omissions: Counts tags that break their scheme.

    Raises:
        DataError: it cannot be reached or read, has no such split, other columns, or a wrong span or tag.
        WazirError: the library `datasets` is not installed.
    """
    data = _load(name, split)
    path = f"{name}, {data.split}" if data.split else name
    if {"text", "spans"} <= set(data.column_names):
        yield from _read_spans(data, path)
    elif {"tokens", "ner_tags"} <= set(data.column_names):
        yield from _read_tags(data, path, omissions)
    else:
        raise DataError(f"unknown columns {', '.join(data.column_names)}", _COLUMNS, path)


def _load(name: str, split: str) -> Any:
    try:
        import datasets
    except ModuleNotFoundError as error:
        raise WazirError(f'data sets of the Hub need {error.name}. Run `pip install "wazir[train]"`.') from None
    local = Path(name).is_dir()
    try:
        with _quiet(datasets):
            if local and any((Path(name) / file).is_file() for file in _SAVED):
                data = datasets.load_from_disk(name)
            else:
                repository, _, configuration = (name, "", "") if local else name.partition(":")
                data = datasets.load_dataset(repository, configuration or None, split=split or None)
    except Exception as error:  # what a library of many back ends raises cannot be listed
        problem = "this folder cannot be read" if local else "no file or folder here, and no data set to be reached"
        remedy = "Check name and network; org/name:CONFIGURATION names one of several configurations."
        raise DataError(f"{problem} ({short(error)})", remedy, name) from None
    splits = data if isinstance(data, Mapping) else {split: data}
    if len(splits) == 1 and not split:
        return next(iter(splits.values()))
    if split not in splits:
        problem = f"no split {split!r}" if split else "a data set of several splits"
        raise DataError(problem, f"Name one of {', '.join(splits)} as its split.", name)
    return splits[split]


@contextmanager
def _quiet(datasets: Any) -> Iterator[None]:
    """Without progress bars and the Hub client's reports of each retry."""
    logger = logging.getLogger("huggingface_hub")
    level, bars = logger.level, datasets.are_progress_bars_disabled()
    logger.setLevel(logging.ERROR)
    datasets.disable_progress_bars()
    try:
        yield
    finally:
        logger.setLevel(level)
        if not bars:
            datasets.enable_progress_bars()


def _read_spans(data: Any, path: str) -> Iterator[Document]:
    for number, row in enumerate(data, 1):
        if not isinstance(row["text"], str):
            raise DataError(f"'text' is {row['text']!r:.40}", "Give every row a text.", path, number)
        try:
            document = document_from_dict({"text": row["text"], "spans": _objects(row["spans"])})
        except DataError as error:
            raise error.at(path, number) from None
        yield Document(document.text, document.spans, str(number))


def _objects(spans: Any) -> Any:
    """Spans as `datasets` gives them: a list, or the lists of their columns, with None for what is not there."""
    if isinstance(spans, Mapping):
        spans = [dict(zip(spans, values, strict=True)) for values in zip(*spans.values(), strict=True)]
    if not isinstance(spans, list):
        return spans or []
    return [
        {key: _objects(value) if key == "inner" else value for key, value in span.items() if value is not None}
        for span in spans
    ]


def _read_tags(data: Any, path: str, omissions: Omissions) -> Iterator[Document]:
    names = getattr(getattr(data.features["ner_tags"], "feature", None), "names", None)
    columns = [(row["tokens"], _tags(row["ner_tags"], names, path, n)) for n, row in enumerate(data, 1)]
    for number, (words, tags) in enumerate(columns, 1):
        if len(words or ()) != len(tags) or not all(isinstance(word, str) and word.strip() for word in words or ()):
            raise DataError("'tokens' and 'ner_tags' are not a word and a tag each", "Mend it.", path, number)
    try:
        found = find_scheme([(number, tag) for tag in tags] for number, (_, tags) in enumerate(columns, 1))
    except DataError as error:
        raise error.at(path, error.line) from None
    omissions.at(path)
    omissions.stray_tags(found)
    for number, (words, tags) in enumerate(columns, 1):
        yield tagged_document(words or (), [tags], str(number))


def _tags(values: Any, names: list[str] | None, path: str, number: int) -> list[str]:
    tags = [names[v] if names and isinstance(v, int) and 0 <= v < len(names) else v for v in values or ()]
    if not all(isinstance(tag, str) for tag in tags):
        raise DataError(f"tags {tags!r:.60} have no names", "Make 'ner_tags' strings, or a ClassLabel.", path, number)
    return tags
