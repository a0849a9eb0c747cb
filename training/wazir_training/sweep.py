"""A hyper-parameter sweep: trainings with values that Optuna proposes, in a study that outlives the process."""

from __future__ import annotations

import gc
import math
import random
import shutil
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
from filelock import FileLock, Timeout
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from wazir.errors import WazirError, short
from wazir_training.card import METRICS, TRAINING_CONFIG
from wazir_training.config import TrainConfig
from wazir_training.settings import ConfigError
from wazir_training.sweep_config import Sweep, as_text

#: The study, in the sweep's output folder.
STUDY = "study.db"
_NAME = "wazir sweep"
#: What stays of a trial that is not the best.
_KEPT = (METRICS, TRAINING_CONFIG)
#: Names of the study's own notes: what was swept, and of a trial its seconds, its error, its twin, its killing.
_SWEPT, _SECONDS, _ERROR, _TWIN, _KILLED = "swept", "seconds", "error", "same_as", "killed"

Train = Callable[[TrainConfig], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Trial:
    """One training of a sweep.

    Attributes:
        number: Its number, from 0; its folder is ``trial-N``.
        values: Dotted keys and the values that were tried.
        score: The metric; None if the training failed.
        seconds: How long it took.
        error: Why it failed.
        same_as: An earlier trial with the same values, whose score was taken instead of training again.
    """

    number: int
    values: Mapping[str, Any]
    score: float | None
    seconds: float
    error: str = ""
    same_as: int | None = None


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
    with _only_process(folder), _storage(folder):
        study = _open_study(sweep, folder)
        for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            _note(study, trial.number, _KILLED, True)
            study.tell(trial.number, state=TrialState.FAIL)
        _keep_the_best(folder, study)
        done = [t for t in ended_trials(sweep, study) if t.score is not None]
        if done:
            console.print(f"{folder}: going on after {len(done)} complete trials.", highlight=False, markup=False)
        for _ in range(sweep.config.trials - len(done)):
            trial = _run_trial(sweep, study, train, folder)
            _keep_the_best(folder, study)
            _tell(console, sweep, study, trial)
        trials = ended_trials(sweep, study)
    if all(t.score is None for t in trials):
        raise WazirError(f"{folder}: all {len(trials)} trials failed; the last one says: {trials[-1].error}")
    return trials


def best_of(trials: list[Trial]) -> Trial:
    """The complete trial with the highest score, the first of equals."""
    complete = [(t.score, -t.number, t) for t in trials if t.score is not None]
    return max(complete, key=lambda each: each[:2])[2]


def ended_trials(sweep: Sweep, study: optuna.Study) -> list[Trial]:
    """The trials of a study that ended, in the order of their numbers; those that were killed left none."""
    trials = []
    for t in study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.FAIL)):
        if _KILLED not in t.user_attrs:
            notes = (t.user_attrs.get(_SECONDS, 0.0), t.user_attrs.get(_ERROR, ""), t.user_attrs.get(_TWIN))
            trials.append(Trial(t.number, _values(sweep, t.params), t.value, *notes))
    return trials


def _run_trial(sweep: Sweep, study: optuna.Study, train: Train, folder: Path) -> Trial:
    earlier = ended_trials(sweep, study)
    # Its own seed for each trial: a sweep that was killed goes on as if it had not been.
    seed = random.Random(f"{sweep.config.seed} {len(earlier)}").getrandbits(32)
    study.sampler = optuna.samplers.TPESampler(seed=seed)
    asked = study.ask(_distributions(sweep))
    values = _values(sweep, asked.params)
    twin = next((t for t in earlier if t.score is not None and t.values == values), None)
    begin = time.monotonic()
    score, error = None, ""
    if twin:
        score = twin.score
        _note(study, asked.number, _TWIN, twin.number if twin.same_as is None else twin.same_as)
    else:
        try:
            metrics = train(sweep.trial_config(values, _folder(folder, asked.number)))
            score = _score(sweep, metrics)
        except Exception as failure:
            error = str(failure) or type(failure).__name__
            if isinstance(failure, _BadMetricError) or not _is_expected(failure):
                _note(study, asked.number, _ERROR, error)
                study.tell(asked.number, state=TrialState.FAIL)
                raise
    seconds = time.monotonic() - begin
    _note(study, asked.number, _SECONDS, seconds)
    if score is None:
        _note(study, asked.number, _ERROR, error)
        study.tell(asked.number, state=TrialState.FAIL)
        gc.collect()  # a network that did not fit
    else:
        study.tell(asked.number, score)
    return ended_trials(sweep, study)[-1]


class _BadMetricError(ConfigError):
    """A metric that no training returns: no trial can be right."""


def _score(sweep: Sweep, metrics: Mapping[str, Any]) -> float:
    name = sweep.config.metric
    head, *rest = name.split(".")
    middle, last = ".".join(rest[:-1]), rest[-1]
    value: Any = metrics.get(head, {})
    for step in middle.split(".", 1):  # a label may hold a dot
        value = value.get(step, {})
    if last not in value:
        raise _BadMetricError(f"the training gave no {name}. Name another metric: dev.outer.f1 is always there.")
    if not math.isfinite(value[last]):
        raise WazirError(f"{name} is {value[last]}: the training came apart. Lower the rates.")
    return float(value[last])


def _is_expected(failure: Exception) -> bool:
    """Whether values of a trial may be to blame; torch's error for a full GPU is known by its name."""
    return isinstance(failure, WazirError | MemoryError) or type(failure).__name__ == "OutOfMemoryError"


def _distributions(sweep: Sweep) -> dict[str, BaseDistribution]:
    found: dict[str, BaseDistribution] = {}
    for key, r in sweep.config.ranges.items():
        if r.choices:
            found[key] = CategoricalDistribution([as_text(choice) for choice in r.choices])
        elif key in sweep.whole:
            found[key] = IntDistribution(int(r.low or 0), int(r.high or 0), log=r.log, step=int(r.step or 1))
        else:
            found[key] = FloatDistribution(r.low or 0.0, r.high or 0.0, log=r.log, step=r.step)
    return found


def _values(sweep: Sweep, params: Mapping[str, Any]) -> dict[str, Any]:
    """Values of the configuration, in the order of the sweep's file, from those of the study."""
    values = {}
    for key, r in sweep.config.ranges.items():
        if key in params:
            choices = {as_text(choice): choice for choice in r.choices}
            values[key] = choices[params[key]] if choices else params[key]
    return values


def _open_study(sweep: Sweep, folder: Path) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    is_new = not (folder / STUDY).exists()
    if is_new and (left := next(folder.glob("trial-*"), None)):
        raise ConfigError(f"{left}: is there already, without a study. Move it away, or name another output.")
    storage = f"sqlite:///{(folder / STUDY).as_posix()}"
    study = optuna.create_study(storage=storage, study_name=_NAME, direction="maximize", load_if_exists=True)
    swept, now = study.user_attrs.get(_SWEPT), sweep.signature()
    if swept is None:
        study.set_user_attr(_SWEPT, now)
    elif changed := sorted(key for key in swept.keys() | now.keys() if swept.get(key) != now.get(key)):
        raise ConfigError(
            f"{folder / STUDY}: is the study of another sweep; {', '.join(changed[:5])} differ. Name another output."
        )
    return study


def _keep_the_best(folder: Path, study: optuna.Study) -> None:
    """Leave the checkpoint of the best trial, metrics and settings of other complete ones, nothing of killed ones."""
    trials = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.FAIL))
    best = max((t for t in trials if t.value is not None), key=lambda t: (t.value, -t.number), default=None)
    for trial in trials:
        place = _folder(folder, trial.number)
        if trial is best or not place.is_dir():
            continue
        if _KILLED in trial.user_attrs:
            shutil.rmtree(place)
            continue
        for path in place.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path.name not in _KEPT:
                path.unlink()


def _folder(folder: Path, number: int) -> Path:
    return folder / f"trial-{number}"


def _note(study: optuna.Study, number: int, name: str, value: Any) -> None:
    study._storage.set_trial_user_attr(study._storage.get_trial_id_from_study_id_trial_number(0, number), name, value)


def _tell(console: Console, sweep: Sweep, study: optuna.Study, trial: Trial) -> None:
    complete = [t for t in ended_trials(sweep, study) if t.score is not None]
    values = ", ".join(f"{key}={as_text(value)}" for key, value in trial.values.items())
    result = f"failed: {trial.error}" if trial.score is None else f"{sweep.config.metric} {trial.score:.4f}"
    best = f"; best {best_of(complete).score:.4f}, trial {best_of(complete).number}" if complete else ""
    text = f"trial {trial.number} ({len(complete)} of {sweep.config.trials} complete): {result}{best}; {values}"
    console.print(text, highlight=False, markup=False, soft_wrap=True)


@contextmanager
def _only_process(folder: Path) -> Iterator[None]:
    """Hold the folder; the system lets go of it when the process is killed."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "sweep.lock", timeout=0):
            yield
    except Timeout:
        raise WazirError(f"{folder}: another process runs this sweep. Wait for it, or end it.") from None
    except OSError as error:
        raise WazirError(f"{folder}: cannot be written ({short(error)}). Check its permissions and space.") from None


@contextmanager
def _storage(folder: Path) -> Iterator[None]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield
    except (SQLAlchemyError, optuna.exceptions.StorageInternalError) as error:
        raise WazirError(
            f"{folder / STUDY}: cannot be read or written ({short(error)}). Check its space, or move it away to begin "
            "anew."
        ) from None
