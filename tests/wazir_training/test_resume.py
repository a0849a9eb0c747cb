"""Interrupted and resumed equals uninterrupted: kill -9, Ctrl-C, full disks and half-written states."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, finish
from wazir_training.callbacks import SealStates
from wazir_training.config import TrainConfig, load_config
from wazir_training.runs import StoppedError
from wazir_training.states import is_whole, last_whole, step_of
from wazir_training.train import train

Start = Callable[..., "subprocess.Popen[str]"]
SETTINGS = (
    "data.train=training/corpus/test",
    "fit.epochs=4",
    "fit.batch_tokens=1024",
    "fit.save_steps=4",
    "fit.learning_rate=5e-3",
    "model.dropout=0.1",
    "log_to=none",
)


@pytest.fixture(scope="module")
def start(smoke_checkpoint: Path) -> Start:
    def run(output: Path, *more: str, limit: int | None = None) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "wazir_training", "train", "configs/smoke.yaml", *SETTINGS]
        return subprocess.Popen(
            [*command, f"model.base={smoke_checkpoint}", f"output={output}", *more],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            preexec_fn=None if limit is None else lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        )

    return run


def wait_for_state(output: Path, step: int, process: subprocess.Popen[str]) -> None:
    while not (output / "states" / f"checkpoint-{step}").exists():
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.005)


def kill_at(output: Path, step: int, process: subprocess.Popen[str]) -> None:
    wait_for_state(output, step, process)
    process.kill()
    process.communicate()


@pytest.fixture(scope="module")
def undisturbed(start: Start, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("undisturbed") / "run"
    finish(start(output))
    return output


def test_a_killed_run_ends_with_the_same_weights_bit_by_bit(start: Start, undisturbed: Path, tmp_path: Path) -> None:
    output = tmp_path / "killed"
    for step, more in ((20, ()), (64, ("--resume",))):  # inside the first epoch, then inside the second
        kill_at(output, step, start(output, *more))
        assert not (output / "config.json").exists()  # never a half-trained model called done
    told = finish(start(output, "--resume"))
    assert "Going on after step" in told
    assert (output / "model.safetensors").read_bytes() == (undisturbed / "model.safetensors").read_bytes()
    ours, theirs = (json.loads((f / "metrics.json").read_text()) for f in (output, undisturbed))
    assert ours["epochs"] == theirs["epochs"]
    assert ours["dev"]["outer"] == theirs["dev"]["outer"]
    assert ours["resumed_after_step"] >= 60
    assert theirs["resumed_after_step"] is None
    assert not (output / "states").exists()


def test_a_run_stopped_by_ctrl_c_saves_and_goes_on(start: Start, undisturbed: Path, tmp_path: Path) -> None:
    output = tmp_path / "stopped"
    process = start(output)
    wait_for_state(output, 8, process)
    process.send_signal(signal.SIGINT)
    told = finish(process, 130)
    state = last_whole(output / "states")
    assert state is not None
    assert f"stopped and saved after step {step_of(state)} of" in told
    assert step_of(state) < 144
    assert "a run stopped here" in finish(start(output), 2)  # nothing is thrown away unasked
    finish(start(output, "--resume"))
    assert (output / "model.safetensors").read_bytes() == (undisturbed / "model.safetensors").read_bytes()


def test_a_run_stopped_at_the_end_of_an_epoch_has_scored_it(
    smoke_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)

    def config(name: str) -> TrainConfig:
        more = ["log_to=none", "fit.save_steps=1", "fit.epochs=3", f"output={tmp_path / name}"]
        return load_config("configs/smoke.yaml", [f"model.base={smoke_checkpoint}", *more])

    whole = train(config("whole"))
    ask = SealStates.on_step_end

    def stop_at_2(self: SealStates, args: Any, state: Any, control: Any, **more: Any) -> None:
        ask(self, args, state, control, **more)
        if state.global_step == 2:  # the last of the first epoch
            os.kill(os.getpid(), signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(SealStates, "on_step_end", stop_at_2)
        with pytest.raises(StoppedError, match="after step 2 of 6"):
            train(config("parts"))
    resumed = train(config("parts"), resume=True)
    assert resumed["epochs"] == whole["epochs"]
    weights = [(tmp_path / name / "model.safetensors").read_bytes() for name in ("whole", "parts")]
    assert weights[0] == weights[1]


def test_two_processes_stop_together_and_go_on_to_the_same_weights(start: Start, tmp_path: Path) -> None:
    two = ("--processes", "2")
    finish(start(tmp_path / "whole", *two))
    process = start(tmp_path / "parts", *two)
    wait_for_state(tmp_path / "parts", 48, process)  # inside the second epoch
    process.send_signal(signal.SIGTERM)
    assert "stopped and saved after step" in finish(process, 130)
    finish(start(tmp_path / "parts", *two, "--resume"))
    weights = [(tmp_path / name / "model.safetensors").read_bytes() for name in ("whole", "parts")]
    assert weights[0] == weights[1]


def test_bad_data_ends_several_processes_with_one_line(start: Start, tmp_path: Path) -> None:
    told = finish(start(tmp_path / "out", "data.dev=gone.ann", "--processes", "2"), 2)
    assert told.count("error:") == 1
    assert "gone.ann" in told


def test_a_half_written_state_is_noticed_and_the_one_before_used(
    start: Start, undisturbed: Path, tmp_path: Path
) -> None:
    output = tmp_path / "half"
    kill_at(output, 20, start(output))
    states = output / "states"
    good = last_whole(states)
    assert good is not None
    half = states / f"checkpoint-{step_of(good) + 1}"
    half.mkdir()
    (half / "model.safetensors").write_bytes((good / "model.safetensors").read_bytes()[:1000])
    output = output.rename(tmp_path / "moved")
    told = finish(start(output, "--resume"))
    assert f"{half.name}: half-written" in "".join(told.splitlines())
    assert f"Going on after step {step_of(good)}" in told
    assert (output / "model.safetensors").read_bytes() == (undisturbed / "model.safetensors").read_bytes()


def test_a_full_disk_is_one_line_and_leaves_the_last_state_whole(
    start: Start, undisturbed: Path, tmp_path: Path
) -> None:
    output = tmp_path / "full"
    kill_at(output, 16, start(output))
    states = output / "states"
    before = last_whole(states)
    assert before is not None
    size = (before / "optimizer.pt").stat().st_size
    told = finish(start(output, "--resume", limit=size - 1000), 2)  # no file may grow as large as a state needs
    assert told.count("error:") == 1
    assert f"Make room there and go on with --resume after step {step_of(before)}" in told
    assert is_whole(before)
    assert not (output / "config.json").exists()
    finish(start(output, "--resume"))
    assert (output / "model.safetensors").read_bytes() == (undisturbed / "model.safetensors").read_bytes()


def test_other_settings_or_data_do_not_take_up_a_run(start: Start, tmp_path: Path) -> None:
    output = tmp_path / "other"
    kill_at(output, 8, start(output))
    told = finish(start(output, "fit.learning_rate=1e-3", "labels={outer: [LOC]}", "--resume"), 2)
    assert "unknown label" in told or "other settings" in told
    told = finish(start(output, "fit.learning_rate=1e-3", "--resume"), 2)
    assert "other settings: fit.learning_rate was 0.005 and is 0.001" in told
    told = finish(start(output, "data.dev=training/corpus/test/levant.ann", "--resume"), 2)
    assert "other settings: data.dev.0.path was" in told
    assert last_whole(output / "states") is not None


def test_resuming_where_nothing_stopped_begins_anew(start: Start, undisturbed: Path, tmp_path: Path) -> None:
    finish(start(tmp_path / "new", "--resume"))
    assert (tmp_path / "new/model.safetensors").read_bytes() == (undisturbed / "model.safetensors").read_bytes()
