"""Scores of a model on marked data: exact spans, seqeval on words, nervaluate's partial matches, errors."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nervaluate.evaluator import Evaluator
from rich.table import Table
from seqeval.metrics import f1_score, precision_score, recall_score
from seqeval.scheme import IOB2

from wazir.documents import read_documents
from wazir.errors import DataError
from wazir.labels import LabelScheme, iob2_tags
from wazir.spans import Document, Span
from wazir.tagger import Tagger
from wazir.tagging import tag_words
from wazir.words import find_words
from wazir_training.calibration import expected_calibration_error, score_pairs
from wazir_training.data import check_labels
from wazir_training.scoring import SpanScores, score_spans


@dataclass(frozen=True, slots=True)
class SpanError:
    """A predicted span that is wrong, or a gold span that was not found.

    Attributes:
        document: Name of the document.
        kind: ``label`` or ``edge`` for a predicted span that matches a gold one in part, ``spurious`` for one
            that touches none, ``missed`` for a gold span that is neither found nor named with such an error.
        predicted: The predicted span, if any.
        gold: The gold span, if any.
    """

    document: str
    kind: str
    predicted: Span | None
    gold: Span | None

    def to_dict(self) -> dict[str, Any]:
        """The error as JSON values."""
        spans = {"predicted": self.predicted, "gold": self.gold}
        return {"document": self.document, "kind": self.kind} | {k: s and s.to_dict() for k, s in spans.items()}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All figures of one model on one data set.

    Attributes:
        spans: Exact-span scores.
        seqeval: Precision, recall and F1 of seqeval in strict mode over outer IOB2 tags of whole words; spans
            that word tags cannot represent do not count.
        partial: Precision, recall and F1 of nervaluate's ``partial`` strategy over outer spans.
        calibration_error: Expected calibration error of the scores of outer spans.
        errors: Errors of both layers.
    """

    spans: SpanScores
    seqeval: dict[str, float]
    partial: dict[str, float]
    calibration_error: float
    errors: tuple[SpanError, ...]

    def to_dict(self) -> dict[str, Any]:
        """The figures, without the errors, as JSON values."""
        s = self.spans
        return {
            "outer": s.outer.to_dict(),
            "inner": s.inner.to_dict(),
            "edges": s.edges.to_dict(),
            "labels": {k: v.to_dict() for k, v in s.labels.items()},
            "inner_labels": {k: v.to_dict() for k, v in s.inner_labels.items()},
            "seqeval": self.seqeval,
            "partial": self.partial,
            "calibration_error": self.calibration_error,
        }


def evaluate(tagger: Tagger, data: str | Path | Sequence[Document]) -> Evaluation:
    """Tag the texts of marked documents and compare.

    Args:
        tagger: The model.
        data: Documents, or a file or folder of them.

    Raises:
        DataError: the data cannot be read, holds no text, or has labels that the model lacks.
    """
    documents = list(read_documents(data)) if isinstance(data, str | Path) else list(data)
    if not documents:
        raise DataError(
            "no marked text", "Name a file that holds some.", data if isinstance(data, str | Path) else None
        )
    check_labels(documents, tagger.checkpoint.scheme)
    predicted = tagger.predict([d.text for d in documents])
    gold = [d.spans for d in documents]
    return Evaluation(
        score_spans(predicted, gold),
        _seqeval(documents, predicted, tagger.checkpoint.scheme),
        _partial(predicted, gold),
        expected_calibration_error(*score_pairs(predicted, gold)),
        tuple(e for d, p in zip(documents, predicted, strict=True) for e in find_errors(d, p)),
    )


def _seqeval(
    documents: Sequence[Document], predicted: Sequence[Sequence[Span]], scheme: LabelScheme
) -> dict[str, float]:
    names = iob2_tags(scheme.outer)
    sides: list[list[list[str]]] = [[], []]
    for document, found in zip(documents, predicted, strict=True):
        words = find_words(document.text)
        for side, spans in zip(sides, (document.spans, found), strict=True):
            tags, _ = tag_words(document.text, words, spans, scheme)
            side.append([names[tag] for tag in tags.outer.tolist()])
    scores = {"precision": precision_score, "recall": recall_score, "f1": f1_score}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a label that is never predicted
        return {k: float(f(*sides, mode="strict", scheme=IOB2)) for k, f in scores.items()}


def _partial(predicted: Sequence[Sequence[Span]], gold: Sequence[Sequence[Span]]) -> dict[str, float]:
    labels = sorted({s.label for side in (predicted, gold) for spans in side for s in spans})
    if not labels:
        return {"precision": 0.0, "recall": 0.0, "f1": 0.0}
    # nervaluate counts the last character, not one past it.
    sides = [
        [[{"label": s.label, "start": s.start, "end": s.end - 1} for s in spans] for spans in side]
        for side in (gold, predicted)
    ]
    result = Evaluator(*sides, tags=labels, loader="dict").evaluate()["overall"]["partial"]
    return {"precision": float(result.precision), "recall": float(result.recall), "f1": float(result.f1)}


def find_errors(document: Document, predicted: Sequence[Span]) -> Iterator[SpanError]:
    """Errors of both layers of one document, outer ones first."""
    layers = [
        (predicted, document.spans),
        ([s for t in predicted for s in t.inner], [s for t in document.spans for s in t.inner]),
    ]
    for found, wanted in layers:
        keys = [{(s.start, s.end, s.label) for s in side} for side in (found, wanted)]
        named = keys[0] & keys[1]
        for span in found:
            if (span.start, span.end, span.label) in keys[1]:
                continue
            touched = next((g for g in wanted if g.start < span.end and span.start < g.end), None)
            if touched is None:
                kind = "spurious"
            else:
                kind = "label" if (touched.start, touched.end) == (span.start, span.end) else "edge"
                named.add((touched.start, touched.end, touched.label))
            yield SpanError(document.id, kind, span, touched)
        for span in wanted:
            if (span.start, span.end, span.label) not in named:
                yield SpanError(document.id, "missed", None, span)


def score_table(evaluation: Evaluation) -> Table:
    """The figures as a table for the terminal."""
    table = Table("spans", "precision", "recall", "F1", "right", "predicted", "gold")
    for column in table.columns[1:]:
        column.justify = "right"
    s = evaluation.spans
    rows = [("outer, exact", s.outer), *((f"  {k}", v) for k, v in s.labels.items()), ("outer, edges only", s.edges)]
    rows += [("inner, exact", s.inner), *((f"  {k}", v) for k, v in s.inner_labels.items())]
    for name, score in rows:
        figures = [f"{x:.3f}" for x in (score.precision, score.recall, score.f1)]
        table.add_row(name, *figures, *(f"{n:,}" for n in (score.right, score.predicted, score.gold)))
    for name, values in (("outer, seqeval strict", evaluation.seqeval), ("outer, partial", evaluation.partial)):
        table.add_row(name, *(f"{values[k]:.3f}" for k in ("precision", "recall", "f1")))
    table.add_row("calibration error", "", "", f"{evaluation.calibration_error:.3f}")
    return table


def error_lines(evaluation: Evaluation) -> list[str]:
    """The errors as JSONL lines."""
    return [json.dumps(e.to_dict(), ensure_ascii=False) for e in evaluation.errors]
