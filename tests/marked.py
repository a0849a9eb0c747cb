"""Marked documents of any label and score, and their way into a file and back."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import hypothesis.strategies as st

from strategies import documents, words
from wazir.errors import DataError
from wazir.spans import Document, Span, make_span
from wazir_training.formats.names import FormatName
from wazir_training.formats.omissions import Omissions
from wazir_training.formats.registry import FORMATS
from wazir_training.sources import read_marked

#: Files that say their format by their ending.
FILES = {
    FormatName.ann: "a.ann",
    FormatName.jsonl: "a.jsonl",
    FormatName.conll: "a.conll",
    FormatName.iob1: "a.iob1",
    FormatName.bioes: "a.bioes",
    FormatName.brat: "folder",
    FormatName.label_studio: "a.json",
    FormatName.doccano: "a.jsonl",
    FormatName.spacy: "a.spacy",
}
LABELS = ("OFFICIAL", "LOC", "PERS", "Politician", "geo-political", "مكان", "two words", "x")


@dataclass(frozen=True)
class Journey:
    """What came back from a file, what its writer counted, and what its reader counted."""

    documents: list[Document]
    lost: Omissions
    lost_again: Omissions


def there_and_back(name: FormatName, written: Sequence[Document]) -> Journey:
    """Write documents and read them again, the format found by the file alone."""
    lost, lost_again = Omissions(), Omissions()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILES[name]
        FORMATS[name].write(written, path, lost)
        try:
            found = [document for _, document in read_marked(str(path), lost_again)]
        except DataError as error:
            if error.problem not in ("no documents in it", "no marked files in this folder"):
                raise
            found = []
    return Journey(found, lost, lost_again)


def flat(document: Document) -> list[Span]:
    """All spans, without structure and scores."""
    return [replace(s, inner=(), score=1.0) for top in document.spans for s in (top, *top.inner)]


def unscored(document: Document) -> Document:
    """The document with scores of 1."""
    spans = (replace(t, score=1.0, inner=tuple(replace(s, score=1.0) for s in t.inner)) for t in document.spans)
    return Document(document.text, tuple(spans), document.id)


def scored_spans(written: Sequence[Document]) -> int:
    """How many spans have a score of their own."""
    return sum(s.score != 1 for d in written for t in d.spans for s in (t, *t.inner))


@st.composite
def marked_documents(draw: st.DrawFn, labels: Sequence[str] = LABELS, scored: bool = True) -> Document:
    """Any text with spans anywhere, with other tools' labels and, in half of the documents, scores."""
    document = draw(documents())
    scores = st.sampled_from([0.0, 0.25, 1.0] if scored and draw(st.booleans()) else [1.0])

    def vary(span: Span) -> Span:
        inner = tuple(vary(s) for s in span.inner)
        return replace(span, label=draw(st.sampled_from(labels)), score=draw(scores), inner=inner)

    return Document(document.text, tuple(map(vary, document.spans)), draw(st.sampled_from(["", "7", "صحيفة: 3"])))


@st.composite
def split_documents(draw: st.DrawFn) -> Document:
    """Words one space apart with spans of whole words, as CoNLL gives them; labels are all writable."""
    tokens = draw(st.lists(words.filter(lambda word: word.split() == [word]), min_size=1, max_size=10))
    text = " ".join(tokens)
    starts = [len(" ".join(tokens[:i])) + bool(i) for i in range(len(tokens))]

    def runs(first: int, after: int) -> list[tuple[int, int]]:
        cuts = sorted(draw(st.sets(st.integers(first, after), max_size=4)))
        return [(a, b) for a, b in pairwise(cuts) if draw(st.booleans())]

    def cut(a: int, b: int, inner: Sequence[Span] = ()) -> Span:
        label = draw(st.sampled_from(["LOC", "PERS"]))
        return make_span(text, starts[a], starts[b - 1] + len(tokens[b - 1]), label, inner)

    spans = [cut(a, b, [cut(*run) for run in runs(a, b)]) for a, b in runs(0, len(tokens))]
    return Document(text, tuple(spans))
