from __future__ import annotations

import re

import pytest
from hypothesis import given

from strategies import texts
from wazir.words import CONTROLS, MARKS, TATWEEL, find_words, is_invisible, lead_words

IS_CONTROL = re.compile(f"[{CONTROLS}]")
IS_MARK = re.compile(f"[{MARKS}]")


def words_of(text: str) -> list[str]:
    return [text[start:end] for start, end in find_words(text)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        (" \u200f\n", []),
        ("زار أنقرة", ["زار", "أنقرة"]),
        ("الـتركـية أنـقـرة", ["الـتركـية", "أنـقـرة"]),
        ("وَزِيرُ الدِّفَاعِ", ["وَزِيرُ", "الدِّفَاعِ"]),
        ("“فتحي باشاغا”،", ["“", "فتحي", "باشاغا", "”", "،"]),
        ("عام ٢٠٢٠/2021", ["عام", "٢٠٢٠", "/", "2021"]),
        ("ليبيا...", ["ليبيا", ".", ".", "."]),
        ("أنقرة ـ تونس", ["أنقرة", "ـ", "تونس"]),
        ("F-16 wazir_1", ["F", "-", "16", "wazir_1"]),
    ],
)
def test_words_are_runs_of_letters_and_digits_or_single_signs(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\u2067ليبيا\u2069", ["ليبيا"]),
        ("\ufeffليبيا\u200f ", ["ليبيا"]),
        ("لي\u200cبيا", ["لي\u200cبيا"]),
        ("⚖\ufe0f\u200d!", ["⚖\ufe0f", "!"]),
        ("⚖\u200d\ufe0f!", ["⚖\u200d\ufe0f", "!"]),
    ],
)
def test_controls_stay_inside_a_word_but_never_at_its_edge(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@given(texts())
def test_words_cover_each_visible_character_once_and_in_order(text: str) -> None:
    covered = [i for start, end in find_words(text) for i in range(start, end)]
    assert covered == sorted(set(covered))
    left_out = set(range(len(text))) - set(covered)
    assert all(text[i].isspace() or IS_CONTROL.match(text[i]) for i in left_out)


@given(texts())
def test_no_word_holds_white_space_or_begins_or_ends_with_a_control(text: str) -> None:
    for word in words_of(text):
        assert not any(c.isspace() for c in word)
        assert not IS_CONTROL.match(word[0])
        assert not IS_CONTROL.match(word[-1])


@given(texts())
def test_a_sign_is_a_word_of_its_own_with_its_marks(text: str) -> None:
    for word in words_of(text):
        plain = [c for c in word if not IS_MARK.match(c) and not IS_CONTROL.match(c)]
        assert len(plain) <= 1 or all(c.isalnum() or c == "_" or c == TATWEEL for c in plain)


@given(texts())
def test_a_word_cut_out_is_one_word(text: str) -> None:
    assert all(find_words(word).tolist() == [[0, len(word)]] for word in words_of(text))


@pytest.mark.parametrize(
    ("characters", "invisible"),
    [("ـ\u064e\u0670\u200f\u00ad\u2067\ufeff", True), ("وأ٢2a.“ \n", False)],
)
def test_tatweel_marks_and_controls_are_no_letters(characters: str, invisible: bool) -> None:
    assert [is_invisible(c) for c in characters] == [invisible] * len(characters)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("قال “فتحي سالم” أمس", [("“", "فتحي")]),
        ("صرح ل«عكاظ» و«الوطن»", [("ل", "عكاظ"), ("«", "عكاظ"), ("و", "الوطن"), ("«", "الوطن")]),
        ("(«داعش»)", [("(", "داعش"), ("«", "داعش")]),
        ('بـ"سبق"', [("بـ", "سبق"), ('"', "سبق")]),
        ("باريس- واس", []),  # a sign behind a word
        ("سبق-عدن « دمشق", []),  # a sign inside, and one that stands alone
        ("وَزِير بلفور كل", []),
        ("...", []),
    ],
)
def test_signs_and_particles_lead_to_the_word_that_they_are_written_to(text: str, pairs: list[tuple[str, str]]) -> None:
    words = words_of(text)
    assert [(words[lead], words[head]) for lead, head in lead_words(text, find_words(text))] == pairs


@given(texts())
def test_a_lead_stands_before_its_word_without_white_space(text: str) -> None:
    words = find_words(text)
    for lead, head in lead_words(text, words):
        assert lead < head
        between = text[words[lead, 0] : words[head, 0]]
        assert between
        assert not any(c.isspace() for c in between)
