"""CoNLL: a word, its IOB2 tag and its nested IOB2 tag a line, tabs between; an empty line ends a sentence.

Words are those of `wazir.words`, cut where a span begins inside one (particles written onto a name become
words of their own), so no span is lost. Reading joins words with one space; white space itself is not kept.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise
from pathlib import Path

from wazir.errors import DataError
from wazir.spans import Document, Span, make_span
from wazir.words import find_words


def format_conll(document: Document) -> str:
    """Write a document as CoNLL, one sentence for each line of its text that has words.

    Lines that a span joins are one sentence.
    """
    text = document.text
    layers = [document.spans, [s for top in document.spans for s in top.inner]]
    edges = sorted({offset for layer in layers for s in layer for offset in (s.start, s.end)})
    pieces: list[tuple[int, int]] = []
    for start, end in find_words(text).tolist():
        cuts = edges[bisect_right(edges, start) : bisect_left(edges, end)]
        if not cuts:
            pieces.append((start, end))
            continue
        for left, right in pairwise([start, *cuts, end]):
            pieces += [(left + a, left + b) for a, b in find_words(text[left:right]).tolist()]  # no controls at a cut
    columns = [_tags(pieces, layer) for layer in layers]
    lines: list[str] = []
    for i, (start, end) in enumerate(pieces):
        breaks = i and len(f"{text[pieces[i - 1][1] : start]}.".splitlines()) > 1
        if breaks and not columns[0][i].startswith("I-"):
            lines.append("")
        lines.append("\t".join([text[start:end], *(column[i] for column in columns)]))
    return "".join(f"{line}\n" for line in [*lines, ""]) if lines else ""


def _tags(pieces: Sequence[tuple[int, int]], spans: Sequence[Span]) -> list[str]:
    tags = []
    position, begun = 0, -1
    for start, end in pieces:
        while position < len(spans) and spans[position].end <= start:
            position += 1
        if position == len(spans) or spans[position].start >= end:
            tags.append("O")
            continue
        tags.append(("I-" if begun == position else "B-") + spans[position].label)
        begun = position
    return tags


def read_conll(lines: Iterable[str], path: str | Path | None = None) -> Iterator[Document]:
    """Read sentences of `word TAG` or `word TAG NESTED-TAG` lines; the id is the first line's number.

    Columns are separated by tabs, or by white space where a line has no tab.

    Raises:
        DataError: a line without a tag, a tag that is not IOB2 (an I- that continues nothing), or a
            nested span that leaves its span; with file and line.
    """
    sentence: list[list[str]] = []
    first = 0
    for number, line in enumerate(chain(lines, [""]), 1):
        fields = line.rstrip("\r\n").split("\t") if "\t" in line else line.split()
        if not any(fields):
            if sentence:
                yield _document(sentence, path, first)
            sentence = []
            continue
        if len(fields) not in (2, 3) or not fields[0].strip():
            raise DataError(f"{line.strip()!r:.60} is not a word and its tags", "Write word, tab, tag.", path, number)
        if not sentence:
            first = number
        sentence.append(fields)


def _document(sentence: list[list[str]], path: str | Path | None, first: int) -> Document:
    words = [fields[0] for fields in sentence]
    text = " ".join(words)
    try:
        outer = _spans(text, words, [fields[1] for fields in sentence])
        inner = _spans(text, words, [fields[2] if len(fields) == 3 else "O" for fields in sentence])
    except DataError as error:
        raise DataError(error.problem, error.remedy, path, first + (error.line or 0)) from None
    spans = []
    for span in outer:
        nested = [s for s in inner if span.start <= s.start and s.end <= span.end]
        inner = [s for s in inner if s not in nested]
        spans.append(make_span(text, span.start, span.end, span.label, nested))
    if inner:
        raise DataError(f"nested span {inner[0].text!r} lies in no span", "Mend its third column.", path, first)
    return Document(text, tuple(spans), str(first))


def _spans(text: str, words: list[str], tags: list[str]) -> list[Span]:
    spans: list[tuple[int, int, str]] = []
    start = 0
    previous = "O"
    for i, (word, tag) in enumerate(zip(words, tags, strict=True)):
        prefix, _, label = tag.partition("-")
        if tag != "O" and (prefix not in ("B", "I") or not label):
            raise DataError(f"tag {tag!r} is not IOB2", "Use O, B-LABEL and I-LABEL.", line=i)
        if prefix == "I" and previous[2:] != label:
            raise DataError(f"tag {tag!r} continues nothing after {previous!r}", f"Begin with 'B-{label}'.", line=i)
        if prefix == "B":
            spans.append((start, start + len(word), label))
        elif prefix == "I":
            spans[-1] = (spans[-1][0], start + len(word), label)
        start += len(word) + 1
        previous = tag
    return [make_span(text, *span) for span in spans]
