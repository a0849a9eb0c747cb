"""Choosing spans by label and score."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from wazir.spans import Span


def select_spans(spans: Iterable[Span], labels: Collection[str] | None = None, min_score: float = 0.0) -> list[Span]:
    """Keep spans of the given labels (all without them) and of at least the given score.

    A nested span that is kept while the span around it is not becomes top-level.
    """
    kept: list[Span] = []
    for span in spans:
        inner = select_spans(span.inner, labels, min_score)
        if (labels is None or span.label in labels) and span.score >= min_score:
            kept.append(replace(span, inner=tuple(inner)))
        else:
            kept += inner
    return kept
