"""Adaptation by the command line: packed rows, resuming, students, and a base that fine-tuning takes."""

from __future__ import annotations

import json
import lzma
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForMaskedLM, BertConfig, BertModel, PreTrainedTokenizerFast

from conftest import CORPUS, ROOT, finish
from tiny_tokenizers import multilingual_wordpiece
from wazir.errors import DataError, ModelError
from wazir.normalization import prepare_tokenizer
from wazir_training.adaptation.adapt import distillation
from wazir_training.adaptation.config import AdaptConfig, StudentConfig, TextConfig, load_adapt_config
from wazir_training.adaptation.language_model import Guesses, load_language_model, student_of
from wazir_training.adaptation.packing import pack
from wazir_training.config import TextSource
from wazir_training.overlap import word_runs
from wazir_training.settings import ConfigError
from wazir_training.sources import read_data

LINES = [document.text for document in read_data(CORPUS / "levant.ann")]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny BERT without a head, as multilingual-e5 is, and its tokenizer."""
    folder = tmp_path_factory.mktemp("base")
    torch.manual_seed(1)
    tokenizer = multilingual_wordpiece()
    shape = {"hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 32}
    BertModel(BertConfig(vocab_size=tokenizer.get_vocab_size(), **shape)).save_pretrained(folder)
    names = {"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "mask_token": "[MASK]"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("text") / "levant.txt.xz"
    with lzma.open(path, "wt", encoding="utf-8") as file:
        file.write("\n".join(LINES))
    return path


@pytest.fixture(scope="module")
def config(base: Path, text: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("config") / "adapt.yaml"
    path.write_text(
        f"base: {base}\noutput: {path.parent / 'out'}\n"
        f"data:\n  text: [{{path: {text}, name: Levant, licence: CC BY 4.0}}]\n  window: 64\n  dev_rows: 20\n"
        "fit: {epochs: 2, batch_tokens: 1024, learning_rate: 1e-3, save_steps: 5}\n",
        encoding="utf-8",
    )
    return path


def start(config: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "wazir_training", "adapt", str(config), *more]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, env=environment)


@pytest.fixture(scope="module")
def adapted(config: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("adapted") / "run"
    told = finish(start(config, f"output={output}"))
    assert "% of hidden sub-tokens guessed" in told
    assert "sub-tokens a second" in told
    return output


def test_rows_hold_every_word_once_and_are_full(base: Path, text: Path) -> None:
    tokenizer = prepare_tokenizer(multilingual_wordpiece())
    packed = pack(TextConfig(text=(TextSource(path=str(text)),), window=64, dev_rows=20), tokenizer, set())
    rows = [*packed.train, *packed.dev]
    begin, end = tokenizer.encode("").ids
    inside = [i for row in rows for i in row["input_ids"][1:-1] if i != end]
    whole = [i for line in LINES for i in tokenizer.encode(line, add_special_tokens=False).ids]
    assert sorted(inside) == sorted(whole)
    assert packed.words == sum(len(line.split()) for line in LINES)
    assert all(row["input_ids"][0] == begin for row in rows)
    assert sum(map(len, packed.train["input_ids"])) / len(packed.train) > 0.9 * 64
    assert max(map(len, packed.train["input_ids"])) == 64
    for row in rows:  # whole words, counted from the row's beginning
        words = [w for w in row["words"] if w >= 0]
        assert words == sorted(words)
        assert set(words) == set(range(max(words) + 1))
        assert len(row["words"]) == len(row["input_ids"])
    assert 15 <= len(packed.dev) <= 25


def test_a_line_that_shares_a_run_with_held_out_text_is_left_out(text: Path) -> None:
    tokenizer = prepare_tokenizer(multilingual_wordpiece())
    config = TextConfig(text=(TextSource(path=str(text)),), window=64, dev_rows=20)
    runs = word_runs(LINES[5])
    packed = pack(config, tokenizer, runs)
    assert packed.left_out == sum(bool(word_runs(line) & runs) for line in LINES) >= 1


def test_a_share_is_taken_evenly(text: Path) -> None:
    tokenizer = prepare_tokenizer(multilingual_wordpiece())
    whole = TextConfig(text=(TextSource(path=str(text)),), window=64, dev_rows=20)
    part = replace(whole, text=(TextSource(path=str(text), share=0.25),))
    share = pack(part, tokenizer, set()).words / pack(whole, tokenizer, set()).words
    assert share == pytest.approx(0.25, abs=0.04)


def test_the_adapted_base_guesses_better_and_says_where_it_comes_from(adapted: Path) -> None:
    metrics = json.loads((adapted / "metrics.json").read_text(encoding="utf-8"))
    first, last = metrics["evaluations"]
    assert last["eval_loss"] < first["eval_loss"]
    assert metrics["text"] == [{"name": "Levant", "licence": "CC BY 4.0", "share": 1.0}]
    assert metrics["commands"][-1].startswith("wazir adapt ")
    assert metrics["train_tokens_per_second"] > 0
    _, loading = AutoModelForMaskedLM.from_pretrained(adapted, output_loading_info=True)
    assert not any(loading.values())
    assert not (adapted / "states").exists()


def test_a_killed_run_ends_with_the_same_weights_bit_by_bit(config: Path, adapted: Path, tmp_path: Path) -> None:
    output = tmp_path / "killed"
    for step, sign in ((5, signal.SIGKILL), (15, signal.SIGTERM)):
        process = start(config, f"output={output}", *(["--resume"] if step > 5 else []))
        while not (output / "states" / f"checkpoint-{step}").exists():
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.005)
        process.send_signal(sign)
        process.communicate()
    told = finish(start(config, f"output={output}", "--resume"))
    assert "Going on after step" in told
    assert (output / "model.safetensors").read_bytes() == (adapted / "model.safetensors").read_bytes()


def test_fine_tuning_takes_the_adapted_base_and_tells_of_its_text(adapted: Path, tmp_path: Path) -> None:
    output = tmp_path / "tagger"
    settings = [f"model.base={adapted}", f"output={output}", "data.train=training/corpus/test", "fit.epochs=1"]
    command = [sys.executable, "-m", "wazir_training", "train", "configs/smoke.yaml", *settings, "log_to=none"]
    done = subprocess.run([*command, "model.window=128"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    weights, tagger = (load_file(f / "model.safetensors") for f in (adapted, output))
    name = "bert.encoder.layer.0.attention.self.query.weight"
    assert torch.nn.functional.cosine_similarity(weights[name].flatten(), tagger[name].flatten(), 0) > 0.5
    card = (output / "README.md").read_text(encoding="utf-8")
    assert "wazir adapt" in card
    assert "| Levant, as raw text | CC BY 4.0 |" in card


def test_a_student_begins_as_some_layers_and_learns(config: Path, base: Path, tmp_path: Path) -> None:
    values = load_adapt_config(config)
    teacher, _ = load_language_model(values)
    student = student_of(teacher, (1, 3))
    theirs, ours = teacher.bert.encoder.layer, student.bert.encoder.layer
    assert len(ours) == 2
    for mine, layer in zip(ours, (theirs[0], theirs[2]), strict=True):
        assert all((a == b).all() for a, b in zip(mine.parameters(), layer.parameters(), strict=True))
    finish(start(config, f"output={tmp_path / 'student'}", "student.layers=[1,3]", "fit.epochs=1"))
    assert json.loads((tmp_path / "student" / "config.json").read_text())["num_hidden_layers"] == 2
    with pytest.raises(ConfigError, match="must rise, from 1 to 3"):
        student_of(teacher, (3, 1))


def test_a_student_like_its_teacher_has_nothing_to_learn() -> None:
    torch.manual_seed(1)
    teacher = Guesses(torch.randn(5, 8), torch.randn(5, 20))
    weights = StudentConfig(layers=(1,))
    assert float(distillation(teacher, teacher, weights)) == pytest.approx(0, abs=1e-5)
    far = Guesses(-teacher.hidden, teacher.logits)
    assert float(distillation(far, teacher, weights)) == pytest.approx(10, abs=1e-4)  # cosine -1, five times
    softer = Guesses(teacher.hidden, teacher.logits / 2)
    assert float(distillation(softer, teacher, weights)) > 0


def error(config: AdaptConfig, kind: type[Exception], match: str) -> None:
    from wazir_training.adaptation.adapt import adapt

    with pytest.raises(kind, match=match):
        adapt(config)


def test_bad_input_is_named(config: Path, tmp_path: Path) -> None:
    good = replace(load_adapt_config(config), output=str(tmp_path / "out"))
    (tmp_path / "empty.txt").write_text("", encoding="utf-8")
    (tmp_path / "latin.txt").write_bytes("é\n".encode("latin-1") * 50)
    broken = tmp_path / "broken.txt.xz"
    broken.write_bytes(b"\xfd7zXZ\x00 not so")

    def text(*paths: Path) -> AdaptConfig:
        return replace(good, data=replace(good.data, text=tuple(TextSource(path=str(p)) for p in paths)))

    error(text(tmp_path / "no.txt"), DataError, "no such file")
    error(text(tmp_path / "empty.txt"), DataError, "too little text|cannot be read")
    error(text(tmp_path / "latin.txt"), DataError, r"latin\.txt.*UTF-8")
    error(text(broken), DataError, r"broken\.txt\.xz")
    error(replace(good, base=str(tmp_path / "nothing")), ModelError, "cannot be reached")
    error(replace(good, data=replace(good.data, window=4_096)), ConfigError, "512 positions")


def test_an_unknown_key_suggests_the_nearest(config: Path) -> None:
    with pytest.raises(ConfigError, match="epochs"):
        load_adapt_config(config, ["fit.epoch=3"])


def test_the_recipe_in_the_repository_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    values: Sequence[TextSource] = load_adapt_config("configs/adapt.yaml").data.text
    assert all(source.name for source in values)
