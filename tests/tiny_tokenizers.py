"""Tokenizers of the two supported types, trained in a blink on `strategies.PHRASES`, or on several languages."""

from __future__ import annotations

import json
import struct

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

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


#: What a multilingual base has seen: Arabic, English, French, Russian.
LANGUAGES = {
    "ar": PHRASES,
    "en": (
        "The interior minister met his Turkish counterpart in the capital on Monday",
        "Parliament announced that the prime minister would visit Tunis next week",
        "A spokesman for the army said that peace talks in Geneva were over",
    ),
    "fr": (
        "Le ministre de l'Intérieur a rencontré son homologue turc à l'été 2020",
        "Le président du Parlement a annoncé une visite à Tunis la semaine prochaine",
    ),
    "ru": (
        "Министр внутренних дел принимает в столице турецкого коллегу",
        "Председатель парламента объявил визит в Тунис на следующей неделе",
    ),
}
_SENTENCES = [sentence for sentences in LANGUAGES.values() for sentence in sentences]


def multilingual_unigram() -> Tokenizer:
    """A tokenizer as multilingual-e5's in all its parts: those of XLM-RoBERTa."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Precompiled(_no_break_space_charsmap()), normalizers.Replace("  ", " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    tokenizer.decoder = decoders.Metaspace()
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    trainer = trainers.UnigramTrainer(vocab_size=400, unk_token="<unk>", special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator([*_SENTENCES, *EXTRA], trainer)
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True)])
    ends = [("<s>", 0), ("</s>", 2)]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=ends
    )
    return Tokenizer.from_str(tokenizer.to_str())  # scores as a reader of the file gets them


def multilingual_wordpiece() -> Tokenizer:
    """A tokenizer as multilingual BERT's in all its parts; its special tokens stand among the pieces, as there."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(vocab_size=500, show_progress=False)
    tokenizer.train_from_iterator([*_SENTENCES, *EXTRA], trainer)
    learned = sorted(tokenizer.get_vocab(), key=tokenizer.get_vocab().__getitem__)
    pieces = ["[PAD]", *learned[-30:], "[UNK]", "[CLS]", "[SEP]", "[MASK]", *learned[:-30]]
    state = json.loads(tokenizer.to_str())
    state["model"]["vocab"] = {piece: i for i, piece in enumerate(pieces)}
    tokenizer = Tokenizer.from_str(json.dumps(state))
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    ends = [(name, pieces.index(name)) for name in ("[SEP]", "[CLS]")]
    tokenizer.post_processor = processors.BertProcessing(*ends)
    return tokenizer


def _no_break_space_charsmap() -> bytes:
    """A SentencePiece charsmap that makes a no-break space (C2 A0 in UTF-8) a space.

    The format is that of sentencepiece's `precompiled_charsmap`: the length of a double-array trie (Darts), its units
    of 32 bits, and the replacements, each ended by a zero. A unit holds a label (8 bits), whether a value follows
    (bit 8) and the distance to its children (from bit 10), which is combined with its place by exclusive or.
    """
    units = [0] * 1024
    root, first, second, value = 0, 256 ^ 0xC2, 512 ^ 0xA0, 768
    units[root] = 256 << 10
    units[first] = (first ^ 512) << 10 | 0xC2
    units[second] = (second ^ value) << 10 | 1 << 8 | 0xA0
    return struct.pack("<I1024I", 4 * len(units), *units) + b" \0"
