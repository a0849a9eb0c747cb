"""Inline markup, the `.ann` format: `[P name]`, `[T title]`, `[O body]`, `[L place]`, nested one level.

One paragraph a line; lines that start with `###` are headers, empty lines separate. Removing every opening
and `]` gives the text back character by character, so a text with square brackets cannot be written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from wazir.errors import DataError
from wazir.spans import Document, Span, make_span

LETTERS = {"P": "OFFICIAL", "T": "TITLE", "O": "ORG", "L": "LOC"}
HEADER = "###"
_LETTER_OF = {label: letter for letter, label in LETTERS.items()}
_TOKEN = re.compile(r"\[([^\s\[\]]*) ?|\]|[^\[\]]+")


def parse_markup(line: str) -> Document:
    """Read one marked paragraph.

    Raises:
        DataError: an opening without a known letter, an unmatched bracket, an empty span, a span with
            white space at its edge, or nesting deeper than one level; the column is that of the fault.
    """
    text: list[str] = []
    length = 0
    open_spans: list[tuple[int, str, int, list[Span]]] = []  # start, label, column, inner spans
    done: list[tuple[int, int, str, list[Span]]] = []
    for token in _TOKEN.finditer(line):
        column = token.start() + 1
        if token[0][0] == "[":
            if token[1] not in LETTERS or token[0][-1] != " ":
                raise DataError(
                    f"unknown label in {line[token.start() : token.start() + 12]!r}",
                    "Open a span with one of " + ", ".join(f"'[{x} '" for x in LETTERS) + ".",
                    column=column,
                )
            if len(open_spans) == 2:
                raise DataError("nested deeper than one level", "Keep the inner span, whole.", column=column)
            open_spans.append((length, LETTERS[token[1]], column, []))
        elif token[0] == "]":
            if not open_spans:
                raise DataError("']' without '['", "Remove it or open the span.", column=column)
            start, label, _, inner = open_spans.pop()
            content = "".join(text)[start:]
            if not content or content != content.strip():
                raise DataError(
                    f"span {content!r} is empty or has white space at its edge", "Move the brackets.", column=column
                )
            if open_spans:
                open_spans[-1][3].append(Span(start, length, label, content))
            else:
                done.append((start, length, label, inner))
        else:
            text.append(token[0])
            length += len(token[0])
    if open_spans:
        raise DataError("'[' is never closed", "Close the span with ']'.", column=open_spans[-1][2])
    whole = "".join(text)
    return Document(whole, tuple(make_span(whole, *span) for span in done))


def format_markup(document: Document) -> str:
    """Write a document as one marked paragraph.

    Raises:
        DataError: the text holds a square bracket or a line break, starts like a header, a label has no
            letter, or a span has white space at its edge: the markup cannot say it.
    """
    text = document.text
    bad = re.search(r"[\[\]\n\r]", text)
    if bad or text.startswith(HEADER):
        column = bad.start() + 1 if bad else 1
        raise DataError(
            f"{text[column - 1]!r} cannot be written as markup", "Write such texts as JSONL.", column=column
        )
    pieces: list[str] = []
    position = 0
    edges = [(s.start, s.end, s) for top in document.spans for s in (top, *top.inner)]
    events = [(start, 1, -end, f"[{_letter(s)} ") for start, end, s in edges] + [
        (end, 0, 0, "]") for _, end, _ in edges
    ]
    for offset, _, _, token in sorted(events, key=lambda e: e[:3]):
        pieces += [text[position:offset], token]
        position = offset
    return "".join([*pieces, text[position:]])


def _letter(span: Span) -> str:
    if span.label not in _LETTER_OF:
        raise DataError(f"label {span.label!r} has no markup letter", "Write other label sets as JSONL.")
    if span.text != span.text.strip():
        raise DataError(f"span {span.text!r} has white space at its edge", "Trim the span.", column=span.start + 1)
    return _LETTER_OF[span.label]


def read_markup(lines: Iterable[str], path: str | Path | None = None) -> Iterator[Document]:
    """Read the paragraphs of an `.ann` file; the id is the line number.

    Raises:
        DataError: as `parse_markup`, with file and line.
    """
    for number, raw in enumerate(lines, 1):
        line = raw.rstrip("\r\n")
        if not line.strip() or line.startswith(HEADER):
            continue
        try:
            document = parse_markup(line)
        except DataError as error:
            raise error.at(path, number) from None
        yield Document(document.text, document.spans, str(number))
