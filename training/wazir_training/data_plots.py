"""The picture of a data report: sizes, labels, span lengths and sub-tokens of each split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from wazir_training.data_check import DataReport, SourceReport
from wazir_training.data_report import labels_of

_COLOURS = {"train": "#2166ac", "dev": "#e08214", "test": "#1b7837", "held_out": "#888888"}
#: Spans of this length and longer share a column.
_LONGEST = 12
_BINS = 40
#: Left edge of the logarithmic scale, a little below one span.
_LEFT = 0.7
_DPI = 130


def draw_report(report: DataReport, path: str | Path) -> None:
    """Draw a report into a PNG file, making its folder if need be."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    report_figure(report).savefig(path, format="png", dpi=_DPI)


def report_figure(report: DataReport) -> Figure:
    """Span counts and span lengths of each label above sizes and sub-tokens, by split."""
    splits = report.whole_splits()
    marked = [s for s in splits if s.statistics.outer]
    labels = list(labels_of({s.split: s.statistics for s in marked}, report.scheme))
    height = max(3.2, 0.5 + len(labels) * (0.16 + 0.2 * len(marked)))
    figure = Figure(figsize=(14, 3.8 + height), layout="constrained")
    grid = figure.subplots(2, 2, height_ratios=(height, 3.4))
    _label_counts(grid[0, 0], marked, labels)
    _span_lengths(grid[0, 1], marked, labels)
    _sizes(grid[1, 0], splits)
    _subtokens(grid[1, 1], splits, report)
    handles = [Patch(color=_COLOURS[s.split], label=s.split) for s in splits]
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles), frameon=False)
    return figure


def _sizes(axes: Any, splits: Sequence[SourceReport]) -> None:
    words = [s.statistics.words for s in splits]
    bars = axes.barh([s.split for s in splits], words, color=[_COLOURS[s.split] for s in splits])
    texts = [f" {s.statistics.words:,} words, {s.paragraphs:,} paragraphs" for s in splits]
    axes.bar_label(bars, texts)
    axes.set(title="Size", xlabel="words", xlim=(0, 1.75 * max([1, *words])))
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.invert_yaxis()
    axes.spines[["top", "right"]].set_visible(False)


def _label_counts(axes: Any, splits: Sequence[SourceReport], labels: Sequence[tuple[str, str, str]]) -> None:
    width = 0.8 / max(1, len(splits))
    most = 1
    for i, s in enumerate(splits):
        counts = [getattr(s.statistics, layer)[label] for layer, label, _ in labels]
        most = max([most, *counts])
        places = np.arange(len(labels)) + (i - (len(splits) - 1) / 2) * width
        axes.barh(places, counts, width, color=_COLOURS[s.split])
        for place, n in zip(places, counts, strict=True):  # a bar of no length has no place for its label
            axes.text(max(n, _LEFT), place, f" {n:,}", va="center", fontsize=8)
    axes.set_yticks(range(len(labels)), [shown for _, _, shown in labels])
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set(title="Spans of each label (logarithmic scale)", xlabel="spans", xscale="log", xlim=(_LEFT, 4 * most))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.spines[["top", "right"]].set_visible(False)


def _span_lengths(axes: Any, splits: Sequence[SourceReport], labels: Sequence[tuple[str, str, str]]) -> None:
    shares = np.zeros((len(labels), _LONGEST))
    for row, (layer, label, _) in zip(shares, labels, strict=True):
        lengths = sum((_lengths(s, layer).get(label, Counter()) for s in splits), Counter())
        for words, spans in lengths.items():
            row[min(words, _LONGEST) - 1] += 100 * spans / lengths.total()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=100, aspect="auto")
    for (i, j), share in np.ndenumerate(shares):
        if share:
            text = "<1" if share < 0.5 else f"{share:.0f}"
            axes.text(j, i, text, ha="center", va="center", fontsize=8, color="white" if share > 60 else "black")
    axes.set_xticks(range(_LONGEST), [*map(str, range(1, _LONGEST)), f"{_LONGEST}+"])
    axes.set_yticks(range(len(labels)), [shown for _, _, shown in labels])
    names = ", ".join(s.split for s in splits)
    axes.set(title=f"Span lengths: % of each label's spans ({names})", xlabel="words")


def _lengths(source: SourceReport, layer: str) -> Mapping[str, Counter[int]]:
    return source.statistics.outer_lengths if layer == "outer" else source.statistics.inner_lengths


def _subtokens(axes: Any, splits: Sequence[SourceReport], report: DataReport) -> None:
    room = report.window - 2
    lengths = {s.split: s.pieces.lengths for s in splits if s.pieces is not None and len(s.pieces.lengths)}
    axes.set_title("Sub-tokens of each paragraph")
    if not lengths:
        axes.text(0.5, 0.5, "not counted: no tokenizer, or no text", ha="center", transform=axes.transAxes)
        axes.set_axis_off()
        return
    longest = max(int(x.max()) for x in lengths.values())
    bins = np.linspace(0, max(longest, room) + 1, _BINS + 1)
    for split, values in lengths.items():
        cut = int((values > room).sum())
        label = f"{split}, {cut:,} longer than the window"
        axes.hist(values, bins, histtype="step", linewidth=1.6, color=_COLOURS[split], label=label)
    axes.axvline(room, color="#b2182b", linestyle="--", label=f"window: {room:,} and two special tokens")
    axes.set(xlabel="sub-tokens", ylabel="paragraphs (logarithmic scale)", yscale="log", xlim=(0, bins[-1] * 1.02))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=8)
