"""Inline markup, the `.ann` format: `[P name]`, `[T title]`, `[O body]`, `[L place]`, nested one level.

Labels other than Wazir's four are written out, `[PERS name]`: two or more ASCII letters, digits and `_.:-`, the
first of them a capital. One paragraph a line; lines that start with `###` are headers, empty lines separate.
Removing every opening and `]` gives the text back character by character, so a text with square brackets cannot
be written.
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
_LABEL = re.compile(r"[A-Z][A-Za-z0-9_.:-]+")
_BRAT = re.compile(r"(?:[TREAMN]\d+|#\d+|\*)\t")
_TOKEN = re.compile(r"\[([^\s\[\]]*) ?|\]|[^\[\]]+")


def parse_markup(line: str) -> Document:
    """Read one marked paragraph.

    Raises:
        DataError: an opening without a known letter or a label, an unmatched bracket, an empty span, a span with
            white space at its edge, or nesting deeper than one level; the column is that of the fault.
    """
    text: list[str] = []
    length = 0
    open_spans: list[tuple[int, str, int, list[Span]]] = []  # start, label, column, inner spans
    done: list[tuple[int, int, str, list[Span]]] = []
    for token in _TOKEN.finditer(line):
        column = token.start() + 1
        if token[0][0] == "[":
            label = LETTERS.get(token[1]) or (token[1] if _LABEL.fullmatch(token[1]) else "")
            if not label or token[0][-1] != " ":
                raise DataError(
                    f"unknown label in {line[token.start() : token.start() + 12]!r}",
                    "Open a span with one of " + ", ".join(f"'[{x} '" for x in LETTERS) + ", or '[LABEL '.",
                    column=column,
                )
            if len(open_spans) == 2:
                raise DataError("nested deeper than one level", "Keep the inner span, whole.", column=column)
            open_spans.append((length, label, column, []))
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
        DataError: the text holds a square bracket or a line break, starts like a header, a label cannot be
            written out, or a span has white space at its edge: the markup cannot say it.
    """
    text = document.text
    if (column := unwritable_at(text)) is not None:
        raise DataError(
            f"{text[column]!r} cannot be written as markup", "Write such texts as JSONL.", column=column + 1
        )
    pieces: list[str] = []
    position = 0
    edges = [(s.start, s.end, s) for top in document.spans for s in (top, *top.inner)]
    events = [(start, 1, -end, f"[{_opening(s)} ") for start, end, s in edges] + [
        (end, 0, 0, "]") for _, end, _ in edges
    ]
    for offset, _, _, token in sorted(events, key=lambda e: e[:3]):
        pieces += [text[position:offset], token]
        position = offset
    return "".join([*pieces, text[position:]])


def unwritable_at(text: str) -> int | None:
    """The offset of what keeps a text from being written as markup: a bracket, a line break, the start of a header."""
    bad = re.search(r"[\[\]\n\r]", text)
    return bad.start() if bad else 0 if text.startswith(HEADER) or is_brat(text) else None


def is_writable_label(label: str) -> bool:
    """Whether a label has a letter or can be written out."""
    return label in _LETTER_OF or _LABEL.fullmatch(label) is not None


def _opening(span: Span) -> str:
    if not is_writable_label(span.label):
        raise DataError(
            f"label {span.label!r} cannot be written as markup", "Write it in capital ASCII letters, or use JSONL."
        )
    if span.text != span.text.strip():
        raise DataError(f"span {span.text!r} has white space at its edge", "Trim the span.", column=span.start + 1)
    return _LETTER_OF.get(span.label, span.label)


def is_brat(line: str) -> bool:
    """Whether a line is one of brat's standoff format, whose files end in `.ann` as well."""
    return _BRAT.match(line) is not None


def read_markup(lines: Iterable[str], path: str | Path | None = None) -> Iterator[Document]:
    """Read the paragraphs of an `.ann` file; the id is the line number.

    Raises:
        DataError: as `parse_markup`, or a line of brat's standoff format, with file and line.
    """
    for number, raw in enumerate(lines, 1):
        line = raw.rstrip("\r\n")
        if not line.strip() or line.startswith(HEADER):
            continue
        if is_brat(line):
            raise DataError("brat standoff, not marked text", "Convert it with `wazir convert`.", path, number)
        try:
            document = parse_markup(line)
        except DataError as error:
            raise error.at(path, number) from None
        yield Document(document.text, document.spans, str(number))
