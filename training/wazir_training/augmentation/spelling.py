"""How the same text may be spelled: tatweel, vowel marks, quotes, hamza and ya, digits, slips of the fingers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random
from typing import TypeVar

from wazir.spans import Document
from wazir.words import TATWEEL
from wazir_training.augmentation.edits import Edit, apply_edits, edges

_T = TypeVar("_T")
#: Letters that join the next one, behind which tatweel may stand.
_JOINING = "بتثجحخسشصضطظعغفقكلمنهيئ"
_VOWELS = "\u064e\u064f\u0650\u0652"
_QUOTES = (("“", "”"), ("«", "»"), ('"', '"'), ("‘", "’"), ("'", "'"))
_QUOTED = re.compile(r"“([^“”]*)”|«([^«»]*)»|\"([^\"]*)\"")
#: Letters that are typed for one another.
_VARIANTS = {"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ي": "ى", "ة": "ه"}
_LAST_ONLY = "ىية"
_WEST, _EAST = "0123456789", "٠١٢٣٤٥٦٧٨٩"
_WORD = re.compile(r"\w+")
_LETTER = re.compile(r"[ء-غف-ي]")
_JOINED = re.compile(rf"(?<=[{_JOINING}])(?={_LETTER.pattern})")


def stretch(document: Document, random: Random) -> Document:
    """Tatweel inside some words."""
    kept = edges(document)
    inside = [m.start() for m in _JOINED.finditer(document.text) if m.start() not in kept]
    return apply_edits(document, [Edit(i, i, TATWEEL * random.randint(1, 2)) for i in _some(inside, 0.08, random)])


def mark_vowels(document: Document, random: Random) -> Document:
    """Vowel marks behind some letters."""
    kept = edges(document)
    inside = [m.end() for m in _LETTER.finditer(document.text) if m.end() not in kept]
    return apply_edits(document, [Edit(i, i, random.choice(_VOWELS)) for i in _some(inside, 0.15, random)])


def change_quotes(document: Document, random: Random) -> Document:
    """All quotation marks of another style."""
    opening, closing = random.choice(_QUOTES)
    pairs = [(m.start(), m.end()) for m in _QUOTED.finditer(document.text)]
    edits = [e for a, b in pairs for e in (Edit(a, a + 1, opening), Edit(b - 1, b, closing))]
    return apply_edits(document, edits)


def vary_letters(document: Document, random: Random) -> Document:
    """Hamza left off, ya for alif maqsura and the other way round, ha for ta marbuta, throughout the text."""
    pairs = [pair for pair in _VARIANTS.items() if random.random() < 0.5]
    edits = []
    for old, new in pairs:
        pattern = rf"{old}(?!\w)" if old in _LAST_ONLY else old
        edits += [Edit(m.start(), m.end(), new) for m in re.finditer(pattern, document.text)]
    return apply_edits(document, edits)


def change_digits(document: Document, random: Random) -> Document:
    """Digits of the other script."""
    change = str.maketrans(_WEST, _EAST) if random.random() < 0.5 else str.maketrans(_EAST, _WEST)
    changed = [(i, c.translate(change)) for i, c in enumerate(document.text)]
    return apply_edits(document, [Edit(i, i + 1, new) for i, new in changed if new != document.text[i]])


def mistype(document: Document, random: Random) -> Document:
    """A letter lost, doubled or exchanged with the next one in a few long words; edges of spans stay."""
    kept = edges(document)
    edits = []
    for word in _some(list(_WORD.finditer(document.text)), 0.03, random):
        if len(word[0]) < 5:
            continue
        at = word.start() + random.randint(2, len(word[0]) - 3)
        if not {at, at + 1, at + 2} & kept:
            a, b = document.text[at], document.text[at + 1]
            edits.append(Edit(at, at + 2, random.choice((b, a + a + b, b + a))))
    return apply_edits(document, edits)


def _some(places: Sequence[_T], share: float, random: Random) -> list[_T]:
    return [place for place in places if random.random() < share]
