"""What a run can be told: early stopping, frozen layers, logs; and what it refuses before it trains anything."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console
from safetensors.torch import load_file

from conftest import ROOT
from wazir.errors import WazirError
from wazir.tagger import Tagger
from wazir_training.config import load_config
from wazir_training.train import train

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(smoke_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(ROOT)

    def start(*overrides: str, console: Console | None = None) -> dict[str, Any]:
        settings = [f"model.base={smoke_checkpoint}", f"output={tmp_path / 'out'}", "log_to=none", *overrides]
        return train(load_config("configs/smoke.yaml", settings), console=console)

    return start


def test_it_stops_early_when_dev_f1_does_not_rise(run: Run) -> None:
    metrics = run("fit.epochs=40", "fit.patience=2", "fit.learning_rate=1e-9", "fit.head_learning_rate=1e-9")
    assert len(metrics["epochs"]) == 3  # the first is the best, and two more were waited for


def test_frozen_layers_are_not_touched(run: Run, smoke_checkpoint: Path, tmp_path: Path) -> None:
    run("fit.frozen_layers=1", "fit.learning_rate=1e-2")
    before, after = (load_file(folder / "model.safetensors") for folder in (smoke_checkpoint, tmp_path / "out"))
    for name, weights in before.items():
        assert torch.equal(weights, after[name]) == name.startswith("bert."), name


def test_progress_tells_loss_score_and_speed_of_each_epoch(run: Run, tmp_path: Path) -> None:
    with (tmp_path / "told.txt").open("w") as file:
        run("fit.epochs=2", console=Console(file=file, width=120))
    lines = [line for line in (tmp_path / "told.txt").read_text().splitlines() if line.startswith("epoch")]
    assert [line.split(":")[0] for line in lines] == ["epoch 1", "epoch 2"]
    assert all("loss " in line and "dev F1 " in line and "sub-tokens a second" in line for line in lines)


def test_flat_data_at_word_edges_trains_the_outer_head_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "train.conll").write_text("زار\tO\nمحمد\tB-PERS\nمصر\tB-LOC\n\nعاد\tO\nإلى\tO\nتونس\tB-LOC\n")
    (tmp_path / "dev.conll").write_text("وصل\tO\nسالم\tB-PERS\nليبيا\tB-LOC\n")
    metrics = run(f"data.train={tmp_path / 'train.conll'}", f"data.dev={tmp_path / 'dev.conll'}", "fit.epochs=1")
    assert set(load_file(tmp_path / "out" / "model.safetensors")) >= {"classifier.weight"}
    assert not {n for n in load_file(tmp_path / "out" / "model.safetensors") if n.startswith(("inner.", "proclitic."))}
    tagger = Tagger.from_pretrained(tmp_path / "out")
    assert tagger.checkpoint.scheme.outer == ("LOC", "PERS")
    assert len(tagger.predict(["زار محمد مصر", ""])) == 2
    assert metrics["dev"]["labels"].keys() == {"LOC", "PERS"}


def test_dev_data_is_carved_from_training_data_and_test_data_scored_once(run: Run, tmp_path: Path) -> None:
    settings = ["data.dev=[]", "data.dev_share=0.25", "data.train=training/corpus/test/levant.ann"]
    metrics = run(*settings, "data.test=training/corpus/test/gulf-yemen.ann", "fit.epochs=1")
    assert metrics["data"].keys() == {"train", "dev", "test"}
    assert metrics["test"]["outer"]["gold"] > 0
    assert "eval_test" not in json.dumps(metrics["epochs"])
    assert "| dev | test |" in (tmp_path / "out" / "README.md").read_text()


def test_it_logs_to_trackio_on_this_machine(run: Run, tmp_path: Path) -> None:
    from trackio.sqlite_storage import SQLiteStorage

    run("log_to=trackio", "fit.epochs=2", f"output={tmp_path / 'logged'}")
    logged = [entry for entry in SQLiteStorage.get_logs("wazir", "logged") if "eval/f1" in entry]
    assert len(logged) == 2


def test_it_logs_to_tensorboard_beside_the_checkpoint(run: Run, tmp_path: Path) -> None:
    run("log_to=tensorboard", "fit.epochs=1")
    (events,) = (tmp_path / "out" / "logs").glob("events.out.tfevents.*")
    assert events.stat().st_size > 100


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["fit.precision=fp16"], "fit.precision=fp16 needs a GPU"),
        (["fit.frozen_layers=7"], "fit.frozen_layers=7 is more than the 1 layers"),
        (["model.window=4096"], "model.window=4096 is more than"),
        (["model.base=no/such-base"], "cannot be reached"),
        (["labels={outer: [LOC]}"], "unknown label"),
        (["fit.class_weights={OGR: 2.0}"], "fit.class_weights: unknown label 'OGR'"),
        (["output=README.md"], "README.md: cannot be written"),
        (["data.train={path: training/corpus/test/levant.ann}", "data.dev=seeds/bashagha.txt"], "bashagha.txt"),
    ],
)
def test_what_cannot_work_is_one_sentence_before_anything_is_trained(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, overrides: list[str], message: str
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(WazirError) as error:
        run(*overrides)
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "out" / "config.json").exists()


def test_a_run_that_diverges_is_not_called_done(run: Run, tmp_path: Path) -> None:
    with pytest.raises(WazirError, match="training diverged"):
        run("fit.class_weights={ORG: 1.0e+39, LOC: 1.0e+39, TITLE: 1.0e+39}", "fit.max_grad_norm=0")
    assert not (tmp_path / "out" / "config.json").exists()


def test_an_empty_split_and_a_missing_logger_are_named(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty.ann").write_text("### nothing\n")
    with pytest.raises(WazirError, match=r"empty\.ann: no documents in it"):
        run(f"data.dev={tmp_path / 'empty.ann'}")
    monkeypatch.setattr("wazir_training.logs.find_spec", lambda _: None)
    with pytest.raises(WazirError, match="pip install wandb"):
        run("log_to=wandb")


def test_a_label_in_dev_that_train_lacks_is_named_with_its_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "train.ann").write_text("زار [L مصر]\nعاد إلى [L تونس]\n")
    (tmp_path / "dev.ann").write_text("وصل إلى [L ليبيا]\nاستقبله [T الوزير]\n")
    with pytest.raises(WazirError, match=r"dev\.ann:2: unknown label 'TITLE'"):
        run(f"data.train={tmp_path / 'train.ann'}", f"data.dev={tmp_path / 'dev.ann'}")
