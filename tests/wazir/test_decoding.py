from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from strategies import sentences, texts
from wazir.decoding import WordLogits, decode, softmax, viterbi
from wazir.encoding import Encoding
from wazir.labels import LabelScheme, iob2_tags
from wazir.proclitics import MAX_PROCLITICS, proclitic_offsets
from wazir.spans import Span
from wazir.tagging import spans_from_tags, tag_words
from wazir.words import find_words

SCHEME = LabelScheme()
OUTER, INNER = iob2_tags(SCHEME.outer), iob2_tags(SCHEME.inner)

Floats = npt.NDArray[np.float32]


def emissions(most_words: int, labels: int = 4) -> st.SearchStrategy[Floats]:
    """Whole numbers, which add up without rounding."""
    shape = st.tuples(st.integers(0, most_words), st.just(2 * labels + 1))
    return arrays(np.float32, shape, elements=st.integers(-9, 9).map(float))


def is_iob2(tags: list[int]) -> bool:
    return all(tag == 0 or tag % 2 == 1 or previous in (tag - 1, tag) for previous, tag in pairwise([0, *tags]))


def total(scores: Floats, tags: list[int]) -> float:
    return float(scores[np.arange(len(tags)), tags].sum())


def logits(text: str, outer: str, inner: str = "", proclitics: str = "", strength: float = 9.0) -> WordLogits:
    """Logits that speak for the tags and counts named, word by word; `.` leaves a word's logits at zero."""
    result = WordLogits(*(np.zeros((len(find_words(text)), n), np.float32) for n in (9, 7, MAX_PROCLITICS + 1)))
    for array, names, classes in (
        (result.outer, outer, OUTER),
        (result.inner, inner, INNER),
        (result.proclitic, proclitics, [str(n) for n in range(MAX_PROCLITICS + 1)]),
    ):
        for word, name in enumerate(names.split()):
            if name != ".":
                array[word, classes.index(name)] = strength
    return result


def decode_one(text: str, scores: WordLogits, temperature: float = 1.0) -> list[Span]:
    words = find_words(text)
    encoding = Encoding(words, np.arange(len(words)), np.arange(len(words)))
    (spans,) = decode([text], [encoding], [scores], SCHEME, temperature)
    return spans


@st.composite
def scored_texts(draw: st.DrawFn) -> tuple[str, WordLogits]:
    """Any text with any logits."""
    text = draw(st.one_of(sentences, texts()))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count, scale = len(find_words(text)), draw(st.sampled_from([0.1, 3.0, 50.0]))
    widths = (len(OUTER), len(INNER), MAX_PROCLITICS + 1)
    return text, WordLogits(*(random.normal(0, scale, (count, width)).astype(np.float32) for width in widths))


@given(st.lists(emissions(12), min_size=1, max_size=5))
def test_viterbi_gives_valid_iob2(batch: list[Floats]) -> None:
    for scores, tags in zip(batch, viterbi(batch), strict=True):
        assert tags.shape == (len(scores),)
        assert is_iob2(tags.tolist())


@given(st.lists(emissions(4, labels=2), min_size=1, max_size=3))
def test_viterbi_finds_the_best_of_all_valid_sequences(batch: list[Floats]) -> None:
    for scores, tags in zip(batch, viterbi(batch), strict=True):
        every = (list(x) for x in product(range(scores.shape[1]), repeat=len(scores)))
        assert total(scores, tags.tolist()) == max(total(scores, x) for x in every if is_iob2(x))


def test_viterbi_keeps_the_order_of_many_sequences_of_many_lengths() -> None:
    random = np.random.default_rng(0)
    batch = [random.normal(0, 3, (n, 9)).astype(np.float32) for n in random.integers(0, 30, 200)]
    for scores, tags in zip(batch, viterbi(batch), strict=True):
        assert tags.tolist() == viterbi([scores])[0].tolist()


def test_viterbi_of_nothing_is_nothing() -> None:
    assert viterbi([]) == []


@given(scored_texts())
def test_spans_are_exact_whatever_the_text_and_the_logits(scored: tuple[str, WordLogits]) -> None:
    text, scores = scored
    spans = decode_one(text, scores)
    for span in spans:
        for s in (span, *span.inner):
            assert s.text == text[s.start : s.end] != ""
            assert 0 <= s.score <= 1
            assert span.start <= s.start < s.end <= span.end
        assert span.label in SCHEME.outer
        assert {s.label for s in span.inner} <= set(SCHEME.inner)
        assert not span.inner or span.label in SCHEME.nesting
    for level in (spans, *(span.inner for span in spans)):
        assert all(left.end <= right.start for left, right in pairwise(level))


@given(scored_texts())
def test_spans_begin_after_proclitics_and_end_with_a_word(scored: tuple[str, WordLogits]) -> None:
    text, scores = scored
    words = find_words(text).tolist()
    starts = {start + offset for start, end in words for offset in proclitic_offsets(text[start:end])}
    for span in decode_one(text, scores):
        for s in (span, *span.inner):
            assert s.start in starts
            assert s.end in {end for _, end in words}


@given(scored_texts())
def test_spans_found_can_be_taught(scored: tuple[str, WordLogits]) -> None:
    text, scores = scored
    spans = decode_one(text, scores)
    words = find_words(text)
    tags, lost = tag_words(text, words, spans, SCHEME)
    assert lost == []
    back = spans_from_tags(text, words, tags, SCHEME)
    assert [(s.start, s.end, s.label) for s in back] == [(s.start, s.end, s.label) for s in spans]


@given(st.lists(scored_texts(), max_size=4))
def test_texts_together_are_decoded_as_each_alone(batch: list[tuple[str, WordLogits]]) -> None:
    found = [find_words(text) for text, _ in batch]
    encodings = [Encoding(words, np.arange(len(words)), np.arange(len(words))) for words in found]
    together = decode([text for text, _ in batch], encodings, [scores for _, scores in batch], SCHEME)
    assert together == [decode_one(text, scores) for text, scores in batch]


@pytest.mark.parametrize(
    ("text", "outer", "inner", "proclitics", "spans"),
    [
        ("زار أنقرة أمس", "O B-LOC O", "O O O", "0 0 0", ["LOC أنقرة"]),
        ("بحكومة ليبيا", "B-ORG I-ORG", "O B-LOC", "1 0", ["ORG حكومة ليبيا", "  LOC ليبيا"]),
        ("لليبيا وتركيا", "B-LOC B-LOC", "O O", "1 1", ["LOC ليبيا", "LOC تركيا"]),
        ("لـيبيا", "B-LOC", "O", "0", ["LOC لـيبيا"]),
        ("وبوزير الدفاع", "B-TITLE I-TITLE", "O B-ORG", "2 0", ["TITLE وزير الدفاع", "  ORG الدفاع"]),
        ("الوزير الوزير", "B-TITLE B-TITLE", "O O", "0 0", ["TITLE الوزير", "TITLE الوزير"]),
    ],
)
def test_the_heads_make_spans(text: str, outer: str, inner: str, proclitics: str, spans: list[str]) -> None:
    found = decode_one(text, logits(text, outer, inner, proclitics))
    assert [f"{'  ' * (s is not top)}{s.label} {s.text}" for top in found for s in (top, *top.inner)] == spans


@pytest.mark.parametrize("count", range(1, MAX_PROCLITICS + 1))
def test_no_letter_is_cut_that_is_no_particle(count: int) -> None:
    (span,) = decode_one("أنقرة", logits("أنقرة", "B-LOC", "O", str(count)))
    assert span.text == "أنقرة"


def test_of_impossible_and_possible_counts_the_best_possible_is_taken() -> None:
    scores = logits("بحكومة", "B-ORG", "O")
    scores.proclitic[0] = [1, 2, 9, 8]
    (span,) = decode_one("بحكومة", scores)
    assert span.text == "حكومة"


@pytest.mark.parametrize(
    ("outer", "text"),
    [("B-TITLE . I-TITLE", "وزير ـ الداخلية"), ("B-TITLE . O", "وزير"), ("O . B-TITLE", "الداخلية")],
)
def test_a_lone_tatweel_gets_the_label_that_its_neighbours_force(outer: str, text: str) -> None:
    (span,) = decode_one("وزير ـ الداخلية", logits("وزير ـ الداخلية", outer))
    assert (span.label, span.text) == ("TITLE", text)


def test_a_lone_tatweel_may_lie_in_a_nested_span() -> None:
    text = "رئيس مجلس ـ النواب"
    (span,) = decode_one(text, logits(text, "B-TITLE I-TITLE . I-TITLE", "O B-ORG . I-ORG"))
    assert [s.text for s in span.inner] == ["مجلس ـ النواب"]


@pytest.mark.parametrize("outer", ["O O", "B-LOC I-LOC", "B-OFFICIAL I-OFFICIAL"])
def test_nothing_is_nested_where_nothing_may_be(outer: str) -> None:
    assert all(s.inner == () for s in decode_one("البحر الأبيض", logits("البحر الأبيض", outer, "B-LOC I-LOC")))


def test_a_nested_span_stops_at_the_edge_of_its_span() -> None:
    text = "رئيس ليبيا وزير الدفاع"
    found = decode_one(text, logits(text, "B-TITLE I-TITLE B-TITLE I-TITLE", "O B-LOC I-LOC O"))
    assert [(s.text, [i.text for i in s.inner]) for s in found] == [("رئيس ليبيا", ["ليبيا"]), ("وزير الدفاع", [])]


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_a_score_is_the_least_of_its_words_with_the_certainty_of_its_edge(temperature: float) -> None:
    scores = logits("بحكومة ليبيا", "B-ORG I-ORG", "O B-LOC", "1 0", strength=2.0)
    scores.outer[1] *= 4
    (span,) = decode_one("بحكومة ليبيا", scores, temperature)
    strong = np.exp(2 / temperature)
    assert span.score == pytest.approx(strong / (strong + 8) * strong / (strong + 1), rel=1e-5)
    assert span.inner[0].score == pytest.approx(strong / (strong + 6) * strong / (strong + 1), rel=1e-5)


def test_a_word_with_one_possible_edge_is_certain_of_it() -> None:
    scores = logits("تونس", "B-LOC")
    scores.proclitic[0] = [-5, 5, 5, 5]
    (span,) = decode_one("تونس", scores)
    assert span.score == pytest.approx(softmax(scores.outer[0]).max())


@given(scored_texts(), st.sampled_from([0.25, 4.0]))
def test_temperature_changes_scores_alone(scored: tuple[str, WordLogits], temperature: float) -> None:
    text, scores = scored
    assert [(s.start, s.end, s.label) for s in decode_one(text, scores, temperature)] == [
        (s.start, s.end, s.label) for s in decode_one(text, scores)
    ]


@given(arrays(np.float32, (3, 4), elements=st.floats(-500, 500, width=32)))
def test_softmax_gives_the_probabilities_of_each_row_whatever_the_size_of_the_logits(scores: Floats) -> None:
    exact = np.exp(scores.astype(np.float64))
    assert np.allclose(softmax(scores), exact / exact.sum(axis=-1, keepdims=True), atol=1e-5)


def test_a_word_that_the_network_did_not_see_begins_no_span() -> None:
    text = "زار ـ وزير الدفاع"
    scores = logits(text, "O . I-TITLE I-TITLE")
    scores.outer[2, OUTER.index("B-TITLE")] = 8.0
    (spans,) = decode([text], [Encoding(find_words(text), np.arange(3), np.array([0, -1, 1, 2]))], [scores], SCHEME)
    assert [s.text for s in spans] == ["وزير الدفاع"]


def test_near_ties_are_decided_alike_at_the_beginning_and_the_end_of_a_long_text() -> None:
    random = np.random.default_rng(0)
    block = random.normal(8, 0.05, (200, 9)).astype(np.float32)
    block[-1, 0] = 20.0  # every block ends outside a span, so that it decides for itself
    (alone,) = viterbi([block])
    (tags,) = viterbi([np.tile(block, (1_000, 1))])
    assert tags[-200:].tolist() == alone.tolist()
