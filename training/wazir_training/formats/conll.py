"""CoNLL: a word and its tags a line."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from wazir.conll import DOCUMENT_START, cut_words, format_conll, read_conll
from wazir.documents import read_lines
from wazir.iob import FoundScheme, TagScheme
from wazir.spans import Document
from wazir.words import Words
from wazir_training.formats.fitting import count_scores, fit_spans, fit_utf8
from wazir_training.formats.nesting import flat_spans
from wazir_training.formats.omissions import Omissions


def read(path: Path, omissions: Omissions) -> Iterator[Document]:
    """Read the sentences of a file, in any of the schemes; raises as `wazir.conll.read_conll`.

    Counted: tags that break the scheme of the file.
    """

    def tell(found: FoundScheme) -> None:
        omissions.at(path)
        omissions.stray_tags(found)

    return read_conll(read_lines(path), path, tell)


def write(documents: Iterable[Document], path: Path, omissions: Omissions, scheme: TagScheme = TagScheme.IOB2) -> None:
    """Write documents, each line of their texts as a sentence.

    Where the texts are words one space apart and no span begins or ends inside one, as in documents read from CoNLL,
    these words are written and nothing is lost. Otherwise all documents are written in the words of `wazir.words`.

    Counted: texts that come back otherwise; documents cut into sentences or without words; spans without words or with
    white space in their labels; spans whose edges lie outside words; scores.
    """
    fitted = [d for document in documents if (d := _fit(document, omissions)) is not None]
    split = [split_words(d) for d in fitted]
    exact = all(words is not None for words in split)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        first = True
        for document, words in zip(fitted, split, strict=True):
            omissions.at_document(document)
            text = format_conll(document, scheme, words if exact else None)
            if not exact:
                _count_changes(document, text, omissions)
            if not text:
                omissions.add("document", "no words")
                continue
            if first and text.startswith("\ufeff"):
                file.write("\ufeff")  # readers take the first for a byte order mark
            file.write(text)
            first = False


def split_words(document: Document) -> Words | None:
    """The words between single spaces, shape [words, 2], if the text is nothing else and no span edge is inside one."""
    words = document.text.split()
    if " ".join(words) != document.text or DOCUMENT_START in words:
        return None
    ends = np.cumsum([len(word) + 1 for word in words], dtype=np.int64) - 1
    starts = ends - np.array([len(word) for word in words], dtype=np.int64)
    spans = flat_spans(document)
    if not np.isin([s.start for s in spans], starts).all() or not np.isin([s.end for s in spans], ends).all():
        return None
    return np.stack([starts, ends], axis=1)


def _fit(document: Document, omissions: Omissions) -> Document | None:
    omissions.at_document(document)
    fitted = fit_utf8(document, omissions)
    if fitted is None:
        return None
    count_scores(fitted, omissions)
    return fit_spans(fitted, lambda s: not re.search(r"\s", s.label), "white space in the label", omissions)


def _count_changes(document: Document, text: str, omissions: Omissions) -> None:
    pieces = cut_words(document)
    if text.count("\n\n") > 1:
        omissions.add("document", "a sentence ends with its line", done="cut into sentences")
    elif pieces and " ".join(document.text[start:end] for start, end in pieces) != document.text:
        omissions.add("document", "words are written one space apart", done="changed in white space")
    starts, ends = [start for start, _ in pieces], [end for _, end in pieces]
    for span in flat_spans(document):
        first, after = bisect_right(ends, span.start), bisect_left(starts, span.end)
        if first == after:
            omissions.add("span", "no word in it")
        elif (starts[first], ends[after - 1]) != (span.start, span.end):
            omissions.add("span", "only words are written", done="trimmed")
