"""The scores of a model card, as a table."""

from __future__ import annotations

from collections.abc import Mapping

from wazir_training.bootstrap import Interval
from wazir_training.evaluate import Evaluation
from wazir_training.scoring import Score

#: A figure and its interval; None where a data set has no such label.
Figure = tuple[float, Interval | None] | None


def score_lines(evaluations: Mapping[str, Evaluation]) -> str:
    """Rows of a Markdown table, a column each data set."""
    each = evaluations.values()
    labels = sorted({label for e in each for label in e.spans.labels})
    rows: list[tuple[str, list[Figure]]] = [("**outer F1**", [_f1(e.spans.outer, e.intervals.outer) for e in each])]
    rows += [
        (f"{label} F1", [_f1(e.spans.labels.get(label), e.intervals.labels.get(label)) for e in each])
        for label in labels
    ]
    rows += [
        ("outer precision", [(e.spans.outer.precision, None) for e in each]),
        ("outer recall", [(e.spans.outer.recall, None) for e in each]),
        ("edges only F1", [_f1(e.spans.edges, e.intervals.edges) for e in each]),
        ("**inner F1**", [_f1(e.spans.inner, e.intervals.inner) if e.scheme.inner else None for e in each]),
        ("seqeval strict F1 (words)", [(e.seqeval["f1"], None) for e in each]),
        ("seqeval F1 as published for CoNLL data", [(e.conll["f1"], None) for e in each]),
        ("calibration error", [(e.calibration_error, None) for e in each]),
    ]
    lines = ["| | " + " | ".join(evaluations) + " |", "|---|" + "---|" * len(evaluations)]
    lines += [f"| {name} | " + " | ".join(map(_cell, figures)) + " |" for name, figures in rows if any(figures)]
    return "\n".join(lines)


def _f1(score: Score | None, interval: Interval | None) -> Figure:
    return (score.f1, interval) if score else None


def _cell(figure: Figure) -> str:
    if figure is None:
        return ""
    value, interval = figure
    return f"{value:.3f}" + (f" ({interval.low:.3f}–{interval.high:.3f})" if interval else "")
