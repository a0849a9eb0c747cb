"""Spans as a tidy table, one row a span, in pandas or polars."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

from wazir.errors import WazirError
from wazir.spans import Span

if TYPE_CHECKING:
    from wazir.tagger import Tagger

Engine = Literal["pandas", "polars"]
#: Columns and their types in both libraries.
_COLUMNS = {
    "text_id": object,
    "span": "int64",
    "parent": "int64",
    "start": "int64",
    "end": "int64",
    "label": "str",
    "text": "str",
    "score": "float64",
}


def span_frame(tagger: Tagger, texts: str | Iterable[str], engine: Engine = "pandas") -> Any:
    """Tag texts and return a row for each top-level and each nested span.

    Args:
        tagger: The model.
        texts: A text, or several; the index of a pandas Series names its texts, else they are counted from 0.
        engine: Library of the table, ``pandas`` or ``polars``.

    Returns:
        A data frame with the columns ``text_id``, ``span`` (number of the span in its text), ``parent`` (number of the
        span that it is nested in, -1 at the top level), ``start`` and ``end`` (characters), ``label``, ``text`` and
        ``score``; the same columns where nothing is found.

    Raises:
        WazirError: the library is not installed, or there is no such engine.
        TypeError: a text that is no string.
    """
    if engine not in get_args(Engine):
        raise WazirError(f"unknown engine {engine!r}. Use pandas or polars.")
    given: Sequence[str] = [texts] if isinstance(texts, str) else list(texts)
    index = getattr(texts, "index", None)
    names = range(len(given)) if index is None or callable(index) else list(index)
    rows = [row for name, spans in zip(names, tagger.stream(given), strict=True) for row in _rows(name, spans)]
    columns: dict[str, list[Any]] = {name: [row[i] for row in rows] for i, name in enumerate(_COLUMNS)}
    return _pandas(columns) if engine == "pandas" else _polars(columns)


def _rows(name: object, spans: Sequence[Span]) -> Iterator[tuple[Any, ...]]:
    number = 0
    for span in spans:
        parent = number
        for each, above in [(span, -1), *((inner, parent) for inner in span.inner)]:
            yield name, number, above, each.start, each.end, each.label, each.text, each.score
            number += 1


def _pandas(columns: dict[str, list[Any]]) -> Any:
    try:
        import pandas
    except ImportError:
        raise WazirError('this table needs pandas. Run `pip install "wazir[pandas]"`.') from None
    types = {name: kind for name, kind in _COLUMNS.items() if name != "text_id"}
    return pandas.DataFrame(columns, columns=list(_COLUMNS)).astype(types)


def _polars(columns: dict[str, list[Any]]) -> Any:
    try:
        import polars
    except ImportError:
        raise WazirError('this table needs polars. Run `pip install "wazir[polars]"`.') from None
    kinds = {"int64": polars.Int64, "float64": polars.Float64, "str": polars.String}
    schema = {name: kinds[kind] for name, kind in _COLUMNS.items() if isinstance(kind, str)}
    return polars.DataFrame(columns, schema_overrides=schema)
