"""Dataclasses filled from settings: what is wrong, where, and what to write instead."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pytest
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from wazir_training.schema import fill
from wazir_training.settings import ConfigError, read_settings

_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, config=_STRICT)
class Shape:
    layers: int = 2


@dataclass(frozen=True, config=_STRICT)
class Model:
    base: str | Shape
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0


@dataclass(frozen=True, config=_STRICT)
class Source:
    path: str
    weight: float = 1.0


@dataclass(frozen=True, config=_STRICT)
class Whole:
    model: Model
    sources: tuple[Source, ...] = ()
    weights: dict[str, float] | None = None
    few: Annotated[tuple[Source, ...], Field(min_length=1)] | None = None
    extra: Shape | None = None

    def __post_init__(self) -> None:
        if len(self.sources) > 2:
            raise ValueError("two sources are enough")


def error_of(tmp_path: Path, text: str) -> str:
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        fill(Whole, read_settings(path))
    assert "\n" not in str(error.value)
    return str(error.value).replace(f"{path}", "a.yaml")


def test_nested_dataclasses_are_filled(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("model: {base: {layers: 3}}\nsources: [{path: a}, {path: b, weight: 2e-1}]\nextra:\n")
    assert fill(Whole, read_settings(path)) == Whole(Model(Shape(3)), (Source("a"), Source("b", 0.2)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("model:\n  base: x\n  droput: 0\n", "a.yaml:3: unknown key 'model.droput', did you mean 'dropout'?"),
        ("model: {base: x}\ndropout: 0\n", "a.yaml:2: unknown key 'dropout', did you mean 'model.dropout'?"),
        ("model: {base: x}\nlayer: 0\n", "a.yaml:2: unknown key 'layer', did you mean 'model.base.layers'?"),
        (
            "model: {base: x}\nmodel.dropout: 0\n",
            "a.yaml:2: unknown key 'model.dropout', write it in levels: model: {dropout: …}.",
        ),
        ("model:\n  base: x\n  zzz: 0\n", "a.yaml:3: unknown key 'model.zzz'; known keys are base, dropout."),
        (
            "model: {base: x}\nsources:\n  - path: a\n  - path: b\n    wieght: 1\n",
            "a.yaml:5: unknown key 'sources.1.wieght', did you mean 'weight'?",
        ),
        ("model:\n  base:\n    layer: 3\n", "a.yaml:3: unknown key 'model.base.layer', did you mean 'layers'?"),
        (
            "model:\n  base:\n    layers: many\n",
            "a.yaml:3: model.base.layers: Input should be a valid integer, unable to parse string as an integer, "
            "not 'many'.",
        ),
        ("model:\n  base: 3\n", "a.yaml:2: model.base: Input should be a valid string, not 3."),
        ("model:\n  base: x\n  dropout: 1\n", "a.yaml:3: model.dropout: Input should be less than 1, not 1."),
        (
            "model: {base: x}\nweights:\n  PER: 1\n  LOC: 2.5\n  ORG: [2]\n",
            "a.yaml:5: weights.ORG: Input should be a valid number, not [2].",
        ),
        ("model: {base: x}\nsources: a\n", "a.yaml:2: sources: Input should be a valid list, not 'a'."),
        ("model: {base: x}\nfew: [{}]\n", "a.yaml:2: few.0.path: Field required."),
        (
            "model: {base: x}\nfew: []\n",
            "a.yaml:2: few: Tuple should have at least 1 item after validation, not 0, not [].",
        ),
        ("model: {base: x}\nextra: 3\n", "a.yaml:2: extra: this key holds keys of its own, not 3."),
        ("model:\n", "a.yaml:1: model: this key holds keys of its own, not None."),
        ("weights: {}\n", "a.yaml: model: Field required."),
        ("model: {base: x}\nsources: [{path: a}, {path: b}, {path: c}]\n", "a.yaml: two sources are enough."),
        ("model: {base: x}\n7: x\n", "a.yaml:2: 7: Keys should be strings, not 7."),
    ],
)
def test_what_is_wrong_is_named_with_line_and_remedy(tmp_path: Path, text: str, message: str) -> None:
    assert error_of(tmp_path, text) == message


def test_all_errors_are_named_at_once(tmp_path: Path) -> None:
    message = error_of(tmp_path, "model:\n  base: x\n  dropout: 2\n  drop: 1\nsorces: []\n")
    assert [part.split(":")[1] for part in message.split("; a")] == ["3", "4", "5"]
