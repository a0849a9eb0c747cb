"""Trimming: smaller vocabularies whose encodings, and therefore hidden states, are those of the whole base."""

from __future__ import annotations

import json
import string
import subprocess
import sys
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
import torch
import transformers
from hypothesis import given
from safetensors.torch import load_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import AutoModel, AutoTokenizer, BertConfig, XLMRobertaConfig

from conftest import CORPUS, ROOT, SHARED
from strategies import characters
from tiny_tokenizers import LANGUAGES, multilingual_unigram, multilingual_wordpiece
from wazir import Tagger
from wazir.errors import DataError, ModelError, WazirError
from wazir.labels import LabelScheme
from wazir.normalization import prepare_tokenizer
from wazir_training.bases import load_base
from wazir_training.config import ModelConfig
from wazir_training.trimming import read_sample, trim
from wazir_training.vocabulary import cut_vocabulary, find_scripts, pieces_of_scripts, pieces_of_texts

SAMPLE = [*LANGUAGES["ar"], LANGUAGES["en"][0], "أُعلن في Geneva عن لقاء 字"]
KINDS = ("unigram", "wordpiece")
_SHAPE = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 20,
    "max_position_embeddings": 80,
}


def save_base(kind: str, folder: Path, architecture: str = "BertModel", **changes: Any) -> None:
    """A base as multilingual-e5-small (a BERT with XLM-RoBERTa's tokenizer, spare rows) or multilingual BERT."""
    torch.manual_seed(1)
    if kind == "unigram":
        tokenizer, name = multilingual_unigram(), "XLMRobertaTokenizer"
        tokens = {"bos": "<s>", "cls": "<s>", "eos": "</s>", "sep": "</s>", "pad": "<pad>", "unk": "<unk>"}
        tokens["mask"] = "<mask>"
        rows = tokenizer.get_vocab_size() + 13
    else:
        tokenizer, name = multilingual_wordpiece(), "BertTokenizer"
        tokens = {"cls": "[CLS]", "sep": "[SEP]", "pad": "[PAD]", "unk": "[UNK]", "mask": "[MASK]"}
        rows = tokenizer.get_vocab_size()
    settings = {"tokenizer_class": name, "model_max_length": 64, "do_lower_case": False}
    kind_of_config = XLMRobertaConfig if "Roberta" in architecture else BertConfig
    config = kind_of_config(vocab_size=rows, **{**_SHAPE, **changes})
    getattr(transformers, architecture)(config).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    settings |= {f"{key}_token": token for key, token in tokens.items()}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")


@pytest.fixture(scope="session", params=KINDS)
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A base, and what is left of it for the sample."""
    folder = tmp_path_factory.mktemp(request.param)
    save_base(request.param, folder / "base")
    trim(str(folder / "base"), folder / "small", texts=SAMPLE)
    return folder / "base", folder / "small"


def pieces_and_offsets(tokenizer: Tokenizer, text: str) -> tuple[list[str | None], list[tuple[int, int]]]:
    encoding = tokenizer.encode(text)
    return [tokenizer.id_to_token(i) for i in encoding.ids], encoding.offsets


def readers(folder: Path) -> list[Tokenizer]:
    """The tokenizer as transformers loads it, and as a training uses it."""
    own = AutoTokenizer.from_pretrained(folder).backend_tokenizer
    return [own, prepare_tokenizer(own)]


def sample_texts() -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(" ".join(SAMPLE).split()), max_size=12).map(" ".join)


def test_texts_in_words_of_the_sample_have_the_same_pieces_and_offsets(pair: tuple[Path, Path]) -> None:
    tokenizers = list(zip(*map(readers, pair), strict=True))

    @given(sample_texts())
    def check(text: str) -> None:
        for old, new in tokenizers:
            assert pieces_and_offsets(old, text) == pieces_and_offsets(new, text)

    check()


def test_hidden_states_are_those_of_the_whole_base_to_the_last_bit(pair: tuple[Path, Path]) -> None:
    networks = [AutoModel.from_pretrained(folder).eval() for folder in pair]
    tokenizers = [AutoTokenizer.from_pretrained(folder) for folder in pair]

    @given(st.lists(sample_texts(), min_size=1, max_size=3))
    def check(texts: list[str]) -> None:
        states = []
        for network, tokenizer in zip(networks, tokenizers, strict=True):
            batch = tokenizer(texts, return_tensors="pt", padding=True, truncation=True)
            with torch.inference_mode():
                states.append(network(batch["input_ids"], batch["attention_mask"]).last_hidden_state)
        assert torch.equal(*states)

    check()


def test_every_row_is_the_row_of_the_same_piece_bit_by_bit(pair: tuple[Path, Path]) -> None:
    old, new = (load_file(folder / "model.safetensors") for folder in pair)
    assert old.keys() == new.keys()
    table = "embeddings.word_embeddings.weight"
    assert all(torch.equal(old[name], new[name]) for name in old if name != table)
    before, after = (readers(folder)[0].get_vocab() for folder in pair)
    assert sorted(after.values()) == list(range(len(after))) == list(range(len(new[table])))
    assert len(after) < len(before)
    assert all(torch.equal(new[table][i], old[table][before[piece]]) for piece, i in after.items())
    assert list(after.values()) != [before[piece] for piece in after]


def test_the_folder_is_smaller_and_holds_what_transformers_loads(pair: tuple[Path, Path]) -> None:
    base, small = pair
    assert {p.name for p in small.iterdir()} == {
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    }
    for name in ("model.safetensors", "tokenizer.json"):
        assert (small / name).stat().st_size < (base / name).stat().st_size
    assert [p.name for p in small.parent.iterdir() if p not in pair] == []


def test_special_tokens_keep_their_roles_under_their_new_ids(pair: tuple[Path, Path]) -> None:
    old, new = (AutoTokenizer.from_pretrained(folder) for folder in pair)
    assert old.special_tokens_map == new.special_tokens_map
    assert (new.model_max_length, new.model_input_names) == (64, old.model_input_names)
    assert new.mask_token_id != old.mask_token_id
    for arguments in (("قال وزير",), ("قال", "وزير"), (f"قال {old.mask_token} وزير",)):
        before, after = old(*arguments)["input_ids"], new(*arguments)["input_ids"]
        assert old.convert_ids_to_tokens(before) == new.convert_ids_to_tokens(after)
        assert old.decode(before) == new.decode(after)


def test_the_config_names_special_pieces_by_their_new_ids(tmp_path: Path) -> None:
    save_base("wordpiece", tmp_path / "base")
    ids = AutoTokenizer.from_pretrained(tmp_path / "base").get_vocab()
    russian = max(ids, key=lambda piece: sum(c in "внимает" for c in piece))
    path = tmp_path / "base" / "config.json"
    special = {"bos_token_id": ids["[CLS]"], "eos_token_id": ids[russian], "sep_token_id": 9_999}
    path.write_text(json.dumps(json.loads(path.read_text()) | special))
    trim(str(tmp_path / "base"), tmp_path / "small", scripts=["Arabic"])
    network, tokenizer = (x.from_pretrained(tmp_path / "small") for x in (AutoModel, AutoTokenizer))
    assert network.config.bos_token_id == tokenizer.cls_token_id != ids["[CLS]"]
    assert tokenizer.convert_ids_to_tokens(network.config.eos_token_id) == russian
    assert network.config.sep_token_id is None
    assert network.config.vocab_size == len(tokenizer)


def test_both_the_bases_own_reading_and_that_of_a_training_find_their_pieces(tmp_path: Path) -> None:
    save_base("unigram", tmp_path / "base")
    path = tmp_path / "base" / "tokenizer.json"
    state = json.loads(path.read_text(encoding="utf-8"))
    pieces = [*state["model"]["vocab"][:4], ["وزير", -5.0], ["▁وزير", -4.0], *([c, -9.0] for c in "▁«»وزير")]
    state["model"]["vocab"] = pieces
    state["added_tokens"][-1]["id"] = len(pieces)
    path.write_text(json.dumps(state), encoding="utf-8")
    # A word after a quotation mark is no word beginning to XLM-RoBERTa's tokenizer.
    own, prepared = (reader.encode("«وزير»", add_special_tokens=False).tokens for reader in readers(path.parent))
    assert own == ["▁", "«", "وزير", "»"]
    assert prepared == ["▁", "«", "▁وزير", "»"]
    report = trim(str(path.parent), tmp_path / "small", texts=["«وزير»"])
    assert [(r.reader, r.same) for r in report.readings] == [("the base", 1), ("Wazir", 1)]


def test_padding_keeps_its_id_from_which_roberta_counts_positions(tmp_path: Path) -> None:
    pad = multilingual_wordpiece().token_to_id("[SEP]")
    save_base("wordpiece", tmp_path / "base", "XLMRobertaModel", pad_token_id=pad, max_position_embeddings=120)
    trim(str(tmp_path / "base"), tmp_path / "small", scripts=["Arabic"])
    states = []
    for name in ("base", "small"):
        network, tokenizer = (x.from_pretrained(tmp_path / name) for x in (AutoModel, AutoTokenizer))
        assert network.config.pad_token_id == tokenizer.sep_token_id == pad
        with torch.inference_mode():
            states.append(network.eval()(tokenizer("قال وزير", return_tensors="pt")["input_ids"]).last_hidden_state)
    assert torch.equal(*states)


def test_the_charsmap_of_sentencepiece_survives(tmp_path: Path) -> None:
    save_base("unigram", tmp_path / "base")
    trim(str(tmp_path / "base"), tmp_path / "small", texts=SAMPLE)
    old, new = (json.loads(readers(tmp_path / name)[0].to_str()) for name in ("base", "small"))
    assert old["normalizer"]["type"] == "Precompiled"
    assert {k: v for k, v in old.items() if k not in ("model", "added_tokens")} == {
        k: v for k, v in new.items() if k not in ("model", "added_tokens")
    }
    joined = readers(tmp_path / "small")[0].encode("وزير\u00a0الداخلية").tokens
    assert joined == readers(tmp_path / "base")[0].encode("وزير الداخلية").tokens


@pytest.mark.parametrize("kind", KINDS)
def test_new_words_of_the_samples_letters_do_not_become_unknown(kind: str, tmp_path: Path) -> None:
    save_base(kind, tmp_path / "base")
    trim(str(tmp_path / "base"), tmp_path / "small", texts=SAMPLE)
    old, new = readers(tmp_path / "base")[0], readers(tmp_path / "small")[0]
    vocabulary = old.get_vocab()
    forms = ("", "##") if kind == "wordpiece" else ("",)
    letters = [c for c in sorted(set("".join(SAMPLE))) if all(form + c in vocabulary for form in forms)]
    assert len(letters) > 20

    @given(st.text(st.sampled_from(letters), min_size=1, max_size=12))
    def check(word: str) -> None:
        unknown = new.token_to_id("[UNK]" if kind == "wordpiece" else "<unk>")
        assert unknown not in new.encode(word).ids

    check()


@pytest.mark.parametrize("kind", KINDS)
def test_all_text_of_a_kept_script_is_encoded_as_before(kind: str, tmp_path: Path) -> None:
    save_base(kind, tmp_path / "base")
    report = trim(str(tmp_path / "base"), tmp_path / "small", scripts=["Arabic"])
    assert report.after.pieces < report.before.pieces
    assert report.readings == ()
    tokenizers = list(zip(*(readers(tmp_path / name) for name in ("base", "small")), strict=True))
    arabic = st.characters(min_codepoint=0x600, max_codepoint=0x6FF, exclude_categories=("Cn", "Cf"))
    others = st.sampled_from(string.digits + string.punctuation + "«»“”…– \u00a0")
    word = st.sampled_from(" ".join(LANGUAGES["ar"]).split())

    @given(st.lists(st.one_of(word, arabic, others), max_size=20).map("".join))
    def check(text: str) -> None:
        for old, new in tokenizers:
            assert pieces_and_offsets(old, text) == pieces_and_offsets(new, text)

    check()
    old, new = tokenizers[0]
    latin = old.encode("minister", add_special_tokens=False).tokens
    spelled = new.encode("minister", add_special_tokens=False).tokens
    assert len(latin) < len(spelled)
    assert "".join(t.removeprefix("##").replace("▁", "") for t in spelled) == "minister"


def test_any_text_at_all_is_encoded_as_before_if_it_is_the_sample() -> None:
    tokenizers = [f() for f in (multilingual_unigram, multilingual_wordpiece)]
    tokenizers += [prepare_tokenizer(t) for t in tokenizers]

    @given(st.lists(st.text(characters.filter(lambda c: not "\ud800" <= c <= "\udfff"), max_size=20), max_size=3))
    def check(texts: list[str]) -> None:
        for old in tokenizers:
            new = cut_vocabulary(old, pieces_of_texts(old, texts)).tokenizer
            for text in texts:
                assert pieces_and_offsets(old, text) == pieces_and_offsets(new, text)

    check()


def test_a_word_unknown_to_wordpiece_stays_unknown() -> None:
    pieces = ["[UNK]", "a", "ab", "##b", "##bd", "##d", "abc", "c"]
    vocabulary = {p: i for i, p in enumerate(pieces) if p != "##d"}
    old = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    old.pre_tokenizer = pre_tokenizers.Whitespace()
    assert old.encode("abd a bd").tokens == ["[UNK]", "a", "[UNK]"]  # `ab` fits, then nothing
    cut = cut_vocabulary(old, pieces_of_texts(old, ["abd a"]))
    assert cut.tokenizer.encode("abd a").tokens == ["[UNK]", "a"]
    assert cut_vocabulary(old, ["a", "##bd"]).tokenizer.encode("abd").tokens == ["a", "##bd"]  # what would happen else
    assert cut.rows.tolist() == [0, 1, 2, 3, 4, 7]  # 5 was no piece, 6 is not needed


def test_the_price_and_the_token_of_an_unknown_character_do_not_change() -> None:
    scores = {"gone": -9.0, "<unk>": 0.0, "x": -12.0, "y": -12.0, "xy": -1.0, "yq": -12.0, "z": -30.0}
    old = Tokenizer(models.Unigram(list(scores.items()), 1, False))
    assert old.encode("xyq").tokens == ["x", "yq"]
    cut = cut_vocabulary(old, ["x", "y", "xy", "yq"])
    assert cut.tokenizer.encode("xyq").tokens == ["x", "yq"]
    assert cut.rows.tolist() == [1, 2, 3, 4, 5, 6]  # z has the lowest score, from which that price is derived
    assert cut.rows[cut.tokenizer.encode("xя").ids].tolist() == old.encode("xя").ids == [2, 1]


def test_bytes_of_a_byte_fallback_all_stay() -> None:
    scores = [("<unk>", 0.0), ("▁", -2.0), ("a", -3.0), ("b", -3.5), ("ab", -4.0)]
    old = Tokenizer(models.Unigram([*scores, *((f"<0x{i:02X}>", -9.0) for i in range(256))], 0, True))
    old.pre_tokenizer = pre_tokenizers.Metaspace()
    cut = cut_vocabulary(old, ["▁", "a"])
    assert len(cut.rows) == 259
    text = "a字a😀"
    assert old.encode(text).tokens == cut.tokenizer.encode(text).tokens
    assert "<0xE5>" in old.encode(text).tokens


@pytest.mark.parametrize("template", [True, False])
def test_the_ends_of_a_text_stay_where_they_are_plain_pieces(template: bool) -> None:
    old = Tokenizer(models.WordPiece({"gone": 0, "[UNK]": 1, "[end]": 2, "[begin]": 3, "a": 4}, unk_token="[UNK]"))
    ends = [("[end]", 2), ("[begin]", 3)]
    one = processors.TemplateProcessing(single="[begin] $A [end]", special_tokens=ends)
    old.post_processor = processors.Sequence([one if template else processors.BertProcessing(*ends)])
    cut = cut_vocabulary(old, [])
    assert cut.rows.tolist() == [1, 2, 3]
    assert cut.tokenizer.encode("b").ids == [2, 0, 1]


def test_only_the_digits_marks_and_letters_a_to_z_stay_beside_the_sample_and_its_letters() -> None:
    old = multilingual_wordpiece()
    new = cut_vocabulary(old, pieces_of_texts(old, ["قال"])).tokenizer
    bare = {p.removeprefix("##") for p in new.get_vocab() if p not in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")}
    encoded = {p.removeprefix("##") for p in old.encode("قال", add_special_tokens=False).tokens}
    singles = {b for b in bare if len(b) == 1}
    assert bare - singles == {p for p in encoded if len(p) > 1}
    assert {*"قال", *"2minsterT("} <= singles
    assert not singles & {*"وجسМи"}


def test_rare_pieces_go_with_a_minimal_count_but_no_letter_does(tmp_path: Path) -> None:
    save_base("unigram", tmp_path / "base")
    texts = ["وزير الداخلية"] * 3 + list(LANGUAGES["ar"])
    whole = trim(str(tmp_path / "base"), tmp_path / "whole", texts=texts)
    few = trim(str(tmp_path / "base"), tmp_path / "few", texts=texts, min_count=3)
    assert few.after.pieces < whole.after.pieces
    own = few.readings[0]
    assert own.same < 1 == whole.readings[0].same
    assert own.per_word[1] > own.per_word[0] == whole.readings[0].per_word[1]
    assert list(own.unknown) == [0, 0]
    old, new = readers(tmp_path / "base")[0], readers(tmp_path / "few")[0]
    assert old.encode(texts[0]).tokens == new.encode(texts[0]).tokens


def test_the_report_counts_what_there_is(tmp_path: Path) -> None:
    save_base("unigram", tmp_path / "base")
    report = trim(str(tmp_path / "base"), tmp_path / "small", texts=["字 字", "قال وزير"])
    for size, name in ((report.before, "base"), (report.after, "small")):
        weights = load_file(tmp_path / name / "model.safetensors")
        assert size.parameters == sum(w.numel() for w in weights.values())
        assert size.pieces == readers(tmp_path / name)[0].get_vocab_size()
    assert report.after.megabytes * 1e6 == pytest.approx(
        4 * report.after.parameters + (tmp_path / "small" / "tokenizer.json").stat().st_size
    )
    assert report.before.megabytes * 1e6 > 4 * report.before.parameters
    assert [r.reader for r in report.readings] == ["the base", "Wazir"]
    sub_tokens = len(readers(tmp_path / "base")[0].encode("字 字 قال وزير", add_special_tokens=False).ids)
    for value in report.readings[0].per_word:
        assert value == sub_tokens / 4
    for value in report.readings[0].unknown:
        assert value == 2 / sub_tokens
    assert (report.readings[0].texts, report.readings[0].same) == (2, 1)


@pytest.mark.parametrize("architecture", ["BertForMaskedLM", "BertForTokenClassification", "XLMRobertaForMaskedLM"])
@pytest.mark.parametrize("tied", [True, False])
def test_heads_are_kept_and_answer_alike(architecture: str, tied: bool, tmp_path: Path) -> None:
    pad = 1 if "Roberta" in architecture else 0
    save_base("unigram", tmp_path / "base", architecture, num_labels=5, tie_word_embeddings=tied, pad_token_id=pad)
    kind = getattr(transformers, architecture)
    network = kind.from_pretrained(tmp_path / "base")
    for name, weight in network.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(weight)
    network.save_pretrained(tmp_path / "base")
    trim(str(tmp_path / "base"), tmp_path / "small", texts=SAMPLE)

    logits = []
    for name in ("base", "small"):
        network, info = kind.from_pretrained(tmp_path / name, output_loading_info=True)
        assert not info["missing_keys"]
        assert not info["unexpected_keys"]
        assert network.config.architectures == [architecture]
        batch = AutoTokenizer.from_pretrained(tmp_path / name)(SAMPLE, return_tensors="pt", padding=True)
        with torch.inference_mode():
            logits.append(network.eval()(batch["input_ids"], batch["attention_mask"]).logits)
    if "MaskedLM" in architecture:
        before, after = (readers(tmp_path / name)[0].get_vocab() for name in ("base", "small"))
        logits[0] = logits[0][..., [before[piece] for piece in sorted(after, key=after.__getitem__)]]
    torch.testing.assert_close(*logits)  # another shape of matrix product may round in another way


def test_weights_keep_their_type_unless_halved(tmp_path: Path) -> None:
    save_base("unigram", tmp_path / "base")
    AutoModel.from_pretrained(tmp_path / "base", dtype=torch.bfloat16).save_pretrained(tmp_path / "base")
    trim(str(tmp_path / "base"), tmp_path / "same", texts=SAMPLE)
    trim(str(tmp_path / "base"), tmp_path / "half", texts=SAMPLE, float16=True)
    for name, dtype in (("same", torch.bfloat16), ("half", torch.float16)):
        assert {w.dtype for w in load_file(tmp_path / name / "model.safetensors").values()} == {dtype}
        assert AutoModel.from_pretrained(tmp_path / name, dtype="auto").dtype == dtype


def test_weights_that_the_base_lacks_are_not_made_up_and_those_without_a_place_are_named(tmp_path: Path) -> None:
    save_base("wordpiece", tmp_path / "base", "BertForTokenClassification")
    config = json.loads((tmp_path / "base" / "config.json").read_text())
    (tmp_path / "base" / "config.json").write_text(json.dumps(config | {"architectures": ["BertModel"]}))
    report = trim(str(tmp_path / "base"), tmp_path / "small", texts=SAMPLE)
    assert report.left_out == ("classifier.bias", "classifier.weight")
    assert not any("pooler" in name for name in load_file(tmp_path / "small" / "model.safetensors"))
    assert report.after.parameters == sum(
        w.numel() for w in load_file(tmp_path / "small" / "model.safetensors").values()
    )


def test_a_limit_on_length_in_the_tokenizer_hides_no_text_from_trimming(tmp_path: Path) -> None:
    save_base("unigram", tmp_path / "base")
    tokenizer = Tokenizer.from_file(str(tmp_path / "base" / "tokenizer.json"))
    tokenizer.enable_truncation(4)
    tokenizer.enable_padding(pad_id=1, pad_token="<pad>", length=9)
    tokenizer.save(str(tmp_path / "base" / "tokenizer.json"))
    report = trim(str(tmp_path / "base"), tmp_path / "small", texts=SAMPLE)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    assert {r.same for r in report.readings} == {1}
    new = readers(tmp_path / "small")[0]
    assert [tokenizer.encode(t).tokens for t in SAMPLE] == [new.encode(t).tokens for t in SAMPLE]


def test_a_trimmed_base_trains(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in KINDS:
        save_base(kind, tmp_path / kind)
        trim(str(tmp_path / kind), tmp_path / f"{kind}-small", texts=SAMPLE, scripts=["Arabic"])
        bases = [
            load_base(ModelConfig(base=str(tmp_path / name), window=64), LabelScheme(), [])
            for name in (kind, f"{kind}-small")
        ]
        for text in SAMPLE:
            assert bases[0].tokenizer.encode(text).tokens == bases[1].tokenizer.encode(text).tokens
        assert bases[1].model.config.vocab_size == bases[1].tokenizer.get_vocab_size()


def test_a_trained_tagger_is_trimmed_with_all_its_heads(smoke_checkpoint: Path, tmp_path: Path) -> None:
    texts = read_sample([CORPUS / "test" / "hard-cases.ann"])
    report = trim(str(smoke_checkpoint), tmp_path / "small", texts=texts[:40])
    assert report.after.pieces < report.before.pieces
    assert report.left_out == ()
    old, new = (Tagger.from_pretrained(f, backend="torch") for f in (smoke_checkpoint, tmp_path / "small"))
    assert old.predict(texts[:40]) == new.predict(texts[:40])
    transformers.AutoModelForTokenClassification.from_pretrained(tmp_path / "small")


def test_the_compact_base_is_trimmed_further_by_a_sample(tmp_path: Path) -> None:
    base = SHARED / "compact-base"
    if not base.is_dir():
        pytest.skip("no ../shared/compact-base here")
    texts = read_sample([CORPUS])
    report = trim(str(base), tmp_path / "small", texts=texts)
    assert report.after.pieces < report.before.pieces == 14_706
    assert report.after.megabytes < report.before.megabytes
    assert [r.same for r in report.readings] == [1, 1]
    networks = [AutoModel.from_pretrained(f, dtype=torch.float32).eval() for f in (base, tmp_path / "small")]
    tokenizers = [AutoTokenizer.from_pretrained(f) for f in (base, tmp_path / "small")]
    batches = [t(texts[:4], return_tensors="pt", padding=True) for t in tokenizers]
    assert batches[0].tokens() == batches[1].tokens()
    with torch.inference_mode():
        states = [
            network(batch["input_ids"], batch["attention_mask"]).last_hidden_state
            for network, batch in zip(networks, batches, strict=True)
        ]
    assert torch.equal(*states)


def test_scripts_are_found_by_the_names_of_unicode_and_misspelt_ones_get_suggestions() -> None:
    assert find_scripts(["Arabic", "latin", "Old_Italic", "Han", "old italic"]) == (
        *("ARABIC", "LATIN", "OLD ITALIC", "CJK", "OLD ITALIC"),
    )
    with pytest.raises(WazirError, match="--script Arabik: Unicode has no script of that name. Use one such as Arabic"):
        find_scripts(["Arabik"])
    for wrong in ("Small", "Letter", "Modifier", "", "12"):
        with pytest.raises(WazirError, match="Unicode has no script of that name"):
            find_scripts([wrong])


def test_a_script_takes_its_digits_marks_and_forms_but_no_word_of_another() -> None:
    pieces = ["[UNK]", "قال", "##ﻻ", "٢٠", "،", "پ", "in", "i", "##n", "ён", "قx", "2020", "##).", "é", "字", "ײ"]
    tokenizer = Tokenizer(models.WordPiece({p: i for i, p in enumerate(pieces)}, unk_token="[UNK]"))
    kept = pieces_of_scripts(tokenizer, find_scripts(["Arabic"]))
    assert kept == {"قال", "##ﻻ", "٢٠", "،", "پ", "i", "##n", "2020", "##)."}
    assert "ײ" not in pieces_of_scripts(tokenizer, find_scripts(["Yi"]))  # a letter of Yiddish
    assert {"字", "ён"} <= pieces_of_scripts(tokenizer, find_scripts(["Han", "Cyrillic"]))


def test_a_sample_is_read_from_text_marked_data_jsonl_and_folders(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("سطر أول\n\n \nسطر ثان", encoding="utf-8")
    (tmp_path / "b.jsonl").write_text('{"text": "قال\\nوزير", "label": 1}\n{"text": "\\ud83d!"}\n', encoding="utf-8")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "c.ann").write_text("زار [L مصر]\n", encoding="utf-8")
    paths = [tmp_path / "a.txt", tmp_path / "b.jsonl", tmp_path / "data", tmp_path / "data" / "c.ann"]
    assert read_sample(paths) == ["سطر أول", "سطر ثان", "قال", "وزير", "\ufffd!", "زار مصر", "زار مصر"]
    (tmp_path / "empty.txt").write_text(" \n", encoding="utf-8")
    with pytest.raises(DataError, match="empty.txt: no text in the sample"):
        read_sample([tmp_path / "empty.txt"])


def test_what_cannot_be_trimmed_is_said_in_one_sentence_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    base, out = tmp_path / "base", tmp_path / "out"
    save_base("unigram", base)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("mine")

    def fails(match: str, **changes: Any) -> None:
        arguments: dict[str, Any] = {"base": str(base), "output": out, "texts": SAMPLE, **changes}
        with pytest.raises(WazirError, match=match) as error:
            trim(**arguments)
        assert "\n" not in str(error.value)

    fails("nothing says what to keep. Give --text FILE, --script NAME", texts=[])
    fails("no script of that name", scripts=["Klingon"])
    fails("is there already and is not an empty folder", output=tmp_path / "full")
    fails("is there already and is not an empty folder", output=tmp_path / "full" / "notes.txt")
    fails("neither a model folder here nor a model that the Hugging Face Hub gives us", base="intfloat/no-such-model")
    fails("cannot be written", output=tmp_path / "full" / "notes.txt" / "out")

    tokenizer = Tokenizer(models.BPE({"<unk>": 0, "a": 1}, [], unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel()
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.save(str(base / "tokenizer.json"))
    (base / "tokenizer_config.json").write_text('{"tokenizer_class": "PreTrainedTokenizerFast"}')
    fails("tokenizers of type BPE are not supported")
    assert {p.name for p in tmp_path.iterdir()} == {"base", "full"}


def test_a_tokenizer_in_python_alone_is_refused(tmp_path: Path) -> None:
    save_base("unigram", tmp_path / "base")
    (tmp_path / "base" / "tokenizer.json").unlink()
    (tmp_path / "base" / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nق\n", encoding="utf-8")
    settings = {"tokenizer_class": "BertJapaneseTokenizer", "word_tokenizer_type": "basic"}
    (tmp_path / "base" / "tokenizer_config.json").write_text(json.dumps(settings))
    with pytest.raises(ModelError, match=r"is not one of the tokenizers library. Use a base that has a tokenizer.json"):
        trim(str(tmp_path / "base"), tmp_path / "out", texts=SAMPLE)


@pytest.mark.parametrize("kind", KINDS)
def test_a_base_without_tokenizer_is_refused(kind: str, tmp_path: Path) -> None:
    save_base(kind, tmp_path / "base")
    (tmp_path / "base" / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match="there is no tokenizer"):
        trim(str(tmp_path / "base"), tmp_path / "out", texts=SAMPLE)


def test_a_tokenizer_of_another_model_is_refused(tmp_path: Path) -> None:
    save_base("unigram", tmp_path / "base")
    network = AutoModel.from_pretrained(tmp_path / "base")
    network.resize_token_embeddings(20, mean_resizing=False)
    network.save_pretrained(tmp_path / "base")
    with pytest.raises(ModelError, match="there are only 20 embeddings"):
        trim(str(tmp_path / "base"), tmp_path / "out", texts=SAMPLE)


def wazir(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "wazir_training", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_from_the_command_line_a_base_is_trimmed_and_trained(tmp_path: Path) -> None:
    save_base("unigram", tmp_path / "base")
    (tmp_path / "a.txt").write_text("\n".join(SAMPLE), encoding="utf-8")
    samples: list[str | Path] = ["--text", tmp_path / "a.txt", "--text", ROOT / "seeds" / "bashagha.txt"]
    result = wazir("trim", tmp_path / "base", tmp_path / "out", *samples, "--script", "Arabic", "--float16")
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert result.stdout.count("100.00% of") == 2
    assert f"written to {tmp_path / 'out'}" in result.stdout
    assert AutoModel.from_pretrained(tmp_path / "out", dtype="auto").dtype == torch.float16

    settings = [f"model.base={tmp_path / 'out'}", "model.window=64", "fit.epochs=1", "log_to=none"]
    result = wazir("train", "configs/smoke.yaml", *settings, f"output={tmp_path / 'run'}")
    assert result.returncode == 0, result.stderr
    assert Tagger.from_pretrained(tmp_path / "run", backend="torch").predict("") == []


def test_from_the_command_line_bad_input_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    save_base("unigram", tmp_path / "base")
    result = wazir("trim", tmp_path / "base", tmp_path / "out", "--script", "Arabik")
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert "Use one such as Arabic" in result.stderr
