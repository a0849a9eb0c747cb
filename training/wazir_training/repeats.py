"""Paragraphs that occur twice: word for word, with other marks, or in a run of eight words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from wazir.spans import Document, Span
from wazir_training.overlap import word_runs

#: The parts of a configuration's data, in the order in which pairs of them are named.
TRAIN, DEV, TEST, HELD_OUT = SPLITS = ("train", "dev", "test", "held_out")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A training paragraph that does not train.

    Attributes:
        document: The paragraph.
        splits: The splits that it shares eight words in a row with.
    """

    document: Document
    splits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A paragraph with the text of an earlier one and other marks."""

    document: Document
    earlier: str


@dataclass(frozen=True, slots=True)
class Repeats:
    """What occurs twice in the paragraphs of several splits.

    Attributes:
        within: For each split, paragraphs with the text of an earlier one of it.
        same: For two splits, paragraphs of the first with the text of one of the second.
        shared: For two splits, paragraphs of the first that share eight words in a row with the second.
        left_out: Training paragraphs that share such words with another split.
        conflicts: Paragraphs of train, dev and test with the text of an earlier one and other marks.
    """

    within: dict[str, int]
    same: dict[tuple[str, str], int]
    shared: dict[tuple[str, str], int]
    left_out: tuple[LeftOut, ...]
    conflicts: tuple[Conflict, ...]


def find_repeats(splits: Mapping[str, Sequence[Document]], held_out: Sequence[str]) -> Repeats:
    """Find them, in time linear in the text.

    Args:
        splits: The paragraphs of each of `SPLITS` that there is. White space at the edges of a paragraph is no
            difference.
        held_out: The texts of the split ``held_out``, whole: a run of words may cross the end of a paragraph.
    """
    pairs = list(combinations([x for x in SPLITS if x in splits], 2))
    texts = {x: [d.text.strip() for d in documents] for x, documents in splits.items()}
    distinct = {x: set(values) for x, values in texts.items()}
    bits = {x: 1 << i for i, x in enumerate(SPLITS)}
    owners: dict[tuple[str, ...], int] = {}
    for name in (DEV, TEST, HELD_OUT):
        for text in held_out if name == HELD_OUT else texts.get(name, ()):
            for run in word_runs(text):
                owners[run] = owners.get(run, 0) | bits[name]
    shared = dict.fromkeys(pairs, 0)
    left_out = []
    for name, documents in splits.items():
        for document in documents:
            found = 0
            for run in word_runs(document.text):
                found |= owners.get(run, 0)
            others = tuple(x for x in SPLITS if found & bits[x] and SPLITS.index(x) > SPLITS.index(name))
            for other in others:
                shared[name, other] += 1
            if name == TRAIN and others:
                left_out.append(LeftOut(document, others))
    return Repeats(
        {x: len(values) - len(distinct[x]) for x, values in texts.items()},
        {(a, b): sum(t in distinct[b] for t in texts[a]) for a, b in pairs},
        shared,
        tuple(left_out),
        _conflicts([d for x in (TRAIN, DEV, TEST) for d in splits.get(x, ())]),
    )


def _conflicts(documents: Sequence[Document]) -> tuple[Conflict, ...]:
    times = Counter(d.text.strip() for d in documents)
    first: dict[str, tuple[str, Any]] = {}
    found = []
    for document in documents:
        text = document.text.strip()
        if times[text] == 1:
            continue
        edge = len(document.text) - len(document.text.lstrip())
        marks = [_mark(s, edge) for s in document.spans]
        earlier, wanted = first.setdefault(text, (document.id, marks))
        if marks != wanted:
            found.append(Conflict(document, earlier))
    return tuple(found)


def _mark(span: Span, edge: int) -> tuple[Any, ...]:
    return span.start - edge, span.end - edge, span.label, [_mark(s, edge) for s in span.inner]
