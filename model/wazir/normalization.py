"""Arabic normalisation inside the tokenizer, which keeps the alignment to the original characters.

Tatweel, vowel marks, zero-width and bidirectional controls are dropped, presentation forms (ﻻ) folded by
NFKC, Arabic-Indic digits mapped to 0-9. Hamza and ta marbuta are left alone. AraBERT reads a text of its own kind,
see `wazir.arabert`. Because it all happens in the `normalizer` of `tokenizer.json`, every user of a checkpoint gets
it, with offsets into the text as given.
"""

from __future__ import annotations

from typing import Literal

from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers

from wazir.arabert import PLACEHOLDERS, arabert_normalizer, arabert_pre_tokenizer
from wazir.errors import ModelError
from wazir.folding import drop_marks_but_hamza, fold_forms, map_digits

#: `plain` is `arabic_normalizer`, for every base; `arabert` is what AraBERT v0.2 was pre-trained on; `auto` tells by
#: the tokenizer.
Preprocessing = Literal["auto", "plain", "arabert"]


def arabic_normalizer() -> normalizers.Normalizer:
    """The normaliser of all bases but AraBERT, whatever their vocabulary."""
    return normalizers.Sequence(
        [
            drop_marks_but_hamza(),
            *fold_forms(),
            *map_digits(),
            # A word after an opening quote or bracket is a word beginning, as after a space.
            normalizers.Replace(Regex(r"(?<=[^\w\s])(?=\w)"), " "),
        ]
    )


def prepare_tokenizer(tokenizer: Tokenizer, preprocessing: Preprocessing = "auto") -> Tokenizer:
    """A copy of a base model's tokenizer that normalises and cuts words as this package does.

    No sub-token crosses a punctuation mark. Preparing twice changes nothing.

    Args:
        tokenizer: WordPiece (AraBERT) or Unigram (multilingual bases).
        preprocessing: What the text is made to be like; `auto` is `arabert` for a tokenizer that was prepared for
            it before or whose vocabulary has AraBERT's placeholders, and `plain` for all others.

    Raises:
        ModelError: another type of tokenizer, one that the preprocessing does not fit, or one for segmented text.
    """
    tokenizer = Tokenizer.from_str(tokenizer.to_str())
    tokenizer.no_truncation()
    tokenizer.no_padding()
    kind = type(tokenizer.model).__name__
    if kind == "WordPiece":
        _refuse_segmented(tokenizer)
        lowercase = _lowercases(tokenizer)
        if preprocessing == "arabert" or (preprocessing == "auto" and _is_for_arabert(tokenizer)):
            case = normalizers.BertNormalizer(False, False, strip_accents=False, lowercase=lowercase)
            tokenizer.normalizer = normalizers.Sequence([arabert_normalizer(), case])
            tokenizer.pre_tokenizer = arabert_pre_tokenizer()
        else:
            # Its own normaliser stays, for case and clean-up as in pre-training, but must keep hamza.
            own = normalizers.BertNormalizer(strip_accents=False, lowercase=lowercase)
            tokenizer.normalizer = normalizers.Sequence([arabic_normalizer(), own])
            # White space and signs, the underscore among them, as BERT cuts.
            tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
                [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split(Regex(r"[^\w]|_"), "isolated")]
            )
    elif kind == "Unigram" and preprocessing == "arabert":
        raise ModelError(
            "AraBERT's preprocessing fits WordPiece tokenizers alone, and this is a Unigram one. "
            "Set model.preprocessing=plain."
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


def _is_for_arabert(tokenizer: Tokenizer) -> bool:
    """Whether it was prepared for AraBERT before, or has AraBERT's vocabulary."""
    prepared = str(tokenizer.pre_tokenizer) == str(arabert_pre_tokenizer())
    return prepared or all(tokenizer.token_to_id(name) is not None for name in PLACEHOLDERS)


def _refuse_segmented(tokenizer: Tokenizer) -> None:
    if all(tokenizer.token_to_id(name) is not None for name in ("ال+", "و+")):
        raise ModelError(
            "this base reads text that Farasa has cut into morphemes (its vocabulary has ال+), which would lose the "
            "offsets. Use the one without segmentation: aubmindlab/bert-base-arabertv02, not v2."
        )


def _lowercases(tokenizer: Tokenizer) -> bool:
    return '"lowercase":true' in tokenizer.to_str().replace(" ", "").replace("\n", "").split('"model":')[0]
