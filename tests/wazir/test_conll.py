from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies import LINE_ENDS, documents, sentences
from wazir.conll import format_conll, read_conll
from wazir.errors import DataError
from wazir.iob import FoundScheme, TagScheme, spell_tags
from wazir.markup import format_markup, parse_markup
from wazir.spans import Document, Span, make_span
from wazir.words import CONTROLS, find_words


def read_text(text: str) -> list[Document]:
    return list(read_conll(text.split("\n")))


def visible(text: str) -> str:
    return re.sub(rf"[\s{CONTROLS}]", "", text)


def shape(span: Span) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    return span.label, visible(span.text), tuple((s.label, visible(s.text)) for s in span.inner)


def has_words(text: str) -> bool:
    return len(find_words(text)) > 0


def test_a_word_and_its_two_tags_a_line_with_particles_cut_off() -> None:
    document = parse_markup("وب[T رئيس [O مجلس النواب]]، [L أنـقـرة]")
    assert format_conll(document) == (
        "وب\tO\tO\nرئيس\tB-TITLE\tO\nمجلس\tI-TITLE\tB-ORG\nالنواب\tI-TITLE\tI-ORG\n،\tO\tO\nأنـقـرة\tB-LOC\tO\n\n"
    )


@pytest.mark.parametrize("gap", ["\n", "\r\n", "\n\n", " \n \n", "\u2028"])
def test_every_line_of_a_text_is_a_sentence(gap: str) -> None:
    assert format_conll(Document(f"قال{gap}ثم صمت")) == "قال\tO\tO\n\nثم\tO\tO\nصمت\tO\tO\n\n"


def test_no_words_no_lines() -> None:
    assert format_conll(Document(" \n\u200f")) == ""


def test_lines_that_a_span_joins_are_one_sentence() -> None:
    text = "مجلس\nالنواب"
    written = format_conll(Document(text, (make_span(text, 0, 11, "ORG"),)))
    assert written == "مجلس\tB-ORG\tO\nالنواب\tI-ORG\tO\n\n"


def test_a_control_at_a_cut_belongs_to_no_word() -> None:
    text = "ب\u200fحكومة"
    assert format_conll(Document(text, (make_span(text, 2, 7, "ORG"),))) == "ب\tO\tO\nحكومة\tB-ORG\tO\n\n"


def test_reading_joins_words_with_spaces() -> None:
    (document,) = read_text("ب\tO\tO\nحكومة\tB-ORG\tO\nليبيا\tI-ORG\tB-LOC\n")
    assert format_markup(document) == "ب [O حكومة [L ليبيا]]"


def test_touching_spans_stay_two() -> None:
    (document,) = read_text("تونس\tB-LOC\nليبيا\tB-LOC\n")
    assert format_markup(document) == "[L تونس] [L ليبيا]"


def test_spaces_separate_columns_where_there_is_no_tab_and_the_third_may_be_missing() -> None:
    found = read_text("\n\nزار O\nأنقرة B-LOC\n\n\nثم O\r\nعاد O O")
    assert [(d.id, format_markup(d)) for d in found] == [("3", "زار [L أنقرة]"), ("7", "ثم عاد")]


@pytest.mark.parametrize(
    ("scheme", "tags"),
    [
        (TagScheme.IOB2, ["B-LOC", "B-LOC", "B-ORG", "I-ORG", "O", "B-ORG", "I-ORG"]),
        (TagScheme.IOB1, ["I-LOC", "B-LOC", "I-ORG", "I-ORG", "O", "I-ORG", "I-ORG"]),
        (TagScheme.BIOES, ["S-LOC", "S-LOC", "B-ORG", "E-ORG", "O", "B-ORG", "E-ORG"]),
        (TagScheme.BILOU, ["U-LOC", "U-LOC", "B-ORG", "L-ORG", "O", "B-ORG", "L-ORG"]),
    ],
)
def test_both_columns_are_spelled_in_a_scheme_and_read_from_it(scheme: TagScheme, tags: list[str]) -> None:
    document = parse_markup("[L تونس] [L ليبيا] [O مجلس النواب] و [O لجنة [L مصر]]")
    written = format_conll(document, scheme)
    rows = [line.split("\t") for line in written.splitlines() if line]
    assert [row[1] for row in rows] == tags
    assert [row[2] for row in rows] == ["O"] * 6 + [spell_tags(["B-LOC"], scheme)[0]]
    assert read_text(written) == [document]


@given(documents(keep=has_words), st.sampled_from(TagScheme))
def test_every_scheme_says_the_same(document: Document, scheme: TagScheme) -> None:
    assert read_text(format_conll(document, scheme)) == read_text(format_conll(document))


def test_the_columns_of_conll_2003_are_a_word_two_that_are_not_read_and_its_tag() -> None:
    header = "-DOCSTART- -X- O O\n"
    sentence = "زار VBD I-VP O\nأحمد NNP I-NP I-PER\nأنقرة NNP I-NP I-LOC\n\n"
    found = read_text(f"{header}\n{sentence}{header}عاد VBD I-VP O\n")
    assert [(d.id, format_markup(d)) for d in found] == [("3", "زار [PER أحمد] [L أنقرة]"), ("8", "عاد")]


def test_a_column_between_word_and_tag_that_holds_no_tags_is_not_read() -> None:
    assert [format_markup(d) for d in read_text("زار\tVBD\tO\nأنقرة\tO\tB-LOC\n")] == ["زار [L أنقرة]"]


def test_who_reads_is_told_of_tags_that_break_the_scheme() -> None:
    told: list[FoundScheme] = []
    lines = ["تونس\tB-LOC"] * 19 + ["", "ليبيا\tI-LOC"]
    assert [len(d.spans) for d in read_conll(lines, tell=told.append)] == [19, 1]
    assert told == [FoundScheme(TagScheme.IOB2, 1, 21)]


def test_given_words_are_written_as_they_are() -> None:
    text = "(د ب أ) أنقرة،"
    words = np.array([[0, 2], [3, 4], [5, 7], [8, 14]])
    written = format_conll(Document(text, (make_span(text, 0, 7, "ORG"),)), words=words)
    assert written == "(د\tB-ORG\tO\nب\tI-ORG\tO\nأ)\tI-ORG\tO\nأنقرة،\tO\tO\n\n"


@given(documents(keep=has_words))
def test_text_comes_back_from_the_documents_read_and_no_span_is_lost(document: Document) -> None:
    text = format_conll(document)
    found = read_text(text)
    assert "".join(format_conll(d) for d in found) == text
    assert "".join(visible(d.text) for d in found) == visible(document.text)
    assert [shape(s) for d in found for s in d.spans] == [shape(s) for s in document.spans]


@given(sentences)
def test_words_of_a_line_are_kept_as_they_are(text: str) -> None:
    words = [text[start:end] for start, end in find_words(text)]
    assert [word for d in read_text(format_conll(Document(text))) for word in d.text.split(" ")] == words


@given(documents(exclude=LINE_ENDS, keep=has_words))
def test_a_text_of_one_line_is_one_sentence(document: Document) -> None:
    assert len(read_text(format_conll(document))) == bool(has_words(document.text))


@pytest.mark.parametrize(
    ("lines", "line", "message"),
    [
        (
            ["أنقرة\tB-LOC", "", "زار\tO", "أنقرة\tI-LOC"],
            4,
            "tag 'I-LOC' continues nothing after 'O', so these tags are not IOB2. Begin with 'B-LOC'.",
        ),
        (
            ["", "مجلس\tB-ORG\tI-LOC"],
            2,
            "tag 'I-LOC' continues nothing after 'O', so these tags are not IOB2. Begin with 'B-LOC'.",
        ),
        (["زار\tO", "أنقرة\tLOC"], 2, "tag 'LOC' is of no known scheme. Use O, B-LABEL and I-LABEL."),
        (["أنقرة\tB-LOC", "أمس\tX"], 2, "tag 'X' is of no known scheme. Use O, B-LABEL and I-LABEL."),
        (["زار\tO", "أنقرة"], 2, "'أنقرة' is not a word and its tags. Write word, tab, tag."),
        (["أنقرة\tB-LOC", "x\tO\tO\tO"], 2, "4 columns, where the second holds tags. Write word, tag, nested tag."),
        (["زار\tVBD\tO", "أنقرة\tB-LOC"], 1, "tag 'VBD' is of no known scheme. Use O, B-LABEL and I-LABEL."),
        (["زار\tVBD\tO", "أنقرة\tO"], 2, "2 columns, but line 1 has 3. Give every line the same."),
        (["\tO"], 1, "'O' is not a word and its tags. Write word, tab, tag."),
        (["زار\tO\tO", "أنقرة\tO\tB-LOC"], 1, "nested span 'أنقرة' lies in no span. Mend its third column."),
    ],
)
def test_a_fault_is_named_with_file_and_line(lines: list[str], line: int, message: str) -> None:
    with pytest.raises(DataError) as caught:
        list(read_conll(lines, "news.conll"))
    assert str(caught.value) == f"news.conll:{line}: {message}"


def test_a_nested_span_may_not_leave_its_span() -> None:
    with pytest.raises(DataError, match="nested span 'النواب أمس' lies in no span"):
        read_text("مجلس\tB-ORG\tO\nالنواب\tI-ORG\tB-LOC\nأمس\tO\tI-LOC\n")
