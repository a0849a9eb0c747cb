"""Scores of other tools over the same spans: seqeval strict, the published CoNLL way, nervaluate."""

from __future__ import annotations

import warnings

import hypothesis.strategies as st
import pytest
from hypothesis import given
from seqeval.metrics import f1_score, precision_score, recall_score
from seqeval.metrics.sequence_labeling import get_entities

from strategies import documents, words
from wazir.conll import read_conll
from wazir.labels import LabelScheme
from wazir.markup import parse_markup
from wazir.spans import Document, make_span
from wazir_training.word_scores import conll_scores, conll_tags, partial_scores, strict_scores

GOLD = parse_markup("[T رئيس [O مجلس النواب]] [P عقيلة صالح] في [L مصر] ول[L ليبيا]")
FOUND = parse_markup("[T رئيس مجلس النواب] [O عقيلة صالح] في [L مصر] و[L لليبيا]")
TAGS = st.sampled_from(["O", "O", "B-PERS", "I-PERS", "B-LOC", "I-LOC"])


def test_seqeval_compares_whole_words_so_the_proclitic_edge_counts_as_right() -> None:
    figures = strict_scores([GOLD], [FOUND.spans], LabelScheme())
    assert figures == pytest.approx({"precision": 3 / 4, "recall": 3 / 4, "f1": 3 / 4})


def test_flat_labels_of_other_names_are_scored_too() -> None:
    scheme = LabelScheme(("PERS", "LOC"), (), (), False)
    gold = Document("زار سالم طرابلس", (make_span("زار سالم طرابلس", 4, 8, "PERS"),))
    found = (*gold.spans, make_span(gold.text, 9, 15, "LOC"))
    figures = {"precision": 1 / 2, "recall": 1.0, "f1": 2 / 3}
    assert strict_scores([gold], [found], scheme) == pytest.approx(figures)
    assert conll_scores([gold], [found]) == pytest.approx(figures)


def test_nervaluate_gives_half_a_point_for_a_partial_match() -> None:
    assert partial_scores([FOUND.spans], [GOLD.spans])["f1"] == pytest.approx((3 + 0.5) / 4)
    assert partial_scores([[]], [[]])["f1"] == 0.0


def test_the_published_way_counted_by_hand() -> None:
    lines = ["التقى O", "أحمد B-PERS", "بن I-PERS", "سالم I-PERS", "في O", "طرابلس B-LOC", "ومصراتة B-LOC"]
    (document,) = read_conll(lines)
    text = document.text
    found = [
        make_span(text, text.index("أحمد"), text.index(" في"), "PERS"),  # right
        make_span(text, text.index("طرابلس"), len(text), "LOC"),  # two entities taken for one
    ]
    assert conll_tags(text, found) == ["O", "B-PERS", "I-PERS", "I-PERS", "O", "B-LOC", "I-LOC"]
    # 1 of 2 predicted, 1 of 3 gold
    assert conll_scores([document], [found]) == pytest.approx({"precision": 1 / 2, "recall": 1 / 3, "f1": 0.4})
    inside = make_span(text, text.index("مصراتة"), len(text), "LOC")  # begins after the particle
    assert conll_scores([document], [[found[0], inside]]) == pytest.approx({"precision": 1, "recall": 2 / 3, "f1": 0.8})


def test_the_average_is_micro_over_all_texts() -> None:
    two, one = parse_markup("[L مصر] و [L ليبيا]"), parse_markup("[P سالم]")
    # LOC 2 of 2, OFFICIAL 0 of 1: micro recall 2/3, where macro would give 1/2
    assert conll_scores([two, one], [two.spans, ()])["recall"] == pytest.approx(2 / 3)


def test_tokens_are_what_white_space_separates() -> None:
    document = parse_markup("«[O القوات المسلحة]»، في [L سبها].")
    assert conll_tags(document.text, document.spans) == ["B-ORG", "I-ORG", "O", "B-LOC"]
    text = "ليبيا\u00a0الجديدة\nتونس"
    spans = (make_span(text, 0, 5, "LOC"), make_span(text, 14, 18, "LOC"))
    assert conll_tags(text, spans) == ["B-LOC", "B-LOC"]  # a no-break space keeps its token whole


def test_a_token_of_two_spans_goes_to_the_first_and_the_second_begins_behind_it() -> None:
    text = "طرابلس/بلدية مصراتة أمس"
    spans = (make_span(text, 0, 6, "LOC"), make_span(text, 7, 19, "ORG"))
    assert conll_tags(text, spans) == ["B-LOC", "B-ORG", "O"]


@given(documents())
def test_there_is_a_tag_for_each_token_and_each_span_begins_once_at_most(document: Document) -> None:
    tags = conll_tags(document.text, document.spans)
    if not set("\x1c\x1d\x1e\x1f\xa0") & set(document.text) and document.text.isascii():
        assert len(tags) == len(document.text.split())
    assert sum(tag.startswith("B-") for tag in tags) <= len(document.spans)
    previous = "O"
    for tag in tags:
        assert not tag.startswith("I-") or previous[2:] == tag[2:]
        previous = tag


@given(st.lists(st.lists(st.tuples(words, TAGS, TAGS), max_size=9), min_size=1, max_size=5))
def test_it_is_what_seqeval_says_of_the_tags_of_the_file(sentences: list[list[tuple[str, str, str]]]) -> None:
    def spans(text: str, tokens: list[str], tags: list[str]) -> tuple[object, ...]:
        starts = [sum(len(t) + 1 for t in tokens[:i]) for i in range(len(tokens))]
        found = get_entities(tags)  # a stray I- begins an entity, as conlleval reads it
        return tuple(make_span(text, starts[a], starts[b] + len(tokens[b]), label) for label, a, b in found)

    gold, predicted, texts, found = [], [], [], []
    for sentence in sentences:
        tokens = [token for token, _, _ in sentence]
        text = " ".join(tokens)
        gold.append([tag for _, tag, _ in sentence])
        predicted.append([tag for _, _, tag in sentence])
        texts.append(Document(text, spans(text, tokens, gold[-1])))  # type: ignore[arg-type]
        found.append(spans(text, tokens, predicted[-1]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = [f(gold, predicted) for f in (precision_score, recall_score, f1_score)]
    assert list(conll_scores(texts, found).values()) == pytest.approx(expected)  # type: ignore[arg-type]
