"""Labelled character spans, the one currency of the package."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeGuard

from wazir.errors import DataError


@dataclass(frozen=True, slots=True)
class Span:
    """A labelled stretch of a text.

    Attributes:
        start: First character, as an offset into the text as given.
        end: One past the last character; ``text[start:end] == span.text``.
        label: For example ``OFFICIAL``, ``TITLE``, ``ORG`` or ``LOC``.
        text: The characters of the span.
        score: Probability in [0, 1] that the span is right; 1.0 for gold.
        inner: Spans nested inside this one, one level deep, sorted, not overlapping.
    """

    start: int
    end: int
    label: str
    text: str
    score: float = 1.0
    inner: tuple[Span, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The span as JSON values, ``inner`` always present."""
        return {
            "start": self.start,
            "end": self.end,
            "label": self.label,
            "text": self.text,
            "score": self.score,
            "inner": [s.to_dict() for s in self.inner],
        }

    def shift(self, offset: int) -> Span:
        """The same span in a text that has ``offset`` more characters before it."""
        inner = tuple(s.shift(offset) for s in self.inner)
        return Span(self.start + offset, self.end + offset, self.label, self.text, self.score, inner)


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its spans.

    Attributes:
        text: The text as given.
        spans: Top-level spans, sorted by start, never overlapping.
        id: Name of the document in its file or collection.
    """

    text: str
    spans: tuple[Span, ...] = ()
    id: str = field(default="", compare=False)

    def to_dict(self) -> dict[str, Any]:
        """The document as one JSONL object: ``{"id", "text", "spans"}``."""
        return {"id": self.id, "text": self.text, "spans": [s.to_dict() for s in self.spans]}


def make_span(text: str, start: int, end: int, label: str, inner: Iterable[Span] = ()) -> Span:
    """Cut a gold span out of ``text``, sorting its inner spans."""
    return Span(start, end, label, text[start:end], 1.0, tuple(sorted(inner, key=lambda s: s.start)))


def span_from_dict(text: str, value: Mapping[str, Any], depth: int = 0) -> Span:
    """Read one span of a JSON document.

    ``text`` and ``score`` of the span may be missing; a ``text`` that is there must match.

    Raises:
        DataError: a key is missing or of the wrong type, the span is out of range or empty, its text
            is not what the document has there, or nesting is deeper than one level.
    """
    if not isinstance(value, Mapping):
        raise DataError(f"a span must be an object, not {value!r:.40}", 'Write {"start", "end", "label"}.')
    start: object = value.get("start")
    end: object = value.get("end")
    label: object = value.get("label")
    if not _is_offset(start) or not _is_offset(end) or not isinstance(label, str) or not label:
        raise DataError(
            f"span {dict(value)!r:.80} lacks a whole-number start or end, or a label",
            'Write {"start", "end", "label"}.',
        )
    if not 0 <= start < end <= len(text):
        raise DataError(
            f"span {start}-{end} is empty or out of range of a text of {len(text)} characters",
            "Offsets count Python characters from 0, and end is one past the last.",
        )
    if value.get("text", text[start:end]) != text[start:end]:
        raise DataError(
            f"span {start}-{end} says {value['text']!r} but the text has {text[start:end]!r} there",
            "Offsets count Python characters, not bytes or UTF-16 units.",
        )
    score = value.get("score", 1.0)
    if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 1:
        raise DataError(f"score {score!r} is not a number in [0, 1]", "Leave the score out for gold spans.")
    nested = value.get("inner", ())
    if not isinstance(nested, list | tuple):
        raise DataError(f"inner of span {start}-{end} is not a list", "Write a list of spans, or leave it out.")
    if nested and depth:
        raise DataError(f"span {start}-{end} is nested deeper than one level", "Keep the inner span, whole.")
    inner = check_spans(span_from_dict(text, s, depth + 1) for s in nested)
    for s in inner:
        if s.start < start or s.end > end:
            raise DataError(f"inner span {s.start}-{s.end} leaves its span {start}-{end}", "Nest it or move it out.")
    return Span(start, end, label, text[start:end], float(score), inner)


def check_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Sort spans of one level and make sure that they do not overlap.

    Raises:
        DataError: two of them overlap.
    """
    ordered = sorted(spans, key=lambda s: (s.start, s.end))
    for left, right in pairwise(ordered):
        if right.start < left.end:
            raise DataError(
                f"spans {left.start}-{left.end} {left.text!r} and {right.start}-{right.end} {right.text!r} overlap",
                "Spans of one level may not overlap; nest one inside the other or drop one.",
            )
    return tuple(ordered)


def _is_offset(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
