"""Two models on the same data: what differs between them, and whether chance would explain it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from wazir.spans import Span
from wazir_training import bootstrap
from wazir_training.bootstrap import Interval, difference_intervals, flatten, randomization_p_values
from wazir_training.evaluate import Evaluation, narrow_table
from wazir_training.scoring import Score, SpanKey, count_spans, nested_spans, span_key


@dataclass(frozen=True, slots=True)
class Difference:
    """One F1 of both models.

    Attributes:
        a: Score of the first model.
        b: Score of the second model.
        interval: Bootstrap interval of F1 of ``b`` less F1 of ``a``; None with fewer than two documents.
        p: Two-sided p-value of that difference, by approximate randomization.
    """

    a: Score
    b: Score
    interval: Interval | None
    p: float

    @property
    def f1(self) -> float:
        """F1 of the second model less F1 of the first."""
        return self.b.f1 - self.a.f1

    def to_dict(self) -> dict[str, Any]:
        """The difference as JSON values."""
        return {"f1": self.f1, "f1_interval": self.interval and self.interval.to_list(), "p": self.p}


@dataclass(frozen=True, slots=True)
class Agreement:
    """Gold spans of a layer by which models have them right."""

    both: int
    only_a: int
    only_b: int
    neither: int

    def to_dict(self) -> dict[str, int]:
        """The counts as JSON values."""
        return {"both": self.both, "only_a": self.only_a, "only_b": self.only_b, "neither": self.neither}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two models on the same data.

    Attributes:
        a: Figures of the first model.
        b: Figures of the second model.
        differences: By field of the scores (``outer``, ``inner``, ``edges``, ``labels``, ``inner_labels``) and label,
            which is empty in the first three.
        outer: Top-level gold spans by who has them right.
        inner: Nested gold spans by who has them right.
    """

    a: Evaluation
    b: Evaluation
    differences: dict[tuple[str, str], Difference]
    outer: Agreement
    inner: Agreement

    def to_dict(self) -> dict[str, Any]:
        """Both models' figures, the differences and the counts as JSON values."""
        difference: dict[str, Any] = {"labels": {}, "inner_labels": {}}
        for (field, label), each in self.differences.items():
            place = difference[field] if label else difference
            place[label or field] = each.to_dict()
        return {
            "a": self.a.to_dict(),
            "b": self.b.to_dict(),
            "difference": difference,
            "right": {"outer": self.outer.to_dict(), "inner": self.inner.to_dict()},
            "shuffles": bootstrap.SAMPLES,
        }


def compare(a: Evaluation, b: Evaluation) -> Comparison:
    """Compare two models by their figures on the same documents.

    Args:
        a: The first model.
        b: The second model.

    Raises:
        ValueError: the documents are not the same.
    """
    if a.documents != b.documents:
        raise ValueError("models can be compared on the same documents alone")
    gold = [d.spans for d in a.documents]
    counts = [flatten(count_spans(e.predicted, gold)) for e in (a, b)]
    names = list(counts[0] | counts[1])
    # A label that one model never gives and the data lacks has no counts there.
    sides = [[side.get(name, 0 * side["outer", ""]) for name in names] for side in counts]
    intervals, p_values = difference_intervals(*sides), randomization_p_values(*sides)
    differences = {
        name: Difference(Score.total(x), Score.total(y), interval, p)
        for name, x, y, interval, p in zip(names, *sides, intervals, p_values, strict=True)
    }
    nested = [[nested_spans(spans) for spans in side] for side in (a.predicted, b.predicted, gold)]
    return Comparison(
        a, b, differences, _agreement(a.predicted, b.predicted, gold), _agreement(nested[0], nested[1], nested[2])
    )


Layer = Sequence[Sequence[Span]]


def _agreement(a: Layer, b: Layer, gold: Layer) -> Agreement:
    by_a, by_b, wanted = (_keys(layer) for layer in (a, b, gold))
    return Agreement(
        len(wanted & by_a & by_b), len(wanted & by_a - by_b), len(wanted & by_b - by_a), len(wanted - by_a - by_b)
    )


def _keys(layer: Layer) -> set[tuple[int, SpanKey]]:
    return {(i, span_key(s)) for i, spans in enumerate(layer) for s in spans}


def comparison_table(comparison: Comparison) -> Table:
    """F1 of both models side by side, and their difference."""
    table = narrow_table("F1", "A", "B", "B - A", "95% of B - A", "p", "gold")
    names = {"outer": "outer, exact", "inner": "inner, exact", "edges": "outer, edges only"}
    order = ("outer", "labels", "edges", "inner", "inner_labels")
    rows = sorted(comparison.differences.items(), key=lambda item: order.index(item[0][0]))
    nests = comparison.a.scheme.inner or comparison.b.scheme.inner
    for (field, label), each in rows:
        if field.startswith("inner") and not nests:
            continue
        ends = f"{each.interval.low:+.3f} to {each.interval.high:+.3f}" if each.interval else ""
        figures = (f"{each.a.f1:.3f}", f"{each.b.f1:.3f}", f"{each.f1:+.3f}", ends, _p_text(each.p))
        table.add_row(f"  {label}" if label else names[field], *figures, f"{each.a.gold:,}")
    return table


def _p_text(p: float) -> str:
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def agreement_table(comparison: Comparison) -> Table:
    """Gold spans by which of the two models has them right."""
    table = narrow_table("gold spans right in", "both", "only A", "only B", "neither")
    for name, counts in (("outer", comparison.outer), ("inner", comparison.inner)):
        table.add_row(name, *(f"{n:,}" for n in counts.to_dict().values()))
    return table
