"""What AraBERT's tokenizer reads, against its published preprocessing written down once more in plain `re`."""

from __future__ import annotations

import html
import re
import time
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models

from strategies import PHRASES, decorated, sentences, texts, words
from wazir.arabert import PLACEHOLDERS, TAG_LENGTH, arabert_normalizer, arabert_pre_tokenizer
from wazir.encoding import encode
from wazir.normalization import prepare_tokenizer
from wazir.words import CONTROLS, MARKS, TATWEEL, find_words

LETTERS = "ء-غف-ي"
SIGNS = "!\"#$%'()*+,-.:;<=>?@[\\]^_`{|}~·«»؛؟،٪٬–—…‘’“”ٱٲٳٴ\u066b\u0b4d"
LINKS = (
    r"(?:https?://.)?(?:www\.)?[\w@:%.+~#=-]{2,256}\.[a-z]{2,6}\b[\w@:%+.~#?&/=-]*(?a:)",
    r"https?://[\w./~?=%&-]+",
    r"www[\w./~?=%&-]+",
    r"[A-Za-z]+\.com",
    r"http\S*",
    r"www\S*",
    "://",
)


def published(text: str, tidy: Callable[[str], str] = str, tag: str = "</?[^>]+>", digits: str = "[٠-٩]") -> list[str]:
    """`ArabertPreprocessor("bert-base-arabertv02")`, then BERT's word rule, which parts brackets."""
    text = tidy(html.unescape(text))
    text = re.sub(f"[{TATWEEL}\u064b-\u0652]", "", text)
    for link in LINKS:
        text = re.sub(link.replace(r"[\w", "[a-zA-Z0-9_").removesuffix("(?a:)"), " [رابط] ", text)
    for mail in (r"[\w-]+@(?:[\w-]+\.)+[\w-]+", r"\S+@\S+"):
        text = re.sub(mail, " [بريد] ", text)
    text = re.sub(r"@\w+", " [مستخدم] ", text)
    text = re.sub(tag, " ", text)
    text = re.sub(digits, lambda digit: str(int(digit[0])), text)
    text = re.sub(r"(\D)\1\1+", r"\1\1", text)
    text = re.sub(rf"[^0-9a-zA-Z{LETTERS}\[\]]", r" \g<0> ", text)
    text = re.sub(rf"(\d+)([{LETTERS}]+)", r" \1 \2 ", text)
    text = re.sub(rf"([{LETTERS}]+)(\d+)", r" \1 \2 ", text)
    text = re.sub(rf"[^0-9a-zA-Z{LETTERS}\u0653-\u065f\u06da{re.escape(SIGNS)}]", " ", text.replace("/", "-"))
    return re.sub(r"\[(?:رابط|بريد|مستخدم)\]|[\[\]]", r" \g<0> ", text).split()


def tidied(text: str) -> str:
    """The text without what the published preprocessing would cut words at or lose words by."""
    text = re.sub(rf"(?![\u0653-\u0655])[{TATWEEL}{MARKS}{CONTROLS}\ufc5e-\ufc63\ufcf2-\ufcf4\ufe70-\ufe7f]", "", text)
    forms = rf"[{LETTERS}\ufb50-\ufdff\ufe70-\ufefc][\u0653-\u0655]*"
    text = re.sub(forms, lambda form: unicodedata.normalize("NFKC", form[0]), text)
    return re.sub(f"[{TATWEEL}{MARKS}]", "", text)


def expected(text: str) -> list[str]:
    """What AraBERT reads of any text here."""
    return published(text, tidied, rf"<(?:[/?!]?[a-zA-Z]|!--)[^<>]{{0,{TAG_LENGTH}}}>", "[٠-٩۰-۹]")


def read(text: str) -> list[str]:
    """What AraBERT's tokenizer cuts into sub-tokens."""
    normal = arabert_normalizer().normalize_str(text)
    return [word for word, _ in arabert_pre_tokenizer().pre_tokenize_str(normal)]


SAME = [
    ("الـتركـية أنـقـرة", "التركية أنقرة", "tatweel"),
    ("وَزِيرُ الدِّفَاعِ كتابًا", "وزير الدفاع كتابا", "vowel marks"),
    ("أحمد إلى آخر مؤتمر شيء حكومة مستشفى", "أحمد إلى آخر مؤتمر شيء حكومة مستشفى", "letters stay as they are"),
    ("عام ٢٠٢٠", "عام 2020", "Arabic-Indic digits"),
    ("٢٠٢٠م", "2020 م", "digits before letters"),
    ("كوفيد19", "كوفيد 19", "digits after letters"),
    ("أغلقت5آلاف", "أغلقت 5 آلاف", "digits between letters"),
    ("G20 وB2B وF16", "G20 وB2B وF16", "Latin letters and digits stay together"),
    ("COVID19م", "COVID 19 م", "all three kinds"),
    ("5م5X وXب5م", "5 م 5X وXب 5 م", "chains of digits and letters"),
    ("الناتوNATO", "الناتوNATO", "Latin beside Arabic letters"),
    ("مرحبا،كيف؟نعم!", "مرحبا ، كيف ؟ نعم !", "white space round signs"),
    ("“فتحي” (ليبيا) «تونس» 'قطر'", "“ فتحي ” ( ليبيا ) « تونس » ' قطر '", "quotes and brackets"),
    ("قال… ثم – وقف — هنا", "قال … ثم – وقف — هنا", "ellipsis and dashes"),
    ("[ليبيا]", "[ ليبيا ]", "square brackets"),
    ("حكومة_الوحدة", "حكومة _ الوحدة", "underscore"),
    ("#ليبيا", "# ليبيا", "hashtag"),
    ("50% و٥٠٪ و٣\u066b٠ و١٬٠٠٠", "50 % و 50 ٪ و 3 \u066b 0 و 1 ٬ 000", "numbers"),
    ("3.5", "3 . 5", "decimal point"),
    ("10:30 1-2 +5 =7", "10 : 30 1 - 2 + 5 = 7", "signs of numbers"),
    ("هههههههه", "هه", "a letter at most twice"),
    ("مبروووووك!!!!!", "مبرووك ! !", "a sign at most twice"),
    ("1000000", "1000000", "digits as often as they come"),
    ("لا....", "لا . .", "dots"),
    ("اللّه", "الله", "two of a kind stay"),
    ("هـــــهـــــه", "هه", "letters that tatweel alone keeps apart"),
    ("12/05/2021", "12 - 05 - 2021", "slash read as dash"),
    ("أ//ب ///", "أ - - ب - -", "slashes"),
    ("خبر 😀🇱🇾 عاجل", "خبر عاجل", "emoji"),
    ("© € ° ½ ² ™", "", "signs that the vocabulary lacks"),
    ("كم²", "كم", "superscript"),
    ("R&D", "R D", "ampersand"),
    ("Café Köln", "Caf K ln", "accented letters"),
    ("北京 Москва", "", "other scripts"),
    ("پاکستان گوگل", "ا ستان و ل", "letters of other languages"),
    ("زوروا https://www.example.com/a?b=1&c=2 اليوم", "زوروا [رابط] اليوم", "link"),
    ("انظر www.example.org", "انظر [رابط]", "link without scheme"),
    ("aljazeera.net وx.com", "[رابط] و [رابط]", "bare domain"),
    ("http://t.co/ab، قال", "[رابط] ، قال", "comma after a link"),
    ("http://مثال.عرب/صفحة هنا", "[رابط] هنا", "Arabic link"),
    ("كتب user@example.com", "كتب [رابط]", "an e-mail that looks like a link"),
    ("كتب صالح@بريد.ليبيا لنا", "كتب [بريد] لنا", "e-mail"),
    ("عن root@localhost، نقلا", "عن [بريد] نقلا", "e-mail of a machine, with what is written onto it"),
    ("رد @MFA_Libya و@وزارة_الخارجية", "رد [مستخدم] [بريد]", "user names"),
    ("أ.ب U.S.A e.g.", "أ . ب U . S . A e . g .", "points that make no link"),
    ("رأي [رابط] هنا", "رأي [رابط] هنا", "text that was preprocessed before"),
    ("<br />سطر<br>آخر</p>", "سطر آخر", "line breaks"),
    ('<p class="x y">قال <b>الوزير</b></p>', "قال الوزير", "tags"),
    ('<a href="https://x.org/a">هنا</a>', "هنا", "a link inside a tag"),
    ("5 < 6", "5 < 6", "a lone angle bracket"),
    ("&quot;ليبيا&quot; &amp; &#39;تونس&#x27; &laquo;قطر&raquo;", "\" ليبيا \" ' تونس ' « قطر »", "references"),
    ("سطر&nbsp;آخر&nbspثم", "سطر آخر ثم", "white space by reference"),
    ("&lt;b&gt;عاجل&lt;/b&gt;", "عاجل", "tags by reference"),
    ("&amp;lt;", "lt ;", "resolved once"),
    ("wam.ae/?a=1&amp;b=2 هنا", "[رابط] هنا", "an ampersand inside a link"),
    ("&hellip; &#8220;نعم&#8221; &#150; &#47;", "… “ نعم ” – -", "references by number"),
    ("&copy; &euro; &#169; &eacute;", "", "references to what the vocabulary lacks"),
    (" \t\n\u00a0\u2003\u3000", "", "white space of all kinds"),
    ("\x00\x01\ufffd\ue000", "", "control characters and no characters"),
]


@pytest.mark.parametrize(("text", "words_read"), [pytest.param(*case[:2], id=case[2]) for case in SAME])
def test_the_network_reads_what_arabert_was_pre_trained_on(text: str, words_read: str) -> None:
    assert read(text) == words_read.split()
    assert published(text) == words_read.split()


@pytest.mark.parametrize(
    ("text", "words_read", "words_published"),
    [
        pytest.param("هٰذا", "هذا", "ه ذا", id="superscript alef cuts no word"),
        pytest.param("عبد\u200fالله لي\u200cبيا", "عبدالله ليبيا", "عبد الله لي بيا", id="nor do controls"),
        pytest.param("كتابۚ", "كتاب", "كتاب ۚ", id="nor Quranic marks"),
        pytest.param("مو\u0654تمر", "مؤتمر", "مو تمر", id="combining hamza joins its letter"),
        pytest.param("وﻻية ﻟﻴﺒﻴﺎ ﷲ", "ولاية ليبيا الله", "و ية", id="presentation forms are letters"),
        pytest.param("۲۰۲۰", "2020", "", id="Persian digits are digits"),
        pytest.param("صحيفة <الحياة>", "صحيفة < الحياة >", "صحيفة", id="words in angle brackets are words"),
        pytest.param("3 < 5 وليبيا 7 > 2", "3 < 5 وليبيا 7 > 2", "3 2", id="nor are comparisons tags"),
        pytest.param(f"<a {'ب ' * TAG_LENGTH}>", None, "", id="nor is a page"),
        pytest.param("http:// wam.ae", "[رابط] [رابط]", "[رابط]", id="white space ends a link"),
        pytest.param("&#1608;", "", "و", id="letters by number are dropped"),
    ],
)
def test_where_it_reads_more_than_the_published_preprocessing_leaves(
    text: str, words_read: str | None, words_published: str
) -> None:
    if words_read is not None:
        assert read(text) == words_read.split()
    assert "ب" in read(text) or words_read is not None
    assert [word for word in published(text) if word != "\u0654"] == words_published.split()


HAMZA = "\u0653\u0654\u0655"
_FRAGMENTS = """
    https://t.co/ab http:// https www. wam.ae .com @user_1 @وزارة a@b.com صالح@بريد.ليبيا @ :// / // &quot; &amp; &lt;
    &gt; &#39; &#x2F; &nbsp &copy; &amp;lt; <br/> <b> </p> <!--x--> [رابط] [بريد] [ ] 5م م5 COVID19 هههه ... !!! 2020
    ٢٠٢٠م ۲ ½ … – ٱ ٪ < > <a href=x
"""
fragments = st.sampled_from([*_FRAGMENTS.split(), '<p class="x y">', "مو\u0654تمر", "را\u064e\u0654س"])
parts = st.one_of(fragments, words, words.flatmap(decorated), texts(HAMZA), st.just(" "))
mixed = st.lists(parts, max_size=8).map("".join)


def without_surrogates(text: str) -> str:
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


@settings(max_examples=500)
@given(text=mixed.map(without_surrogates))
def test_any_text_reads_as_in_pre_training(text: str) -> None:
    assert read(text) == expected(text)


@given(text=sentences)
def test_arabic_sentences_read_as_published_but_for_marks_and_forms(text: str) -> None:
    assert read(text) == published(tidied(text))


def tokenizer_of_characters() -> Tokenizer:
    """AraBERT's tokenizer with a vocabulary of single characters, which shows where each of them comes from."""
    letters = [*"0123456789abcdefghijklmnopqrstuvwxyz", *map(chr, [*range(0x0621, 0x063B), *range(0x0641, 0x064B)])]
    letters += [letter.upper() for letter in letters if letter.isascii() and letter.isalpha()]
    pieces = ["[UNK]", *PLACEHOLDERS, *SIGNS, *letters, *(f"##{letter}" for letter in letters)]
    vocabulary = {piece: i for i, piece in enumerate(pieces)}
    model = models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=1_000)
    return prepare_tokenizer(Tokenizer(model))


TOKENIZER = tokenizer_of_characters()


@settings(max_examples=300)
@given(text=mixed.map(without_surrogates))
def test_every_sub_token_lies_inside_one_word(text: str) -> None:
    found = find_words(text).tolist()
    encoding = TOKENIZER.encode(text, add_special_tokens=False)
    for token, (start, end) in zip(encoding.tokens, encoding.offsets, strict=True):
        assert any(left <= start < end <= right for left, right in found), token
    starts = [start for start, _ in encoding.offsets]
    assert starts == sorted(starts)


@settings(max_examples=300)
@given(text=st.one_of(texts(HAMZA + "@<&"), sentences.flatmap(decorated)).map(without_surrogates))
def test_every_sub_token_lies_on_its_own_character(text: str) -> None:
    encoding = TOKENIZER.encode(text, add_special_tokens=False)
    for token, (start, end) in zip(encoding.tokens, encoding.offsets, strict=True):
        if token not in PLACEHOLDERS:
            assert token.removeprefix("##") in "".join(expected(text[start:end]))


@settings(max_examples=200)
@given(text=texts("@<&wh.").map(without_surrogates))
def test_every_word_with_a_letter_that_arabert_knows_has_a_first_sub_token(text: str) -> None:
    (encoding,) = encode(TOKENIZER, [text])
    for (start, end), first in zip(encoding.words.tolist(), encoding.first.tolist(), strict=True):
        if re.search(f"[0-9a-zA-Z{LETTERS}]", "".join(expected(text[start:end]))):
            assert first >= 0


@given(phrase=st.sampled_from(PHRASES).flatmap(lambda x: st.tuples(st.just(x), decorated(x))))
def test_tatweel_marks_and_controls_change_no_sub_token(phrase: tuple[str, str]) -> None:
    plain, dressed = encode(TOKENIZER, list(phrase))
    assert dressed.ids.tolist() == plain.ids.tolist()
    assert dressed.first.tolist() == plain.first.tolist()
    assert (plain.first >= 0).all()


@pytest.mark.parametrize(
    ("text", "placeholder", "at"),
    [
        ("زار https://t.co/ab اليوم", "[رابط]", 18),
        ("رد @وزارة_الخارجية أمس", "[مستخدم]", 17),
        ("إلى root@localhost الآن", "[بريد]", 17),
        ("رأي [رابط] هنا", "[رابط]", 9),
    ],
)
def test_a_placeholder_is_one_sub_token_on_the_last_character(text: str, placeholder: str, at: int) -> None:
    encoding = TOKENIZER.encode(text, add_special_tokens=False)
    assert encoding.tokens.count(placeholder) == 1
    assert encoding.offsets[encoding.tokens.index(placeholder)] == (at, at + 1)


@pytest.mark.parametrize(
    ("text", "token", "offsets"),
    [
        ("الـتـ", "##ت", (3, 4)),
        ("٢٠", "##0", (1, 2)),
        ("ﻻ", "##ا", (0, 1)),
        ("مو\u0654", "##ؤ", (1, 2)),
        ("هههه!", "!", (4, 5)),
        ("أ/ب", "-", (1, 2)),
        ("<b>قف</b>", "##ف", (4, 5)),
        ("&laquo;قف", "«", (6, 7)),
    ],
)
def test_offsets_are_those_of_the_text_as_given(text: str, token: str, offsets: tuple[int, int]) -> None:
    encoding = TOKENIZER.encode(text, add_special_tokens=False)
    assert encoding.offsets[encoding.tokens.index(token)] == offsets


pieces = st.lists(st.tuples(st.one_of(fragments, words.flatmap(decorated)), st.sampled_from([" ", "\t", "  ", " \n "])))


@settings(max_examples=100)
@given(pieces=pieces)
def test_slices_of_a_text_have_the_ids_of_the_whole(pieces: list[tuple[str, str]]) -> None:
    text = "".join(word + gap for word, gap in pieces)
    (once,) = encode(TOKENIZER, [text])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wazir.encoding._SLICE", 40)
        (sliced,) = encode(TOKENIZER, [text])
    assert sliced.ids.tolist() == once.ids.tolist()
    assert sliced.first.tolist() == once.first.tolist()


@pytest.mark.parametrize("shift", range(0, 60, 7))
def test_a_tag_at_the_end_of_a_slice_is_read_whole(shift: int) -> None:
    text = "قال " * (1_000 - 15) + "ب" * shift + ' <a class="x y" id=z> الوزير' * 9
    assert encode(TOKENIZER, [text])[0].ids.tolist() == TOKENIZER.encode(text, add_special_tokens=False).ids


@pytest.mark.parametrize("run", ["ب", "a", "a.", "a@a.", "@", "<a ", "&#1", "ب1", "http", "-", "1", "…"])
def test_no_text_takes_the_rules_long(run: str) -> None:
    text = run * (4_000 // len(run))
    start = time.perf_counter()
    found = read(text)
    assert time.perf_counter() - start < 2  # hundredths of a second; a rule that backtracks needs minutes
    assert "".join(found) == "".join(expected(text))


def test_the_prepared_tokenizer_survives_its_file_and_a_second_preparation() -> None:
    again = prepare_tokenizer(Tokenizer.from_str(TOKENIZER.to_str()))
    assert again.to_str() == TOKENIZER.to_str()
