"""Documents as text: a table for the eye, or one of the formats for machines."""

from __future__ import annotations

import re
from collections.abc import Callable

from rich.style import Style
from rich.text import Text

from wazir.conll import format_conll
from wazir.documents import paragraphs
from wazir.errors import DataError
from wazir.jsonl import format_document
from wazir.markup import HEADER, format_markup
from wazir.spans import Document, Span

_STYLES = {"OFFICIAL": "bold green", "TITLE": "bold blue", "ORG": "bold magenta", "LOC": "bold yellow"}
#: Right-to-left isolate and its end: a terminal that knows bidi keeps the cell's order to itself.
_ISOLATE, _END_ISOLATE = "\u2067", "\u2069"
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """The text with a replacement sign for each control character, bidi embedding and lone surrogate."""
    return _UNPRINTABLE.sub("\ufffd", text)


def table_header(name: str) -> Text:
    """The lines above the spans of one document."""
    columns = f"{'start':>8} {'end':>8}  {'label':<10} {'score':>5}  text"
    return Text.assemble((printable(name), "bold"), "\n", (columns, "dim"))


def table_rows(spans: list[Span], depth: int = 0) -> Text:
    """Spans as table lines, nested ones indented below theirs; the text stands last, so it disturbs no column."""
    rows = Text()
    for span in spans:
        label = "  " * depth + span.label
        rows.append(f"{span.start:>8} {span.end:>8}  ")
        rows.append(f"{label:<10}", Style.parse(_STYLES.get(span.label, "bold")))
        rows.append(f" {span.score:>5.2f}  {_ISOLATE}{printable(span.text)}{_END_ISOLATE}\n")
        rows.append_text(table_rows(list(span.inner), depth + 1))
    return rows


def _format_ann(document: Document) -> str:
    name = " ".join(document.id.split())
    lines = [f"{HEADER} {name}"] if name else []
    for number, paragraph in paragraphs(document):
        line = paragraph.text.rstrip("\r\n")
        try:
            lines.append(format_markup(Document(line, paragraph.spans)))
        except DataError as error:
            place = (document.id or None, number, error.column)
            raise DataError(error.problem, "Use --format jsonl for this text.", *place) from None
    return "".join(f"{line}\n" for line in lines)


def _format_jsonl(document: Document) -> str:
    return format_document(document) + "\n"


#: Writers of the machine formats.
WRITERS: dict[str, Callable[[Document], str]] = {"jsonl": _format_jsonl, "ann": _format_ann, "conll": format_conll}
