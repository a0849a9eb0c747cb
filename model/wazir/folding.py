"""Steps of normalisation that every base shares: marks and controls dropped, forms of letters and digits folded."""

from __future__ import annotations

from tokenizers import Regex, normalizers

from wazir.words import CONTROLS, MARKS, TATWEEL

#: Combining madda and hamza must survive until NFKC has joined them to their letter.
HAMZA_MARKS = r"\u0653-\u0655"
#: Presentation forms of lone vowel marks; NFKC would turn them into a space and a mark.
_MARK_FORMS = r"\ufc5e-\ufc63\ufcf2-\ufcf4\ufe70-\ufe7f"
_DROPPED = rf"[{TATWEEL}{MARKS}{CONTROLS}{_MARK_FORMS}]"
_DIGITS = {chr(base + i): str(i) for base in (0x0660, 0x06F0) for i in range(10)}


def drop_marks_but_hamza() -> normalizers.Replace:
    """Drop tatweel, vowel marks and controls, but for the marks that are a part of their letter."""
    return normalizers.Replace(Regex(rf"(?![{HAMZA_MARKS}]){_DROPPED}+?"), "")


def fold_forms() -> list[normalizers.Normalizer]:
    """NFKC, and the marks dropped that come out of it or that it could not join."""
    return [normalizers.NFKC(), normalizers.Replace(Regex(_DROPPED), "")]


def map_digits() -> list[normalizers.Normalizer]:
    """Arabic-Indic digits, both sets, to 0-9."""
    return [normalizers.Replace(digit, ascii_digit) for digit, ascii_digit in _DIGITS.items()]
