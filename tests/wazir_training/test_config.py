"""Configurations: YAML onto dataclasses, unknown keys refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import ROOT
from wazir.errors import DataError
from wazir_training.config import ConfigError, ScratchConfig, Source, load_config


@pytest.fixture
def minimal(tmp_path: Path) -> Path:
    path = tmp_path / "minimal.yaml"
    path.write_text("output: out\nmodel: {base: some/model}\ndata: {train: a.ann, dev: b.ann}\n")
    return path


@pytest.mark.parametrize("path", sorted((ROOT / "configs").glob("*.yaml")), ids=lambda p: p.stem)
def test_every_recipe_loads(path: Path) -> None:
    assert load_config(path).data.train


def test_a_single_path_stands_for_a_list_of_sources(minimal: Path) -> None:
    data = load_config(minimal).data
    assert data.train == (Source("a.ann"),)
    assert data.dev == (Source("b.ann"),)


def test_a_base_is_a_name_or_the_shape_of_a_new_one(minimal: Path) -> None:
    assert load_config(minimal).model.base == "some/model"
    assert load_config(minimal, ["model.base={layers: 3}"]).model.base == ScratchConfig(layers=3)


def test_overrides_win_over_the_file(minimal: Path) -> None:
    config = load_config(minimal, ["fit.epochs=9", "fit.learning_rate=3e-5", "data.train=[x.ann, y.ann]"])
    assert (config.fit.epochs, config.fit.learning_rate) == (9, 3e-5)
    assert [s.path for s in config.data.train] == ["x.ann", "y.ann"]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("fit.epoch=3", "unknown key 'fit.epoch', did you mean 'epochs'?"),
        ("modle.window=3", "unknown key 'modle', did you mean 'model'?"),
        ("fit.epochs=many", "fit.epochs: Input should be a valid integer"),
        ("fit.epochs=0", "fit.epochs: Input should be greater than or equal to 1, not 0"),
        ("fit.precision=fp8", "fit.precision: Input should be 'bf16', 'fp16' or 'fp32', not 'fp8'"),
        ("data.train=[]", "data.train"),
        ("fit.epochs", "'fit.epochs' is not key=value"),
        ("output.folder=x", "output.folder: output holds no keys of its own"),
        ("fit.epochs=[", "broken YAML"),
    ],
)
def test_a_wrong_setting_is_named_with_its_remedy(minimal: Path, override: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        load_config(minimal, [override])
    assert message in str(error.value)


def test_a_missing_or_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        load_config(tmp_path / "none.yaml")
    broken = tmp_path / "broken.yaml"
    broken.write_text("just words")
    with pytest.raises(ConfigError, match="no mapping"):
        load_config(broken)
