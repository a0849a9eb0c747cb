"""Spans to word tags and back: the outer layer, the inner layer and the proclitic counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wazir.labels import LabelScheme
from wazir.proclitics import proclitic_offsets
from wazir.spans import Span
from wazir.words import Words

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
#: Logit of a class that cannot be.
NEVER = np.float32(-1e9)


@dataclass(frozen=True, slots=True)
class WordTags:
    """Tags of the words of one text; all arrays have shape [words].

    Attributes:
        outer: IOB2 class of each word in the top layer.
        inner: IOB2 class of each word in the nested layer.
        proclitics: Particle letters before the span that begins at the word; -1 where none begins.
    """

    outer: Ints
    inner: Ints
    proclitics: Ints


def tag_words(text: str, words: Words, spans: Iterable[Span], scheme: LabelScheme) -> tuple[WordTags, list[Span]]:
    """Turn gold spans into word tags.

    Args:
        text: The text.
        words: Its words, shape [words, 2].
        spans: Top-level spans with their inner spans.
        scheme: The labels of both layers.

    Returns:
        The tags, and the spans (of either layer) that tags cannot represent: an edge inside a word
        that is no proclitic edge of the scheme, a label that the layer does not have, or nesting in a label
        that holds none.
    """
    tags = WordTags(*(np.full(len(words), fill, dtype=np.int64) for fill in (0, 0, -1)))
    lost: list[Span] = []
    for span in spans:
        if not _write_span(text, words, span, scheme.outer, tags.outer, tags.proclitics, scheme.proclitics):
            lost += [span, *span.inner]
            continue
        inner = scheme.inner if span.label in scheme.nesting else ()
        lost += [
            s
            for s in span.inner
            if not _write_span(text, words, s, inner, tags.inner, tags.proclitics, scheme.proclitics)
        ]
    return tags, lost


def _write_span(
    text: str,
    words: Words,
    span: Span,
    labels: Sequence[str],
    layer: Ints,
    proclitics: Ints,
    may_begin_inside: bool,
) -> bool:
    first = int(np.searchsorted(words[:, 1], span.start, side="right"))
    last = int(np.searchsorted(words[:, 0], span.end, side="left")) - 1
    if first > last or words[last, 1] != span.end or span.label not in labels or layer[first : last + 1].any():
        return False
    start, end = words[first]
    offsets = proclitic_offsets(text[start:end])
    if span.start - start not in offsets:
        return False
    count = offsets.index(span.start - start)
    if count and not may_begin_inside:
        return False
    if proclitics[first] not in (-1, count):  # an outer span begins at another letter of this word
        return False
    proclitics[first] = count
    tag = 2 * labels.index(span.label)
    layer[first] = tag + 1
    layer[first + 1 : last + 1] = tag + 2
    return True


def spans_from_tags(
    text: str, words: Words, tags: WordTags, scheme: LabelScheme, scores: tuple[Floats, Floats] | None = None
) -> list[Span]:
    """Turn valid IOB2 word tags into spans.

    Args:
        text: The text.
        words: Its words, shape [words, 2].
        tags: Tags of both layers; an inner span must lie inside one outer span.
        scheme: The labels of both layers.
        scores: Probability of each word's tag in the outer and the inner layer, shape [words] each; a span
            gets the smallest of its words'. Without them every score is 1.0.

    Returns:
        Top-level spans in order, with their inner spans.
    """
    outer_scores, inner_scores = scores or (None, None)
    inner = _layer_spans(text, words, tags.inner, tags.proclitics, scheme.inner, inner_scores)
    spans = []
    position = 0
    for first, last, span in _layer_spans(text, words, tags.outer, tags.proclitics, scheme.outer, outer_scores):
        nested = []
        while position < len(inner) and inner[position][1] <= last:
            if inner[position][0] >= first:
                nested.append(inner[position][2])
            position += 1
        spans.append(Span(span.start, span.end, span.label, span.text, span.score, tuple(nested)))
    return spans


def _layer_spans(
    text: str, words: Words, layer: Ints, proclitics: Ints, labels: Sequence[str], scores: Floats | None
) -> list[tuple[int, int, Span]]:
    """First word, last word and span of each run of B I I … in one layer."""
    begins = np.flatnonzero(layer % 2 == 1)
    stops = np.flatnonzero((layer == 0) | (layer % 2 == 1))
    spans = []
    for first in begins.tolist():
        after = int(np.searchsorted(stops, first, side="right"))
        last = int(stops[after]) - 1 if after < len(stops) else len(layer) - 1
        word = text[words[first, 0] : words[first, 1]]
        offsets = proclitic_offsets(word)
        start = int(words[first, 0]) + offsets[min(max(int(proclitics[first]), 0), len(offsets) - 1)]
        end = int(words[last, 1])
        score = 1.0 if scores is None else float(scores[first : last + 1].min())
        spans.append((first, last, Span(start, end, labels[int(layer[first]) // 2], text[start:end], score)))
    return spans
