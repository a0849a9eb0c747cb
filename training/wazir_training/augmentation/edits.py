"""Changes of a text that its spans follow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wazir.spans import Document, Span, make_span


@dataclass(frozen=True, slots=True)
class Edit:
    """A stretch of a text and what takes its place.

    Attributes:
        start: First character that goes.
        end: One past the last one; equal to ``start`` for an insertion.
        text: What comes.
        inner: Where the stretch is a whole span: the spans nested in what comes, with offsets into ``text``.
    """

    start: int
    end: int
    text: str
    inner: tuple[Span, ...] = ()


def apply_edits(document: Document, edits: Iterable[Edit]) -> Document:
    """Change a text; its spans move along.

    An insertion at the edge of a span stays outside of it. An edit of exactly a span brings its own nested spans.

    Raises:
        ValueError: edits overlap, or one crosses the edge of a span.
    """
    ordered = sorted(edits, key=lambda e: (e.start, e.end))
    pieces: list[str] = []
    at = 0
    for edit in ordered:
        if edit.start < at:
            raise ValueError(f"edits overlap at {edit.start}")
        pieces += [document.text[at : edit.start], edit.text]
        at = edit.end
    text = "".join([*pieces, document.text[at:]])
    return Document(text, tuple(_move(span, text, ordered) for span in document.spans), document.id)


def _move(span: Span, text: str, edits: Sequence[Edit]) -> Span:
    start, end = _moved(span.start, edits, is_end=False), _moved(span.end, edits, is_end=True)
    whole = next((e for e in edits if (e.start, e.end) == (span.start, span.end)), None)
    if whole is not None:
        inner = [make_span(text, start + s.start, start + s.end, s.label) for s in whole.inner]
    else:
        inner = [_move(s, text, edits) for s in span.inner]
    return make_span(text, start, end, span.label, inner)


def _moved(offset: int, edits: Sequence[Edit], *, is_end: bool) -> int:
    """Where an edge of a span is after the edits."""
    for edit in edits:
        if edit.start < offset < edit.end:
            raise ValueError(f"the edit of {edit.start}-{edit.end} crosses the edge of a span at {offset}")
    before = (e for e in edits if e.end <= offset and not (is_end and e.start == offset))
    return offset + sum(len(e.text) - (e.end - e.start) for e in before)


def edges(document: Document) -> set[int]:
    """All offsets at which a span, nested or not, begins or ends."""
    spans = [s for outer in document.spans for s in (outer, *outer.inner)]
    return {offset for span in spans for offset in (span.start, span.end)}
