from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies import documents, sentences, texts, word_spans
from wazir.labels import LabelScheme, iob2_tags
from wazir.markup import parse_markup
from wazir.spans import Document, Span, make_span
from wazir.tagging import WordTags, spans_from_tags, tag_words
from wazir.words import find_words

SCHEME = LabelScheme()


@pytest.mark.parametrize(
    ("line", "outer", "inner", "proclitics"),
    [
        ("زار [L أنقرة] أمس", "O B-LOC O", "O O O", [-1, 0, -1]),
        ("وب[T رئيس [O مجلس النواب]]", "B-TITLE I-TITLE I-TITLE", "O B-ORG I-ORG", [2, 0, -1]),
        ("ل[O لأمم المتحدة]", "B-ORG I-ORG", "O O", [1, -1]),
        ("[T الرئيس] [T القائد]، ل[L ليبيا]", "B-TITLE B-TITLE O B-LOC", "O O O O", [0, 0, -1, 1]),
        ("ب[O [P حفتر] وقواته]", "B-ORG I-ORG", "B-OFFICIAL O", [1, -1]),
        ("“[P فتحي باشاغا]”", "O B-OFFICIAL I-OFFICIAL O", "O O O O", [-1, 0, -1, -1]),
    ],
)
def test_spans_become_tags_and_counts_of_words(line: str, outer: str, inner: str, proclitics: list[int]) -> None:
    document = parse_markup(line)
    tags, lost = tag_words(document.text, find_words(document.text), document.spans, SCHEME)
    assert " ".join(iob2_tags(SCHEME.outer)[i] for i in tags.outer) == outer
    assert " ".join(iob2_tags(SCHEME.inner)[i] for i in tags.inner) == inner
    assert tags.proclitics.tolist() == proclitics
    assert lost == []


@given(st.data())
def test_spans_on_word_edges_come_back_from_their_tags(data: st.DataObject) -> None:
    text = data.draw(st.one_of(sentences, texts()))
    spans = data.draw(word_spans(text))
    words = find_words(text)
    tags, lost = tag_words(text, words, spans, SCHEME)
    assert lost == []
    assert spans_from_tags(text, words, tags, SCHEME) == spans


@given(documents())
def test_every_span_comes_back_or_is_named_as_lost(document: Document) -> None:
    words = find_words(document.text)
    tags, lost = tag_words(document.text, words, document.spans, SCHEME)
    back = {(s.start, s.end, s.label) for s in spans_from_tags(document.text, words, tags, SCHEME)}
    for span in document.spans:
        assert (span in lost) != ((span.start, span.end, span.label) in back)


TEXT = "وزارة العراق وبالعراق اليوم"


@pytest.mark.parametrize(
    ("spans", "lost"),
    [
        pytest.param([Span(8, 12, "LOC", "عراق")], ["عراق"], id="begins after no particle"),
        pytest.param([Span(6, 9, "LOC", "الع")], ["الع"], id="ends inside a word"),
        pytest.param([Span(5, 6, "LOC", " ")], [" "], id="holds no word"),
        pytest.param([Span(6, 12, "PLACE", "العراق")], ["العراق"], id="label of no layer"),
        pytest.param(
            [Span(0, 12, "ORG", "وزارة العراق", 1.0, (Span(0, 5, "TITLE", "وزارة"),))],
            ["وزارة"],
            id="label of the outer layer alone",
        ),
        pytest.param(
            [Span(0, 12, "ORG", "وزارة العراق"), Span(6, 12, "LOC", "العراق")],
            ["العراق"],
            id="word taken by another span",
        ),
        pytest.param(
            [Span(14, 21, "ORG", "بالعراق", 1.0, (Span(15, 21, "LOC", "العراق"),))],
            ["العراق"],
            id="nested span begins at another letter of the word",
        ),
    ],
)
def test_what_tags_cannot_hold_is_handed_back(spans: list[Span], lost: list[str]) -> None:
    assert all(TEXT[s.start : s.end] == s.text for s in spans)
    _, found = tag_words(TEXT, find_words(TEXT), spans, SCHEME)
    assert [s.text for s in found] == lost


def test_a_span_scores_as_its_least_certain_word() -> None:
    text = "رئيس مجلس النواب"
    tags = WordTags(np.array([3, 4, 4]), np.array([0, 3, 4]), np.array([0, 0, -1]))
    outer, inner = np.array([0.9, 0.5, 0.75], np.float32), np.array([0.1, 0.25, 0.5], np.float32)
    (span,) = spans_from_tags(text, find_words(text), tags, SCHEME, (outer, inner))
    assert (span.label, span.score) == ("TITLE", 0.5)
    assert [(s.text, s.label, s.score) for s in span.inner] == [("مجلس النواب", "ORG", 0.25)]


def test_without_scores_every_span_is_certain() -> None:
    text = "زار أنقرة"
    tags = WordTags(np.array([0, 7]), np.array([0, 0]), np.array([-1, 0]))
    assert spans_from_tags(text, find_words(text), tags, SCHEME) == [make_span(text, 4, 9, "LOC")]


def test_a_count_beyond_the_particles_of_the_word_stops_at_the_last() -> None:
    text = "بحكومة"
    tags = WordTags(np.array([5]), np.array([0]), np.array([3]))
    assert spans_from_tags(text, find_words(text), tags, SCHEME) == [make_span(text, 1, 6, "ORG")]
