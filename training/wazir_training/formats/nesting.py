"""Flat lists of spans, as annotation tools keep them, to top-level spans with inner ones and back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from wazir.spans import Document, Span, span_from_dict
from wazir_training.formats.omissions import Omissions


def flat_spans(document: Document) -> list[Span]:
    """Every span of a document, each top-level span before its inner ones."""
    return [s for top in document.spans for s in (replace(top, inner=()), *top.inner)]


def nest_spans(spans: Iterable[Span], omissions: Omissions) -> tuple[Span, ...]:
    """Make a hierarchy of spans that may lie inside each other.

    The longest come to the top; of two of the same extent the one that comes first holds the other. Counted and left
    out: a span that crosses one before it, and one nested deeper than one level.

    Args:
        spans: Spans without inner spans, in the order of their file.
        omissions: Receives the count.

    Raises:
        DataError: one would be left out, and none may be.
    """
    tops: list[Span] = []
    inner: list[list[Span]] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if not tops or span.start >= tops[-1].end:
            tops.append(span)
            inner.append([])
            continue
        around = [tops[-1], *inner[-1][-1:]]
        if any(span.start < s.end < span.end for s in around):
            omissions.add("crossing span", "a span begins inside another and ends outside it")
        elif span.start < around[-1].end and inner[-1]:
            omissions.add("deeply nested span", "spans nest one level deep")
        else:
            inner[-1].append(span)
    return tuple(replace(top, inner=tuple(within)) for top, within in zip(tops, inner, strict=True))


def cut_span(text: str, start: object, end: object, label: object, score: object = 1.0) -> Span:
    """Check the offsets and label of a span and cut it out of its text.

    Raises:
        DataError: they are no whole numbers, the label no string, or the span is out of range.
    """
    return span_from_dict(text, {"start": start, "end": end, "label": label, "score": score})


def squeezed(text: str) -> str:
    """The text without white space, to compare what tools print of a span."""
    return "".join(text.split())


def from_utf16(text: str, start: int, end: int) -> tuple[int, int]:
    """Offsets in UTF-16 units, as JavaScript counts them, as character offsets."""
    units = text.encode("utf-16-le", "surrogatepass")
    before, within = units[: 2 * start], units[2 * start : 2 * end]
    first = len(before.decode("utf-16-le", "surrogatepass"))
    return first, first + len(within.decode("utf-16-le", "surrogatepass"))
