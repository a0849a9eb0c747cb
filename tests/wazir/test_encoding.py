from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from strategies import PHRASES, decorated, sentences, texts, words
from tiny_tokenizers import train_unigram, train_wordpiece
from wazir.encoding import Encoding, Window, encode, windows
from wazir.normalization import prepare_tokenizer
from wazir.words import find_words

TOKENIZERS = {"WordPiece": prepare_tokenizer(train_wordpiece()), "Unigram": prepare_tokenizer(train_unigram())}

both = pytest.mark.parametrize("tokenizer", TOKENIZERS.values(), ids=TOKENIZERS)


def encode_one(tokenizer: Tokenizer, text: str) -> Encoding:
    (encoding,) = encode(tokenizer, [text])
    return encoding


def whole(tokenizer: Tokenizer, text: str) -> tuple[list[int], list[tuple[int, int]]]:
    """Ids and offsets by one call of the tokenizer itself."""
    encoding = tokenizer.encode(re.sub("[\ud800-\udfff]", "\ufffd", text), add_special_tokens=False)
    return list(encoding.ids), list(encoding.offsets)


@both
@given(text=texts())
def test_ids_are_the_tokenizers_and_words_are_ours(tokenizer: Tokenizer, text: str) -> None:
    encoding = encode_one(tokenizer, text)
    assert encoding.ids.tolist() == whole(tokenizer, text)[0]
    assert encoding.words.tolist() == find_words(text).tolist()


@both
@given(text=texts())
def test_the_first_sub_token_of_a_word_is_the_first_that_begins_in_it(tokenizer: Tokenizer, text: str) -> None:
    encoding = encode_one(tokenizer, text)
    starts = [start for start, _ in whole(tokenizer, text)[1]]
    for (start, end), first in zip(encoding.words.tolist(), encoding.first.tolist(), strict=True):
        inside = [i for i, at in enumerate(starts) if start <= at < end]
        assert first == (inside[0] if inside else -1)


@both
@given(text=texts())
def test_first_sub_tokens_rise(tokenizer: Tokenizer, text: str) -> None:
    first = encode_one(tokenizer, text).first
    assert (np.diff(first[first >= 0]) > 0).all()


@both
@given(text=sentences)
def test_every_word_of_a_sentence_has_a_sub_token_but_a_lone_tatweel(tokenizer: Tokenizer, text: str) -> None:
    encoding = encode_one(tokenizer, text)
    without = [text[start:end] for start, end in encoding.words[encoding.first < 0]]
    assert set(without) <= {"ـ"}


@both
@given(pair=st.sampled_from(PHRASES).flatmap(lambda x: st.tuples(st.just(x), decorated(x))))
def test_tatweel_marks_and_controls_change_nothing_for_the_network(tokenizer: Tokenizer, pair: tuple[str, str]) -> None:
    plain, dressed = (encode_one(tokenizer, text) for text in pair)
    assert dressed.ids.tolist() == plain.ids.tolist()
    assert dressed.first.tolist() == plain.first.tolist()


@both
def test_a_lone_tatweel_keeps_its_place_as_a_word(tokenizer: Tokenizer) -> None:
    with_tatweel, without = encode_one(tokenizer, "وزير ـ الداخلية"), encode_one(tokenizer, "وزير الداخلية")
    assert with_tatweel.words.tolist() == [[0, 4], [5, 6], [7, 15]]
    assert with_tatweel.first.tolist() == [without.first[0], -1, without.first[1]]
    assert with_tatweel.ids.tolist() == without.ids.tolist()


@both
@pytest.mark.parametrize("text", ["", " \n", "\u200f", "ـ"])
def test_a_text_of_nothing_has_no_sub_tokens(tokenizer: Tokenizer, text: str) -> None:
    encoding = encode_one(tokenizer, text)
    assert encoding.ids.shape == (0,)
    assert encoding.words.shape == (len(text.strip(" \n\u200f")), 2)
    assert (encoding.first == -1).all()


@both
def test_half_a_character_is_read_as_the_replacement_character(tokenizer: Tokenizer) -> None:
    half, replaced = encode_one(tokenizer, "\ud83d وزير \udc00"), encode_one(tokenizer, "\ufffd وزير \ufffd")
    assert half.words.tolist() == [[0, 1], [2, 6], [7, 8]]
    assert half.ids.tolist() == replaced.ids.tolist()
    assert half.first.tolist() == replaced.first.tolist()
    assert half.first[1] >= 0


@both
@given(batch=st.lists(texts(), max_size=5))
def test_texts_together_are_encoded_as_each_alone(tokenizer: Tokenizer, batch: list[str]) -> None:
    for text, encoding in zip(batch, encode(tokenizer, batch), strict=True):
        alone = encode_one(tokenizer, text)
        assert encoding.ids.tolist() == alone.ids.tolist()
        assert encoding.first.tolist() == alone.first.tolist()


@both
@pytest.mark.parametrize("gap", [" ", "\t", " \n ", "، "])
def test_a_long_text_gets_the_ids_of_one_call_of_the_tokenizer(tokenizer: Tokenizer, gap: str) -> None:
    text = gap.join(PHRASES * 150)
    assert len(text) > 8 * 4_000
    encoding = encode_one(tokenizer, text)
    ids, offsets = whole(tokenizer, text)
    assert encoding.ids.tolist() == ids
    begins = encoding.words[:, 0].tolist()
    assert [offsets[i][0] for i in encoding.first.tolist()] == begins


@both
@settings(max_examples=50)
@given(pieces=st.lists(st.tuples(words.flatmap(decorated), st.sampled_from([" ", "\t", "  ", " \n", "\u200f "]))))
def test_slices_of_any_text_with_spaces_change_no_id(tokenizer: Tokenizer, pieces: list[tuple[str, str]]) -> None:
    text = "".join(word + gap for word, gap in pieces)
    once = encode_one(tokenizer, text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wazir.encoding._SLICE", 40)
        patch.setattr("wazir.encoding._SLICES_AT_ONCE", 2)
        sliced = encode_one(tokenizer, text)
    assert sliced.ids.tolist() == once.ids.tolist() == whole(tokenizer, text)[0]
    assert sliced.first.tolist() == once.first.tolist()


@both
def test_a_run_without_white_space_longer_than_a_slice_loses_no_word(tokenizer: Tokenizer) -> None:
    text = "ليبيا،" * 1_500
    encoding = encode_one(tokenizer, text)
    assert len(encoding.words) == 3_000
    assert (encoding.first >= 0).all()


@st.composite
def encodings(draw: st.DrawFn) -> Encoding:
    """Words of 0 to 4 sub-tokens; ids count up, so that an id tells its place."""
    sizes = np.array(draw(st.lists(st.integers(0, 4), max_size=30)), dtype=np.int64)
    first = np.where(sizes > 0, np.cumsum(sizes) - sizes, -1)
    bounds = np.arange(len(sizes), dtype=np.int64)
    return Encoding(np.stack([2 * bounds, 2 * bounds + 1], axis=1), np.arange(sizes.sum(), dtype=np.int64), first)


@st.composite
def window_shapes(draw: st.DrawFn) -> tuple[int, int]:
    size = draw(st.integers(1, 20))
    return size, draw(st.integers(0, size - 1))


def windows_of(encoding: Encoding, size: int, overlap: int) -> list[Window]:
    return list(windows([encoding], size, overlap))


@given(encodings(), window_shapes())
def test_windows_label_each_word_with_a_sub_token_once_and_in_order(encoding: Encoding, shape: tuple[int, int]) -> None:
    labelled = [word for window in windows_of(encoding, *shape) for word in window.words.tolist()]
    assert labelled == np.flatnonzero(encoding.first >= 0).tolist()


@given(encodings(), window_shapes())
def test_a_window_is_a_stretch_of_bounded_length_that_holds_its_words(
    encoding: Encoding, shape: tuple[int, int]
) -> None:
    for window in windows_of(encoding, *shape):
        assert 0 < len(window.ids) <= shape[0]
        begin = int(window.ids[0])
        assert window.ids.tolist() == encoding.ids[begin : begin + len(window.ids)].tolist()
        assert window.ids[window.first].tolist() == encoding.first[window.words].tolist()


@given(encodings(), window_shapes())
def test_a_word_is_read_with_half_the_overlap_on_either_side(encoding: Encoding, shape: tuple[int, int]) -> None:
    for window in windows_of(encoding, *shape):
        begins, ends = window.ids[0] == 0, window.ids[-1] == len(encoding.ids) - 1
        assert begins or (window.first >= shape[1] // 2).all()
        assert ends or (len(window.ids) - 1 - window.first >= shape[1] // 2).all()


@given(st.lists(encodings(), max_size=4), window_shapes())
def test_windows_name_their_encoding(batch: list[Encoding], shape: tuple[int, int]) -> None:
    for index, encoding in enumerate(batch):
        mine = [w for w in windows(batch, *shape) if w.encoding == index]
        assert [w.ids.tolist() for w in mine] == [w.ids.tolist() for w in windows_of(encoding, *shape)]


def test_a_text_that_fits_is_one_window() -> None:
    encoding = Encoding(np.array([[0, 4], [5, 9]]), np.array([7, 8, 9]), np.array([0, 2]))
    (window,) = windows_of(encoding, 3, 1)
    assert (window.ids.tolist(), window.words.tolist(), window.first.tolist()) == ([7, 8, 9], [0, 1], [0, 2])
