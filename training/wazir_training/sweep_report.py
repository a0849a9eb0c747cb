"""What comes out of a sweep: a table of trials, the best configuration, and a picture."""

from __future__ import annotations

import math
import os
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter
from rich.table import Table
from rich.text import Text

from wazir_training.config import TrainConfig, load_config
from wazir_training.settings import EXTENDS, ConfigError, Settings, as_text, override_settings, with_value
from wazir_training.sweep_config import Sweep
from wazir_training.sweep_study import Trial, best_of

#: The best configuration and the picture, in the sweep's output folder.
BEST, PICTURE = "best.yaml", "sweep.png"
_COLUMNS = 3
_BLUE, _ORANGE, _GREY = "#2a6f97", "#e07a1f", "#8d99ae"


def trial_table(sweep: Sweep, trials: Sequence[Trial]) -> Table:
    """The trials, best first and failed ones last, with what they tried."""
    table = Table()
    table.add_column("trial", justify="right", no_wrap=True)
    for key in (sweep.config.metric, *sweep.config.ranges):
        has_words = key in sweep.config.ranges and bool(sweep.config.ranges[key].choices)
        table.add_column(key.replace(".", ".\n"), justify="right", no_wrap=not has_words, overflow="fold")
    table.add_column("seconds", justify="right", no_wrap=True)
    for t in sorted(trials, key=lambda t: (t.score is None, -(t.score or 0.0), t.number)):
        number = f"{t.number}" if t.same_as is None else f"{t.number} (as {t.same_as})"
        score = "failed" if t.score is None else f"{t.score:.4f}"
        values = [Text(_short(t.values[key])) if key in t.values else "" for key in sweep.config.ranges]
        table.add_row(number, score, *values, f"{t.seconds:,.0f}")
    return table


def write_best(sweep: Sweep, trials: Sequence[Trial]) -> Path:
    """Write the best trial's configuration, which extends the one that was varied.

    Returns:
        The file; its own output folder is ``best`` beside it.
    """
    folder = Path(sweep.config.output)
    path, best = folder / BEST, best_of(trials)
    config = sweep.trial_config(best.values, folder / "best")
    changes = Settings({"output": ""}, {}, "")
    for override in sweep.config.overrides:
        changes = override_settings(changes, override)
    for key, value in {**best.values, "output": str(folder / "best")}.items():
        changes = with_value(changes, key, value, "")
    base = os.path.relpath(sweep.base.resolve(), folder.resolve())
    _write(path, sweep, best, {EXTENDS: Path(base).as_posix(), **changes.values})
    if not _loads_as(path, config):  # a mapping that was given whole is not what it is when merged
        _write(path, sweep, best, asdict(config))
    return path


def _write(path: Path, sweep: Sweep, best: Trial, values: Mapping[str, Any]) -> None:
    comment = (
        f"# The best of a sweep: {sweep.config.metric} {best.score:.4f}. Its checkpoint is in trial-{best.number}.\n"
    )
    path.write_text(comment + yaml.safe_dump(_plain(values), allow_unicode=True, sort_keys=False), encoding="utf-8")


def _plain(value: Any) -> Any:
    """Tuples as lists, which YAML has."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def _loads_as(path: Path, config: TrainConfig) -> bool:
    try:
        return load_config(path) == config
    except ConfigError:
        return False


def draw_sweep(sweep: Sweep, trials: Sequence[Trial]) -> Path:
    """Draw the metric over the trials with the best so far, and over each key that was varied.

    Returns:
        The PNG.
    """
    count = 1 + len(sweep.config.ranges)
    columns = min(count, _COLUMNS)
    rows = math.ceil(count / columns)
    figure = Figure(figsize=(4.2 * columns, 3.2 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, sharey=True).ravel().tolist()
    _draw_history(axes[0], sweep, trials)
    complete = [t for t in trials if t.score is not None]
    for ax, key in zip(axes[1:], sweep.config.ranges, strict=False):
        _draw_key(ax, sweep, key, complete)
    for ax in axes[count:]:
        ax.set_visible(False)
    for i, ax in enumerate(axes[:count]):
        ax.grid(color="#e6e8eb", linewidth=0.8)
        ax.set_axisbelow(True)
        ax.spines[["top", "right"]].set_visible(False)
        if i % columns == 0:
            ax.set_ylabel(sweep.config.metric)
    path = Path(sweep.config.output) / PICTURE
    figure.savefig(path, dpi=150)
    return path


def _draw_history(ax: Axes, sweep: Sweep, trials: Sequence[Trial]) -> None:
    complete = [t for t in trials if t.score is not None]
    scores = [t.score or 0.0 for t in complete]
    ax.scatter([t.number for t in complete], scores, color=_BLUE, s=28, label="trial", zorder=3)
    best = [max(scores[: i + 1]) for i in range(len(scores))]
    ax.step([t.number for t in complete], best, where="post", color=_ORANGE, label="best so far")
    failed = [t.number for t in trials if t.score is None]
    if failed:
        ax.scatter(failed, [min(scores)] * len(failed), marker="x", color=_GREY, label="failed")
    ax.set_xlabel("trial")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(frameon=False, fontsize="small", loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)


def _draw_key(ax: Axes, sweep: Sweep, key: str, complete: Sequence[Trial]) -> None:
    values = sweep.config.ranges[key]
    best = best_of(complete)
    if values.choices:
        names = [as_text(choice) for choice in values.choices]
        positions = [float(names.index(as_text(t.values[key]))) for t in complete]
        labels = ["\n".join(textwrap.wrap(_short(choice), 11)) for choice in values.choices]
        ax.set_xticks(range(len(names)), labels, fontsize="small")
        ax.set_xlim(-0.5, len(names) - 0.5)
    else:
        positions = [float(t.values[key]) for t in complete]
        ax.set_xscale("log" if values.log else "linear")
        ax.update_datalim([(values.low or 0.0, best.score or 0.0), (values.high or 0.0, best.score or 0.0)])
        if values.log:
            is_wide = (values.high or 1.0) > 100 * (values.low or 1.0)
            ax.xaxis.set_major_locator(LogLocator(subs=(1.0,) if is_wide else (1.0, 2.0, 5.0)))
            ax.xaxis.set_major_formatter(lambda x, _: f"{x:g}")
            ax.xaxis.set_minor_formatter(NullFormatter())
        else:
            ax.xaxis.set_major_locator(MaxNLocator(6, integer=key in sweep.whole))
    colors = [_ORANGE if t is best else _BLUE for t in complete]
    ax.scatter(positions, [t.score or 0.0 for t in complete], c=colors, s=28, zorder=3)
    ax.set_xlabel(key)


def _short(value: Any) -> str:
    text = f"{value:.4g}" if isinstance(value, float) else as_text(value)
    return text if len(text) <= 20 else f"{text[:9]}…{text[-10:]}"
