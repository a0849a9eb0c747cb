"""Sweeps: what is tried, what counts as a failure, and what the command writes."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT
from sweeps import CONFIG, HEAD, RANGES, Training, by_rate, enter, files, run, sweep_of
from wazir.errors import WazirError
from wazir_training.commands.sweep import sweep as command
from wazir_training.config import TrainConfig, load_config
from wazir_training.settings import ConfigError
from wazir_training.sweep_report import write_best
from wazir_training.sweep_study import best_of


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(tmp_path, monkeypatch)


def test_each_trial_trains_with_values_of_the_ranges_into_a_folder_of_its_own() -> None:
    training = Training()
    trials = run(sweep_of(HEAD + RANGES, "trials=12"), training)
    assert [t.number for t in trials] == list(range(12))
    assert [Path(c.output) for c in training.configs] == [Path("out") / f"trial-{n}" for n in range(12)]
    for config, trial in zip(training.configs, trials, strict=True):
        fit = config.fit
        assert 1e-5 <= fit.learning_rate <= 1e-3
        assert fit.epochs in range(1, 7)
        assert min(abs(fit.warmup - step) for step in (0, 0.05, 0.1, 0.15, 0.2)) == 0
        assert (fit.seed, fit.patience, config.log_to, config.model.base) == (5, 2, "none", "some/model")
        assert list(trial.values.items()) == [
            ("fit.learning_rate", fit.learning_rate),
            ("fit.epochs", fit.epochs),
            ("fit.warmup", fit.warmup),
            ("fit.schedule", fit.schedule),
        ]
        assert trial.score == by_rate(config)
    assert len({c.fit.learning_rate for c in training.configs}) == 12
    assert {c.fit.schedule for c in training.configs} == {"linear", "cosine"}


def test_later_trials_are_drawn_to_what_was_good() -> None:
    trials = run(sweep_of(HEAD + RANGES, "trials=20"), Training())
    distance = [abs(math.log10(t.values["fit.learning_rate"]) + 4) for t in trials]
    assert sum(distance[10:]) < 0.6 * sum(distance[:10])


@pytest.mark.parametrize(("seed", "same"), [(1, True), (2, False)])
def test_the_seed_decides_what_is_tried(seed: int, same: bool) -> None:
    one = run(sweep_of(HEAD + RANGES, "output=one", "seed=1"), Training())
    two = run(sweep_of(HEAD + RANGES, "output=two", f"seed={seed}"), Training())
    assert ([t.values for t in one] == [t.values for t in two]) is same


def test_only_the_best_trial_keeps_its_checkpoint_and_the_others_metrics_and_settings() -> None:
    trials = run(sweep_of(), Training())
    best = best_of(trials)
    expected = {"study.db", "sweep.lock"}
    expected |= {f"trial-{t.number}/{name}" for t in trials for name in ("metrics.json", "training_config.yaml")}
    expected |= {f"trial-{best.number}/{name}" for name in ("model.safetensors", "epochs/checkpoint-3/optimizer.pt")}
    assert files("out") == expected
    assert best.score == max(t.score for t in trials)


def test_the_disk_never_holds_more_than_two_checkpoints() -> None:
    seen = []

    def score(config: TrainConfig) -> float:
        seen.append(len(list(Path("out").rglob("model.safetensors"))))
        return by_rate(config)

    run(sweep_of(), Training(score))
    assert max(seen) <= 2


def test_a_trial_that_fails_is_recorded_and_replaced_by_the_next_call() -> None:
    def score(config: TrainConfig) -> float:
        if config.output.endswith(("-1", "-3")):
            raise WazirError("the base cannot be reached")
        return by_rate(config)

    sweep, training = sweep_of(), Training(score)
    trials = run(sweep, training)
    assert len(training.configs) == 6
    assert {t.number: t.error for t in trials if t.score is None} == dict.fromkeys((1, 3), "the base cannot be reached")
    assert files("out/trial-1") == {"metrics.json", "training_config.yaml"}
    again = run(sweep, training)
    assert len([t for t in again if t.score is not None]) == 6
    assert len(again) == len(training.configs) == 8


def test_values_that_do_not_fit_together_fail_one_trial_alone() -> None:
    Path("base/config.yaml").write_text(CONFIG.replace("some/model", "{hidden: 96, heads: 2}"), encoding="utf-8")
    ranges = "ranges:\n  model.base.hidden: {choices: [64, 96]}\n  model.base.heads: {choices: [2, 3]}\n"
    trials = run(sweep_of("config: base/config.yaml\noutput: out\ntrials: 10\n" + ranges), Training())
    failed = [t for t in trials if t.score is None]
    assert failed
    for trial in failed:
        assert trial.values == {"model.base.hidden": 64, "model.base.heads": 3}
        assert "hidden=64 is no multiple of heads=3" in trial.error


@pytest.mark.parametrize("score", [math.nan, math.inf])
def test_a_score_that_is_no_number_is_a_failure(score: float) -> None:
    def scored(config: TrainConfig) -> float:
        return score if config.output.endswith("-0") else by_rate(config)

    trials = run(sweep_of(), Training(scored))
    assert [t.number for t in trials if t.score is None] == [0]
    assert best_of(trials).number > 0


def test_a_network_that_does_not_fit_the_memory_is_a_failure() -> None:
    class OutOfMemoryError(RuntimeError):
        pass

    def score(config: TrainConfig) -> float:
        if config.output.endswith("-0"):
            raise OutOfMemoryError("GPU 0 has 79 GiB")
        return by_rate(config)

    trials = run(sweep_of(), Training(score))
    assert [t.error for t in trials if t.score is None] == ["GPU 0 has 79 GiB"]


def test_all_trials_failing_is_an_error() -> None:
    def fail(config: TrainConfig) -> float:
        raise WazirError("the data is empty")

    with pytest.raises(WazirError, match="all 6 trials failed; the last one says: the data is empty"):
        run(sweep_of(), Training(fail))


def test_a_fault_of_the_program_is_not_hidden_and_does_not_block_the_sweep() -> None:
    def fault(config: TrainConfig) -> float:
        raise TypeError("a fault")

    sweep = sweep_of()
    with pytest.raises(TypeError, match="a fault"):
        run(sweep, Training(fault))
    trials = run(sweep, Training())
    assert [t.error for t in trials] == ["a fault", *[""] * 6]


def test_values_that_were_tried_are_not_trained_again() -> None:
    ranges = "ranges: {fit.epochs: {low: 1, high: 3}}\n"
    sweep, training = sweep_of("config: base/config.yaml\noutput: out\ntrials: 12\n" + ranges), Training()
    trials = run(sweep, training)
    assert sorted(c.fit.epochs for c in training.configs) == [1, 2, 3]
    first = {t.values["fit.epochs"]: t for t in trials if t.same_as is None}
    for t in trials:
        if t.same_as is not None:
            assert (t.same_as, t.score) == (first[t.values["fit.epochs"]].number, first[t.values["fit.epochs"]].score)
    assert best_of(trials).same_as is None
    assert load_config(write_best(sweep, trials)).fit.epochs == 3


def test_any_figure_of_the_dev_data_can_be_raised() -> None:
    trials = run(sweep_of(HEAD + RANGES, "metric=dev.labels.B.LOC.f1"), Training(lambda _: 0.8))
    assert {t.score for t in trials} == {0.2}


def test_a_figure_that_the_training_does_not_give_stops_the_sweep_at_once() -> None:
    training = Training()
    with pytest.raises(ConfigError, match=r"gave no dev\.labels\.TITEL\.f1; its labels are TITLE, B\.LOC"):
        run(sweep_of(HEAD + RANGES, "metric=dev.labels.TITEL.f1"), training)
    assert len(training.configs) == 1


def test_without_optuna_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(WazirError, match=r'pip install "wazir\[sweep\]"'):
        command(Path("sweep.yaml"))


def test_the_command_runs_a_sweep_of_real_trainings_and_goes_on_when_called_again(tmp_path: Path) -> None:
    path = tmp_path / "tiny.yaml"
    path.write_text(
        f"config: {ROOT / 'configs' / 'smoke.yaml'}\noutput: {tmp_path / 'out'}\ntrials: 1\n"
        "overrides: [fit.epochs=1, log_to=none]\n"
        "ranges: {fit.learning_rate: {low: 1e-4, high: 1e-2, log: true}}\n",
        encoding="utf-8",
    )
    call = [sys.executable, "-m", "wazir_training", "sweep", str(path)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    for more in ((), ("trials=2",)):
        result = subprocess.run([*call, *more], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
    assert "going on with 1 of 2 trials complete" in result.stderr
    assert "best dev.outer.f1 0." in result.stdout
    assert {"study.db", "best.yaml", "sweep.png"} <= {p.name for p in (tmp_path / "out").iterdir()}
    metrics = [json.loads((tmp_path / "out" / f"trial-{n}" / "metrics.json").read_text()) for n in (0, 1)]
    assert all(0 <= m["dev"]["outer"]["f1"] <= 1 for m in metrics)
    assert len(list((tmp_path / "out").rglob("*.safetensors"))) == 1
    assert load_config(tmp_path / "out" / "best.yaml").fit.epochs == 1
    assert not list((tmp_path / "out").rglob("*.pt"))
