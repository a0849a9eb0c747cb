from __future__ import annotations

import re
from collections.abc import Callable
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models

from strategies import PHRASES, decorated, texts
from tiny_tokenizers import train_unigram, train_wordpiece
from wazir.arabert import PLACEHOLDERS
from wazir.errors import ModelError
from wazir.normalization import Preprocessing, arabic_normalizer, prepare_tokenizer
from wazir.words import CONTROLS, MARKS, TATWEEL

TOKENIZERS = {
    "WordPiece": prepare_tokenizer(train_wordpiece()),
    "Unigram": prepare_tokenizer(train_unigram()),
    "AraBERT": prepare_tokenizer(train_wordpiece(), "arabert"),
}
DROPPED = re.compile(f"[{TATWEEL}{MARKS}{CONTROLS}]")

every = pytest.mark.parametrize("tokenizer", TOKENIZERS.values(), ids=TOKENIZERS)
dressed_phrases = st.sampled_from(PHRASES).flatmap(lambda x: st.tuples(st.just(x), decorated(x)))


def tokens(tokenizer: Tokenizer, text: str) -> list[str]:
    return list(tokenizer.encode(text, add_special_tokens=False).tokens)


def letters(token: str) -> str:
    return token.removeprefix("##").removeprefix("▁")


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        pytest.param("الـتركـية أنـقـرة", "التركية أنقرة", id="tatweel dropped"),
        pytest.param("وَزِيرُ الدِّفَاعِ هٰذا", "وزير الدفاع هذا", id="vowel marks dropped"),
        pytest.param("لي\u200cبيا\u200b و\ufeffتو\u2060نس\u00ad", "ليبيا وتونس", id="zero width dropped"),
        pytest.param("\u2067ليبيا\u2069 \u200fتونس\u200e \u202bمصر\u202c\u061c", "ليبيا تونس مصر", id="bidi dropped"),
        pytest.param("وﻻية ﻟﻴﺒﻴﺎ ﷲ", "ولاية ليبيا الله", id="presentation forms folded"),
        pytest.param("ليﹶبﹹيا", "ليبيا", id="marks as presentation forms dropped"),
        pytest.param("٠١٢٣٤٥٦٧٨٩ ۰۱۲۳۴۵۶۷۸۹", "0123456789 0123456789", id="digits mapped"),
        pytest.param("أمر إلى آخر مؤتمر رئيس شيء", "أمر إلى آخر مؤتمر رئيس شيء", id="hamza kept"),
        pytest.param("مو\u0654تمر را\u0654س ا\u0655لى ا\u0653خر", "مؤتمر رأس إلى آخر", id="combining hamza joined"),
        pytest.param("مو\u064e\u0654تمر", "مؤتمر", id="combining hamza after a vowel mark"),
        pytest.param("ب\u0654", "ب", id="combining hamza that joins nothing dropped"),
        pytest.param("حكومة مستشفى", "حكومة مستشفى", id="ta marbuta and alif maqsura kept"),
        pytest.param("“فتحي” (ليبيا) عام:تونس", "“ فتحي” ( ليبيا) عام: تونس", id="space before a word after a sign"),
        pytest.param("“ فتحي”", "“ فتحي”", id="one space is enough"),
        pytest.param("ـ", "", id="lone tatweel"),
    ],
)
def test_arabic_is_normalised(text: str, normal: str) -> None:
    assert arabic_normalizer().normalize_str(text) == normal


@every
@given(text=texts())
def test_nothing_of_tatweel_marks_and_controls_is_left(tokenizer: Tokenizer, text: str) -> None:
    assert not DROPPED.search(tokenizer.normalizer.normalize_str(re.sub("[\ud800-\udfff]", "", text)))


@every
@given(pair=dressed_phrases)
def test_sub_tokens_are_the_same_with_and_without_tatweel_marks_and_controls(
    tokenizer: Tokenizer, pair: tuple[str, str]
) -> None:
    plain, dressed = pair
    assert tokens(tokenizer, dressed) == tokens(tokenizer, plain)
    assert not {"[UNK]", "<unk>"} & set(tokens(tokenizer, plain))


@every
@given(pair=dressed_phrases)
def test_each_sub_token_lies_on_its_own_letters(tokenizer: Tokenizer, pair: tuple[str, str]) -> None:
    _, dressed = pair
    encoding = tokenizer.encode(dressed, add_special_tokens=False)
    for token, (start, end) in zip(encoding.tokens, encoding.offsets, strict=True):
        if letters(token):
            assert DROPPED.sub("", dressed[start:end]) == letters(token)


@every
@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("الـتركـي", 0, 8),
        ("\u200fليبيا", 1, 6),
        ("٢٠٢٠", 0, 4),
        ("سلاﻡ", 0, 4),
        ("المو\u0654تمر", 0, 8),
    ],
)
def test_offsets_are_those_of_the_text_as_given(tokenizer: Tokenizer, text: str, start: int, end: int) -> None:
    offsets = tokenizer.encode(f"زار {text} أمس", add_special_tokens=False).offsets
    inside = [(a - 4, b - 4) for a, b in offsets if 4 <= a < 4 + len(text)]
    assert (min(a for a, _ in inside), max(b for _, b in inside)) == (start, end)


@every
@given(text=texts("\ud83d\udc00"))
def test_offsets_never_leave_the_text_nor_run_backwards(tokenizer: Tokenizer, text: str) -> None:
    text = re.sub("[\ud800-\udfff]", "\ufffd", text)
    offsets = tokenizer.encode(text, add_special_tokens=False).offsets
    assert all(0 <= start <= end <= len(text) for start, end in offsets)
    assert [start for start, _ in offsets] == sorted(start for start, _ in offsets)


@every
@pytest.mark.parametrize("opening", ["“", "«", "(", "["])
@pytest.mark.parametrize("word", ["وزير", "أنقرة", "ليبيا"])
def test_a_word_after_an_opening_sign_is_cut_as_after_a_space(tokenizer: Tokenizer, opening: str, word: str) -> None:
    assert tokens(tokenizer, f"في {opening}{word}") == tokens(tokenizer, f"في {opening} {word}")
    assert tokens(tokenizer, f"في {opening}{word}")[-len(tokens(tokenizer, word)) :] == tokens(tokenizer, word)


@pytest.mark.parametrize(
    ("model", "cut"),
    [
        (models.WordPiece({"[UNK]": 0, "ليبيا": 1, "،": 2, "ليبيا،": 3}, unk_token="[UNK]"), ["ليبيا", "،"]),
        (models.Unigram([("<unk>", 0.0), ("▁ليبيا", -5.0), ("،", -5.0), ("▁ليبيا،", -1.0)], 0), ["▁ليبيا", "،"]),
    ],
    ids=["WordPiece", "Unigram"],
)
def test_no_sub_token_crosses_a_sign_even_where_the_vocabulary_has_one(model: models.Model, cut: list[str]) -> None:
    assert tokens(prepare_tokenizer(Tokenizer(model)), "ليبيا،") == cut


@every
def test_preparing_twice_changes_nothing(tokenizer: Tokenizer) -> None:
    assert prepare_tokenizer(tokenizer).to_str() == tokenizer.to_str()


@pytest.mark.parametrize("train", [train_wordpiece, train_unigram])
def test_preparing_leaves_the_tokenizer_given_and_lifts_its_limits(train: Callable[[], Tokenizer]) -> None:
    base = train()
    base.enable_truncation(2)
    base.enable_padding(length=64)
    before = base.to_str()
    assert 2 < len(tokens(prepare_tokenizer(base), PHRASES[0])) < 64
    assert base.to_str() == before


@pytest.mark.parametrize(("lowercase", "cut"), [(True, "tripoli"), (False, "TRIPOLI")])
def test_a_wordpiece_base_keeps_its_case_rule(lowercase: bool, cut: str) -> None:
    prepared = prepare_tokenizer(train_wordpiece(lowercase=lowercase))
    assert "".join(map(letters, tokens(prepared, "TRIPOLI"))) == cut
    assert prepared.normalizer.normalize_str("أُنـقرة") == "أنقرة"


@pytest.mark.parametrize("preprocessing", ["plain", "arabert"])
def test_a_wordpiece_base_cuts_at_underscores_as_bert_does(preprocessing: Preprocessing) -> None:
    prepared = prepare_tokenizer(train_wordpiece(), preprocessing)
    assert tokens(prepared, "ليبيا_تونس") == [*tokens(prepared, "ليبيا"), "[UNK]", *tokens(prepared, "تونس")]


def wordpiece_of(*pieces: str) -> Tokenizer:
    return Tokenizer(models.WordPiece({piece: i for i, piece in enumerate(("[UNK]", *pieces))}, unk_token="[UNK]"))


LINK = "زوروا wam.ae"


def test_a_base_with_the_placeholders_of_arabert_gets_its_preprocessing() -> None:
    assert tokens(prepare_tokenizer(wordpiece_of("زوروا", *PLACEHOLDERS)), LINK) == ["زوروا", "[رابط]"]
    assert tokens(prepare_tokenizer(wordpiece_of("زوروا", "wam", ".", "ae")), LINK) == ["زوروا", "wam", ".", "ae"]


def test_the_preprocessing_that_is_asked_for_is_used() -> None:
    arabert = wordpiece_of("زوروا", "wam", ".", "ae", *PLACEHOLDERS)
    assert tokens(prepare_tokenizer(arabert, "plain"), LINK) == ["زوروا", "wam", ".", "ae"]
    assert tokens(prepare_tokenizer(wordpiece_of("زوروا"), "arabert"), LINK) == ["زوروا", "[UNK]"]


def test_a_checkpoint_that_becomes_a_base_keeps_its_preprocessing() -> None:
    for preprocessing in get_args(Preprocessing):
        prepared = prepare_tokenizer(wordpiece_of("زوروا"), preprocessing)
        assert prepare_tokenizer(Tokenizer.from_str(prepared.to_str())).to_str() == prepared.to_str()


def test_a_base_for_segmented_text_is_refused() -> None:
    with pytest.raises(ModelError, match=r"Farasa .* has ال\+.*bert-base-arabertv02, not v2"):
        prepare_tokenizer(wordpiece_of("ال+", "و+", *PLACEHOLDERS))


def test_a_unigram_base_cannot_read_as_arabert() -> None:
    with pytest.raises(ModelError, match="WordPiece tokenizers alone.*Set model.preprocessing=plain"):
        prepare_tokenizer(train_unigram(), "arabert")


def test_a_bpe_base_is_refused() -> None:
    with pytest.raises(ModelError, match="tokenizers of type BPE are not supported. Use a base with a WordPiece or"):
        prepare_tokenizer(Tokenizer(models.BPE()))
