"""What a run leaves beside its checkpoint: pictures, the table of labels, the list of errors."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from wazir_training.evaluate import Evaluation, error_lines
from wazir_training.plots import calibration_picture, confusion_picture, learning_curves

CONFUSION = "confusion.png"
CALIBRATION = "calibration.png"
LEARNING_CURVES = "learning_curves.png"
LABELS = "labels.csv"
ERRORS = "errors.jsonl"


def write_report(
    folder: str | Path, evaluation: Evaluation, history: Sequence[Mapping[str, Any]] = (), title: str = ""
) -> tuple[Path, ...]:
    """Write `confusion.png`, `calibration.png`, `learning_curves.png`, `labels.csv` and `errors.jsonl`.

    Args:
        folder: Where to write; made if it is missing. Files of these names are replaced, or removed if there is
            nothing for them.
        evaluation: Figures of the finished model.
        history: Trainer's ``state.log_history``; without an entry to draw, there is no `learning_curves.png`.
        title: Words above the pictures, such as the name of the model and the data.

    Returns:
        The paths of the files.
    """
    folder = Path(folder)
    paths = write_pictures(folder, evaluation, title)
    curves = folder / LEARNING_CURVES
    curves.unlink(missing_ok=True)  # of a former run
    if learning_curves(history, curves, title):
        paths += (curves,)
    write_labels(folder / LABELS, evaluation)
    write_errors(folder / ERRORS, evaluation)
    return (*paths, folder / LABELS, folder / ERRORS)


def write_pictures(folder: str | Path, evaluation: Evaluation, title: str = "") -> tuple[Path, ...]:
    """Write `confusion.png` and `calibration.png` of the outer spans; arguments and result as `write_report`."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    confusion_picture(evaluation.confusion, folder / CONFUSION, title)
    calibration_picture(evaluation.calibration, folder / CALIBRATION, title)
    return folder / CONFUSION, folder / CALIBRATION


def write_labels(path: str | Path, evaluation: Evaluation) -> None:
    """Write the scores of each label of both layers as CSV, those of a whole layer under ``(all)``."""
    s, i = evaluation.spans, evaluation.intervals
    rows = [("outer", "(all)", s.outer, i.outer), *(("outer", k, v, i.labels[k]) for k, v in s.labels.items())]
    if evaluation.scheme.inner:
        rows.append(("inner", "(all)", s.inner, i.inner))
        rows += [("inner", k, v, i.inner_labels[k]) for k, v in s.inner_labels.items()]
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(
            ["layer", "label", "precision", "recall", "f1", "f1_low", "f1_high", "right", "predicted", "gold"]
        )
        for layer, label, score, interval in rows:
            figures = [f"{x:.4f}" for x in (score.precision, score.recall, score.f1)]
            ends = [f"{x:.4f}" for x in interval.to_list()] if interval else ["", ""]
            writer.writerow([layer, label, *figures, *ends, score.right, score.predicted, score.gold])


def write_errors(path: str | Path, evaluation: Evaluation) -> None:
    """Write every error as JSONL."""
    Path(path).write_text("".join(f"{line}\n" for line in error_lines(evaluation)), encoding="utf-8")
