"""What is in marked data: sizes, label counts, and the share of spans that training can represent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table

from wazir.labels import LabelScheme
from wazir.spans import Document
from wazir_training.features import LostSpan, round_trip


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts over marked documents.

    Attributes:
        documents: Number of documents.
        words: Words separated by white space.
        outer: Top-level spans of each label.
        inner: Nested spans of each label.
        represented: Gold spans of both layers that come back exactly from word tags.
        lost: The others.
    """

    documents: int
    words: int
    outer: Counter[str]
    inner: Counter[str]
    represented: int
    lost: tuple[LostSpan, ...]

    @property
    def share(self) -> float:
        """Share of the gold spans that come back exactly; 1 if there are none."""
        total = self.represented + len(self.lost)
        return self.represented / total if total else 1.0


def count(documents: Sequence[Document], scheme: LabelScheme) -> Statistics:
    """Count, sending every document through its word tags and back."""
    spans = [s for d in documents for s in d.spans]
    back = [round_trip(d, scheme) for d in documents]
    represented = 0
    lost = []
    for document, found in zip(documents, back, strict=True):
        kept = {(s.start, s.end, s.label) for top in found for s in (top, *top.inner)}
        gold = [s for top in document.spans for s in (top, *top.inner)]
        missing = [LostSpan(document.id, s) for s in gold if (s.start, s.end, s.label) not in kept]
        represented += len(gold) - len(missing)
        lost += missing
    return Statistics(
        len(documents),
        sum(len(d.text.split()) for d in documents),
        Counter(s.label for s in spans),
        Counter(i.label for s in spans for i in s.inner),
        represented,
        tuple(lost),
    )


def statistics_table(named: dict[str, Statistics], scheme: LabelScheme) -> Table:
    """One row a data set."""
    table = Table("data", "documents", "words", *scheme.outer, *(f"nested {x}" for x in scheme.inner), "represented")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, s in named.items():
        counts = [s.documents, s.words, *(s.outer[x] for x in scheme.outer), *(s.inner[x] for x in scheme.inner)]
        table.add_row(name, *(f"{n:,}" for n in counts), f"{s.share:.2%}")
    return table
