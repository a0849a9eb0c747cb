from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies import decorated, texts, words
from wazir.proclitics import MAX_PROCLITICS, PARTICLES, proclitic_offsets
from wazir.words import is_invisible


@pytest.mark.parametrize(
    ("word", "rests"),
    [
        ("أنقرة", ["أنقرة"]),
        ("بحكومة", ["بحكومة", "حكومة"]),
        ("وتركيا", ["وتركيا", "تركيا"]),
        ("لليبيا", ["لليبيا", "ليبيا", "يبيا"]),
        ("وللأمم", ["وللأمم", "للأمم", "لأمم", "أمم"]),
        ("فبكلمة", ["فبكلمة", "بكلمة", "كلمة", "لمة"]),
        ("وزير", ["وزير", "زير"]),
        ("بـحكومة", ["بـحكومة", "حكومة"]),
        ("وَبِوَزِيرِ", ["وَبِوَزِيرِ", "بِوَزِيرِ", "وَزِيرِ", "زِيرِ"]),
        ("ب\u200fوزير", ["ب\u200fوزير", "وزير", "زير"]),
        ("ﻭﺑتركيا", ["ﻭﺑتركيا", "ﺑتركيا", "تركيا"]),
        ("وﻻية", ["وﻻية", "ﻻية"]),
        ("ول", ["ول", "ل"]),
        ("و", ["و"]),
        ("“", ["“"]),
        ("ـ", ["ـ"]),
        ("", [""]),
    ],
)
def test_a_span_may_start_after_each_leading_particle(word: str, rests: list[str]) -> None:
    assert [word[offset:] for offset in proclitic_offsets(word)] == rests


@given(texts())
def test_offsets_rise_by_one_particle_each_and_leave_a_letter(word: str) -> None:
    offsets = proclitic_offsets(word)
    assert offsets == sorted(set(offsets))
    assert offsets[0] == 0
    assert len(offsets) <= MAX_PROCLITICS + 1
    assert not any(is_invisible(word[offset]) for offset in offsets[1:])


@given(words.flatmap(lambda word: st.tuples(st.just(word), decorated(word))))
def test_letters_are_counted_and_not_characters(pair: tuple[str, str]) -> None:
    def rests(word: str) -> list[str]:
        return ["".join(c for c in word[offset:] if not is_invisible(c)) for offset in proclitic_offsets(word)]

    plain, decorated_word = pair
    assert rests(decorated_word) == rests(plain)


@pytest.mark.parametrize("particle", sorted(PARTICLES))
def test_each_particle_counts_alone(particle: str) -> None:
    assert proclitic_offsets(f"{particle}ا") == [0, 1]
