"""Sweeps: what is tried, what is kept, and how one goes on after a kill."""

from __future__ import annotations

import json
import math
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from conftest import ROOT
from wazir.errors import WazirError
from wazir_training.commands.sweep import sweep as command
from wazir_training.config import TrainConfig, load_config
from wazir_training.settings import ConfigError, Settings
from wazir_training.sweep import run_sweep
from wazir_training.sweep_config import Range, Sweep, SweepConfig, load_sweep
from wazir_training.sweep_report import draw_sweep, trial_table, write_best
from wazir_training.sweep_study import best_of, distributions, values_of

CONFIG = """\
output: runs/base
model: {base: some/model}
data: {train: a.ann, dev: b.ann}
fit: {seed: 5}
"""
RANGES = """\
ranges:
  fit.learning_rate: {low: 1.0e-5, high: 1e-3, log: true}
  fit.epochs: {low: 1, high: 6}
  fit.warmup: {low: 0, high: 0.2, step: 0.05}
  fit.schedule: {choices: [linear, cosine]}
"""
HEAD = "config: base/config.yaml\noutput: out\ntrials: 6\noverrides: [log_to=none, fit.patience=2]\n"

Score = Callable[[TrainConfig], float]


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("base").mkdir()
    Path("base/config.yaml").write_text(CONFIG, encoding="utf-8")
    monkeypatch.setattr("wazir_training.sweep_study.sqlite3.connect", connect_without_waiting)


def connect_without_waiting(*arguments: Any, _connect: Any = sqlite3.connect, **more: Any) -> sqlite3.Connection:
    """A study that does not wait for a slow disk: a kill loses nothing, only a power cut would."""
    connection: sqlite3.Connection = _connect(*arguments, **more)
    connection.execute("PRAGMA synchronous = OFF")
    return connection


def sweep_of(text: str = HEAD + RANGES, *overrides: str) -> Sweep:
    Path("sweep.yaml").write_text(text, encoding="utf-8")
    return load_sweep("sweep.yaml", overrides)


def by_rate(config: TrainConfig) -> float:
    """Best at a rate of 1e-4 and many epochs."""
    return 0.9 - 0.1 * abs(math.log10(config.fit.learning_rate) + 4) + config.fit.epochs / 1000


class Training:
    """Stands in for a training: notes the configurations, writes a checkpoint folder and returns a score."""

    def __init__(self, score: Score = by_rate) -> None:
        self.configs: list[TrainConfig] = []
        self._score = score

    def __call__(self, config: TrainConfig) -> Mapping[str, Any]:
        self.configs.append(config)
        folder = Path(config.output)
        (folder / "epochs" / "checkpoint-3").mkdir(parents=True)
        for name in ("metrics.json", "training_config.yaml", "model.safetensors", "epochs/checkpoint-3/optimizer.pt"):
            (folder / name).write_text(str(config.fit.learning_rate))
        score = self._score(config)
        labels = {"TITLE": {"f1": score / 2}, "B.LOC": {"f1": score / 4}}
        return {"dev": {"outer": {"f1": score, "recall": 0.5}, "labels": labels}, "seed": config.fit.seed}


def run(sweep: Sweep, training: Training) -> list[Any]:
    return run_sweep(sweep, training, Console(file=StringIO()))


def files(folder: str) -> set[str]:
    return {str(path.relative_to(folder)) for path in Path(folder).rglob("*") if path.is_file()}


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


def test_the_best_configuration_extends_the_one_that_was_varied() -> None:
    sweep, training = sweep_of(), Training()
    trials = run(sweep, training)
    path = write_best(sweep, trials)
    best = best_of(trials)
    assert path == Path("out/best.yaml")
    assert "\nextends: ../base/config.yaml\n" in path.read_text(encoding="utf-8")
    loaded, trained = load_config(path), training.configs[best.number]
    assert Path(loaded.output) == Path("out/best")
    assert (loaded.fit, loaded.model, loaded.data, loaded.log_to) == (
        trained.fit,
        trained.model,
        trained.data,
        trained.log_to,
    )


def test_the_best_configuration_is_exact_even_where_mappings_were_given_whole() -> None:
    Path("base/config.yaml").write_text(CONFIG.replace("some/model", "{layers: 5, heads: 4}"), encoding="utf-8")
    ranges = "ranges: {model.base: {choices: [{hidden: 32}, {hidden: 64, vocabulary: 500}]}}\n"
    sweep, training = sweep_of("config: base/config.yaml\noutput: out\ntrials: 2\n" + ranges), Training()
    trials = run(sweep, training)
    loaded = load_config(write_best(sweep, trials))
    assert loaded.model == training.configs[best_of(trials).number].model


def test_the_table_has_the_best_trial_first_and_the_failed_ones_last() -> None:
    def score(config: TrainConfig) -> float:
        if config.output.endswith("-2"):
            raise WazirError("no room [on the disk]")
        return by_rate(config)

    sweep = sweep_of()
    trials = run(sweep, Training(score))
    console = Console(width=120, file=StringIO(), record=True)
    console.print(trial_table(sweep, trials))
    rows = [[c.strip() for c in line.split("│")[1:-1]] for line in console.export_text().splitlines() if "│" in line]
    assert [row[1] for row in rows] == [
        *sorted((f"{t.score:.4f}" for t in trials if t.score is not None), reverse=True),
        "failed",
    ]
    assert rows[0][0] == str(best_of(trials).number)
    assert rows[-1][0] == "2"


def test_the_picture_is_drawn_for_numbers_choices_and_failures() -> None:
    def score(config: TrainConfig) -> float:
        if config.output.endswith("-0"):
            raise WazirError("no room")
        return by_rate(config)

    sweep = sweep_of()
    path = draw_sweep(sweep, run(sweep, Training(score)))
    assert path == Path("out/sweep.png")
    assert path.read_bytes().startswith(b"\x89PNG")
    assert path.stat().st_size > 10_000


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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fit.epoch: {low: 1, high: 3}", "sweep.yaml:4: unknown key 'fit.epoch', did you mean 'epochs'?"),
        ("fit.epochs: {low: 0, high: 3}", "sweep.yaml:4: fit.epochs: Input should be greater than or equal to 1"),
        (
            "fit.learning_rate:\n    low: 0.1\n    high: 2",
            "sweep.yaml:6: fit.learning_rate: Input should be less than 1",
        ),
        ("fit.precision:\n    choices:\n      - bf16\n      - fp8", "sweep.yaml:7: fit.precision: Input should be"),
        ("fit.epochs: {low: 1.5, high: 3}", "sweep.yaml:4: fit.epochs: Input should be a valid integer"),
        ("fit.epochs: {low: 1, high: 4, step: 1.5}", "sweep.yaml:4: fit.epochs takes whole numbers alone"),
        ("fit.epochs: {low: 1, high: 4, step: 2}", "must be a whole number of steps"),
        ("fit.warmup: {low: 0, high: 0.5, step: -1}", "must be a whole number of steps"),
        ("fit.epochs: {low: 4, high: 2}", "sweep.yaml:4: ranges.fit.epochs: low=4 must be less than high=2"),
        ("fit.warmup: {low: 0, high: 0.5, log: true}", "log needs a low above 0"),
        ("fit.warmup: {low: 0.1, high: 0.5, log: true, step: 0.1}", "log needs a low above 0, and goes without step"),
        ("fit.warmup: {low: .nan, high: .inf}", "ranges.fit.warmup.low: Input should be a finite number, not nan"),
        ("fit.epochs: {high: 4}", "sweep.yaml:4: ranges.fit.epochs: give low and high, or choices"),
        ("fit.epochs: {lo: 1, high: 4}", "sweep.yaml:4: unknown key 'ranges.fit.epochs.lo', did you mean 'low'?"),
        ("fit.epochs: [1, 2]", "sweep.yaml:4: ranges.fit.epochs: this key holds keys of its own, not [1, 2]"),
        ("fit.epochs: {choices: [1, 2, 1]}", "sweep.yaml:4: ranges.fit.epochs: a choice is given twice"),
        ("fit.epochs: {choices: [1, 2], log: true}", "give choices, or low and high, and not both"),
        ("fit.compile: {low: 0, high: 1}", "sweep.yaml:4: fit.compile is no number. Give choices"),
        ("output: {choices: [a, b]}", "sweep.yaml:4: each trial has an output folder of its own"),
        ("model.base.layers: {low: 1, high: 2}", "sweep.yaml:4: model.base holds no keys of its own"),
        ("fit.warmup: {low: 0, high: 0.5}\ntrails: 3", "sweep.yaml:5: unknown key 'trails', did you mean 'trials'?"),
        ("fit.warmup: {low: 0, high: 0.5}\ntrials: 0", "sweep.yaml:5: trials: Input should be greater than or equal"),
        (
            "fit.warmup: {low: 0, high: 0.5}\nmetric: test.outer.f1",
            "sweep.yaml:5: metric: 'test.outer.f1' is no",
        ),
        (
            "fit.warmup: {low: 0, high: 0.5}\noverrides:\n  - log_to=none\n  - fit.epoch=3",
            "sweep.yaml:7: unknown key 'fit.epoch'",
        ),
        ("fit.warmup: {low: 0, high: 0.5}\noverrides: [fit.epochs]", "sweep.yaml:5: 'fit.epochs' is not key=value"),
    ],
)
def test_what_cannot_be_tried_is_an_error_before_any_trial(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        sweep_of(f"config: base/config.yaml\noutput: out\nranges:\n  {text}\n")
    assert message in str(error.value)
    assert not Path("out").exists()


def test_a_configuration_that_is_missing_or_wrong_is_named() -> None:
    with pytest.raises(ConfigError, match=r"sweep\.yaml:1: .*none\.yaml: no such file"):
        sweep_of("config: none.yaml\noutput: out\n" + RANGES)
    Path("base/config.yaml").write_text(CONFIG.replace("seed: 5", "sead: 5"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"config\.yaml:4: unknown key 'fit\.sead'"):
        sweep_of()


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


def drawn(one: Range, whole: bool = False, count: int = 5) -> list[Any]:
    config = SweepConfig("config.yaml", "out", {"x": one})
    sweep = Sweep(config, Path(), Settings({}, {}, ""), {}, frozenset(["x"] if whole else []))
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    return [values_of(sweep, study.ask(distributions(sweep)).params)["x"] for _ in range(count)]


_NUMBERS = st.floats(1e-6, 1e3)


@settings(max_examples=60, deadline=None)
@given(low=_NUMBERS, width=_NUMBERS, log=st.booleans(), steps=st.integers(0, 6))
def test_what_is_tried_lies_in_its_range(low: float, width: float, log: bool, steps: int) -> None:
    high = low + width
    one = Range(low, high, log=log and not steps, step=(high - low) / steps if steps else None)
    for value in drawn(one):
        assert low <= value <= high


@pytest.mark.parametrize(
    ("one", "whole", "values"),
    [
        (Range(0.0, 0.3, step=0.1), False, [0.0, 0.1, 0.2, 0.3]),
        (Range(5.0, 10.0, step=5 / 3), False, [5.0, 6.66667, 8.33333, 10.0]),
        (Range(2, 10, step=4), True, [2, 6, 10]),
        (Range(2, 4), True, [2, 3, 4]),
        (Range(2, 4, log=True), True, [2, 3, 4]),
        (Range(choices=("a", 2, 0.5)), False, ["a", 2, 0.5]),
    ],
)
def test_every_step_and_choice_is_tried_with_both_ends(one: Range, whole: bool, values: list[Any]) -> None:
    found = drawn(one, whole, 60)
    assert sorted(set(found), key=str) == sorted(values, key=str)
    assert {type(value) for value in found} == {type(value) for value in values}


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
