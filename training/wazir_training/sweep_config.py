"""What a hyper-parameter sweep varies: read from YAML, and proved possible before any trial runs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from dataclasses import dataclass as plain_dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass

from wazir.errors import DataError
from wazir_training.config import TrainConfig, config_from_settings, flatten
from wazir_training.schema import STRICT, fill
from wazir_training.settings import ConfigError, Settings, as_text, override_settings, read_settings, with_value

_Number = Annotated[float, Field(allow_inf_nan=False)]
#: What a sweep may choose by: higher is better, and test data chooses nothing.
_METRIC = re.compile(r"dev\.(outer|inner|edges|seqeval|partial|(inner_)?labels\.\S+)\.(f1|precision|recall)")


def _check_metric(name: str) -> str:
    if not _METRIC.fullmatch(name):
        raise ValueError(f"{name!r} is no figure to raise. Use dev.outer.f1, dev.labels.TITLE.f1 or the like")
    return name


@dataclass(frozen=True, config=STRICT)
class Range:
    """The values that a key may take: numbers from ``low`` to ``high``, both included, or ``choices``.

    Attributes:
        low: Least value.
        high: Greatest value.
        log: Whether the logarithm is drawn evenly, as suits rates.
        step: Distance between the values; any number, or any whole number, by default.
        choices: The values one by one.
    """

    low: _Number | None = None
    high: _Number | None = None
    log: bool = False
    step: _Number | None = None
    choices: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        if self.choices:
            if self.low is not None or self.high is not None or self.step is not None or self.log:
                raise ValueError("give choices, or low and high, and not both")
            if len({as_text(choice) for choice in self.choices}) < len(self.choices):
                raise ValueError("a choice is given twice")
            return
        if self.low is None or self.high is None:
            raise ValueError("give low and high, or choices")
        if self.low >= self.high:
            raise ValueError(f"low={self.low:g} must be less than high={self.high:g}")
        if self.log and (self.low <= 0 or self.step is not None):
            raise ValueError("log needs a low above 0, and goes without step")
        if self.step is not None:
            steps = (self.high - self.low) / self.step if self.step > 0 else 0.0
            if steps < 0.5 or abs(steps - self.steps) > 1e-6:
                raise ValueError("from low to high must be a whole number of steps")

    @property
    def steps(self) -> int:
        """Steps from ``low`` to ``high``; 0 where there are none."""
        if self.step is None or self.low is None or self.high is None:
            return 0
        return round((self.high - self.low) / self.step)


@dataclass(frozen=True, config=STRICT)
class SweepConfig:
    """Everything that `wazir sweep` reads.

    Attributes:
        config: The training configuration to vary, relative to the file of the sweep.
        output: Folder that receives the study, the trials and what comes out of them.
        ranges: Dotted keys of the training configuration and the values they may take.
        overrides: Settings of all trials, such as ``fit.epochs=3``.
        trials: Trials to complete.
        metric: Which of a run's metrics to raise.
        seed: Seed of the values that are tried; the trainings have ``fit.seed``.
    """

    config: Annotated[str, Field(min_length=1)]
    output: Annotated[str, Field(min_length=1)]
    ranges: Annotated[dict[str, Range], Field(min_length=1)]
    overrides: tuple[str, ...] = ()
    trials: Annotated[int, Field(ge=1)] = 20
    metric: Annotated[str, AfterValidator(_check_metric)] = "dev.outer.f1"
    seed: Annotated[int, Field(ge=0)] = 1


@plain_dataclass(frozen=True, slots=True)
class Sweep:
    """A sweep that can run.

    Attributes:
        config: What the file says.
        base: Path of the training configuration.
        settings: Its settings with the overrides of all trials.
        places: Where each range was written.
        whole: Keys that take whole numbers alone.
    """

    config: SweepConfig
    base: Path
    settings: Settings
    places: Mapping[str, str]
    whole: frozenset[str]

    def trial_config(self, values: Mapping[str, Any], output: Path) -> TrainConfig:
        """The configuration of one trial.

        Raises:
            ConfigError: values that are possible one by one and not together.
        """
        settings = self.settings
        for key, value in values.items():
            settings = with_value(settings, key, value, self.places[key])
        return config_from_settings(with_value(settings, "output", str(output), self.config.output))

    def signature(self) -> dict[str, Any]:
        """All that makes trials comparable, as JSON values: dotted keys."""
        own = {k: v for k, v in asdict(self.config).items() if k in ("metric", "ranges", "seed")}
        trained = asdict(config_from_settings(self.settings))
        settings = {k: v for k, v in flatten(trained) if k not in ("output", "log_to")}
        return dict(json.loads(json.dumps({**dict(flatten(own)), **settings}, default=str)))


def load_sweep(path: str | Path, overrides: Sequence[str] = ()) -> Sweep:
    """Read a sweep and prove that both ends of each range, or all choices, can be trained with.

    Args:
        path: YAML file.
        overrides: Changes to the sweep's own keys, such as ``trials=50``.

    Raises:
        DataError: the file cannot be read.
        ConfigError: an unknown key, a wrong value or an impossible range, with file and line.
    """
    settings = read_settings(path, overrides)
    config = fill(SweepConfig, settings)
    base = Path(path).parent / config.config
    try:
        trained = read_settings(base)
    except DataError as error:
        raise ConfigError(f"{settings.place('config')}: {error}") from None
    for i, override in enumerate(config.overrides):
        trained = override_settings(trained, override, settings.place(f"overrides.{i}"))
    config_from_settings(trained)
    whole = set()
    for key, values in config.ranges.items():
        place = settings.place(f"ranges.{key}")
        if key == "output":
            raise ConfigError(f"{place}: each trial has an output folder of its own. Take this range out.")
        if values.choices:
            for i, choice in enumerate(values.choices):
                config_from_settings(with_value(trained, key, choice, settings.place(f"ranges.{key}.choices.{i}")))
        elif _takes_whole_numbers(trained, key, values, settings):
            whole.add(key)
            if values.step is not None and not values.step.is_integer():
                raise ConfigError(f"{place}: {key} takes whole numbers alone, and step={values.step:g} is none.")
    places = {key: settings.place(f"ranges.{key}") for key in config.ranges}
    return Sweep(config, base, trained, places, frozenset(whole))


def _takes_whole_numbers(trained: Settings, key: str, values: Range, settings: Settings) -> bool:
    """Whether a key is an integer; both ends of its range are tried."""
    kinds = set()
    for end in ("low", "high"):
        place = settings.place(f"ranges.{key}.{end}")
        config = config_from_settings(with_value(trained, key, getattr(values, end), place))
        kinds.add(type(dict(flatten(asdict(config))).get(key)))
    if not kinds <= {int, float}:
        raise ConfigError(f"{settings.place(f'ranges.{key}')}: {key} is no number. Give choices.")
    return kinds == {int}
