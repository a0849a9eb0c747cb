"""Scores of parts of the data: by source, by length, by whether training has seen the form."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from rich.table import Table

from wazir.spans import Document, Span
from wazir.words import is_invisible
from wazir_training.evaluate import Evaluation, narrow_table
from wazir_training.scoring import Score, span_key

#: First words of the groups of span lengths and of paragraph lengths.
SPAN_LENGTHS = (1, 2, 3, 4, 6, 9)
PARAGRAPH_LENGTHS = (1, 11, 26, 51, 101)
_FILE = re.compile(r"(.*?\.\w+|.*):", re.DOTALL)

#: What makes a span's form: its text without invisible characters, and its label.
Form = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Exact-span scores of top-level spans, group by group; groups without a span are left out.

    In each group, recall is that of the gold spans of the group and precision that of the predicted ones. A right span
    is in the same group on both sides.

    Attributes:
        sources: By file of the data, or other source of the documents.
        span_words: By words of the span, separated by white space.
        paragraph_words: By words of the line in which the span begins.
        forms: By whether training spans have the same text and label, ``seen`` or ``unseen``; None without
            training data.
    """

    sources: dict[str, Score]
    span_words: dict[str, Score]
    paragraph_words: dict[str, Score]
    forms: dict[str, Score] | None

    def to_dict(self) -> dict[str, Any]:
        """The scores as JSON values; ``forms`` is null without training data."""
        parts: dict[str, Mapping[str, Score] | None] = {
            "sources": self.sources,
            "span_words": self.span_words,
            "paragraph_words": self.paragraph_words,
            "forms": self.forms,
        }
        return {k: v if v is None else {name: s.to_dict() for name, s in v.items()} for k, v in parts.items()}


def break_down(evaluation: Evaluation, train: Iterable[Document] | None = None) -> Breakdown:
    """Score each group of an evaluation's top-level spans.

    Args:
        evaluation: The model's spans and the gold ones.
        train: Documents that trained the model, for seen and unseen forms.
    """
    pairs = list(zip(evaluation.documents, evaluation.predicted, strict=True))

    def by(group: Callable[[int, Span], str], order: Callable[[str], Any] | None = None) -> dict[str, Score]:
        scores = _group(pairs, group)
        return {name: scores[name] for name in sorted(scores, key=order)}

    sources = [source_of(d) for d, _ in pairs]
    lines = [_Lines(d.text) for d, _ in pairs]
    span_groups, line_groups = _Lengths(SPAN_LENGTHS), _Lengths(PARAGRAPH_LENGTHS)
    forms = None
    if train is not None:
        seen = forms_of(train)
        forms = by(lambda _, s: "seen" if form_of(s) in seen else "unseen")
    return Breakdown(
        by(lambda i, _: sources[i]),
        by(lambda _, s: span_groups.name(len(s.text.split())), span_groups.names.index),
        by(lambda i, s: line_groups.name(lines[i].words_at(s.start)), line_groups.names.index),
        forms,
    )


def _group(pairs: Sequence[tuple[Document, Sequence[Span]]], group: Callable[[int, Span], str]) -> dict[str, Score]:
    """Scores by the group of a span, which is given the place of its document too."""
    counts = [Counter[str]() for _ in range(3)]
    for i, (document, predicted) in enumerate(pairs):
        gold = {span_key(s) for s in document.spans}
        sides = [s for s in predicted if span_key(s) in gold], predicted, document.spans
        for count, spans in zip(counts, sides, strict=True):
            count.update(group(i, s) for s in spans)
    return {name: Score(*(count[name] for count in counts)) for name in counts[1] | counts[2]}


def source_of(document: Document) -> str:
    """The file that a document comes from: its id up to the colon after a file's ending, or to the last colon.

    An id without a colon names no source; the answer is then ``(no source)``.
    """
    found = _FILE.match(document.id)
    return found[1] if found else "(no source)"


def forms_of(documents: Iterable[Document]) -> set[Form]:
    """The forms of all spans of some documents, nested ones included: a model has seen those as well."""
    return {form_of(s) for d in documents for top in d.spans for s in (top, *top.inner)}


def form_of(span: Span) -> Form:
    """The text of a span without tatweel, vowel marks and controls, its words one space apart, and its label."""
    visible = "".join(c for c in span.text if not is_invisible(c))
    return " ".join(visible.split()), span.label


class _Lines:
    """Words of each line of a text, separated by white space."""

    def __init__(self, text: str) -> None:
        lines = text.splitlines(keepends=True)
        self._starts = [0, *accumulate(map(len, lines))]
        self._words = [len(line.split()) for line in lines]

    def words_at(self, offset: int) -> int:
        """Words of the line that holds a character."""
        return self._words[bisect_right(self._starts, offset) - 1]


class _Lengths:
    """Groups of lengths by the smallest of each."""

    def __init__(self, firsts: Sequence[int]) -> None:
        self._firsts = firsts
        lasts = [first - 1 for first in firsts[1:]]
        self.names = [str(a) if a == b else f"{a}–{b}" for a, b in zip(firsts, lasts, strict=False)]
        self.names.append(f"{firsts[-1]} and more")

    def name(self, length: int) -> str:
        """The group of a length; one below the first group is in it."""
        return self.names[max(0, bisect_right(self._firsts, length) - 1)]


def breakdown_table(breakdown: Breakdown) -> Table:
    """All groups under their headings."""
    table = narrow_table("outer, exact", "precision", "recall", "F1", "right", "predicted", "gold")
    parts = {
        "by source": breakdown.sources,
        "by words of the span": breakdown.span_words,
        "by words of the paragraph": breakdown.paragraph_words,
        "by form in training": breakdown.forms or {},
    }
    for heading, scores in parts.items():
        if scores:
            table.add_row(heading, style="bold")
        for name, s in scores.items():
            figures = (f"{x:.3f}" for x in (s.precision, s.recall, s.f1))
            table.add_row(f"  {name}", *figures, *(f"{n:,}" for n in (s.right, s.predicted, s.gold)))
    return table
