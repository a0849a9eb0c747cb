from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies import documents
from wazir.errors import DataError
from wazir.markup import format_markup, parse_markup, read_markup
from wazir.spans import Document, Span, make_span


def is_trimmed(text: str) -> bool:
    return bool(text) and text == text.strip()


#: Documents that the markup can say.
marked = documents("[]\n\r", is_trimmed).filter(lambda d: not d.text.startswith("###"))

LINE = "التقى [T وزير [O الدفاع]] “[P خلوصي أكار]” ب[O حكومة [L ليبيا]] في [L أنـقـرة]"


def test_markup_is_text_with_its_spans() -> None:
    text = "التقى وزير الدفاع “خلوصي أكار” بحكومة ليبيا في أنـقـرة"
    assert parse_markup(LINE) == Document(
        text,
        (
            make_span(text, 6, 17, "TITLE", [make_span(text, 11, 17, "ORG")]),
            make_span(text, 19, 29, "OFFICIAL"),
            make_span(text, 32, 43, "ORG", [make_span(text, 38, 43, "LOC")]),
            make_span(text, 47, 54, "LOC"),
        ),
    )


def test_removing_the_marks_gives_the_text() -> None:
    assert parse_markup(LINE).text == re.sub(r"\[[PTOL] |\]", "", LINE)


@pytest.mark.parametrize("line", [LINE, "", " لا شيء ", "[L تونس][L ليبيا]", "[O [L تونس][L ليبيا]]"])
def test_a_line_comes_back_from_its_document(line: str) -> None:
    assert format_markup(parse_markup(line)) == line


def test_other_labels_are_written_out_and_the_four_keep_their_letters() -> None:
    line = "زار [PERS أحمد [Sub-type_2 زويل]] [L مصر] و[X.Y تونس]"
    document = parse_markup(line)
    assert [s.label for s in document.spans] == ["PERS", "LOC", "X.Y"]
    assert [s.label for s in document.spans[0].inner] == ["Sub-type_2"]
    assert document.text == "زار أحمد زويل مصر وتونس"
    assert format_markup(document) == line
    assert format_markup(parse_markup("[OFFICIAL أحمد] [TITLE وزير] [ORG مجلس] [LOC مصر]")) == (
        "[P أحمد] [T وزير] [O مجلس] [L مصر]"
    )


@given(marked, st.from_regex(r"[A-Z][A-Za-z0-9_.:-]{1,9}", fullmatch=True))
def test_any_label_of_capitals_comes_back(document: Document, label: str) -> None:
    spans = tuple(
        replace(s, label=label, inner=tuple(replace(i, label=label) for i in s.inner)) for s in document.spans
    )
    assert parse_markup(format_markup(replace(document, spans=spans))).spans == spans


@pytest.mark.parametrize("line", ["T1\tLOC 4 9\tأنقرة", "R1\tIn Arg1:T1 Arg2:T2", "#1\tNote T1\tx", "*\tSame T1 T2"])
def test_a_line_of_brat_is_not_taken_for_a_paragraph(line: str) -> None:
    with pytest.raises(DataError, match="a.ann:2: brat standoff, not marked text. Convert it with `wazir convert`."):
        list(read_markup(["زار [L مصر]", line], "a.ann"))


@given(marked)
def test_a_document_comes_back_from_its_line(document: Document) -> None:
    assert parse_markup(format_markup(document)) == document


@given(marked)
def test_its_line_comes_back_from_the_document_read(document: Document) -> None:
    line = format_markup(document)
    assert format_markup(parse_markup(line)) == line
    assert re.sub(r"\[[PTOL] |\]", "", line) == document.text


@pytest.mark.parametrize(
    ("line", "column", "problem"),
    [
        ("زار [X أنقرة]", 5, "unknown label in '[X أنقرة]'"),
        ("زار [أنقرة]", 5, "unknown label"),
        ("زار [Lأنقرة]", 5, "unknown label"),
        ("زار [loc أنقرة]", 5, "unknown label"),
        ("زار [مكان أنقرة]", 5, "unknown label"),
        ("زار [LOC]", 5, "unknown label"),
        ("زار [L]", 5, "unknown label"),
        ("زار [L\tأنقرة]", 5, "unknown label"),
        ("زار [ أنقرة]", 5, "unknown label"),
        ("زار [", 5, "unknown label"),
        ("زار [L أنقرة", 5, "'[' is never closed"),
        ("[T وزير [O الدفاع]", 1, "'[' is never closed"),
        ("[T وزير [O الدفاع", 9, "'[' is never closed"),
        ("زار أنقرة] أمس", 10, "']' without '['"),
        ("زار [L ]", 8, "span '' is empty or has white space at its edge"),
        ("زار [L أنقرة ]", 14, "span 'أنقرة ' is empty or has white space at its edge"),
        ("زار [L  أنقرة]", 14, "span ' أنقرة' is empty or has white space at its edge"),
        ("[T وزير [O دفاع [L ليبيا]]]", 17, "nested deeper than one level"),
    ],
)
def test_a_fault_is_named_with_its_column(line: str, column: int, problem: str) -> None:
    with pytest.raises(DataError) as caught:
        parse_markup(line)
    assert problem in caught.value.problem
    assert caught.value.column == column
    assert str(caught.value).startswith(f"text:{column}: {caught.value.problem}. {caught.value.remedy}")


def test_an_unknown_letter_is_answered_with_the_known_ones() -> None:
    with pytest.raises(DataError, match=re.escape("Open a span with one of '[P ', '[T ', '[O ', '[L ', or '[LABEL '.")):
        parse_markup("[V الوزير]")


@pytest.mark.parametrize(
    ("text", "column", "problem"),
    [
        ("قال [بعد صمت]", 5, "'['"),
        ("قال بعد صمت]", 12, "']'"),
        ("قال\nثم صمت", 4, r"'\n'"),
        ("قال ثم صمت\r", 11, r"'\r'"),
        ("### عنوان", 1, "'#'"),
        ("T1\tعنوان", 1, "'T'"),
    ],
)
def test_a_text_that_markup_cannot_say_is_refused(text: str, column: int, problem: str) -> None:
    with pytest.raises(DataError) as caught:
        format_markup(Document(text))
    assert str(caught.value) == f"text:{column}: {problem} cannot be written as markup. Write such texts as JSONL."


@pytest.mark.parametrize(
    ("span", "message"),
    [
        (
            Span(4, 9, "place", "أنقرة"),
            "text: label 'place' cannot be written as markup. Write it in capital ASCII letters, or use JSONL.",
        ),
        (Span(3, 9, "LOC", " أنقرة"), "text:4: span ' أنقرة' has white space at its edge. Trim the span."),
    ],
)
def test_a_span_that_markup_cannot_say_is_refused(span: Span, message: str) -> None:
    with pytest.raises(DataError) as caught:
        format_markup(Document("زار أنقرة", (span,)))
    assert str(caught.value) == message


def test_headers_and_empty_lines_are_skipped_and_ids_are_line_numbers() -> None:
    found = list(read_markup(["### صحيفة", "", "زار [L أنقرة]\r\n", "  \n", "ثم عاد\n"]))
    assert [(d.id, d.text, len(d.spans)) for d in found] == [("3", "زار أنقرة", 1), ("5", "ثم عاد", 0)]


def test_a_fault_is_named_with_file_line_and_column() -> None:
    with pytest.raises(DataError) as caught:
        list(read_markup(["### صحيفة", "زار أنقرة]"], "news.ann"))
    assert str(caught.value) == "news.ann:2:10: ']' without '['. Remove it or open the span."
