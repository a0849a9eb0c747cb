"""Features: labels on first sub-tokens, long paragraphs in windows, lost spans reported."""

from __future__ import annotations

import pytest
from tokenizers import Tokenizer
from tokenizers.models import Unigram

from wazir.labels import LabelScheme
from wazir.markup import parse_markup
from wazir.spans import Document, make_span
from wazir_training.bases import load_base
from wazir_training.config import ModelConfig, ScratchConfig
from wazir_training.features import IGNORED, LABEL_COLUMNS, make_features, round_trip

SCHEME = LabelScheme()
LINE = "التقى [T رئيس [O مجلس النواب]] ب[O حكومة الوفاق] ول[L ليبيا] ـ غدا"


@pytest.fixture(scope="module", params=["wordpiece", "unigram"])
def tokenizer(request: pytest.FixtureRequest) -> Tokenizer:
    config = ModelConfig(base=ScratchConfig(tokenizer=request.param, vocabulary=150, hidden=8, layers=1))
    return load_base(config, SCHEME, [parse_markup(LINE).text] * 5).tokenizer


def test_each_word_is_labelled_at_its_first_sub_token(tokenizer: Tokenizer) -> None:
    rows, lost = make_features([parse_markup(LINE)], tokenizer, SCHEME, 128)
    assert lost == []
    (row,) = rows
    outer, inner, proclitic = ([x for x in row[name] if x != IGNORED] for name in LABEL_COLUMNS)
    #                التقى رئيس مجلس النواب بحكومة الوفاق ولليبيا غدا; the lone tatweel has no sub-token
    assert outer == [0, 3, 4, 4, 5, 6, 7, 0]
    assert inner == [0, 0, 3, 4, 0, 0, 0, 0]
    assert proclitic == [0, 0, 1, 2]  # رئيس، مجلس، بحكومة، ولليبيا: where a span begins


def test_an_opening_quote_has_the_class_of_the_word_behind_it_where_white_space_alone_ends_words(
    tokenizer: Tokenizer,
) -> None:
    rows, _ = make_features([parse_markup("التقى “[T رئيس]” ل«[O حكومة الوفاق]»")], tokenizer, SCHEME, 128)
    #                التقى “ رئيس ” ل « حكومة الوفاق »
    labels = [0, 3, 3, 0, 5, 5, 5, 6, 0] if isinstance(tokenizer.model, Unigram) else [0, 0, 3, 0, 0, 0, 5, 6, 0]
    assert [x for x in rows[0]["labels"] if x != IGNORED] == labels
    assert [x for x in rows[0]["proclitic_labels"] if x != IGNORED] == [0, 0]


def test_a_long_paragraph_becomes_windows_that_label_every_word_once(tokenizer: Tokenizer) -> None:
    document = parse_markup(" ، ".join([LINE] * 20))
    rows, _ = make_features([document], tokenizer, SCHEME, 32)
    assert len(rows) > 5
    assert max(map(len, rows["input_ids"])) <= 32
    labels = [x for row in rows["labels"] for x in row if x != IGNORED]
    assert labels == [0, 3, 4, 4, 5, 6, 7, 0, 0] * 19 + [0, 3, 4, 4, 5, 6, 7, 0]


def test_spans_that_tags_cannot_represent_are_reported(tokenizer: Tokenizer) -> None:
    text = "وزيرتركيا"
    glued = Document(text, (make_span(text, 4, 9, "LOC"),), "7")
    _, lost = make_features([glued], tokenizer, SCHEME, 128)
    assert [(x.document, x.span.text) for x in lost] == [("7", "تركيا")]


def test_a_span_inside_a_lost_span_is_lost_too(tokenizer: Tokenizer) -> None:
    text = "xوزارة مصر"
    inner = make_span(text, 7, 10, "LOC")
    _, lost = make_features([Document(text, (make_span(text, 1, 10, "ORG", [inner]),))], tokenizer, SCHEME, 128)
    assert [x.span.text for x in lost] == ["وزارة مصر", "مصر"]


def test_tags_give_the_spans_back() -> None:
    document = parse_markup(LINE)
    assert round_trip(document, SCHEME) == document.spans
