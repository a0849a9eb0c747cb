"""Wazir's inline markup, `.ann`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from wazir.documents import read_lines
from wazir.markup import format_markup, is_writable_label, read_markup, unwritable_at
from wazir.spans import Document
from wazir_training.formats.fitting import count_scores, fit_spans, fit_utf8, trim_spans
from wazir_training.formats.nesting import flat_spans
from wazir_training.formats.omissions import Omissions


def read(path: Path, omissions: Omissions) -> Iterator[Document]:
    """Read the paragraphs of a file; raises as `wazir.markup.read_markup`."""
    del omissions  # the markup says what a document can be
    return read_markup(read_lines(path), path)


def write(documents: Iterable[Document], path: Path, omissions: Omissions) -> None:
    """Write documents, each line of their texts as a paragraph.

    Counted: documents cut into lines; lines of white space alone, with square brackets or like a header; spans across
    lines, with labels that the markup cannot spell or of white space alone; white space at edges; scores.
    """
    with path.open("w", encoding="utf-8", newline="\n") as file:
        lines = (line for document in documents for line in _lines(document, omissions))
        for number, line in enumerate(lines):
            mark = "\ufeff" if number == 0 and line.startswith("\ufeff") else ""  # readers take the first for a mark
            file.write(f"{mark}{line}\n")


def _lines(document: Document, omissions: Omissions) -> Iterator[str]:
    omissions.at_document(document)
    fitted = fit_utf8(document, omissions)
    if fitted is None:
        return
    count_scores(fitted, omissions)
    fitted = fit_spans(fitted, lambda s: is_writable_label(s.label), "a label that .ann cannot write", omissions)
    fitted = fit_spans(fitted, lambda s: not re.search(r"[\r\n]", s.text), "across the end of a line", omissions)
    fitted = trim_spans(fitted, omissions)
    if re.search(r"[\r\n]", fitted.text):
        omissions.add("document", "a paragraph is a line in .ann", done="cut at line ends")
    elif not fitted.text.strip():
        omissions.add("document", "nothing but white space")
    for found in re.finditer(r"[^\r\n]+", fitted.text):
        spans = (s.shift(-found.start()) for s in fitted.spans if found.start() <= s.start < found.end())
        line = Document(found[0], tuple(spans))
        if unwritable_at(line.text) is not None:
            omissions.add("line", "square brackets and a leading ### are marks in .ann")
            omissions.add("span", "in a line left out", len(flat_spans(line)))
        elif line.text.strip():
            yield format_markup(line)
