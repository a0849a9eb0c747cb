"""Raw text to rows of equal length, packed full."""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from datasets import Dataset, concatenate_datasets
from tokenizers import Tokenizer

from wazir.encoding import encode
from wazir.errors import DataError
from wazir_training.adaptation.config import TextConfig
from wazir_training.overlap import word_runs
from wazir_training.raw_text import raw_lines

#: Lines that are packed together; what is left of a row at their end is filled up by padding.
_LINES = 2_000
#: Sub-tokens that stay together, and whether they are a word.
Piece = tuple[list[int], bool]


@dataclass(frozen=True, slots=True)
class PackedText:
    """Rows that train and rows that test.

    Attributes:
        train: Rows of ``input_ids``, ``attention_mask``, and ``words``: the number of the word in the row that each
            sub-token belongs to, or -1.
        dev: Rows kept apart.
        words: Words read, by white space.
        left_out: Lines left out because they share a run of words with held-out text.
    """

    train: Dataset
    dev: Dataset
    words: int
    left_out: int


def pack(config: TextConfig, tokenizer: Tokenizer, runs: set[tuple[str, ...]]) -> PackedText:
    """Read the sources and cut them into rows of ``config.window`` sub-tokens.

    Lines stand one behind the other, a separator between them, as in RoBERTa (Liu et al. 2019, arXiv 1907.11692,
    section 4.2, "FULL-SENTENCES"); rows are cut between words, so a row that a word does not fit is padded. Nothing
    else is dropped than lines with ``runs``.

    Raises:
        DataError: a source is missing, is not UTF-8 text, or there is less than a row for both train and dev.
    """
    datasets = [raw_lines(source) for source in config.text]
    parts: list[Dataset] = []
    words = left_out = 0
    for lines in datasets:
        # With a fingerprint of its own, as that of a set of runs changes from process to process.
        packed = lines.map(
            partial(_pack_lines, tokenizer=tokenizer, runs=runs, window=config.window),
            batched=True,
            batch_size=_LINES,
            remove_columns=lines.column_names,
            load_from_cache_file=False,
            new_fingerprint=hashlib.sha256(f"{lines._fingerprint} {config}".encode()).hexdigest()[:32],
        )
        words += sum(packed["words_read"])
        left_out += sum(packed["left_out"])
        parts.append(packed.remove_columns(["words_read", "left_out"]))
    rows = np.cumsum([0, *map(len, parts)])
    every = max(math.ceil(rows[-1] / config.dev_rows), 2)
    if rows[-1] < every:
        raise DataError("data.text holds too little text for a row to train and a row to test", "Name more text.")
    ids = [[i for i in range(len(part)) if (i + start) % every] for part, start in zip(parts, rows, strict=False)]
    dev = [[i for i in range(len(part)) if not (i + start) % every] for part, start in zip(parts, rows, strict=False)]
    return PackedText(_select(parts, ids), _select(parts, dev), words, left_out)


def _pack_lines(
    lines: dict[str, list[str]], *, tokenizer: Tokenizer, runs: set[tuple[str, ...]], window: int
) -> dict[str, list[Any]]:
    kept = [line for line in lines["text"] if not word_runs(line) & runs]
    begin, separator = tokenizer.encode("").ids
    rows: dict[str, list[Any]] = {"input_ids": [], "attention_mask": [], "words": []}
    for row in _fill(_words(kept, tokenizer, separator, window - 2), window - 2):
        ids = [i for piece, _ in row for i in piece]
        numbers = itertools.count()
        words = [n for piece, is_word in row for n in [next(numbers) if is_word else -1] * len(piece)]
        rows["input_ids"].append([begin, *ids, separator])
        rows["attention_mask"].append([1] * (len(ids) + 2))
        rows["words"].append([-1, *words, -1])
    count = len(rows["words"])
    words_read = sum(len(line.split()) for line in kept)
    left_out = len(lines["text"]) - len(kept)
    return {**rows, "words_read": _on_first(words_read, count), "left_out": _on_first(left_out, count)}


def _fill(pieces: Iterable[Piece], room: int) -> Iterator[list[Piece]]:
    """Pieces one after the other, as many together as there is room for."""
    row: list[Piece] = []
    size = 0
    for piece in pieces:
        if row and size + len(piece[0]) > room:
            yield row
            row, size = [], 0
        row.append(piece)
        size += len(piece[0])
    if row:
        yield row


def _words(lines: Sequence[str], tokenizer: Tokenizer, separator: int, longest: int) -> Iterator[Piece]:
    """Sub-tokens of one word after the other, and True; between lines the separator, and False."""
    for line in encode(tokenizer, lines):
        first = line.first[line.first >= 0].tolist()
        for start, end in zip(first, [*first[1:], len(line.ids)], strict=True):
            for cut in range(start, end, longest):  # an endless word fills rows of its own
                yield line.ids[cut : min(cut + longest, end)].tolist(), True
        if first:
            yield [separator], False


def _on_first(count: int, rows: int) -> list[int]:
    return [count] + [0] * (rows - 1) if rows else []


def _select(parts: Sequence[Dataset], rows: Sequence[Sequence[int]]) -> Dataset:
    return concatenate_datasets([part.select(chosen) for part, chosen in zip(parts, rows, strict=True)])
