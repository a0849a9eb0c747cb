"""Scores of predicted spans against gold ones, from counts of each document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from wazir.spans import Span
from wazir.tagging import Ints

#: Start, end and label: what a span must share with a gold one to be right.
SpanKey = tuple[int, int, str]


def span_key(span: Span) -> SpanKey:
    """What makes two spans of one text the same."""
    return span.start, span.end, span.label


def nested_spans(spans: Iterable[Span]) -> list[Span]:
    """The spans nested in some spans, in order."""
    return [inner for span in spans for inner in span.inner]


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of exact matches, and what follows from them."""

    right: int
    predicted: int
    gold: int

    @classmethod
    def total(cls, counts: Ints) -> Score:
        """The score of several documents, from their counts of shape [documents, 3]."""
        return cls(*counts.sum(axis=0).tolist())

    @property
    def precision(self) -> float:
        """Share of the predicted spans that are right; 0 if none was predicted."""
        return self.right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of the gold spans that were found; 0 if there are none."""
        return self.right / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 if there is nothing."""
        return 2 * self.right / (self.predicted + self.gold) if self.predicted + self.gold else 0.0

    def to_dict(self) -> dict[str, float]:
        """The three figures and the counts."""
        return {
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "right": self.right,
            "predicted": self.predicted,
            "gold": self.gold,
        }


@dataclass(frozen=True, slots=True)
class SpanScores:
    """Exact-span scores; a span is right when start, end and label all are.

    Attributes:
        outer: Top-level spans.
        inner: Nested spans, wherever they are nested.
        edges: Top-level spans without regard to their label.
        labels: Top-level spans of each label.
        inner_labels: Nested spans of each label.
    """

    outer: Score
    inner: Score
    edges: Score
    labels: dict[str, Score]
    inner_labels: dict[str, Score]


@dataclass(frozen=True, slots=True)
class SpanCounts:
    """What `SpanScores` adds up, document by document.

    Every array has shape [documents, 3]: right, predicted and gold spans. The fields are those of `SpanScores`.
    """

    outer: Ints
    inner: Ints
    edges: Ints
    labels: dict[str, Ints]
    inner_labels: dict[str, Ints]

    def scores(self) -> SpanScores:
        """The scores over all documents, micro-averaged."""
        return SpanScores(
            Score.total(self.outer),
            Score.total(self.inner),
            Score.total(self.edges),
            {label: Score.total(counts) for label, counts in self.labels.items()},
            {label: Score.total(counts) for label, counts in self.inner_labels.items()},
        )


def score_spans(predicted: Sequence[Sequence[Span]], gold: Sequence[Sequence[Span]]) -> SpanScores:
    """Score the spans of several texts, micro-averaged.

    Args:
        predicted: Top-level spans of each text.
        gold: The same, by hand.

    Raises:
        ValueError: a different number of texts.
    """
    return count_spans(predicted, gold).scores()


def count_spans(predicted: Sequence[Sequence[Span]], gold: Sequence[Sequence[Span]]) -> SpanCounts:
    """Count right, predicted and gold spans of each text; arguments and errors as `score_spans`."""
    pairs = list(zip(predicted, gold, strict=True))
    nested = [(nested_spans(p), nested_spans(g)) for p, g in pairs]
    return SpanCounts(
        _count(pairs, span_key),
        _count(nested, span_key),
        _count(pairs, lambda s: (s.start, s.end)),
        _count_labels(pairs),
        _count_labels(nested),
    )


Pairs = Sequence[tuple[Sequence[Span], Sequence[Span]]]


def _count(pairs: Pairs, key: Callable[[Span], Hashable]) -> Ints:
    counts = np.zeros((len(pairs), 3), dtype=np.int64)
    for row, (p, g) in zip(counts, pairs, strict=True):
        found, wanted = Counter(map(key, p)), Counter(map(key, g))
        row[:] = (found & wanted).total(), found.total(), wanted.total()
    return counts


def _count_labels(pairs: Pairs) -> dict[str, Ints]:
    labels = sorted({s.label for pair in pairs for spans in pair for s in spans})
    counts = {x: np.zeros((len(pairs), 3), dtype=np.int64) for x in labels}
    for i, (p, g) in enumerate(pairs):
        found, wanted = Counter(map(span_key, p)), Counter(map(span_key, g))
        for column, side in enumerate((found & wanted, found, wanted)):
            for (_, _, label), times in side.items():
                counts[label][i, column] += times
    return counts
