"""All figures of a model on marked data."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich import box
from rich.table import Table

from wazir.errors import DataError
from wazir.labels import LabelScheme
from wazir.spans import Document, Span
from wazir.tagger import Tagger
from wazir_training import bootstrap
from wazir_training.bootstrap import Interval, SpanIntervals, f1_intervals
from wazir_training.calibration import CalibrationCurve, calibration_curve, score_pairs
from wazir_training.confusion import Confusion, count_confusion
from wazir_training.schemes import check_labels
from wazir_training.scoring import Score, SpanScores, count_spans
from wazir_training.sources import read_data
from wazir_training.span_errors import SpanError, find_errors
from wazir_training.word_scores import conll_scores, partial_scores, strict_scores


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All figures of one model on one data set.

    Attributes:
        scheme: The labels of the model.
        documents: The texts, with gold spans.
        predicted: What the model found in each text.
        spans: Exact-span scores.
        intervals: Bootstrap intervals of their F1.
        seqeval: Precision, recall and F1 of seqeval in strict mode over outer IOB2 tags of whole words; spans
            that word tags cannot represent do not count.
        conll: Precision, recall and F1 as published for CoNLL data: seqeval's default over outer tags of the
            tokens that white space separates.
        partial: Precision, recall and F1 of nervaluate's ``partial`` strategy over outer spans.
        calibration: Scores of outer spans against their accuracy.
        confusion: Predicted against gold labels of outer spans.
        errors: Errors of both layers.
    """

    scheme: LabelScheme
    documents: tuple[Document, ...]
    predicted: tuple[tuple[Span, ...], ...]
    spans: SpanScores
    intervals: SpanIntervals
    seqeval: dict[str, float]
    conll: dict[str, float]
    partial: dict[str, float]
    calibration: CalibrationCurve
    confusion: Confusion
    errors: tuple[SpanError, ...]

    @property
    def calibration_error(self) -> float:
        """Expected calibration error of the scores of outer spans."""
        return self.calibration.error

    def to_dict(self) -> dict[str, Any]:
        """The figures, without the errors, as JSON values."""
        s, i = self.spans, self.intervals
        return {
            "outer": _with_interval(s.outer, i.outer),
            "inner": _with_interval(s.inner, i.inner),
            "edges": _with_interval(s.edges, i.edges),
            "labels": {k: _with_interval(v, i.labels[k]) for k, v in s.labels.items()},
            "inner_labels": {k: _with_interval(v, i.inner_labels[k]) for k, v in s.inner_labels.items()},
            "seqeval": self.seqeval,
            "conll": self.conll,
            "partial": self.partial,
            "calibration_error": self.calibration_error,
            "confusion": self.confusion.to_dict(),
            "bootstrap": bootstrap.settings(len(self.documents)),
        }


def _with_interval(score: Score, interval: Interval | None) -> dict[str, Any]:
    return {**score.to_dict(), "f1_interval": interval and interval.to_list()}


def evaluate(tagger: Tagger, data: str | Path | Sequence[Document]) -> Evaluation:
    """Tag the texts of marked documents and compare.

    Args:
        tagger: The model.
        data: Documents, or a file or folder of them.

    Raises:
        DataError: the data cannot be read, holds no text, or has labels that the model lacks.
    """
    documents = tuple(read_data(data) if isinstance(data, str | Path) else data)
    if not documents:
        raise DataError(
            "no marked text", "Name a file that holds some.", data if isinstance(data, str | Path) else None
        )
    check_labels(documents, tagger.checkpoint.scheme)
    return evaluate_spans(documents, tagger.predict([d.text for d in documents]), tagger.checkpoint.scheme)


def evaluate_spans(
    documents: Sequence[Document], predicted: Sequence[Sequence[Span]], scheme: LabelScheme
) -> Evaluation:
    """All figures of spans that a model found.

    Args:
        documents: Texts and gold spans, one document at least.
        predicted: Top-level spans of each text, in order.
        scheme: The labels of both.

    Raises:
        ValueError: a different number of texts.
    """
    gold = [d.spans for d in documents]
    counts = count_spans(predicted, gold)
    return Evaluation(
        scheme,
        tuple(documents),
        tuple(map(tuple, predicted)),
        counts.scores(),
        f1_intervals(counts),
        strict_scores(documents, predicted, scheme),
        conll_scores(documents, predicted),
        partial_scores(predicted, gold),
        calibration_curve(*score_pairs(predicted, gold)),
        count_confusion(predicted, gold, scheme.outer),
        tuple(e for d, p in zip(documents, predicted, strict=True) for e in find_errors(d, p)),
    )


def score_table(evaluation: Evaluation) -> Table:
    """The figures as a table for the terminal, at most 80 columns wide with Wazir's labels."""
    table = narrow_table("spans", "precision", "recall", "F1", "95% of F1", "right", "predicted", "gold")
    for name, score, interval in score_rows(evaluation):
        figures = [f"{x:.3f}" for x in (score.precision, score.recall, score.f1)]
        ends = f"{interval.low:.3f}–{interval.high:.3f}" if interval else ""
        table.add_row(name, *figures, ends, *(f"{n:,}" for n in (score.right, score.predicted, score.gold)))
    named = {
        "outer, seqeval strict": evaluation.seqeval,
        "outer, conll": evaluation.conll,
        "outer, partial": evaluation.partial,
    }
    for name, values in named.items():
        table.add_row(name, *(f"{values[k]:.3f}" for k in ("precision", "recall", "f1")))
    table.add_row("calibration error", "", "", f"{evaluation.calibration_error:.3f}")
    return table


def narrow_table(name: str, *figures: str) -> Table:
    """An empty table of a name and figures, with one space between columns."""
    table = Table(name, *figures, box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=0)
    for column in table.columns[1:]:
        column.justify = "right"
    return table


def score_rows(evaluation: Evaluation) -> list[tuple[str, Score, Interval | None]]:
    """Name, score and interval of each layer and of its labels, in the order of the table."""
    s, i = evaluation.spans, evaluation.intervals
    rows = [("outer, exact", s.outer, i.outer), *((f"  {k}", v, i.labels[k]) for k, v in s.labels.items())]
    rows.append(("outer, edges only", s.edges, i.edges))
    if evaluation.scheme.inner:
        rows.append(("inner, exact", s.inner, i.inner))
        rows += [(f"  {k}", v, i.inner_labels[k]) for k, v in s.inner_labels.items()]
    return rows


def error_lines(evaluation: Evaluation) -> list[str]:
    """The errors as JSONL lines."""
    return [json.dumps(e.to_dict(), ensure_ascii=False) for e in evaluation.errors]
