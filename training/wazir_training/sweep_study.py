"""A sweep's study: trials in SQLite and in folders, which outlive the process."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import optuna
from filelock import FileLock, Timeout
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState
from sqlalchemy.exc import SQLAlchemyError

from wazir.errors import WazirError, short
from wazir_training.card import METRICS, TRAINING_CONFIG
from wazir_training.settings import ConfigError, as_text
from wazir_training.sweep_config import Sweep

#: The study, in the sweep's output folder.
STUDY = "study.db"
#: Names of notes in the study: what is swept; of a trial its seconds, the error if it failed (a trial that was killed
#: has none), and the earlier trial with the same values.
SWEPT, SECONDS, ERROR, TWIN = "swept", "seconds", "error", "same_as"
#: What stays of a trial that is not the best.
_KEPT = (METRICS, TRAINING_CONFIG)
_ENDED = (TrialState.COMPLETE, TrialState.FAIL)


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


def best_of(trials: Sequence[Trial]) -> Trial:
    """The complete trial with the highest score, the first of equals."""
    complete = [(t.score, -t.number, t) for t in trials if t.score is not None]
    return max(complete, key=lambda each: each[:2])[2]


def ended_trials(sweep: Sweep, study: optuna.Study) -> list[Trial]:
    """Trials that ended by themselves, in the order of their numbers; of those that were killed nothing is kept."""
    trials = []
    for t in study.get_trials(deepcopy=False, states=_ENDED):
        notes = t.user_attrs
        if t.value is not None or ERROR in notes:
            values = values_of(sweep, t.params)
            trials.append(
                Trial(t.number, values, t.value, notes.get(SECONDS, 0.0), notes.get(ERROR, ""), notes.get(TWIN))
            )
    return trials


def distributions(sweep: Sweep) -> dict[str, BaseDistribution]:
    """The ranges as Optuna words them: choices by their text, and steps counted from ``low``."""
    found: dict[str, BaseDistribution] = {}
    for key, r in sweep.config.ranges.items():
        if r.choices:
            found[key] = CategoricalDistribution([as_text(choice) for choice in r.choices])
        elif r.step is not None:  # Optuna's own steps may miss the last one
            found[key] = IntDistribution(0, r.steps)
        elif key in sweep.whole:
            found[key] = IntDistribution(int(r.low or 0), int(r.high or 0), log=r.log)
        else:
            found[key] = FloatDistribution(r.low or 0.0, r.high or 0.0, log=r.log)
    return found


def values_of(sweep: Sweep, params: Mapping[str, Any]) -> dict[str, Any]:
    """Values of the configuration, in the order of the sweep's file, from those of the study.

    Numbers are rounded to six digits inside their range, so that a reader can copy them.
    """
    values = {}
    for key, r in sweep.config.ranges.items():
        if key not in params:
            continue
        value = params[key]
        if r.choices:
            values[key] = {as_text(choice): choice for choice in r.choices}[value]
            continue
        low, high = r.low or 0.0, r.high or 0.0
        if r.step is not None:
            value = low + (high - low) * value / r.steps
        values[key] = round(value) if key in sweep.whole else min(max(float(f"{value:.6g}"), low), high)
    return values


def open_study(sweep: Sweep, folder: Path) -> optuna.Study:
    """Open the study of a folder, or begin it.

    Raises:
        ConfigError: it is the study of another sweep, or the folder has trials and no study.
        WazirError: it is of a version of Optuna that this one cannot read.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    if not (folder / STUDY).exists() and (left := next(folder.glob("trial-*"), None)):
        raise ConfigError(f"{left}: is there already, without a study. Move it away, or name another output.")
    path = folder / STUDY
    connect = partial(sqlite3.connect, path, check_same_thread=False)  # an address would not hold every path
    try:
        storage = optuna.storages.RDBStorage("sqlite:///study.db", {"creator": connect})
        study = optuna.create_study(storage=storage, study_name="wazir", direction="maximize", load_if_exists=True)
    except RuntimeError as error:
        raise WazirError(f"{path}: {short(error)}. Move it away to begin anew.") from None
    swept, now = study.user_attrs.get(SWEPT), sweep.signature()
    if swept is None:
        study.set_user_attr(SWEPT, now)
    elif changed := sorted(key for key in swept.keys() | now.keys() if swept.get(key) != now.get(key)):
        raise ConfigError(
            f"{path}: is the study of another sweep; {', '.join(changed[:5])} differ. Name another output."
        )
    return study


def keep_the_best(folder: Path, study: optuna.Study) -> None:
    """Leave the checkpoint of the best trial alone, metrics and settings of the others, and nothing of killed ones."""
    trials = study.get_trials(deepcopy=False, states=_ENDED)
    best = max((t for t in trials if t.value is not None), key=lambda t: (t.value, -t.number), default=None)
    for trial in trials:
        place = trial_folder(folder, trial.number)
        if trial is best or not place.is_dir():
            continue
        kept = _KEPT if trial.value is not None or ERROR in trial.user_attrs else ()
        for path in place.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path.name not in kept:
                path.unlink()
        if not any(place.iterdir()):
            place.rmdir()


def trial_folder(folder: Path, number: int) -> Path:
    """The folder that a trial trains into."""
    return folder / f"trial-{number}"


@contextmanager
def only_process(folder: Path) -> Iterator[None]:
    """Hold the folder; the system lets go of it when the process is killed."""
    lock = FileLock(folder / "sweep.lock", timeout=0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise WazirError(f"{folder}: another process runs this sweep. Wait for it, or end it.") from None
    except OSError as error:
        raise WazirError(f"{folder}: cannot be written ({short(error)}). Check its permissions and space.") from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def study_errors(folder: Path) -> Iterator[None]:
    """A study that the disk refuses, or that is none, is one clear error."""
    try:
        yield
    except (SQLAlchemyError, optuna.exceptions.StorageInternalError) as error:
        raise WazirError(
            f"{folder / STUDY}: cannot be read or written ({short(error)}). Make room, or move it away to begin anew."
        ) from None
