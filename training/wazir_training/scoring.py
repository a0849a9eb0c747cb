"""Scores of predicted spans against gold ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

from wazir.spans import Span


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of exact matches, and what follows from them."""

    right: int
    predicted: int
    gold: int

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


def score_spans(predicted: Sequence[Sequence[Span]], gold: Sequence[Sequence[Span]]) -> SpanScores:
    """Score the spans of several texts, micro-averaged.

    Args:
        predicted: Top-level spans of each text.
        gold: The same, by hand.

    Raises:
        ValueError: a different number of texts.
    """
    pairs = list(zip(predicted, gold, strict=True))
    nested = [([s for t in p for s in t.inner], [s for t in g for s in t.inner]) for p, g in pairs]
    return SpanScores(
        _score(pairs, lambda s: (s.start, s.end, s.label)),
        _score(nested, lambda s: (s.start, s.end, s.label)),
        _score(pairs, lambda s: (s.start, s.end)),
        _by_label(pairs),
        _by_label(nested),
    )


Pairs = Iterable[tuple[Sequence[Span], Sequence[Span]]]


def _score(pairs: Pairs, key: Callable[[Span], Hashable]) -> Score:
    right = predicted = gold = 0
    for p, g in pairs:
        found, wanted = Counter(map(key, p)), Counter(map(key, g))
        right += (found & wanted).total()
        predicted += found.total()
        gold += wanted.total()
    return Score(right, predicted, gold)


def _by_label(pairs: Sequence[tuple[Sequence[Span], Sequence[Span]]]) -> dict[str, Score]:
    labels = sorted({s.label for pair in pairs for spans in pair for s in spans})
    return {
        x: _score(
            (([s for s in p if s.label == x], [s for s in g if s.label == x]) for p, g in pairs),
            lambda s: (s.start, s.end),
        )
        for x in labels
    }
