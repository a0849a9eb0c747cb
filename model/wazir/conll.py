"""CoNLL: a word, its tag and its nested tag a line, tabs between; an empty line ends a sentence.

Written words are those of `wazir.words`, cut where a span begins inside one (particles written onto a name become
words of their own), so no span is lost. Reading joins words with one space; white space itself is not kept.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, chain, pairwise
from pathlib import Path

from wazir.errors import DataError
from wazir.iob import FoundScheme, TagScheme, find_scheme, is_span_tag, spell_tags, tagged_runs
from wazir.spans import Document, Span, make_span
from wazir.words import Words, find_words

#: First word of a line that separates documents in CoNLL-2003; it is no text.
DOCUMENT_START = "-DOCSTART-"
_Row = tuple[int, list[str]]  # number of the line, its columns


def format_conll(document: Document, scheme: TagScheme = TagScheme.IOB2, words: Words | None = None) -> str:
    """Write a document as CoNLL, one sentence for each line of its text that has words.

    Lines that a span joins are one sentence.

    Args:
        document: The text with its spans.
        scheme: How the tags of both columns are spelled.
        words: Offsets of the words, shape [words, 2], that no span may cut; those of `wazir.words`, cut at the
            edges of spans, by default.
    """
    text = document.text
    pieces = cut_words(document) if words is None else [(start, end) for start, end in words.tolist()]
    columns = [_tags(pieces, layer) for layer in (document.spans, [s for top in document.spans for s in top.inner])]
    breaks = [
        i
        for i in range(1, len(pieces))
        if len(f"{text[pieces[i - 1][1] : pieces[i][0]]}.".splitlines()) > 1 and not columns[0][i].startswith("I-")
    ]
    sentences = []
    for first, after in pairwise([0, *breaks, len(pieces)]):
        spelled = (spell_tags(column[first:after], scheme) for column in columns)
        rows = zip((text[start:end] for start, end in pieces[first:after]), *spelled, strict=True)
        sentences.append("".join("\t".join(row) + "\n" for row in rows))
    return "".join(f"{sentence}\n" for sentence in sentences) if pieces else ""


def cut_words(document: Document) -> list[tuple[int, int]]:
    """Start and end of the words of a text, cut where a span begins or ends inside one."""
    text = document.text
    edges = sorted({offset for top in document.spans for s in (top, *top.inner) for offset in (s.start, s.end)})
    pieces: list[tuple[int, int]] = []
    for start, end in find_words(text).tolist():
        cuts = edges[bisect_right(edges, start) : bisect_left(edges, end)]
        if not cuts:
            pieces.append((start, end))
            continue
        for left, right in pairwise([start, *cuts, end]):
            pieces += [(left + a, left + b) for a, b in find_words(text[left:right]).tolist()]  # no controls at a cut
    return pieces


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


def read_conll(
    lines: Iterable[str], path: str | Path | None = None, tell: Callable[[FoundScheme], None] | None = None
) -> Iterator[Document]:
    """Read sentences of words and their tags; the id is the number of the first line.

    Columns are separated by tabs, or by white space where a line has no tab. The word stands first. With two or
    three columns, the second of which holds tags, they are a word, its tag and its nested tag; otherwise the last
    column is the tag and those between are not read (CoNLL-2003: word, part of speech, chunk, tag). Tags follow
    one scheme of `wazir.iob` throughout, found from all of them.

    Args:
        lines: Its lines.
        path: Its name, for errors.
        tell: Called with the scheme, and how many tags break it.

    Raises:
        DataError: a line without a tag or with other columns than those before it, tags of no scheme or of two,
            or a nested span that leaves its span; with file and line.
    """
    sentences = list(_sentences(lines, path))
    try:
        outer, inner = _tag_columns([row for sentence in sentences for row in sentence])
        columns = [outer] if inner is None else [outer, inner]
        found = find_scheme([(n, _tag(row, column)) for n, row in s] for s in sentences for column in columns)
    except DataError as error:
        raise error.at(path, error.line) from None
    if tell:
        tell(found)
    for sentence in sentences:
        first = sentence[0][0]
        layers = [[_tag(row, column) for _, row in sentence] for column in columns]
        try:
            yield tagged_document([row[0] for _, row in sentence], layers, str(first))
        except DataError as error:
            raise error.at(path, first) from None


def tagged_document(words: Sequence[str], layers: Sequence[Sequence[str]], name: str = "") -> Document:
    """The document of one sentence, its words one space apart.

    Args:
        words: Its words.
        layers: A tag for each word, in any scheme of `wazir.iob`, and, if there is a nested layer, those of it.
        name: Its id.

    Raises:
        DataError: a nested span lies in no span.
    """
    text = " ".join(words)
    ends = [end - 1 for end in accumulate(len(word) + 1 for word in words)]

    def spans_of(layer: Sequence[str]) -> list[Span]:
        return [
            make_span(text, ends[first] - len(words[first]), ends[after - 1], label)
            for first, after, label in tagged_runs(layer)
        ]

    inner = spans_of(layers[1]) if len(layers) > 1 else []
    spans = []
    for span in spans_of(layers[0]):
        within = [s for s in inner if span.start <= s.start and s.end <= span.end]
        inner = [s for s in inner if s not in within]
        spans.append(make_span(text, span.start, span.end, span.label, within))
    if inner:
        raise DataError(f"nested span {inner[0].text!r} lies in no span", "Mend its third column.")
    return Document(text, tuple(spans), name)


def _sentences(lines: Iterable[str], path: str | Path | None) -> Iterator[list[_Row]]:
    sentence: list[_Row] = []
    for number, line in enumerate(chain(lines, [""]), 1):
        fields = line.rstrip("\r\n").split("\t") if "\t" in line else line.split()
        if not any(fields) or fields[0] == DOCUMENT_START:
            if sentence:
                yield sentence
            sentence = []
            continue
        if len(fields) < 2 or not fields[0].strip():
            raise DataError(f"{line.strip()!r:.60} is not a word and its tags", "Write word, tab, tag.", path, number)
        sentence.append((number, fields))


def _tag_columns(rows: Sequence[_Row]) -> tuple[int, int | None]:
    """The columns of tags and of nested tags."""
    narrow = any(len(row) <= 3 and is_span_tag(row[1]) for _, row in rows)
    if narrow or all(len(row) <= 3 and row[1] == "O" for _, row in rows):
        for number, row in rows:
            if len(row) > 3:
                raise DataError(
                    f"{len(row)} columns, where the second holds tags", "Write word, tag, nested tag.", line=number
                )
        return 1, 2
    width = len(rows[0][1])
    for number, row in rows:
        if len(row) != width:
            raise DataError(
                f"{len(row)} columns, but line {rows[0][0]} has {width}", "Give every line the same.", line=number
            )
    return width - 1, None


def _tag(row: Sequence[str], column: int) -> str:
    return row[column] if column < len(row) else "O"
