"""Making documents fit what a format can hold, every change counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from wazir.spans import Document, Span
from wazir_training.formats.nesting import flat_spans
from wazir_training.formats.omissions import Omissions


def fit_utf8(document: Document, omissions: Omissions) -> Document | None:
    """The document, or None and a count if half a character keeps its text or a label from being UTF-8."""
    try:
        "\0".join([document.text, *(s.label for s in flat_spans(document))]).encode()
    except UnicodeEncodeError:
        omissions.add("document", "half a character in it, which UTF-8 cannot write")
        omissions.add("span", "in a document left out", len(flat_spans(document)))
        return None
    return document


def fit_spans(document: Document, keeps: Callable[[Span], bool], why: str, omissions: Omissions) -> Document:
    """The document with those spans that the format keeps; the inner spans of others move up, the rest are counted."""
    spans: list[Span] = []
    for top in document.spans:
        inner = tuple(s for s in top.inner if keeps(s))
        kept = keeps(top)
        omissions.add("span", why, len(top.inner) - len(inner) + (not kept))
        spans += [replace(top, inner=inner)] if kept else inner
    return Document(document.text, tuple(spans), document.id)


def trim_spans(document: Document, omissions: Omissions) -> Document:
    """The document with white space cut from the edges of its spans; spans of nothing else are left out."""
    document = fit_spans(document, lambda s: bool(s.text.strip()), "nothing but white space", omissions)
    omissions.add(
        "span",
        "no white space at the edges of spans in this format",
        sum(s.text != s.text.strip() for s in flat_spans(document)),
        "trimmed",
    )
    spans = (replace(_trimmed(top), inner=tuple(map(_trimmed, top.inner))) for top in document.spans)
    return Document(document.text, tuple(spans), document.id)


def count_scores(document: Document, omissions: Omissions) -> None:
    """Count the scores of spans, for formats that hold none."""
    omissions.add("score", "no scores in this format", sum(s.score != 1 for s in flat_spans(document)))


def _trimmed(span: Span) -> Span:
    start = span.end - len(span.text.lstrip())
    return replace(span, start=start, end=span.start + len(span.text.rstrip()), text=span.text.strip())
