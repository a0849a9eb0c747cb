"""How far a score would move with other documents: bootstrap intervals and a test of paired differences.

The document is what is drawn, since spans of one document are not independent of each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wazir.tagging import Ints
from wazir_training.scoring import SpanCounts

Figures = npt.NDArray[np.float64]
#: Share of the samples that an interval covers.
LEVEL = 0.95
#: Samples behind an interval, and shuffles behind a p-value.
SAMPLES = 2000
SEED = 0
#: Cells of the matrix of drawn documents that are held at once.
_CELLS = 4_000_000


@dataclass(frozen=True, slots=True)
class Interval:
    """Where `LEVEL` of the samples lie."""

    low: float
    high: float

    def to_list(self) -> list[float]:
        """The two ends, as a JSON value."""
        return [self.low, self.high]


@dataclass(frozen=True, slots=True)
class SpanIntervals:
    """Intervals of the F1 of each score of `SpanScores`, under the same names; None where there is none."""

    outer: Interval | None
    inner: Interval | None
    edges: Interval | None
    labels: dict[str, Interval | None]
    inner_labels: dict[str, Interval | None]


def f1(counts: Figures) -> Figures:
    """F1 of counts of shape [..., 3] (right, predicted, gold); NaN where there is no span at all."""
    right, predicted, gold = np.moveaxis(counts, -1, 0)
    with np.errstate(invalid="ignore"):
        return np.asarray(2 * right / (predicted + gold))


def f1_intervals(counts: SpanCounts) -> SpanIntervals:
    """Intervals of all F1 figures, from the same resamples of the documents.

    The percentile method of the bootstrap (Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 13):
    as many documents as there are, drawn with replacement, are scored `SAMPLES` times, and the interval spans the
    middle `LEVEL` of those scores. A resample without any span of a figure says nothing about it and is left out.
    Fewer than two documents, or none with spans of a figure, give no interval.
    """
    flat = flatten(counts)
    intervals = dict(zip(flat, _percentiles(list(flat.values()), f1), strict=True))
    return SpanIntervals(
        intervals["outer", ""],
        intervals["inner", ""],
        intervals["edges", ""],
        {x: intervals["labels", x] for x in counts.labels},
        {x: intervals["inner_labels", x] for x in counts.inner_labels},
    )


def flatten(counts: SpanCounts) -> dict[tuple[str, str], Ints]:
    """The arrays of counts by the name of their field and their label, which is empty for totals."""
    layers = {"labels": counts.labels, "inner_labels": counts.inner_labels}
    return {
        ("outer", ""): counts.outer,
        ("inner", ""): counts.inner,
        ("edges", ""): counts.edges,
        **{(name, x): c for name, layer in layers.items() for x, c in layer.items()},
    }


def difference_intervals(a: Sequence[Ints], b: Sequence[Ints]) -> list[Interval | None]:
    """Intervals of F1 of ``b`` less F1 of ``a``, both scored on the same resamples (the paired bootstrap).

    Berg-Kirkpatrick, Burkett and Klein 2012 (https://aclanthology.org/D12-1091) describe the pairing; the interval
    is that of `f1_intervals`.

    Args:
        a: Arrays of shape [documents, 3], one a figure.
        b: The same figures of the other model.
    """
    both = [np.concatenate(pair, axis=1) for pair in zip(a, b, strict=True)]
    return _percentiles(both, lambda sums: f1(sums[:, 3:]) - f1(sums[:, :3]))


def _percentiles(figures: Sequence[Ints], statistic: Callable[[Figures], Figures]) -> list[Interval | None]:
    """Interval of a statistic of the sums of each array of shape [documents, n], over the same resamples."""
    documents = len(figures[0])
    if documents < 2:
        return [None] * len(figures)
    table = np.concatenate(figures, axis=1).astype(np.float64)  # whole numbers still, and multiplied faster
    sums = np.concatenate([drawn @ table for drawn in _resamples(documents)])
    ends = np.cumsum([f.shape[1] for f in figures])[:-1]
    return [_middle(statistic(part)) for part in np.split(sums, ends, axis=1)]


def _middle(values: Figures) -> Interval | None:
    known = values[~np.isnan(values)]
    if not len(known):
        return None
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]).tolist()
    return Interval(low, high)


def _resamples(documents: int) -> Iterator[Figures]:
    """How often each document is drawn, in blocks of shape [samples, documents]."""
    rng = np.random.default_rng(SEED)
    for rows in _blocks(documents):
        drawn = rng.integers(documents, size=(rows, documents)) + np.arange(rows)[:, None] * documents
        yield np.bincount(drawn.ravel(), minlength=rows * documents).reshape(rows, documents).astype(np.float64)


def _blocks(documents: int) -> Iterator[int]:
    most = max(1, _CELLS // max(1, documents))
    for start in range(0, SAMPLES, most):
        yield min(most, SAMPLES - start)


def randomization_p_values(a: Sequence[Ints], b: Sequence[Ints]) -> list[float]:
    """Two-sided p-values of the differences in F1, by approximate randomization.

    Were the models alike, it would not matter which of them gave which output. So the outputs of each document change
    sides with probability one half, `SAMPLES` times; p is (n + 1) / (`SAMPLES` + 1), where n shuffles differ in F1 at
    least as much as the models do (Noreen 1989, Computer-Intensive Methods for Testing Hypotheses; Yeh 2000,
    https://aclanthology.org/C00-2137).

    Args:
        a: Arrays of shape [documents, 3], one a figure.
        b: The same figures of the other model.
    """
    sums_a, sums_b = (np.stack([x.sum(axis=0) for x in side]).astype(np.float64) for side in (a, b))
    change = np.concatenate([y - x for x, y in zip(a, b, strict=True)], axis=1).astype(np.float64)
    change = change[change.any(axis=1)]  # only these documents can change a sum
    observed = np.abs(_difference(sums_a, sums_b))
    at_least = np.zeros(len(a), dtype=np.int64)
    rng = np.random.default_rng(SEED)
    for rows in _blocks(len(change)):
        moved = (rng.integers(2, size=(rows, len(change))).astype(np.float64) @ change).reshape(rows, len(a), 3)
        shuffled = np.abs(_difference(sums_a + moved, sums_b - moved))
        at_least += (shuffled >= observed - 1e-12).sum(axis=0)
    return [float(p) for p in (at_least + 1) / (SAMPLES + 1)]


def _difference(a: Figures, b: Figures) -> Figures:
    """F1 of ``b`` less F1 of ``a``; 0 where neither has any span."""
    return np.asarray(np.nan_to_num(f1(b)) - np.nan_to_num(f1(a)))


def settings(documents: int) -> Mapping[str, object]:
    """How the intervals came about, as JSON values."""
    return {"level": LEVEL, "samples": SAMPLES, "seed": SEED, "unit": "document", "documents": documents}
