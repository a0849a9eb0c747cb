"""A hyper-parameter sweep: trainings with values that Optuna proposes, in a study that outlives the process."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import TrialState
from rich.console import Console

from wazir.errors import WazirError
from wazir_training.config import TrainConfig
from wazir_training.settings import ConfigError, as_text
from wazir_training.sweep_config import Sweep
from wazir_training.sweep_study import (
    ERROR,
    SECONDS,
    TWIN,
    Trial,
    best_of,
    distributions,
    ended_trials,
    keep_the_best,
    only_process,
    open_study,
    study_errors,
    trial_folder,
    values_of,
)

Train = Callable[[TrainConfig], Mapping[str, Any]]


def run_sweep(sweep: Sweep, train: Train, console: Console | None = None) -> list[Trial]:
    """Run the trials that are still missing.

    After a kill the same call goes on: a trial that was running is trained anew, with the same values. Trials that
    failed do not count, so that a later call replaces them.

    Args:
        sweep: What to vary.
        train: Trains by a configuration and returns the metrics.
        console: Where progress is told; standard error by default.

    Returns:
        All trials that ended, in the order of their numbers.

    Raises:
        ConfigError: the folder holds another sweep, or the metrics lack the one to raise.
        WazirError: all trials failed, another process runs the sweep, or the folder cannot be used.
    """
    console = console or Console(stderr=True)
    folder = Path(sweep.config.output)
    with only_process(folder), study_errors(folder):
        study = open_study(sweep, folder)
        for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):  # when it was killed
            study.tell(trial.number, state=TrialState.FAIL)
        keep_the_best(folder, study)
        done = [t for t in ended_trials(sweep, study) if t.score is not None]
        if done:
            _say(console, f"{folder}: going on with {len(done)} of {sweep.config.trials} trials complete")
        for _ in range(sweep.config.trials - len(done)):
            trial = _run_trial(sweep, study, train, folder)
            keep_the_best(folder, study)
            _tell(console, sweep, study, trial)
        trials = ended_trials(sweep, study)
    if all(t.score is None for t in trials):
        raise WazirError(f"{folder}: all {len(trials)} trials failed; the last one says: {trials[-1].error}")
    return trials


def _run_trial(sweep: Sweep, study: optuna.Study, train: Train, folder: Path) -> Trial:
    earlier = ended_trials(sweep, study)
    # Its own seed for each trial: a sweep that was killed goes on as if it had not been.
    seed = random.Random(f"{sweep.config.seed} {len(earlier)}").getrandbits(32)
    study.sampler = optuna.samplers.TPESampler(seed=seed)
    trial = study.ask(distributions(sweep))
    values = values_of(sweep, trial.params)
    twin = next((t for t in earlier if t.score is not None and t.same_as is None and t.values == values), None)
    if twin and twin.score is not None:
        trial.set_user_attr(TWIN, twin.number)
        study.tell(trial, twin.score)
    else:
        begin = time.monotonic()
        try:
            score = _score(sweep, train(sweep.trial_config(values, trial_folder(folder, trial.number))))
        except Exception as failure:
            trial.set_user_attr(ERROR, str(failure) or type(failure).__name__)
            trial.set_user_attr(SECONDS, time.monotonic() - begin)
            study.tell(trial, state=TrialState.FAIL)
            if not _is_of_the_trial(failure):
                raise
        else:
            trial.set_user_attr(SECONDS, time.monotonic() - begin)
            study.tell(trial, score)
    return ended_trials(sweep, study)[-1]


class _NoMetricError(ConfigError):
    """A metric that the training does not return, so that no trial can be right."""


def _score(sweep: Sweep, metrics: Mapping[str, Any]) -> float:
    name = sweep.config.metric
    data, path = name.split(".", 1)
    group, figure = path.rsplit(".", 1)
    value: Any = metrics.get(data, {})
    for step in group.split(".", 1):  # a label may hold a dot
        value = value.get(step, {})
    if figure not in value:
        labels = ", ".join(metrics.get(data, {}).get("labels", {}))
        raise _NoMetricError(f"the training gave no {name}; its labels are {labels}. Name another metric.")
    if not math.isfinite(value[figure]):
        raise WazirError(f"{name} is {value[figure]}: the training came apart. Lower the rates.")
    return float(value[figure])


def _is_of_the_trial(failure: Exception) -> bool:
    """Whether the trial's values may be to blame; torch's error for a full GPU is known by its name."""
    if isinstance(failure, WazirError | MemoryError):
        return not isinstance(failure, _NoMetricError)
    return type(failure).__name__ == "OutOfMemoryError"


def _tell(console: Console, sweep: Sweep, study: optuna.Study, trial: Trial) -> None:
    complete = [t for t in ended_trials(sweep, study) if t.score is not None]
    values = ", ".join(f"{key}={as_text(value)}" for key, value in trial.values.items())
    result = f"failed: {trial.error}" if trial.score is None else f"{sweep.config.metric} {trial.score:.4f}"
    best = f"; best {best_of(complete).score:.4f}, trial {best_of(complete).number}" if complete else ""
    _say(
        console,
        f"trial {trial.number} ({len(complete)} of {sweep.config.trials} complete): {result}{best}; {values}",
    )


def _say(console: Console, text: str) -> None:
    console.print(text, highlight=False, markup=False, soft_wrap=True)
