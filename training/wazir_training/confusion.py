"""Which label the model gives to the spans of each gold label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.table import Table

from wazir.spans import Span
from wazir.tagging import Ints
from wazir_training.bootstrap import Figures

#: The last column: gold spans at whose edges nothing was predicted.
MISSED = "missed"
#: The last row: predicted spans at whose edges no gold span lies.
SPURIOUS = "spurious"


@dataclass(frozen=True, slots=True)
class Confusion:
    """Spans counted by gold and predicted label, where start and end are the same.

    A span with a wrong edge counts twice, as a missed gold span and as a spurious predicted one.

    Attributes:
        labels: The labels, in the order of rows and columns.
        counts: Shape [labels + 1, labels + 1]: a row is a gold label or `SPURIOUS`, a column a predicted label or
            `MISSED`. The last cell is always 0.
    """

    labels: tuple[str, ...]
    counts: Ints

    @property
    def rows(self) -> tuple[str, ...]:
        """Names of the rows."""
        return (*self.labels, SPURIOUS)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        return (*self.labels, MISSED)

    @property
    def share_of_gold(self) -> Figures:
        """Each count divided by the gold spans of its row, shape [labels, labels + 1]; 0 in a row without any.

        The diagonal is the recall of each label. The row of spurious spans has no gold spans and is left out.
        """
        gold = self.counts[:-1]
        return np.asarray(gold / np.maximum(gold.sum(axis=1, keepdims=True), 1))

    def to_dict(self) -> dict[str, Any]:
        """Names and counts as JSON values."""
        return {"gold": list(self.rows), "predicted": list(self.columns), "counts": self.counts.tolist()}


def count_confusion(
    predicted: Iterable[Sequence[Span]], gold: Iterable[Sequence[Span]], labels: Sequence[str]
) -> Confusion:
    """Count the labels that were confused.

    Args:
        predicted: Spans of one layer, of each text.
        gold: The same, by hand.
        labels: All labels of the layer.

    Raises:
        ValueError: a different number of texts.
        KeyError: a label that is not among ``labels``.
    """
    place = {label: i for i, label in enumerate(labels)}
    cells: Counter[tuple[int, int]] = Counter()
    for found, wanted in zip(predicted, gold, strict=True):
        rows, columns = ({(s.start, s.end): place[s.label] for s in side} for side in (wanted, found))
        cells.update((rows.get(e, len(labels)), columns.get(e, len(labels))) for e in rows.keys() | columns)
    counts = np.zeros((len(labels) + 1, len(labels) + 1), dtype=np.int64)
    for cell, count in cells.items():
        counts[cell] = count
    return Confusion(tuple(labels), counts)


def confusion_table(confusion: Confusion) -> Table:
    """Counts, and in each gold row its share of the row's gold spans."""
    table = Table("gold", *confusion.columns, title="labels at the same edges: spans, share of the row's gold spans")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, counts, shares in zip(confusion.rows[:-1], confusion.counts, confusion.share_of_gold, strict=False):
        table.add_row(name, *(f"{n:,} {x:4.0%}" for n, x in zip(counts, shares, strict=True)))
    table.add_row(SPURIOUS, *(f"{n:,}     " for n in confusion.counts[-1, :-1]), "")
    return table
