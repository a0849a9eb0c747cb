"""JSONL: one `{"id", "text", "spans"}` object a line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from wazir.errors import DataError
from wazir.spans import Document, check_spans, span_from_dict


def load_json(text: str) -> Any:
    """Read one JSON value.

    Raises:
        DataError: broken JSON, with its column, and its line where there is more than one; or JSON nested too deep.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        line = error.lineno if "\n" in text else None
        raise DataError(
            f"broken JSON, {error.msg}", "Write one whole JSON object a line.", line=line, column=error.colno
        ) from None
    except RecursionError:
        raise DataError("JSON nested too deep", 'Write {"id", "text", "spans"}.') from None
    except ValueError:
        raise DataError("JSON with a number of too many digits", 'Write {"id", "text", "spans"}.') from None


def dump_json(value: Any) -> str:
    """Write a JSON value on one line.

    Letters are written as they are, except lone surrogates, which UTF-8 cannot hold: they are escaped.
    """
    line = json.dumps(value, ensure_ascii=False)
    if any("\ud800" <= c <= "\udfff" for c in line):
        line = "".join(f"\\u{ord(c):04x}" if "\ud800" <= c <= "\udfff" else c for c in line)
    return line


def parse_text(line: str) -> Document:
    """Read the ``text`` and, if there, the ``id`` of one JSON object, whatever else it holds.

    Raises:
        DataError: broken JSON (with its column), or no text.
    """
    value = parse_object(line)
    return Document(value["text"], (), document_id(value))


def parse_document(line: str) -> Document:
    """Read one JSON object with the key ``text`` and, if there, ``id`` and ``spans``.

    Raises:
        DataError: broken JSON (with its column), a missing or wrong key, or a wrong span.
    """
    return document_from_dict(parse_object(line))


def document_from_dict(value: Mapping[str, Any]) -> Document:
    """Read the keys ``text`` and, if there, ``id`` and ``spans``, of which ``text`` is a string.

    Raises:
        DataError: a wrong key or span.
    """
    spans = value.get("spans", ())
    if not isinstance(spans, list | tuple):
        raise DataError("'spans' is not a list", "Write a list of spans, or leave it out.")
    text = value["text"]
    return Document(text, check_spans(span_from_dict(text, s) for s in spans), document_id(value))


def parse_object(line: str) -> dict[str, Any]:
    """Read one JSON object with a string under the key ``text``.

    Raises:
        DataError: broken JSON (with its column), or no such object.
    """
    value = load_json(line)
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        raise DataError("no object with a string under the key 'text'", 'Write {"text": "…"} on each line.')
    return value


def document_id(value: Mapping[str, Any]) -> str:
    """The value under the key ``id`` as a string; empty where there is none."""
    return "" if value.get("id") is None else str(value["id"])


def format_document(document: Document) -> str:
    """Write a document as one line of JSON, without the line break."""
    return dump_json(document.to_dict())


def read_jsonl(
    lines: Iterable[str], path: str | Path | None = None, parse: Callable[[str], Document] = parse_document
) -> Iterator[Document]:
    """Read the documents of a JSONL file; an object without ``id`` is named by its line number.

    Args:
        lines: Its lines.
        path: Its name, for errors.
        parse: `parse_document`, or `parse_text` to leave spans alone.

    Raises:
        DataError: as ``parse``, with file and line.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            document = parse(line)
        except DataError as error:
            raise error.at(path, number) from None
        yield Document(document.text, document.spans, document.id or str(number))
