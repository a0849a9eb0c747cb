"""The text that AraBERT v0.2 was pre-trained on, made inside the tokenizer.

Step by step what `ArabertPreprocessor("bert-base-arabertv02")` of https://github.com/aub-mind/arabert does (package
`arabert` 1.0.1; Antoun et al. 2020, arXiv 2003.00104), but as a normaliser, so that offsets stay those of the text as
given. No Farasa segmentation and no emoji: v0.2 has neither. On purpose otherwise, since a word must not be lost:

- Marks and controls that the original cuts words at (superscript alef, zero-width and bidirectional ones) are
  dropped, and letters and digits that it deletes (presentation forms, Persian digits) are folded first.
- A tag begins as one of HTML does, `<` and a letter, and ends within `TAG_LENGTH` characters: text in angle
  brackets, or between a lone `<` and a `>` far behind it, is no markup.
- A numeric character reference is resolved where it stands for a sign; one of a letter is dropped.

No rule looks beyond white space but that of tags, so that a text in slices reads as the whole.
"""

from __future__ import annotations

import html
import re
from collections import defaultdict
from html.entities import html5, name2codepoint

from tokenizers import Regex, normalizers, pre_tokenizers

from wazir.folding import HAMZA_MARKS, drop_marks_but_hamza, fold_forms, map_digits

#: Tokens of AraBERT's vocabulary that stand for a link, an e-mail address and a user name.
PLACEHOLDERS = LINK, MAIL, USER = "[رابط]", "[بريد]", "[مستخدم]"
#: Most characters between the first letter of an HTML tag and its end.
TAG_LENGTH = 500
#: An HTML tag, for `re` as for tokenizers.
TAG = rf"<(?:[/?!]?[a-zA-Z]|!--)[^<>]{{0,{TAG_LENGTH}}}>"

_LETTERS = "ء-غف-ي"
_SIGNS = "!\"#$%'()*+,-./:;<=>?@\\^_`{|}~·«»؛؟،٪٬–—…‘’“”ٱٲٳٴ" + "\u066b\u0b4d"
_SIGN = f"[{re.escape(_SIGNS)}]"
_READ = rf"0-9a-zA-Z{_LETTERS}{re.escape(_SIGNS)}\[\]\s"
_FORMS = r"\ufb50-\ufdff\ufe70-\ufefc"
#: Python's \S and \w, which the original means, are not those of tokenizers.
_SOLID = r"[^\s\x1c-\x1f]"
_WORD = rf"\p{{L}}\p{{N}}_{HAMZA_MARKS}"
_LINKS = (
    rf"(?:https?://{_SOLID})?(?:www\.)?[-a-zA-Z0-9@:%._+~#=]{{2,256}}\.[a-z]{{2,6}}(?![{_WORD}])"
    r"[-a-zA-Z0-9@:%_+.~#?&/=]*",
    r"https?://[-a-zA-Z0-9_./~?=%&]+",
    r"www[-a-zA-Z0-9_./~?=%&]+",
    r"(?<![a-zA-Z])[a-zA-Z]+\.com",
    rf"http{_SOLID}*",
    rf"www{_SOLID}*",
    "://",
)
_MAILS = (rf"(?<![{_WORD}-])[{_WORD}-]+@(?:[{_WORD}-]+\.)+[{_WORD}-]+", rf"(?<!{_SOLID}){_SOLID}+@{_SOLID}+")
_USERS = (rf"@[{_WORD}]+",)
#: Keeps the ellipsis from NFKC, which would make three dots of it; what stood there before is dropped by then.
_SHIELD = "\ue000"


def arabert_normalizer() -> normalizers.Normalizer:
    """Text as AraBERT v0.2 read it; a placeholder is aligned to the last character of what it stands for."""
    return normalizers.Sequence(
        [
            *_resolve_references(),
            drop_marks_but_hamza(),
            *(_replace(pattern, f" {LINK} ") for pattern in _LINKS),
            *(_replace(pattern, f" {MAIL} ") for pattern in _MAILS),
            *(_replace(pattern, f" {USER} ") for pattern in _USERS),
            *(normalizers.Replace(name, name) for name in PLACEHOLDERS),  # aligns those of the text likewise
            _replace(TAG, " "),
            *map_digits(),
            _replace(f"[^{_READ}{_FORMS}{HAMZA_MARKS}]", " "),
            normalizers.Replace("…", _SHIELD),
            *fold_forms(),
            normalizers.Replace(_SHIELD, "…"),
            _replace(r"(\D)\1\K\1+", ""),  # at most two of a kind, but for digits
            normalizers.Replace("/", "-"),  # the vocabulary has no slash
            _replace(f"[^{_READ}]", " "),  # of the letters that forms have been folded to
            _replace(rf"(?<=\S)(?={_SIGN})|(?<={_SIGN})(?=\S)", " "),  # tokenizers fail at insertions before the text
            *_part_digits_from_letters(),
        ]
    )


def arabert_pre_tokenizer() -> pre_tokenizers.PreTokenizer:
    """Cut at white space and, as BERT's own word rule does, at brackets; a placeholder stays whole."""
    names = "|".join(map(re.escape, PLACEHOLDERS))
    return pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split(Regex(rf"{names}|[\[\]]"), "isolated")]
    )


def _replace(pattern: str, content: str) -> normalizers.Normalizer:
    return normalizers.Replace(Regex(pattern), content)


def _resolve_references() -> list[normalizers.Normalizer]:
    """HTML character references where they stand for a sign or white space, by name or number.

    Those of HTML 4 and by number for anything else become U+FFFD, which is no white space and is dropped later.
    """
    signs = _SIGNS + "[]& \t\n\u00a0"
    forms: dict[str, list[str]] = defaultdict(list)
    for name in dict.fromkeys([*name2codepoint, *(key.rstrip(";") for key, value in html5.items() if value in signs)]):
        forms[_as_read(html5[f"{name};"], signs)].append(name + (";?" if name in html5 else ";"))
    for code in (*map(ord, signs), *range(0x80, 0xA0)):  # the latter mean Windows-1252
        number = rf"#(?:0*{code}(?![0-9])|[xX]0*(?i:{code:x})(?![0-9a-fA-F]));?"
        forms[_as_read(html.unescape(f"&#{code};"), signs)].append(number)
    ampersand, others = _any_of(forms.pop("&")), _any_of(forms.pop("\ufffd"))
    return [
        *(_replace(f"&{_any_of(written)}", sign) for sign, written in forms.items()),
        _replace(rf"&(?!{ampersand})(?:{others}|#(?:[0-9]+|[xX][0-9a-fA-F]+);?)", "\ufffd"),
        _replace(f"&{ampersand}", "&"),  # the last, so that &amp;lt; is read as &lt; and no further
    ]


def _as_read(character: str, signs: str) -> str:
    if character.isspace():
        return " "
    return character if character in signs else "\ufffd"


def _any_of(patterns: list[str]) -> str:
    return f"(?:{'|'.join(sorted(patterns, key=len, reverse=True))})"


def _part_digits_from_letters() -> list[normalizers.Normalizer]:
    """White space round digits before Arabic letters and round those letters, then the same for the other order.

    Latin letters stay with the digits and letters that are next to them, unless these are parted themselves.
    """
    return [
        _replace(rf"(?<=[0-9])[{_LETTERS}]+\K(?=[^\s{_LETTERS}])", " "),
        _replace(rf"(?<=[^\s0-9])(?=[0-9]+[{_LETTERS}])|(?<=[0-9])(?=[{_LETTERS}])", " "),
        _replace(rf"[{_LETTERS}][0-9]+\K(?=[^\s0-9])", " "),
        _replace(rf"(?<=[^\s{_LETTERS}])(?=[{_LETTERS}]+[0-9])|(?<=[{_LETTERS}])(?=[0-9])", " "),
    ]
