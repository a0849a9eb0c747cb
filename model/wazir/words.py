"""Words by one rule, shared by training, inference and every word-level format.

A word is either a run of letters and digits, together with the vowel marks, tatweel and invisible
controls written inside the run; or one other visible character (a punctuation mark, a symbol, an emoji)
with the marks that follow it. Invisible controls at the edge of a word and white space belong to no word.
"""

from __future__ import annotations

import re
from itertools import chain

import numpy as np
import numpy.typing as npt

TATWEEL = "\u0640"
#: Arabic vowel and Quranic marks, combining diacritics and variation selectors, as a regex class body.
MARKS = (
    r"\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"
    r"\u08d3-\u08e1\u08e3-\u08ff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f"
)
#: Soft hyphen, zero-width and bidirectional controls, as a regex class body.
CONTROLS = r"\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"

_WORD = re.compile(
    rf"[\w{MARKS}](?:[\w{MARKS}{CONTROLS}]*[\w{MARKS}])?"  # letters and digits; tatweel is in \w
    rf"|[^\s\w{MARKS}{CONTROLS}](?:[{MARKS}{CONTROLS}]*[{MARKS}])?"  # one mark or symbol
)
#: Signs, and particles before them, that stand at the head of what white space separates: «, (, ل«, و(
_LEAD = re.compile(rf"(?<!\S)(?:[وفبكل{TATWEEL}{CONTROLS}]*[^\w\s{CONTROLS}])+(?=\w)")
_INVISIBLE = re.compile(rf"[{TATWEEL}{MARKS}{CONTROLS}]")

Words = npt.NDArray[np.int64]


def find_words(text: str) -> Words:
    """Offsets of the words of ``text``, in order.

    Returns:
        Integer array of shape [words, 2]: start and end, in characters.
    """
    bounds = np.fromiter(chain.from_iterable(m.span() for m in _WORD.finditer(text)), dtype=np.int64)
    return bounds.reshape(-1, 2)


def lead_words(text: str, words: Words) -> Words:
    """Words that stand before another with no white space between: an opening quote, or a particle and a quote.

    Plain transformers takes what stands between white space for a word, and reads its class at the first of these.

    Args:
        text: The text.
        words: Its words, shape [words, 2].

    Returns:
        Pairs of a leading word and the word that it leads to, as indices, shape [pairs, 2].
    """
    pairs: list[tuple[int, int]] = []
    for found in _LEAD.finditer(text):
        first, head = np.searchsorted(words[:, 0], found.span()).tolist()
        if head < len(words) and words[head, 0] == found.end():
            pairs += [(lead, head) for lead in range(first, head)]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def is_invisible(character: str) -> bool:
    """Whether a character inside a word is no letter: tatweel, a vowel mark or a control."""
    return _INVISIBLE.match(character) is not None
