"""Configurations: YAML onto dataclasses, unknown keys refused."""

from __future__ import annotations

from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from config_reads import reads
from conftest import ROOT
from wazir.errors import DataError
from wazir_training import config as training_config
from wazir_training import sweep_config
from wazir_training.adaptation import config as adapt_config
from wazir_training.adaptation.config import AdaptConfig
from wazir_training.augmentation import config as augment_config
from wazir_training.config import ScratchConfig, Source, config_from_settings, flatten, load_config
from wazir_training.schema import fill
from wazir_training.settings import ConfigError, read_settings
from wazir_training.sweep_config import Sweep, SweepConfig, load_sweep

FILES = sorted((ROOT / "configs").glob("*.yaml"))
ADAPTATIONS = [path for path in FILES if path.stem == "adapt"]
SWEEPS = [path for path in FILES if path.stem == "sweep"]
RECIPES = [path for path in FILES if path not in (*SWEEPS, *ADAPTATIONS)]
#: Every dataclass of keys that a user may write.
KINDS = [
    kind
    for module in (training_config, sweep_config, adapt_config, augment_config)
    for kind in vars(module).values()
    if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == module.__name__ and kind is not Sweep
]


@pytest.fixture
def minimal(tmp_path: Path) -> Path:
    path = tmp_path / "minimal.yaml"
    path.write_text("output: out\nmodel: {base: some/model}\ndata: {train: a.ann, dev: b.ann}\n")
    return path


@pytest.mark.parametrize("path", RECIPES, ids=lambda p: p.stem)
def test_every_recipe_loads(path: Path) -> None:
    assert load_config(path).data.train


@pytest.mark.parametrize("path", SWEEPS, ids=lambda p: p.stem)
def test_every_sweep_loads(path: Path) -> None:
    assert load_sweep(path).config.ranges


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_every_key_of_a_recipe_becomes_a_setting(path: Path) -> None:
    settings = read_settings(path)
    kind: Any = SweepConfig if path in SWEEPS else AdaptConfig
    loaded = config_from_settings(settings) if path in RECIPES else fill(kind, settings)
    used = {settings.origin(key) for key, _ in flatten(asdict(loaded))}
    parents = {key for key in settings.places if any(each.startswith(f"{key}.") for each in settings.places)}
    for key in settings.places.keys() - parents:
        owner = key.rpartition(".")[0] if key.rpartition(".")[2].isdecimal() else key  # an item of a list
        assert {settings.places[key], settings.places[owner]} & used, key


def test_every_key_that_a_user_may_write_is_read_by_the_program() -> None:
    modules = [path for folder in ("model", "training") for path in (ROOT / folder).rglob("*.py")]
    found = reads(path.read_text(encoding="utf-8") for path in modules)
    found |= {(base.__name__, name) for kind in KINDS for base in kind.__mro__ for name in _read_of(kind, found)}
    known = {(kind.__name__, name) for kind in KINDS for name in kind.__annotations__}
    known -= {(k.__name__, n) for k in KINDS for base in k.__bases__ for n in vars(base).get("__annotations__", ())}
    assert len(known) > 50
    assert not known - found


def _read_of(kind: type, found: set[tuple[str, str]]) -> set[str]:
    return {name for owner, name in found if owner == kind.__name__}


READER = """
from configs import Fit, Source, Whole

class Trainer:
    def __init__(self, fit: Fit) -> None:
        self._fit = fit

    def rate(self) -> float:
        return self._fit.rate

def train(config: Whole, other: Other) -> None:
    config.output = "x"
    replace(config, name="x")
    print(other.name, [source.path for source in config.sources])
    for i, source in enumerate(sorted(config.sources)):
        print(i, source.weight)
    with_labels(**asdict(config))
    Scheme(**asdict(config.labels))
"""
CONFIGS = """
class Fit:
    rate: float = 1.0
    decay: float = 0.0

class Source:
    path: str
    name: str
    weight: float

class Labels:
    outer: tuple[str, ...]
    unused: bool

class Whole:
    fit: Fit
    sources: tuple[Source, ...]
    labels: Labels | None
    output: str
    name: str

    def check(self):
        return self.name

class Other:
    name: str

class Scheme:
    outer: tuple[str, ...]
"""


def test_a_key_counts_as_read_only_where_its_own_class_is_read() -> None:
    found = {each for each in reads([READER, CONFIGS]) if each[0] not in ("Trainer", "Scheme")}
    assert found == {
        ("Fit", "rate"),
        ("Source", "path"),
        ("Source", "weight"),
        ("Whole", "sources"),
        ("Whole", "labels"),
        ("Labels", "outer"),
        ("Other", "name"),
    }


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
        ("output.folder=x", "output.folder=x: output holds no keys of its own"),
        ("fit.epochs=[", "broken YAML"),
    ],
)
def test_a_wrong_setting_is_named_with_its_remedy(minimal: Path, override: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        load_config(minimal, [override])
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("override", "loaded"),
    [
        ("data.train=a.ann", ("a.ann",)),
        ("data.train={path: a.ann}", ("a.ann",)),
        ("data.train=[a.ann, {path: b.ann}]", ("a.ann", "b.ann")),
    ],
)
def test_sources_may_be_abbreviated(minimal: Path, override: str, loaded: Any) -> None:
    assert tuple(source.path for source in load_config(minimal, [override]).data.train) == loaded


def test_a_share_of_the_training_data_may_be_written_as_a_power_of_ten(minimal: Path) -> None:
    assert load_config(minimal, ["data.dev=[]", "data.dev_share=1e-1"]).data.dev_share == 0.1


def test_a_missing_or_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        load_config(tmp_path / "none.yaml")
    broken = tmp_path / "broken.yaml"
    broken.write_text("just words")
    with pytest.raises(ConfigError, match="no mapping"):
        load_config(broken)
