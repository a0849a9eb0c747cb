"""Cutting a tokenizer's vocabulary down to chosen pieces, so that what they cover is encoded as before.

Let V be the vocabulary and K the kept part of it. What holds, and the tests check:

* A word of which V's encoding uses kept pieces alone has the same encoding under K.
  *WordPiece* takes the longest piece that fits, again and again: each taken one is in K, and K has no longer one.
  *Unigram* takes the path of best score: under K that path is still there, and each other path was there before with
  no lower score. K always holds a piece of V's lowest score, from which the score of an unknown character is derived;
  where K lacks a single character, its unknown edge scores below the piece that stood there. Sums and ties are those
  of before, as floating-point addition is monotonic. Byte fall-back keeps all its bytes.
* A word that WordPiece does not know keeps that encoding if K has every piece of V that is a part of the word (else a
  removed long piece may let shorter ones succeed). `pieces_of_texts` keeps them.
* A word has the same encoding if K has every piece of V that is a part of it. So all text in the characters of
  `pieces_of_scripts` is encoded as before.
* Other words are spelled by shorter pieces. They become unknown only by a character that K lacks on its own: all those
  of the sample and of the scripts are kept, with the digits, common marks and letters A to Z.
"""

from __future__ import annotations

import difflib
import json
import re
import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from wazir.encoding import Encoding, encode
from wazir.errors import WazirError
from wazir.tagging import Ints

_SPACE = "▁"
_MARKS = string.punctuation + "«»“”„‘’–—…•·\u200c\u200d"
_BASIC = frozenset(string.ascii_letters + string.digits + _MARKS)
_TEXTS_AT_ONCE = 1_000
#: The name of a letter in Unicode begins with that of its script.
_LETTER_NAME = re.compile(
    r"(?!MODIFIER)(CJK|.+?)(?: UNIFIED| COMPATIBILITY)?"
    r" (?:(?:CAPITAL|SMALL|MODIFIER|VOWEL|CONSONANT) )*(?:LETTER|SYLLABLE|IDEOGRAPH)\b"
)
_OTHER_NAMES = {"HAN": "CJK"}


@dataclass(frozen=True, slots=True)
class Cut:
    """A smaller vocabulary.

    Attributes:
        tokenizer: The tokenizer with that vocabulary; all else in it is as before, but that it pads and cuts nothing.
        rows: Former id of each piece, by new id; shape [pieces].
    """

    tokenizer: Tokenizer
    rows: Ints


def cut_vocabulary(tokenizer: Tokenizer, kept: Iterable[str]) -> Cut:
    """Cut all pieces out but some, and number these anew, in their former order.

    Args:
        tokenizer: A WordPiece or Unigram tokenizer.
        kept: The pieces to keep. Added and special tokens stay whether named here or not, as do the unknown token,
            the bytes of a byte fall-back, and a Unigram piece of the lowest score.
    """
    state = json.loads(tokenizer.to_str())
    model, old = state["model"], tokenizer.get_vocab()
    former = [piece for piece, _ in model["vocab"]] if model["type"] == "Unigram" else list(model["vocab"])
    inside = set(former)
    wanted = {*kept, *_indispensable(state)}
    # The library numbers added tokens that its model lacks after those that it has.
    pieces = sorted((p for p in old if p in wanted), key=lambda p: (p not in inside, old[p]))
    new = {piece: i for i, piece in enumerate(pieces)}
    if model["type"] == "Unigram":
        scores = dict(model["vocab"])
        model["vocab"] = [[p, scores[p]] for p in pieces if p in inside]
        if model["unk_id"] is not None:
            model["unk_id"] = new[former[model["unk_id"]]]
    else:
        model["vocab"] = {p: new[p] for p in pieces if p in inside}
    state["padding"] = state["truncation"] = None
    for token in state["added_tokens"]:
        token["id"] = new[token["content"]]
    for processor in _processors(state["post_processor"]):
        for special in processor.get("special_tokens", {}).values():
            special["ids"] = [new[token] for token in special["tokens"]]
        for pair in (processor[key] for key in ("sep", "cls") if key in processor):
            pair[1] = new[pair[0]]
    rows = np.array([old[p] for p in pieces], dtype=np.int64)
    return Cut(Tokenizer.from_str(json.dumps(state, ensure_ascii=False)), rows)


def pieces_of_texts(tokenizer: Tokenizer, texts: Sequence[str], min_count: int = 1) -> set[str]:
    """The pieces that encode some texts, and every single character in them.

    Args:
        tokenizer: A WordPiece or Unigram tokenizer.
        texts: The texts.
        min_count: Pieces of several characters that are used less often are left out, and the encodings of the texts
            may change then.
    """
    counts: Counter[int] = Counter()
    within: set[str] = set()
    unknown = unknown_id(tokenizer) if _is_wordpiece(tokenizer) else None
    for text, encoding in zip(texts, encode_all(tokenizer, texts), strict=True):
        counts.update(encoding.ids.tolist())
        if unknown is not None and unknown in encoding.ids:
            within.update(*(_pieces_within(tokenizer, word) for word in _words(tokenizer, text)))
    used = {piece: counts[i] for piece, i in tokenizer.get_vocab().items() if i in counts}
    characters = {c for piece in (*used, *within) for c in piece}
    often = {piece for piece, count in used.items() if count >= min_count}
    return often | within | _single(tokenizer, characters.__contains__)


def encode_all(tokenizer: Tokenizer, texts: Sequence[str]) -> Iterator[Encoding]:
    """Encode any number of texts; only some encodings are held in memory at once."""
    for start in range(0, len(texts), _TEXTS_AT_ONCE):
        yield from encode(tokenizer, texts[start : start + _TEXTS_AT_ONCE])


def pieces_of_scripts(tokenizer: Tokenizer, scripts: Sequence[str]) -> set[str]:
    """All pieces of characters of some scripts, digits and common marks; of other letters A to Z alone.

    Args:
        tokenizer: A WordPiece or Unigram tokenizer.
        scripts: As `find_scripts` gives them.
    """

    @cache
    def known(character: str) -> bool:
        name = unicodedata.name(character, "").replace("-", " ")
        return (
            character in string.digits + _MARKS
            or name.startswith("COMBINING ")
            or any(f" {script} " in f" {name} " for script in scripts)
        )

    whole = {piece for piece in tokenizer.get_vocab() if all(map(known, _bare(tokenizer, piece)))}
    return whole | _single(tokenizer, known)


def find_scripts(names: Sequence[str]) -> tuple[str, ...]:
    """Scripts by the names that Unicode gives to their letters, such as Arabic, Latin or Old_Italic; also Han.

    Raises:
        WazirError: Unicode has no such script.
    """
    found = []
    for given in names:
        name = re.sub(r"[\s_-]+", " ", given).strip().upper()
        name = _OTHER_NAMES.get(name, name)
        if name not in _scripts():
            near = difflib.get_close_matches(name, sorted(_scripts()), n=3) or ["ARABIC", "CYRILLIC", "LATIN"]
            hint = " or ".join(n.title().replace(" ", "_") for n in near)
            raise WazirError(f"--script {given}: Unicode has no script of that name. Use one such as {hint}.")
        found.append(name)
    return tuple(found)


def unknown_id(tokenizer: Tokenizer) -> int | None:
    """The id of what is unknown; none if there is no such token."""
    if _is_wordpiece(tokenizer):
        return tokenizer.token_to_id(tokenizer.model.unk_token)
    number: int | None = json.loads(tokenizer.to_str())["model"]["unk_id"]
    return number


@cache
def _scripts() -> frozenset[str]:
    letters = (c for c in map(chr, range(0x110000)) if unicodedata.category(c)[0] == "L")
    matches = (_LETTER_NAME.match(unicodedata.name(c, "")) for c in letters)
    return frozenset(match[1].replace("-", " ") for match in matches if match)


def _indispensable(state: dict[str, Any]) -> Iterator[str]:
    """What a tokenizer cannot do without, whatever it encodes."""
    model = state["model"]
    yield from (token["content"] for token in state["added_tokens"])
    if model["type"] == "Unigram":
        yield min(model["vocab"], key=lambda entry: entry[1])[0]
        if model["unk_id"] is not None:
            yield model["vocab"][model["unk_id"]][0]
        if model["byte_fallback"]:
            yield from (f"<0x{byte:02X}>" for byte in range(256))
    else:
        yield model["unk_token"]
    for processor in _processors(state["post_processor"]):
        for special in processor.get("special_tokens", {}).values():
            yield from special["tokens"]
        yield from (processor[key][0] for key in ("sep", "cls") if key in processor)


def _processors(post_processor: dict[str, Any] | None) -> Iterator[dict[str, Any]]:
    if post_processor:
        yield post_processor
        for inner in post_processor.get("processors", ()):
            yield from _processors(inner)


def _single(tokenizer: Tokenizer, wanted: Callable[[str], bool]) -> set[str]:
    """The pieces of one wanted or basic character, and the lone mark of a space."""
    bare = ((piece, _bare(tokenizer, piece)) for piece in tokenizer.get_vocab())
    return {p for p, b in bare if not b or (len(b) == 1 and (b in _BASIC or wanted(b)))}


def _bare(tokenizer: Tokenizer, piece: str) -> str:
    """A piece without the mark of its place in a word."""
    if _is_wordpiece(tokenizer):
        return piece.removeprefix(tokenizer.model.continuing_subword_prefix)
    return piece.replace(_SPACE, "")


def _words(tokenizer: Tokenizer, text: str) -> list[str]:
    """The words of a text as the model gets them."""
    text = tokenizer.normalizer.normalize_str(text) if tokenizer.normalizer else text
    if not tokenizer.pre_tokenizer:
        return [text]
    return [word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(text)]


def _pieces_within(tokenizer: Tokenizer, word: str) -> set[str]:
    """The pieces that are a part of a word, at its place; none of a word too long for WordPiece to look at."""
    model: Any = tokenizer.model
    if len(word) > model.max_input_chars_per_word:
        return set()
    bounds = ((i, j) for i in range(len(word)) for j in range(i + 1, len(word) + 1))
    parts = ((model.continuing_subword_prefix if i else "") + word[i:j] for i, j in bounds)
    return {part for part in parts if tokenizer.token_to_id(part) is not None}


def _is_wordpiece(tokenizer: Tokenizer) -> bool:
    return type(tokenizer.model).__name__ == "WordPiece"
