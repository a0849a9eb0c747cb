"""What comes out of a sweep: its table, picture and best configuration."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from sweeps import CONFIG, Training, by_rate, enter, run, sweep_of
from wazir.errors import WazirError
from wazir_training.config import TrainConfig, load_config
from wazir_training.sweep_report import draw_sweep, trial_table, write_best
from wazir_training.sweep_study import best_of


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(tmp_path, monkeypatch)


def test_the_best_configuration_extends_the_one_that_was_varied() -> None:
    sweep, training = sweep_of(), Training()
    trials = run(sweep, training)
    path = write_best(sweep, trials)
    best = best_of(trials)
    assert path == Path("out/best.yaml")
    assert "\nextends: ../base/config.yaml\n" in path.read_text(encoding="utf-8")
    loaded, trained = load_config(path), training.configs[best.number]
    assert Path(loaded.output) == Path("out/best")
    assert (loaded.fit, loaded.model, loaded.data, loaded.log_to) == (
        trained.fit,
        trained.model,
        trained.data,
        trained.log_to,
    )


def test_the_best_configuration_is_exact_even_where_mappings_were_given_whole() -> None:
    Path("base/config.yaml").write_text(CONFIG.replace("some/model", "{layers: 5, heads: 4}"), encoding="utf-8")
    ranges = "ranges: {model.base: {choices: [{hidden: 32}, {hidden: 64, vocabulary: 500}]}}\n"
    sweep, training = sweep_of("config: base/config.yaml\noutput: out\ntrials: 2\n" + ranges), Training()
    trials = run(sweep, training)
    loaded = load_config(write_best(sweep, trials))
    assert loaded.model == training.configs[best_of(trials).number].model


def test_the_table_has_the_best_trial_first_and_the_failed_ones_last() -> None:
    def score(config: TrainConfig) -> float:
        if config.output.endswith("-2"):
            raise WazirError("no room [on the disk]")
        return by_rate(config)

    sweep = sweep_of()
    trials = run(sweep, Training(score))
    console = Console(width=120, file=StringIO(), record=True)
    console.print(trial_table(sweep, trials))
    rows = [[c.strip() for c in line.split("│")[1:-1]] for line in console.export_text().splitlines() if "│" in line]
    assert [row[1] for row in rows] == [
        *sorted((f"{t.score:.4f}" for t in trials if t.score is not None), reverse=True),
        "failed",
    ]
    assert rows[0][0] == str(best_of(trials).number)
    assert rows[-1][0] == "2"


def test_the_picture_is_drawn_for_numbers_choices_and_failures() -> None:
    def score(config: TrainConfig) -> float:
        if config.output.endswith("-0"):
            raise WazirError("no room")
        return by_rate(config)

    sweep = sweep_of()
    path = draw_sweep(sweep, run(sweep, Training(score)))
    assert path == Path("out/sweep.png")
    assert path.read_bytes().startswith(b"\x89PNG")
    assert path.stat().st_size > 10_000
