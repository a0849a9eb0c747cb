"""What trimming did to a checkpoint: its size, and how a sample is encoded before and after."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.table import Table
from tokenizers import Tokenizer

from wazir.tagging import Ints
from wazir_training.vocabulary import encode_all, unknown_id


@dataclass(frozen=True, slots=True)
class Size:
    """How large a checkpoint is.

    Attributes:
        pieces: Entries of the vocabulary, special tokens included.
        parameters: Numbers in the network, tied ones counted once.
        megabytes: Weights and `tokenizer.json`, in units of 10⁶ bytes.
    """

    pieces: int
    parameters: int
    megabytes: float


@dataclass(frozen=True, slots=True)
class Reading:
    """How the sample is encoded before and after, by one way of reading text.

    Attributes:
        reader: Whose normaliser and word rule read it.
        texts: Number of texts.
        same: Share of them whose sub-tokens are the same.
        per_word: Sub-tokens a word (`wazir.words`), before and after.
        unknown: Share of the sub-tokens that are the unknown token, before and after.
    """

    reader: str
    texts: int
    same: float
    per_word: tuple[float, float]
    unknown: tuple[float, float]


@dataclass(frozen=True, slots=True)
class TrimReport:
    """What trimming did.

    Attributes:
        before: Size of the base.
        after: Size of what was written.
        readings: The sample as the base's own tokenizer reads it, and as a training by Wazir will; none without sample.
        left_out: Weights of the base that its architecture has no place for, by name.
    """

    before: Size
    after: Size
    readings: tuple[Reading, ...]
    left_out: tuple[str, ...]


def size_of(model: Any, tokenizer: Tokenizer, missing: Container[str] = ()) -> Size:
    """How large a network and its tokenizer are, without some weights of that network, by name."""
    weights = [weight for name, weight in model.named_parameters() if name not in missing]
    size = sum(w.numel() * w.element_size() for w in weights) + len(tokenizer.to_str(pretty=True).encode())
    return Size(tokenizer.get_vocab_size(), sum(w.numel() for w in weights), size / 1e6)


def compare(reader: str, old: Tokenizer, new: Tokenizer, rows: Ints, texts: Sequence[str]) -> Reading:
    """Encode texts with a tokenizer and with what was cut from it.

    Args:
        reader: Name of the way of reading, for the report.
        old: The whole tokenizer.
        new: The cut one.
        rows: Id in ``old`` of each id of ``new``, shape [pieces].
        texts: At least one text.
    """
    same = words = 0
    totals, unknown = np.zeros(2), np.zeros(2)
    unknown_ids = (unknown_id(old), unknown_id(new))
    for pair in zip(encode_all(old, texts), encode_all(new, texts), strict=True):
        same += np.array_equal(pair[0].ids, rows[pair[1].ids]) and np.array_equal(pair[0].first, pair[1].first)
        words += len(pair[0].words)
        totals += [len(e.ids) for e in pair]
        unknown += [int((e.ids == i).sum()) for e, i in zip(pair, unknown_ids, strict=True)]
    per_word, shares = totals / max(words, 1), unknown / np.maximum(totals, 1)
    return Reading(reader, len(texts), same / max(len(texts), 1), (per_word[0], per_word[1]), (shares[0], shares[1]))


def report_table(report: TrimReport) -> Table:
    """Sizes and encodings, before and after."""
    table = Table("", "before", "after")
    for column in table.columns[1:]:
        column.justify = "right"
    before, after = report.before, report.after
    table.add_row("pieces", f"{before.pieces:,}", f"{after.pieces:,}")
    table.add_row("parameters", f"{before.parameters:,}", f"{after.parameters:,}")
    table.add_row("MB, weights and tokenizer", f"{before.megabytes:,.1f}", f"{after.megabytes:,.1f}")
    for reading in report.readings:
        name = f"as {reading.reader} reads"
        table.add_row(f"sub-tokens a word, {name}", *(f"{x:.3f}" for x in reading.per_word))
        table.add_row(f"unknown sub-tokens, {name}", *(f"{x:.3%}" for x in reading.unknown))
        table.add_row(f"texts encoded as before, {name}", "", f"{reading.same:.2%} of {reading.texts:,}")
    return table
