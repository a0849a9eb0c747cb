"""Texts that share a run of words, so that test data never trains."""

from __future__ import annotations

import re
from collections.abc import Iterable

from wazir.words import find_words, is_invisible

#: Words in a row that count as a copy.
RUN = 8
_LETTER = re.compile(r"\w")


def word_runs(text: str, length: int = RUN) -> set[tuple[str, ...]]:
    """All runs of ``length`` words of a text, without punctuation, tatweel and vowel marks."""
    spelled = ("".join(c for c in text[start:end] if not is_invisible(c)) for start, end in find_words(text).tolist())
    words = [word for word in spelled if _LETTER.match(word)]
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}


def all_runs(texts: Iterable[str]) -> set[tuple[str, ...]]:
    """All runs of several texts."""
    return set().union(*(word_runs(text) for text in texts))
