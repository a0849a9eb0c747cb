"""Text to sub-tokens, with each word's first sub-token, and windows of bounded length over them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from tokenizers import Tokenizer

from wazir.arabert import TAG
from wazir.tagging import Ints
from wazir.words import Words, find_words

_EMPTY = np.empty(0, dtype=np.int64)
_SURROGATE = re.compile("[\ud800-\udfff]")
#: Characters handed to the tokenizer at once; its memory is some hundred bytes a character.
_SLICE = 4_000
_SLICES_AT_ONCE = 64
#: The one thing with white space in it that a tokenizer reads whole.
_TAG = re.compile(TAG)


@dataclass(frozen=True, slots=True)
class Encoding:
    """One paragraph, ready for the network.

    Attributes:
        words: Word offsets in characters, shape [words, 2].
        ids: Sub-token ids without special tokens, shape [sub-tokens].
        first: Index into ``ids`` of each word's first sub-token, or -1 for a word that normalises to
            nothing (a lone tatweel); shape [words], rising.
    """

    words: Words
    ids: Ints
    first: Ints


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of an encoding that fits the network.

    Attributes:
        encoding: Index of its encoding in the batch.
        ids: Its sub-token ids, shape [sub-tokens].
        words: Indices of the words that this window labels, shape [words].
        first: Their first sub-tokens, as indices into ``ids``, shape [words].
    """

    encoding: int
    ids: Ints
    words: Ints
    first: Ints


def encode(tokenizer: Tokenizer, texts: Sequence[str]) -> list[Encoding]:
    """Encode paragraphs of any length.

    The tokenizer sees raw text, cut into slices at spaces and tabs, which changes no sub-token: tokenizers here
    split at white space first, but for that inside HTML tags, where no cut is made. Only a run without other white
    space that is longer than a slice is cut inside.
    """
    slices = [(i, start, end) for i, text in enumerate(texts) for start, end in _slices(text)]
    ids: list[list[Ints]] = [[_EMPTY] for _ in texts]
    starts: list[list[Ints]] = [[_EMPTY] for _ in texts]
    for at in range(0, len(slices), _SLICES_AT_ONCE):
        part = slices[at : at + _SLICES_AT_ONCE]
        pieces = [_SURROGATE.sub("\ufffd", texts[i][start:end]) for i, start, end in part]
        results = tokenizer.encode_batch(pieces, add_special_tokens=False)
        for (i, offset, _), result in zip(part, results, strict=True):
            ids[i].append(np.array(result.ids, dtype=np.int64))
            starts[i].append(np.array(result.offsets, dtype=np.int64).reshape(-1, 2)[:, 0] + offset)
    return [_align(text, *map(np.concatenate, pair)) for text, *pair in zip(texts, ids, starts, strict=True)]


def _slices(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    while len(text) - start > _SLICE:
        end = _last_gap(text, start, start + _SLICE)
        yield start, end
        start = end
    yield start, len(text)


def _last_gap(text: str, start: int, stop: int) -> int:
    """The last space or tab between ``start`` and ``stop`` that is inside no HTML tag, or else ``stop``."""
    gap = stop
    while (gap := max(text.rfind(" ", start + 1, gap), text.rfind("\t", start + 1, gap))) > start:
        opening = text.rfind("<", start, gap)
        tag = _TAG.match(text, opening) if opening >= 0 else None
        if tag is None or tag.end() <= gap:
            return gap
        gap = opening
    return stop


def _align(text: str, ids: Ints, starts: Ints) -> Encoding:
    words = find_words(text)
    first = np.full(len(words), -1, dtype=np.int64)
    if len(words) and len(ids):
        owner = np.searchsorted(words[:, 0], starts, side="right") - 1
        inside = np.flatnonzero((owner >= 0) & (starts < words[owner, 1]))
        owners, position = np.unique(owner[inside], return_index=True)
        first[owners] = inside[position]
    return Encoding(words, ids, first)


def windows(encodings: Sequence[Encoding], size: int, overlap: int) -> Iterator[Window]:
    """Cut encodings into overlapping windows; each word is labelled by the window where it lies most central.

    Args:
        encodings: The encodings.
        size: Most sub-tokens in a window, special tokens not counted.
        overlap: Sub-tokens that neighbouring windows share; less than ``size``.

    Yields:
        For each encoding its windows in order. Words without a sub-token are in none.
    """
    for index, encoding in enumerate(encodings):
        words = np.flatnonzero(encoding.first >= 0)
        first = encoding.first[words]
        if not len(words):
            continue
        low = 0
        for start in range(0, max(len(encoding.ids) - overlap, 1), size - overlap):
            last = start + size >= len(encoding.ids)
            high = len(encoding.ids) if last else start + size - overlap // 2
            mine = slice(*np.searchsorted(first, (low, high)).tolist())
            if mine.start < mine.stop:
                yield Window(index, encoding.ids[start : start + size], words[mine], first[mine] - start)
            low = high
