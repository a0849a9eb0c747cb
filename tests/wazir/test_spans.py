from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies import documents
from wazir.errors import DataError
from wazir.spans import Document, Span, check_spans, make_span, span_from_dict

TEXT = "رئيس وزراء ليبيا في أنقرة"


def test_make_span_cuts_its_text_and_sorts_what_it_holds() -> None:
    last, first = make_span(TEXT, 11, 16, "LOC"), make_span(TEXT, 5, 10, "ORG")
    span = make_span(TEXT, 0, 16, "TITLE", [last, first])
    assert span == Span(0, 16, "TITLE", "رئيس وزراء ليبيا", 1.0, (first, last))
    assert last.text == "ليبيا"


def test_a_document_becomes_plain_json_values() -> None:
    inner = Span(11, 16, "LOC", "ليبيا", 0.5)
    document = Document(TEXT, (Span(0, 16, "TITLE", "رئيس وزراء ليبيا", 0.75, (inner,)),), "1")
    assert document.to_dict() == {
        "id": "1",
        "text": TEXT,
        "spans": [
            {
                "start": 0,
                "end": 16,
                "label": "TITLE",
                "text": "رئيس وزراء ليبيا",
                "score": 0.75,
                "inner": [{"start": 11, "end": 16, "label": "LOC", "text": "ليبيا", "score": 0.5, "inner": []}],
            }
        ],
    }


def test_documents_are_the_same_whatever_their_id() -> None:
    assert Document(TEXT, id="a") == Document(TEXT, id="b")


@given(documents(), st.text(max_size=5))
def test_shifted_spans_fit_a_text_with_more_before_it(document: Document, before: str) -> None:
    for span in document.spans:
        moved = span.shift(len(before))
        for s in (moved, *moved.inner):
            assert (before + document.text)[s.start : s.end] == s.text
        assert moved.shift(-len(before)) == span


@given(documents())
def test_spans_come_back_from_their_json_values(document: Document) -> None:
    assert tuple(span_from_dict(document.text, s.to_dict()) for s in document.spans) == document.spans


def test_text_score_and_inner_may_be_left_out() -> None:
    assert span_from_dict(TEXT, {"start": 20, "end": 25, "label": "LOC"}) == Span(20, 25, "LOC", "أنقرة")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"start": None}, "lacks a whole-number start or end, or a label"),
        ({"start": True}, "lacks a whole-number start or end, or a label"),
        ({"end": 25.0}, "lacks a whole-number start or end, or a label"),
        ({"label": ""}, "lacks a whole-number start or end, or a label"),
        ({"label": 3}, "lacks a whole-number start or end, or a label"),
        ({"end": 20}, "span 20-20 is empty or out of range of a text of 25 characters"),
        ({"end": 26}, "span 20-26 is empty or out of range of a text of 25 characters"),
        ({"start": -5}, "span -5-25 is empty or out of range of a text of 25 characters"),
        ({"text": "تركيا"}, "span 20-25 says 'تركيا' but the text has 'أنقرة' there"),
        ({"text": None}, "span 20-25 says None but the text has 'أنقرة' there"),
        ({"score": 1.5}, "score 1.5 is not a number in [0, 1]"),
        ({"score": float("nan")}, "score nan is not a number in [0, 1]"),
        ({"score": True}, "score True is not a number in [0, 1]"),
        ({"score": "0.5"}, "score '0.5' is not a number in [0, 1]"),
        ({"inner": "x"}, "inner of span 20-25 is not a list"),
        ({"inner": ["x"]}, "a span must be an object, not 'x'"),
        ({"inner": [{"start": 19, "end": 25, "label": "LOC"}]}, "inner span 19-25 leaves its span 20-25"),
        (
            {"inner": [{"start": 20, "end": 25, "label": "LOC", "inner": [{"start": 20, "end": 25, "label": "LOC"}]}]},
            "span 20-25 is nested deeper than one level",
        ),
        (
            {"inner": [{"start": 20, "end": 23, "label": "LOC"}, {"start": 22, "end": 25, "label": "LOC"}]},
            "spans 20-23 'أنق' and 22-25 'قرة' overlap",
        ),
    ],
)
def test_a_wrong_span_is_refused(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(DataError) as caught:
        span_from_dict(TEXT, {"start": 20, "end": 25, "label": "LOC", **change})
    assert problem in caught.value.problem
    assert caught.value.remedy.endswith(".")


def test_an_error_says_place_problem_and_remedy() -> None:
    error = DataError("span 3-3 is empty", "Give it an end.", column=7)
    assert str(error) == "text:7: span 3-3 is empty. Give it an end."
    assert str(error.at("news.ann", 2)) == "news.ann:2:7: span 3-3 is empty. Give it an end."


def test_spans_of_one_level_are_sorted_and_may_touch() -> None:
    left, right = make_span(TEXT, 0, 4, "TITLE"), make_span(TEXT, 4, 16, "ORG")
    assert check_spans([right, left]) == (left, right)


@pytest.mark.parametrize("other", [(0, 16), (3, 6), (0, 4)])
def test_spans_of_one_level_may_not_overlap(other: tuple[int, int]) -> None:
    with pytest.raises(DataError, match="overlap. Spans of one level may not overlap; nest one"):
        check_spans([make_span(TEXT, 0, 4, "TITLE"), make_span(TEXT, *other, "ORG")])
