"""Pictures: what is drawn, and that a PNG comes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wazir_training import plots
from wazir_training.calibration import calibration_curve
from wazir_training.confusion import Confusion
from wazir_training.plots import calibration_picture, confusion_picture, learning_curves

CONFUSION = Confusion(("PERS", "LOC"), np.array([[8, 0, 2], [1, 3, 0], [4, 5, 0]]))
HISTORY = [
    {"step": 20, "epoch": 0.1, "loss": 1.2, "learning_rate": 1e-4},
    {"step": 40, "epoch": 0.2, "loss": 0.8, "learning_rate": 2e-4},
    {"step": 40, "epoch": 1.0, "eval_f1": 0.8, "eval_inner_f1": 0.7, "eval_f1_ORG": 0.6},
    {"step": 20, "epoch": 0.1, "loss": 1.1, "learning_rate": 1e-4},  # a run that was taken up again
    {"step": 40, "train_runtime": 12.0},
]


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The figures that are saved."""
    saved: list[Any] = []
    monkeypatch.setattr(plots, "_save", lambda figure, path: saved.append(figure))
    return saved


def size_of(path: Path) -> tuple[int, int]:
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def test_the_confusion_matrix_has_a_count_in_each_cell_and_shares_of_gold(figures: list[Any]) -> None:
    confusion_picture(CONFUSION, "x.png", "a model")
    axes = figures[0].axes[0]
    cells = {tuple(map(int, t.get_position())): t.get_text() for t in axes.texts}
    assert cells == {
        (0, 0): "8\n80.0%",
        (1, 0): "0\n0.0%",
        (2, 0): "2\n20.0%",
        (0, 1): "1\n25.0%",
        (1, 1): "3\n75.0%",
        (2, 1): "0\n0.0%",
        (0, 2): "4",  # spurious spans have no gold spans to be a share of
        (1, 2): "5",
    }
    assert [t.get_text() for t in axes.get_xticklabels()] == ["PERS", "LOC", "missed"]
    assert [t.get_text() for t in axes.get_yticklabels()] == ["PERS", "LOC", "spurious"]
    assert "gold spans" in axes.get_title()


def test_the_calibration_picture_has_the_accuracy_and_the_count_of_each_bin(figures: list[Any]) -> None:
    scores = np.array([0.15, 0.95, 0.95, 0.85], np.float32)
    calibration_picture(calibration_curve(scores, np.array([0, 1, 0, 1], np.float32)), "x.png")
    upper, lower = figures[0].axes
    assert [bar.get_height() for bar in upper.patches] == [0, 0, 0, 0, 0, 0, 0, 0, 1, 0.5]
    assert [bar.get_height() for bar in lower.patches] == [0, 1, 0, 0, 0, 0, 0, 0, 1, 2]
    assert [t.get_text() for t in lower.texts] == ["", "1", "", "", "", "", "", "", "1", "2"]
    line = upper.lines[1]
    assert line.get_xdata().tolist() == pytest.approx([0.15, 0.85, 0.95])
    assert line.get_ydata().tolist() == pytest.approx([0, 1, 0.5])
    assert "0.300" in upper.get_title()  # (0.15 + 0.15 + 2 * 0.45) / 4


def test_learning_curves_show_each_step_once_and_later_entries_win(figures: list[Any]) -> None:
    assert learning_curves(HISTORY, "x.png")
    loss, scores, rate = figures[0].axes
    assert (loss.get_ylabel(), scores.get_ylabel()) == ("loss", "dev F1, exact spans")
    assert list(zip(*loss.lines[0].get_data(), strict=True)) == [(20, 1.1), (40, 0.8)]
    assert {line.get_label(): line.get_ydata()[0] for line in scores.lines} == {
        "all outer": 0.8,
        "all inner": 0.7,
        "ORG": 0.6,
    }
    assert list(rate.lines[0].get_ydata()) == [1e-4, 2e-4]


def test_what_a_history_lacks_has_no_panel(figures: list[Any]) -> None:
    assert learning_curves(HISTORY[:2], "x.png")
    assert [axes.get_ylabel() for axes in figures[0].axes] == ["loss", "learning rate"]
    assert not learning_curves([{"step": 3, "train_runtime": 1.0}], "x.png")
    assert len(figures) == 1


def test_pictures_are_png_files_and_come_back_the_same(tmp_path: Path) -> None:
    none = np.empty(0, np.float32)
    confusion_picture(CONFUSION, tmp_path / "confusion.png", "نموذج")
    calibration_picture(calibration_curve(none, none), tmp_path / "empty")  # the name needs no ending
    learning_curves(HISTORY, tmp_path / "curves.png")
    assert all(min(size_of(path)) > 300 for path in tmp_path.iterdir())
    confusion_picture(CONFUSION, tmp_path / "again.png", "نموذج")
    assert (tmp_path / "again.png").read_bytes() == (tmp_path / "confusion.png").read_bytes()
