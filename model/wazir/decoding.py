"""Logits of words to spans: IOB2-constrained Viterbi, proclitic edges, nesting, calibrated scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wazir.encoding import Encoding
from wazir.labels import LabelScheme
from wazir.proclitics import proclitic_offsets
from wazir.spans import Span
from wazir.tagging import NEVER, Floats, Ints, WordTags, spans_from_tags
from wazir.words import lead_words

#: Words, padding included, that Viterbi walks at once.
_VITERBI_WORDS = 65_536


@dataclass(frozen=True, slots=True)
class WordLogits:
    """Logits of the heads for the words of one paragraph; zero where a word has no sub-token or there is no head.

    Attributes:
        outer: Shape [words, 2 x outer labels + 1].
        inner: Shape [words, 2 x inner labels + 1].
        proclitic: Shape [words, MAX_PROCLITICS + 1], or [words, 1] where spans begin with words.
    """

    outer: Floats
    inner: Floats
    proclitic: Floats


def decode(
    texts: Sequence[str],
    encodings: Sequence[Encoding],
    logits: Sequence[WordLogits],
    scheme: LabelScheme,
    temperature: float = 1.0,
) -> list[list[Span]]:
    """Spans of each paragraph.

    A span's score is the smallest probability among its words' tags, the first word's times that of its
    proclitic count, all at ``temperature`` (Guo et al. 2017, arXiv 1706.04599, section 4.2).
    """
    outer_tags = viterbi(
        [_mask_leads(_mask_unseen(x.outer, e), text, e) for text, x, e in zip(texts, logits, encodings, strict=True)]
    )
    inner_tags = viterbi(
        [
            _mask_inner(_mask_unseen(x.inner, e), tags, scheme)
            for x, e, tags in zip(logits, encodings, outer_tags, strict=True)
        ]
    )
    results: list[list[Span]] = []
    for text, encoding, x, outer, inner in zip(texts, encodings, logits, outer_tags, inner_tags, strict=True):
        if not outer.any():
            results.append([])
            continue
        proclitics, certainty = _proclitics(text, encoding, x.proclitic / temperature, outer, inner)
        rows = np.arange(len(outer))
        scores = (
            softmax(x.outer / temperature)[rows, outer] * certainty,
            softmax(x.inner / temperature)[rows, inner] * certainty,
        )
        results.append(spans_from_tags(text, encoding.words, WordTags(outer, inner, proclitics), scheme, scores))
    return results


def viterbi(emissions: Sequence[Floats]) -> list[Ints]:
    """Best valid IOB2 tag sequences, in which I-X follows only B-X or I-X.

    Args:
        emissions: Scores of shape [words, classes], one array a sequence, in the class order of
            `wazir.labels.iob2_tags`. There are no learned transitions.

    Returns:
        Classes of shape [words], one array a sequence.
    """
    tags: list[Ints] = [np.empty(0, dtype=np.int64)] * len(emissions)
    order = sorted(range(len(emissions)), key=lambda i: len(emissions[i]))
    at = 0
    while at < len(order):
        stop = at + 1
        while stop < len(order) and len(emissions[order[stop]]) * (stop + 1 - at) <= _VITERBI_WORDS:
            stop += 1
        batch = order[at:stop]
        at = stop
        padded = np.full((len(emissions[batch[-1]]), len(batch), emissions[batch[-1]].shape[1]), NEVER, np.float32)
        padded[:, :, 0] = 0.0
        for column, i in enumerate(batch):
            padded[: len(emissions[i]), column] = emissions[i]
        paths = _viterbi(padded)
        for column, i in enumerate(batch):
            tags[i] = paths[: len(emissions[i]), column]
    return tags


def _viterbi(emissions: Floats) -> Ints:
    """As `viterbi`, over padded emissions of shape [words, sequences, classes]."""
    length, width, classes = emissions.shape
    back = np.empty((length, width, classes), dtype=np.int8)
    score = emissions[0].copy() if length else np.empty((width, classes), np.float32)
    score[:, 2::2] = NEVER  # no sequence begins with I
    columns = np.arange(width)
    insides = np.arange(2, classes, 2)
    for t in range(1, length):
        best = score.argmax(axis=1)
        back[t] = best[:, None]
        top = score[columns, best]
        continues = score[:, 2::2] >= score[:, 1::2]
        back[t, :, 2::2] = np.where(continues, insides, insides - 1)
        inside = np.where(continues, score[:, 2::2], score[:, 1::2])
        score = emissions[t].copy()  # relative to the best path so far, so that no sum grows with the text
        score[:, 2::2] += inside - top[:, None]
    path = np.empty((length, width), dtype=np.int64)
    if length:
        path[-1] = score.argmax(axis=1)
    for t in range(length - 1, 0, -1):
        path[t - 1] = back[t, columns, path[t]]
    return path


def _mask_unseen(logits: Floats, encoding: Encoding) -> Floats:
    """A word that the network did not see (a lone tatweel) may continue a span, not begin one."""
    unseen = encoding.first < 0
    if not unseen.any():
        return logits
    masked = logits.copy()
    masked[unseen, 1::2] = NEVER
    return masked


def _mask_leads(logits: Floats, text: str, encoding: Encoding) -> Floats:
    """An opening quote has the class of the word behind it, for plain transformers; no span begins at it."""
    leads = lead_words(text, encoding.words)[:, 0]
    if not len(leads):
        return logits
    masked = logits.copy()
    masked[leads, 0] = np.maximum(logits[leads, 0], logits[leads, 1::2].max(axis=1))
    masked[leads, 1::2] = NEVER
    return masked


def _mask_inner(inner: Floats, outer_tags: Ints, scheme: LabelScheme) -> Floats:
    """Nested spans live inside outer spans of the nesting labels and cross no outer edge."""
    holds = np.isin((outer_tags - 1) // 2, [scheme.outer.index(x) for x in scheme.nesting if x in scheme.outer])
    masked = inner.copy()
    masked[~holds, 1:] = NEVER
    masked[outer_tags % 2 == 1, 2::2] = NEVER
    return masked


def _proclitics(text: str, encoding: Encoding, logits: Floats, outer: Ints, inner: Ints) -> tuple[Ints, Floats]:
    """Most probable possible count for each span-initial word, and its probability (1 elsewhere)."""
    counts = np.full(len(outer), -1, dtype=np.int64)
    certainty = np.ones(len(outer), dtype=np.float32)
    for word in np.flatnonzero((outer % 2 == 1) | (inner % 2 == 1)).tolist():
        start, end = encoding.words[word]
        possible = logits[word, : len(proclitic_offsets(text[start:end]))]
        counts[word] = possible.argmax()
        certainty[word] = softmax(possible)[counts[word]]
    return counts, certainty


def softmax(logits: Floats) -> Floats:
    """Probabilities along the last axis."""
    exponent = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probabilities: Floats = exponent / exponent.sum(axis=-1, keepdims=True)
    return probabilities
