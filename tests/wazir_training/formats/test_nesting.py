from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marked import marked_documents
from wazir.errors import DataError
from wazir.spans import Document, Span, make_span
from wazir_training.formats.nesting import flat_spans, from_utf16, nest_spans
from wazir_training.formats.omissions import Omissions

TEXT = "رئيس مجلس النواب الليبي أمس"


def cut(start: int, end: int, label: str = "X") -> Span:
    return make_span(TEXT, start, end, label)


def test_longer_spans_hold_shorter_ones_in_whatever_order_they_come() -> None:
    title, body, place, day = cut(0, 23), cut(5, 16), cut(17, 23), cut(24, 27)
    (top, last) = nest_spans([place, day, body, title], Omissions())
    assert (top.start, top.end, top.inner) == (0, 23, (body, place))
    assert last == day


def test_of_two_spans_of_one_extent_the_first_holds_the_other() -> None:
    (top,) = nest_spans([cut(0, 4, "ORG"), cut(0, 4, "LOC")], Omissions())
    assert (top.label, top.inner[0].label) == ("ORG", "LOC")


@pytest.mark.parametrize(
    ("spans", "what", "kept"),
    [
        ([(0, 9), (5, 16)], "crossing span", [(0, 9)]),
        ([(0, 23), (5, 16), (10, 23)], "crossing span", [(0, 23), (5, 16)]),
        ([(0, 23), (5, 16), (10, 16)], "deeply nested span", [(0, 23), (5, 16)]),
        ([(0, 9), (0, 9), (0, 9)], "deeply nested span", [(0, 9), (0, 9)]),
    ],
)
def test_what_no_hierarchy_of_two_levels_holds_is_counted_or_refused(
    spans: list[tuple[int, int]], what: str, kept: list[tuple[int, int]]
) -> None:
    omissions = Omissions()
    found = nest_spans([cut(*span) for span in spans], omissions)
    assert [(s.start, s.end) for s in flat_spans(Document(TEXT, found))] == kept
    assert omissions.counts() == {f"{what} left out": 1}
    with pytest.raises(DataError, match=f"{what} that would be left out"):
        nest_spans([cut(*span) for span in spans], Omissions(strict=True))


@given(marked_documents())
def test_a_flat_list_gives_the_hierarchy_back(document: Document) -> None:
    assert nest_spans(flat_spans(document), Omissions(strict=True)) == document.spans


@given(st.lists(st.tuples(st.integers(0, 26), st.integers(1, 9)), max_size=8))
def test_any_spans_make_a_hierarchy_and_the_others_are_counted(offsets: list[tuple[int, int]]) -> None:
    spans = [cut(start, min(start + length, len(TEXT))) for start, length in offsets]
    omissions = Omissions()
    found = nest_spans(spans, omissions)
    assert all(left.end <= right.start for left, right in pairwise(found))
    for top in found:
        assert all(top.start <= s.start and s.end <= top.end for s in top.inner)
        assert all(left.end <= right.start for left, right in pairwise(top.inner))
    assert len(flat_spans(Document(TEXT, found))) == len(spans) - sum(omissions.counts().values())


@given(st.text(), st.data())
def test_utf16_offsets_are_those_of_the_same_characters(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    units = [len(text[:offset].encode("utf-16-le")) // 2 for offset in (start, end)]
    assert from_utf16(text, *units) == (start, end)
