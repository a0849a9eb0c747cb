"""The running average of weights: its formula, its place in the states of a run, and that a run keeps it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import load_file

from conftest import ROOT
from wazir_training.config import load_config
from wazir_training.runs import StoppedError
from wazir_training.train import train
from wazir_training.weight_average import RunningAverage


def weight(model: torch.nn.Linear) -> float:
    return model.weight.item()


def test_the_first_weights_count_whole_and_later_ones_a_share(tmp_path: Path) -> None:
    model = torch.nn.Linear(1, 1, bias=False)
    average = RunningAverage(model, 0.75, tmp_path)
    for value in (1.0, 5.0, 9.0):
        model.weight.data.fill_(value)
        average.on_step_end(None, None, None)
    with average.applied():
        assert weight(model) == pytest.approx(0.75 * (0.75 * 1 + 0.25 * 5) + 0.25 * 9)
    assert weight(model) == 9.0


def test_an_average_goes_on_from_a_state(tmp_path: Path) -> None:
    model = torch.nn.Linear(1, 1, bias=False)
    average = RunningAverage(model, 0.5, tmp_path)
    model.weight.data.fill_(2.0)
    average.on_step_end(None, None, None)
    state = tmp_path / "checkpoint-1"
    state.mkdir()
    average.on_save(None, SimpleNamespace(is_world_process_zero=True, global_step=1), None)
    again = RunningAverage(model, 0.5, tmp_path, state)
    model.weight.data.fill_(4.0)
    again.on_step_end(None, None, None)
    again.keep(None)
    assert weight(model) == 3.0
    again.keep(state)
    assert weight(model) == 2.0


def test_a_run_keeps_its_average_and_a_stopped_one_goes_on_to_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    settings = ["data.train=training/corpus/test/levant.ann", "fit.epochs=2", "fit.save_steps=2", "log_to=none"]
    base = tmp_path / "base"
    train(load_config("configs/smoke.yaml", [*settings, "fit.epochs=1", f"output={base}"]))

    def run(name: str, *more: str, resume: bool = False) -> Path:
        output = tmp_path / name
        train(
            load_config("configs/smoke.yaml", [*settings, f"model.base={base}", f"output={output}", *more]),
            resume=resume,
        )
        return output / "model.safetensors"

    plain, averaged = run("plain"), run("averaged", "fit.average=0.9")
    names = load_file(plain).keys()
    assert any(not torch.equal(load_file(plain)[name], load_file(averaged)[name]) for name in names)

    from wazir_training import callbacks

    former = callbacks.SealStates.on_save

    def stop(self: callbacks.SealStates, args: object, state: SimpleNamespace, control: object, **more: object) -> None:
        former(self, args, state, control, **more)
        if state.global_step == 2:
            raise StoppedError("here")

    with monkeypatch.context() as patch:
        patch.setattr(callbacks.SealStates, "on_save", stop)
        with pytest.raises(StoppedError):
            run("stopped", "fit.average=0.9")
    assert (tmp_path / "stopped" / "states" / "checkpoint-2" / "average.safetensors").is_file()
    assert run("stopped", "fit.average=0.9", resume=True).read_bytes() == averaged.read_bytes()
