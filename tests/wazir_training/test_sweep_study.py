"""A sweep's study: how it goes on after a kill, and what it leaves alone."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sweeps import HEAD, RANGES, Training, by_rate, enter, run, sweep_of
from wazir.errors import WazirError
from wazir_training.config import TrainConfig, load_config
from wazir_training.settings import ConfigError
from wazir_training.sweep_report import write_best


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(tmp_path, monkeypatch)


KILLED = """
import math, os, signal, sys
from pathlib import Path
from wazir_training.sweep import run_sweep
from wazir_training.sweep_config import load_sweep

calls = []

def train(config):
    Path(config.output).mkdir()
    Path(config.output, "metrics.json").touch()
    Path(config.output, "model.safetensors").touch()
    calls.append(config)
    if len(calls) == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
    score = 0.9 - 0.1 * abs(math.log10(config.fit.learning_rate) + 4) + config.fit.epochs / 1000
    return {"dev": {"outer": {"f1": score}}}

run_sweep(load_sweep("sweep.yaml"), train)
"""


def test_a_killed_sweep_goes_on_as_if_it_had_not_been_killed() -> None:
    undisturbed = run(sweep_of(HEAD + RANGES, "output=undisturbed"), Training())
    sweep = sweep_of()
    for at in (3, 1, 2):  # twice in the same trial, once in a later one
        call = [sys.executable, "-c", KILLED, str(at)]
        assert subprocess.run(call, capture_output=True, check=False).returncode == -signal.SIGKILL
    training = Training()
    trials = run(sweep, training)
    assert [t.values for t in trials] == [t.values for t in undisturbed]
    assert [t.score for t in trials] == [t.score for t in undisturbed]
    assert len(training.configs) == 3  # trials 0 and 1, then 2 after two kills, were complete
    assert len(list(Path("out").rglob("model.safetensors"))) == 1
    assert {path.name for path in Path("out").glob("trial-*")} == {f"trial-{n}" for n in (0, 1, 4, 6, 7, 8)}
    assert run(sweep, training) == trials
    assert len(training.configs) == 3


def test_a_sweep_that_is_interrupted_goes_on_with_the_same_trial() -> None:
    def interrupt(config: TrainConfig) -> float:
        if config.output.endswith("-4"):
            raise KeyboardInterrupt
        return by_rate(config)

    sweep = sweep_of()
    first = Training(interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(sweep, first)
    second = Training()
    trials = run(sweep, second)
    assert second.configs[0].fit == first.configs[-1].fit
    assert len(trials) == len(first.configs) - 1 + len(second.configs) == 6


def test_a_larger_number_of_trials_goes_on_with_the_study() -> None:
    training = Training()
    first = run(sweep_of(), training)
    trials = run(sweep_of(HEAD + RANGES, "trials=8"), training)
    assert trials[:6] == first
    assert len(trials) == len(training.configs) == 8


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("high: 6", "high: 7", "ranges.fit.epochs.high"),
        ("[linear, cosine]", "[linear, constant]", "ranges.fit.schedule.choices"),
        ("fit.patience=2", "fit.patience=3", "fit.patience"),
        ("trials: 6", "trials: 6\nseed: 9", "seed"),
    ],
)
def test_the_study_of_another_sweep_is_left_alone(old: str, new: str, changed: str) -> None:
    trials = run(sweep_of(), Training())
    training = Training()
    with pytest.raises(ConfigError, match=rf"study of another sweep; {changed} differ"):
        run(sweep_of((HEAD + RANGES).replace(old, new)), training)
    assert not training.configs
    assert run(sweep_of(), training) == trials


def test_folders_that_no_study_knows_are_left_alone() -> None:
    Path("out/trial-0").mkdir(parents=True)
    Path("out/trial-0/thesis.txt").write_text("اثنا عشر عامًا")
    with pytest.raises(ConfigError, match="trial-0: is there already, without a study"):
        run(sweep_of(), Training())
    assert Path("out/trial-0/thesis.txt").exists()


def test_two_processes_do_not_run_one_sweep() -> None:
    sweep = sweep_of()

    def score(config: TrainConfig) -> float:
        with pytest.raises(WazirError, match="another process runs this sweep"):
            run(sweep, Training())
        return by_rate(config)

    assert len(run(sweep, Training(score))) == 6


def test_a_study_that_is_damaged_is_one_clear_sentence() -> None:
    Path("out").mkdir()
    Path("out/study.db").write_text("not a study " * 100)
    with pytest.raises(WazirError, match=r"study\.db: cannot be read or written .* move it away") as error:
        run(sweep_of(), Training())
    assert "\n" not in str(error.value)


def test_a_folder_that_cannot_be_made_is_one_clear_sentence() -> None:
    Path("out").write_text("a file")
    with pytest.raises(WazirError, match="out: cannot be written"):
        run(sweep_of(), Training())


@pytest.mark.parametrize("name", ["تجارب الوزير", "a%20b?c#d", "a'b"])
def test_the_output_folder_may_have_any_name(name: str) -> None:
    sweep = sweep_of((HEAD + RANGES).replace("output: out", f"output: {json.dumps(name)}"))
    trials = run(sweep, Training())
    assert run(sweep, Training()) == trials
    assert Path(name, "study.db").is_file()
    assert load_config(write_best(sweep, trials)).fit.seed == 5
