"""Arabic normalisation inside the tokenizer, which keeps the alignment to the original characters.

Tatweel, vowel marks, zero-width and bidirectional controls are dropped, presentation forms (ﻻ) folded by
NFKC, Arabic-Indic digits mapped to 0-9. Hamza and ta marbuta are left alone. Because it all happens in the
`normalizer` of `tokenizer.json`, every user of a checkpoint gets it, with offsets into the text as given.
"""

from __future__ import annotations

from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers

from wazir.errors import ModelError
from wazir.words import CONTROLS, MARKS, TATWEEL

#: Combining madda and hamza must survive until NFKC has joined them to their letter.
_HAMZA_MARKS = r"\u0653-\u0655"
#: Presentation forms of lone vowel marks; NFKC would turn them into a space and a mark.
_MARK_FORMS = r"\ufc5e-\ufc63\ufcf2-\ufcf4\ufe70-\ufe7f"
_DIGITS = {chr(base + i): str(i) for base in (0x0660, 0x06F0) for i in range(10)}


def arabic_normalizer() -> normalizers.Normalizer:
    """The normaliser shared by all checkpoints, whatever their vocabulary."""
    dropped = rf"[{TATWEEL}{MARKS}{CONTROLS}{_MARK_FORMS}]"
    return normalizers.Sequence(
        [
            normalizers.Replace(Regex(rf"(?![{_HAMZA_MARKS}]){dropped}+?"), ""),
            normalizers.NFKC(),
            normalizers.Replace(Regex(dropped), ""),
            *(normalizers.Replace(digit, ascii_digit) for digit, ascii_digit in _DIGITS.items()),
            # A word after an opening quote or bracket is a word beginning, as after a space.
            normalizers.Replace(Regex(r"(?<=[^\w\s])(?=\w)"), " "),
        ]
    )


def prepare_tokenizer(tokenizer: Tokenizer) -> Tokenizer:
    """A copy of a base model's tokenizer that normalises and cuts words as this package does.

    No sub-token crosses a punctuation mark. Preparing twice changes nothing.

    Args:
        tokenizer: WordPiece (AraBERT) or Unigram (multilingual bases).

    Raises:
        ModelError: another type of tokenizer.
    """
    tokenizer = Tokenizer.from_str(tokenizer.to_str())
    tokenizer.no_truncation()
    tokenizer.no_padding()
    kind = type(tokenizer.model).__name__
    if kind == "WordPiece":
        # Its own normaliser stays, for case and clean-up as in pre-training, but must keep hamza.
        tokenizer.normalizer = normalizers.Sequence(
            [arabic_normalizer(), normalizers.BertNormalizer(strip_accents=False, lowercase=_lowercases(tokenizer))]
        )
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split(Regex(r"[^\w]"), "isolated")]
        )
    elif kind == "Unigram":
        tokenizer.normalizer = arabic_normalizer()
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.WhitespaceSplit(),
                pre_tokenizers.Metaspace(prepend_scheme="always"),
                pre_tokenizers.Split(Regex(r"▁?[^\w▁]"), "isolated"),
            ]
        )
    else:
        raise ModelError(
            f"tokenizers of type {kind} are not supported. Use a base with a WordPiece or Unigram tokenizer, "
            "such as aubmindlab/bert-base-arabertv02 or intfloat/multilingual-e5-small."
        )
    return tokenizer


def _lowercases(tokenizer: Tokenizer) -> bool:
    return '"lowercase":true' in tokenizer.to_str().replace(" ", "").replace("\n", "").split('"model":')[0]
