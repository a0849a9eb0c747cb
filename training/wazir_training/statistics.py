"""What is in marked data: sizes, span lengths, spans that training cannot represent, and sub-tokens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from tokenizers import Tokenizer

from wazir.encoding import encode, windows
from wazir.labels import LabelScheme
from wazir.proclitics import proclitic_offsets
from wazir.spans import Document, Span
from wazir.tagging import Ints
from wazir.words import find_words
from wazir_training.features import round_trip

#: The reason of spans whose label the scheme lacks.
UNKNOWN_LABEL = "has a label that the model lacks"


@dataclass(frozen=True, slots=True)
class UnalignedSpan:
    """A gold span that word tags cannot represent.

    Attributes:
        document: Name of its document.
        layer: ``outer`` or ``inner``.
        span: The span.
        reason: Why, as the end of a sentence that begins with the span.
    """

    document: str
    layer: str
    span: Span
    reason: str


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts over marked documents.

    Attributes:
        documents: Number of documents.
        words: Words separated by white space.
        outer_lengths: For each label, top-level spans of each length in words.
        inner_lengths: The same of nested spans.
        first: Name of the document that first has each layer and label.
        lost: Gold spans of both layers that do not come back exactly from word tags.
    """

    documents: int = 0
    words: int = 0
    outer_lengths: dict[str, Counter[int]] = field(default_factory=dict)
    inner_lengths: dict[str, Counter[int]] = field(default_factory=dict)
    first: dict[tuple[str, str], str] = field(default_factory=dict)
    lost: tuple[UnalignedSpan, ...] = ()

    @property
    def outer(self) -> Counter[str]:
        """Top-level spans of each label."""
        return Counter({label: lengths.total() for label, lengths in self.outer_lengths.items()})

    @property
    def inner(self) -> Counter[str]:
        """Nested spans of each label."""
        return Counter({label: lengths.total() for label, lengths in self.inner_lengths.items()})

    @property
    def represented(self) -> int:
        """Gold spans of both layers that come back exactly from word tags."""
        return self.outer.total() + self.inner.total() - len(self.lost)

    @property
    def share(self) -> float:
        """Share of the gold spans that come back exactly; 1 if there are none."""
        total = self.represented + len(self.lost)
        return self.represented / total if total else 1.0

    def __add__(self, other: Statistics) -> Statistics:
        return Statistics(
            self.documents + other.documents,
            self.words + other.words,
            _add(self.outer_lengths, other.outer_lengths),
            _add(self.inner_lengths, other.inner_lengths),
            other.first | self.first,
            self.lost + other.lost,
        )


def _add(left: dict[str, Counter[int]], right: dict[str, Counter[int]]) -> dict[str, Counter[int]]:
    return {x: left.get(x, Counter()) + right.get(x, Counter()) for x in {**left, **right}}


def count(documents: Sequence[Document], scheme: LabelScheme) -> Statistics:
    """Count, sending every document through its word tags and back."""
    lengths: dict[str, dict[str, Counter[int]]] = {"outer": {}, "inner": {}}
    first: dict[tuple[str, str], str] = {}
    lost: list[UnalignedSpan] = []
    for document in documents:
        for top in document.spans:
            for layer, span in _layers(top):
                lengths[layer].setdefault(span.label, Counter())[len(span.text.split())] += 1
                first.setdefault((layer, span.label), document.id)
        lost += _unaligned(document, scheme)
    words = sum(len(d.text.split()) for d in documents)
    return Statistics(len(documents), words, lengths["outer"], lengths["inner"], first, tuple(lost))


def _layers(top: Span) -> Iterator[tuple[str, Span]]:
    yield "outer", top
    for span in top.inner:
        yield "inner", span


def _unaligned(document: Document, scheme: LabelScheme) -> Iterator[UnalignedSpan]:
    back = {(x, s.start, s.end, s.label) for top in round_trip(document, scheme) for x, s in _layers(top)}
    for top in document.spans:
        held = True
        for layer, span in _layers(top):
            comes_back = (layer, span.start, span.end, span.label) in back
            wrong = None
            if not (comes_back and scheme.proclitics and (layer == "outer" or top.label in scheme.nesting)):
                wrong = _fault(document.text, span, None if layer == "outer" else top, scheme)
            if wrong is None and not comes_back:
                wrong = "shares a word with another span" if held else f"lies in {top.text!r:.60}, which is left out"
            if wrong is not None:
                yield UnalignedSpan(document.id, layer, span, wrong)
            if layer == "outer":
                held = comes_back


def _fault(text: str, span: Span, top: Span | None, scheme: LabelScheme) -> str | None:
    """What keeps a span, by itself, from being written as tags of words."""
    if span.label not in (scheme.outer if top is None else scheme.inner):
        return UNKNOWN_LABEL
    if top is not None and top.label not in scheme.nesting:
        return f"lies in a span of the label {top.label}, which holds no nested spans"
    before = max(text.rfind(" ", 0, span.start), 0)  # no word crosses a space
    after = text.find(" ", span.end)
    words = find_words(text[before : None if after < 0 else after]) + before
    words = words[(words[:, 1] > span.start) & (words[:, 0] < span.end)]
    if not len(words):
        return "holds no word"
    (first, first_end), (last, end) = words[0].tolist(), words[-1].tolist()
    if span.start < first or span.end > end:
        return "has white space or an invisible character at its edge"
    if span.end < end:
        return f"ends inside the word {text[last:end]!r:.60}"
    word = text[first:first_end]
    if span.start - first not in (proclitic_offsets(word) if scheme.proclitics else [0]):
        return f"begins inside the word {word!r:.60}"
    return None


@dataclass(frozen=True, slots=True)
class Lengths:
    """A summary of lengths in words.

    Attributes:
        median: Middle length, or the mean of the two in the middle.
        most: 95th percentile: the smallest length that at least 95 of 100 spans do not exceed.
        longest: Greatest length.
    """

    median: float
    most: int
    longest: int


def summarize(lengths: Counter[int]) -> Lengths:
    """Summarize a histogram of lengths that is not empty."""
    values = np.sort(np.fromiter(lengths.elements(), dtype=np.int64))
    return Lengths(float(np.median(values)), int(np.quantile(values, 0.95, method="inverted_cdf")), int(values[-1]))


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """What a tokenizer makes of paragraphs; special tokens are not counted.

    Attributes:
        lengths: Sub-tokens of each paragraph, shape [paragraphs].
        windows: Windows that each paragraph is read in, shape [paragraphs]; 0 for one without words.
        unknown: Sub-tokens that stand for what the vocabulary lacks.
        unknown_words: Words that hold such sub-tokens, counted.
    """

    lengths: Ints
    windows: Ints
    unknown: int
    unknown_words: Counter[str]

    def __add__(self, other: Pieces) -> Pieces:
        return Pieces(
            np.concatenate([self.lengths, other.lengths]),
            np.concatenate([self.windows, other.windows]),
            self.unknown + other.unknown,
            self.unknown_words + other.unknown_words,
        )


def count_pieces(tokenizer: Tokenizer, texts: Sequence[str], window: int, unknown_id: int | None) -> Pieces:
    """Tokenise paragraphs as training does.

    Args:
        tokenizer: A prepared tokenizer.
        texts: The paragraphs.
        window: Most sub-tokens read at once, two special tokens included.
        unknown_id: What `wazir_training.vocabulary.unknown_id` says of the tokenizer.
    """
    encodings = encode(tokenizer, texts)
    pieces = Counter(w.encoding for w in windows(encodings, window - 2, overlap=(window - 2) // 4))
    unknown = 0
    unknown_words: Counter[str] = Counter()
    for text, encoding in zip(texts, encodings, strict=True):
        at = np.flatnonzero(encoding.ids == unknown_id)
        unknown += len(at)
        begun = np.flatnonzero(encoding.first >= 0)
        if len(at) and len(begun):
            owners = begun[np.maximum(np.searchsorted(encoding.first[begun], at, side="right") - 1, 0)]
            unknown_words.update(text[start:end] for start, end in encoding.words[np.unique(owners)].tolist())
    return Pieces(
        np.array([len(e.ids) for e in encodings], dtype=np.int64),
        np.array([pieces[i] for i in range(len(texts))], dtype=np.int64),
        unknown,
        unknown_words,
    )
