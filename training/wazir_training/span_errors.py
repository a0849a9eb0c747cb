"""Every error of a model, by its kind."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from wazir.spans import Document, Span
from wazir_training.scoring import nested_spans, span_key


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


def find_errors(document: Document, predicted: Sequence[Span]) -> Iterator[SpanError]:
    """Errors of both layers of one document, outer ones first.

    Spans of a layer must be in order and must not overlap, as those of a model and of a reader are; the work grows
    with their number, times its logarithm.
    """
    for found, wanted in ((predicted, document.spans), (nested_spans(predicted), nested_spans(document.spans))):
        gold = {span_key(s) for s in wanted}
        named = {span_key(s) for s in found} & gold
        ends = [s.end for s in wanted]
        for span in found:
            if span_key(span) in gold:
                continue
            after = bisect_right(ends, span.start)
            touched = wanted[after] if after < len(wanted) and wanted[after].start < span.end else None
            if touched is None:
                kind = "spurious"
            else:
                kind = "label" if (touched.start, touched.end) == (span.start, span.end) else "edge"
                named.add(span_key(touched))
            yield SpanError(document.id, kind, span, touched)
        for span in wanted:
            if span_key(span) not in named:
                yield SpanError(document.id, "missed", None, span)
