"""Distillation: what teachers hold probable in raw text trains a student, and no held-out line does."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from conftest import CORPUS, ROOT
from wazir.decoding import WordLogits
from wazir.encoding import encode
from wazir.errors import DataError, ModelError
from wazir.labels import LabelScheme
from wazir.tagger import Tagger
from wazir_training.batching import PadCollator
from wazir_training.config import DistilConfig, TextSource, load_config
from wazir_training.distillation import TaughtText, ask_teachers, lines_to_teach, mean_probabilities, read_taught
from wazir_training.features import IGNORED, make_features
from wazir_training.overlap import word_runs
from wazir_training.sources import read_data
from wazir_training.train import train

LINES = [document.text for document in read_data(CORPUS / "test" / "levant.ann")]
QUIET = Console(quiet=True)


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> TextSource:
    path = tmp_path_factory.mktemp("text") / "levant.txt"
    path.write_text("\n\n".join(LINES), encoding="utf-8")
    return TextSource(path=str(path), name="Levant, raw", licence="CC BY 4.0")


@pytest.fixture(scope="module")
def config(text: TextSource, smoke_checkpoint: Path) -> DistilConfig:
    return DistilConfig(teachers=(str(smoke_checkpoint), str(smoke_checkpoint)), text=(text,))


def read(config: DistilConfig, kept: Path, runs: frozenset[tuple[str, ...]] = frozenset()) -> TaughtText:
    texts, _ = lines_to_teach(config.text, runs)
    ask_teachers(config.teachers, texts, LabelScheme(), kept, QUIET)
    return read_taught(texts, config.teachers[0], LabelScheme(), kept)


def test_several_teachers_are_worth_the_mean_of_their_probabilities() -> None:
    sure = WordLogits(*(np.array([[9.0, -9.0]], dtype=np.float32) for _ in range(3)))
    unsure = WordLogits(*(np.zeros((1, 2), dtype=np.float32) for _ in range(3)))
    mean = mean_probabilities([sure, unsure])
    assert mean.outer == pytest.approx(np.array([[0.75, 0.25]]), abs=1e-6)


def test_raw_text_comes_back_with_the_probabilities_of_its_words(config: DistilConfig, tmp_path: Path) -> None:
    taught = read(config, tmp_path / "taught")
    assert [d.text for d in taught.documents] == LINES
    teacher = Tagger.from_pretrained(config.teachers[0], backend="torch")
    for probabilities, logits in zip(
        taught.probabilities, teacher.logits(encode(teacher.tokenizer, LINES)), strict=True
    ):
        assert probabilities.outer == pytest.approx(mean_probabilities([logits]).outer, abs=0.02)
        assert probabilities.proclitic.sum(-1) == pytest.approx(1, abs=0.01)


def test_lines_of_held_out_text_are_left_out(config: DistilConfig, tmp_path: Path) -> None:
    runs = frozenset(word_runs(LINES[3]))
    texts, left_out = lines_to_teach(config.text, runs)
    assert left_out == 1
    assert texts == LINES[:3] + LINES[4:]
    assert [d.text for d in read(config, tmp_path / "taught", runs).documents] == texts


def test_teachers_of_other_labels_and_text_without_a_line_are_refused(config: DistilConfig, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="its labels are not those of the student"):
        ask_teachers(config.teachers, LINES, LabelScheme(("LOC",), (), ()), tmp_path / "taught", QUIET)
    empty = tmp_path / "empty.txt"
    empty.write_text("\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"empty\.txt.*no line that may train"):
        lines_to_teach([TextSource(path=str(empty))], frozenset())


def test_rows_hold_the_teachers_probabilities_or_all_on_the_gold_class(config: DistilConfig, tmp_path: Path) -> None:
    taught = read(config, tmp_path / "taught")
    gold = read_data(CORPUS / "test" / "hard-cases.ann")[:2]
    tokenizer = Tagger.from_pretrained(config.teachers[0], backend="torch").tokenizer
    rows, _ = make_features(
        [*gold, *taught.documents], tokenizer, LabelScheme(), 512, [None, None, *taught.probabilities]
    )
    batch = PadCollator(0)([rows[0], rows[2]])
    labels, soft = batch["labels"], batch["soft_labels"]
    assert soft.shape == (*labels.shape, LabelScheme().widths[0])
    labelled = labels != IGNORED
    assert soft[~labelled].abs().sum() == 0
    assert (soft[0].argmax(-1) == labels[0])[labelled[0]].all()
    assert soft[0].max() == 1
    words = taught.probabilities[0].outer
    assert soft[1][labelled[1]].numpy() == pytest.approx(words[words.max(-1) > 0][: int(labelled[1].sum())], abs=1e-3)


def test_a_student_names_its_text_and_what_its_teachers_were_made_of(
    config: DistilConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    overrides = ["data.train=training/corpus/test/hard-cases.ann", f"output={tmp_path / 'student'}", "fit.epochs=1"]
    student = replace(load_config("configs/smoke.yaml", [*overrides, "log_to=none"]), distil=config)
    metrics = train(student)
    assert metrics["taught_lines"] == len(LINES)
    card = (tmp_path / "student" / "README.md").read_text(encoding="utf-8")
    assert "| Levant, raw, as raw text | CC BY 4.0 |" in card
    assert "training/corpus/test/hard-cases.ann, in an earlier run" not in card  # it is a source of this run
    teacher = json.loads((Path(config.teachers[0]) / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["commands"][:-1] == teacher["commands"]  # two teachers of one making are named once
