"""What a sweep may try, and what is an error before any trial."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweeps import CONFIG, RANGES, enter, sweep_of
from wazir_training.settings import ConfigError, Settings
from wazir_training.sweep_config import Range, Sweep, SweepConfig
from wazir_training.sweep_study import distributions, values_of


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(tmp_path, monkeypatch)


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
