"""The particles و ف ب ك ل written onto a word, counted in letters and turned into offsets.

`ب[O حكومة]` has one proclitic letter, `ول[L ليبيا]` two. Counting letters, not characters, makes the count
the same with and without tatweel or vowel marks.
"""

from __future__ import annotations

from unicodedata import normalize

from wazir.words import is_invisible

PARTICLES = frozenset("وفبكل")
MAX_PROCLITICS = 3


def proclitic_offsets(word: str) -> list[int]:
    """Where a span that begins in ``word`` may start.

    Returns:
        For 0, 1, … proclitic letters, the offset in ``word`` of the first character after them. Only the
        leading run of the five particles counts, at most `MAX_PROCLITICS`, and one letter stays.
    """
    offsets = [0]
    letters = 0
    for i, character in enumerate(word):
        if is_invisible(character):
            continue
        if letters:
            offsets.append(i)
        # Presentation forms (ﻭ) are the same letter; the ligature ﻻ is two, so it ends the run.
        if letters == MAX_PROCLITICS or normalize("NFKC", character) not in PARTICLES:
            break
        letters += 1
    return offsets
