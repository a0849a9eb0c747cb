"""Tokenizers of the two supported types, trained in a blink on `strategies.PHRASES`."""

from __future__ import annotations

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

from strategies import PHRASES

EXTRA = ("“ ” « » ( ) [ ] ، . … ؟ : ! - 0 1 2 3 4 5 6 7 8 9", "Tripoli TRIPOLI tripoli")


def train_wordpiece(*, lowercase: bool = False) -> Tokenizer:
    """A base as AraBERT's: WordPiece after BERT's own normaliser and word rule."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    trainer = trainers.WordPieceTrainer(vocab_size=180, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator([*PHRASES, *EXTRA], trainer)
    return tokenizer


def train_unigram() -> Tokenizer:
    """A base as multilingual-e5's: Unigram over ▁."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    trainer = trainers.UnigramTrainer(vocab_size=180, unk_token="<unk>", special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator([*PHRASES, *EXTRA], trainer)
    return tokenizer
