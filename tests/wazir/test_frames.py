"""Spans as a table: a row each, nested ones under theirs, and the same columns where there is nothing."""

from __future__ import annotations

import sys
from typing import Any

import pandas
import polars
import pytest

import wazir
from wazir import WazirError, predict

TEXT = "التقى رئيس مجلس النواب في طرابلس وفدا من تونس"
OTHER = "لا شيء هنا يذكر اليوم"
COLUMNS = ["text_id", "span", "parent", "start", "end", "label", "text", "score"]


@pytest.mark.parametrize("engine", ["pandas", "polars"])
def test_each_span_is_a_row_and_nested_ones_name_theirs(engine: Any) -> None:
    table = wazir.frame([OTHER, TEXT], engine=engine)
    rows = table.to_dict("records") if engine == "pandas" else table.to_dicts()
    spans = predict(TEXT)
    flat = [(s, None) for s in spans] + [(inner, s) for s in spans for inner in s.inner]
    assert any(above for _, above in flat)
    assert len(rows) == len(flat)
    for row in rows:
        assert row["text_id"] == 1
        assert TEXT[row["start"] : row["end"]] == row["text"]
        if row["parent"] >= 0:
            (parent,) = (r for r in rows if r["span"] == row["parent"])
            assert parent["start"] <= row["start"] < row["end"] <= parent["end"]
    assert [r["text"] for r in rows if r["parent"] < 0] == [s.text for s in spans]


def test_the_index_of_a_series_names_its_texts() -> None:
    table = wazir.frame(pandas.Series([TEXT, OTHER], index=["a", "b"]))
    assert set(table["text_id"]) == {"a"}
    assert set(wazir.frame(polars.Series([OTHER, TEXT]), engine="polars")["text_id"]) == {1}


def test_nothing_found_gives_the_same_columns_and_types() -> None:
    full, empty = wazir.frame(TEXT), wazir.frame([])
    assert list(full.columns) == list(empty.columns) == COLUMNS
    assert full.dtypes.drop("text_id").equals(empty.dtypes.drop("text_id"))
    some, none = wazir.frame(TEXT, engine="polars"), wazir.frame([], engine="polars")
    assert some.columns == none.columns == COLUMNS
    assert some.dtypes[1:] == none.dtypes[1:]


def test_an_unknown_engine_and_a_missing_library_say_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WazirError, match="Use pandas or polars"):
        wazir.frame(TEXT, engine="dask")  # type: ignore[arg-type]
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(WazirError, match=r'pip install "wazir\[polars\]"'):
        wazir.frame(TEXT, engine="polars")
