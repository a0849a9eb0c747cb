"""Pictures of scores as PNG files, drawn without a display."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from wazir_training.calibration import CalibrationCurve
from wazir_training.confusion import Confusion

_DPI = 130
_BLUE, _GREY = "#2166ac", "#666666"


def confusion_picture(confusion: Confusion, path: str | Path, title: str = "") -> None:
    """Draw spans by gold and predicted label, shaded by the share of each row's gold spans."""
    rows, columns = confusion.rows, confusion.columns
    shares = np.full(confusion.counts.shape, np.nan)
    shares[:-1] = confusion.share_of_gold
    figure = Figure(figsize=(2.6 + 0.95 * len(columns), 1.9 + 0.75 * len(rows)), layout="constrained")
    axes = figure.add_subplot()
    image = axes.imshow(np.ma.masked_invalid(shares), cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (i, j), count in np.ndenumerate(confusion.counts):
        if (i, j) == (len(rows) - 1, len(columns) - 1):
            continue
        share = shares[i, j]
        text = f"{count:,}" if np.isnan(share) else f"{count:,}\n{share:.1%}"
        axes.text(j, i, text, ha="center", va="center", fontsize=9, color="white" if share > 0.6 else "black")
    axes.set_xticks(range(len(columns)), columns, rotation=30, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(rows)), rows)
    axes.set_xlabel("predicted label at the same edges")
    axes.set_ylabel("gold label at the same edges")
    axes.axhline(len(rows) - 1.5, color=_GREY, linewidth=1)
    axes.axvline(len(columns) - 1.5, color=_GREY, linewidth=1)
    axes.set_title("\n".join(filter(None, [title, "spans, and share of the row's gold spans"])), fontsize=10)
    bar = figure.colorbar(image, ax=axes, fraction=0.046)
    bar.set_label("share of the row's gold spans")
    _save(figure, path)


def calibration_picture(curve: CalibrationCurve, path: str | Path, title: str = "") -> None:
    """Draw the share of right spans against their mean score, bin by bin, above the number of spans of each bin."""
    edges = np.linspace(0, 1, len(curve.counts) + 1)
    width, filled = 1 / len(curve.counts), curve.counts > 0
    figure = Figure(figsize=(5.2, 6), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    upper.plot([0, 1], [0, 1], linestyle="--", color=_GREY, linewidth=1, label="score = share of right spans")
    upper.bar(edges[:-1], curve.accuracies, width, align="edge", color=_BLUE, alpha=0.25, edgecolor=_BLUE, label="bins")
    upper.plot(
        curve.scores[filled], curve.accuracies[filled], "o-", color=_BLUE, clip_on=False, label="mean score of bin"
    )
    upper.set(xlim=(0, 1), ylim=(0, 1.02), ylabel="share of right spans")
    upper.legend(loc="upper left", fontsize=8)
    error = f"expected calibration error {curve.error:.3f}"
    upper.set_title("\n".join(filter(None, [title, error])), fontsize=10)
    bars = lower.bar(edges[:-1], curve.counts, width, align="edge", color=_GREY, edgecolor="white")
    lower.bar_label(bars, [f"{n:,}" if n else "" for n in curve.counts], fontsize=7)
    lower.set(ylabel="predicted spans", xlabel="score of the span", ylim=(0, 1.2 * max(1, curve.counts.max())))
    _save(figure, path)


def learning_curves(history: Sequence[Mapping[str, Any]], path: str | Path, title: str = "") -> bool:
    """Draw loss, dev F1 and learning rate of a run against its steps; what the history lacks has no panel.

    Args:
        history: Entries of Trainer's log: ``step`` with ``loss``, ``eval_loss``, ``learning_rate``, ``eval_f1``,
            ``eval_inner_f1`` or ``eval_f1_LABEL``.
        path: The picture.
        title: Words above it.

    Returns:
        Whether there was anything to draw; if not, there is no picture.
    """
    named = sorted({k for entry in history for k in entry if k.startswith("eval_f1_")})
    totals = {"eval_f1": "all outer", "eval_inner_f1": "all inner"}
    panels: dict[str, dict[str, str]] = {
        "loss": {"loss": "training", "eval_loss": "dev"},
        "dev F1, exact spans": totals | {k: k.removeprefix("eval_f1_") for k in named},
        "learning rate": {"learning_rate": "encoder"},
    }
    series = {
        panel: {label: points for key, label in keys.items() if (points := _points(history, key))}
        for panel, keys in panels.items()
    }
    series = {panel: lines for panel, lines in series.items() if lines}
    if not series:
        return False
    figure = Figure(figsize=(7.5, 0.6 + 2.7 * len(series)), layout="constrained")
    all_axes = figure.subplots(len(series), 1, sharex=True, squeeze=False)[:, 0]
    for axes, (panel, lines) in zip(all_axes, series.items(), strict=True):
        for label, points in lines.items():
            total = label in totals.values() or len(lines) == 1
            marker = "o" if panel.startswith("dev") else None
            axes.plot(*zip(*points, strict=True), label=label, marker=marker, markersize=4, linewidth=2 if total else 1)
        axes.set_ylabel(panel)
        axes.grid(alpha=0.3)
        if len(lines) > 1:
            axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.01, 0.5))
    all_axes[-1].set_xlabel("step")
    all_axes[0].set_title(title, fontsize=10)
    _save(figure, path)
    return True


def _points(history: Sequence[Mapping[str, Any]], key: str) -> list[tuple[float, float]]:
    """Step and value of each entry that has one; of two entries for a step (a resumed run) the later."""
    values = {float(e["step"]): float(e[key]) for e in history if key in e and "step" in e}
    return sorted(values.items())


def _save(figure: Figure, path: str | Path) -> None:
    figure.savefig(path, dpi=_DPI, format="png", metadata={"Software": None})
