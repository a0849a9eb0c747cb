"""Settings: YAML files that extend each other, overrides, and the place of each value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from wazir.errors import DataError
from wazir_training.settings import ConfigError, Settings, read_settings, with_value


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(name: str, text: str) -> str:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return name


def error_of(text: str, *overrides: str) -> str:
    with pytest.raises(ConfigError) as error:
        read_settings(write("a.yaml", text), overrides)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_an_extending_file_changes_what_it_names_and_keeps_the_rest() -> None:
    write("base.yaml", "fit:\n  epochs: 5\n  seed: 1\nname: قديم\n")
    settings = read_settings(write("a.yaml", "extends: base.yaml\nfit:\n  epochs: 9\n"))
    assert settings.values == {"fit": {"epochs": 9, "seed": 1}, "name": "قديم"}
    assert settings.place("fit.epochs") == "a.yaml:3"
    assert settings.place("fit.seed") == "base.yaml:3"
    assert settings.place("name") == "base.yaml:4"


def test_lists_are_replaced_whole() -> None:
    write("base.yaml", "train:\n  - a.ann\n  - b.ann\n  - c.ann\n")
    settings = read_settings(write("a.yaml", "extends: base.yaml\ntrain:\n  - a.ann\n"))
    assert settings.values == {"train": ["a.ann"]}
    assert {settings.place("train"), settings.place("train.0")} == {"a.yaml:2", "a.yaml:3"}
    assert not [place for place in settings.places.values() if place.startswith("base")]


@pytest.mark.parametrize(
    ("old", "new", "merged"),
    [
        ("{layers: 2}", "some/model", "some/model"),
        ("some/model", "{layers: 2}", {"layers": 2}),
        ("{layers: 2}", "", None),
        ("{layers: 2}", "{}", {"layers": 2}),
        ("[1, 2]", "{layers: 2}", {"layers": 2}),
    ],
)
def test_a_value_of_another_kind_replaces_the_former_one(old: str, new: str, merged: Any) -> None:
    write("base.yaml", f"base: {old}\n")
    settings = read_settings(write("a.yaml", f"extends: base.yaml\nbase: {new}\n"))
    assert settings.values == {"base": merged}
    assert settings.places["base"] == "a.yaml:2"
    if not isinstance(merged, dict):
        assert settings.places.keys() == {"base"}


def test_extended_paths_start_from_the_file_that_names_them() -> None:
    write("shared/top.yaml", "name: top\n")
    write("shared/deep/middle.yaml", "extends: ../top.yaml\nseed: 2\n")
    settings = read_settings(write("mine/a.yaml", "extends: ../shared/deep/middle.yaml\n"))
    assert settings.values == {"name": "top", "seed": 2}
    assert Path(settings.place("name").rpartition(":")[0]).resolve() == Path("shared/top.yaml").resolve()


def test_a_file_may_not_extend_itself_even_by_way_of_others() -> None:
    write("b.yaml", "name: b\nextends: c.yaml\n")
    write("c.yaml", "extends: folder/../a.yaml\n")
    assert error_of("extends: b.yaml\n").startswith("c.yaml:1: the file extends itself by way of folder/../a.yaml")
    assert error_of("extends: a.yaml\n").startswith("a.yaml:1: ")


def test_two_files_may_extend_the_same_one() -> None:
    write("base.yaml", "name: base\n")
    write("b.yaml", "extends: base.yaml\nseed: 1\n")
    assert read_settings(write("a.yaml", "extends: b.yaml\n")).values == {"name": "base", "seed": 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: x\nextends: none.yaml\n", "a.yaml:2: none.yaml: no such file"),
        ("name: x\nextends: .\n", "a.yaml:2: .: this is a directory"),
        ("extends:\n", "a.yaml:1: `extends:` takes the path of one YAML file, not None"),
        ("extends: ''\n", "a.yaml:1: `extends:` takes"),
        ("extends: [b.yaml, c.yaml]\n", "a.yaml:1: `extends:` takes"),
        ("fit:\n  epochs: 1\n  seed: 2\n  'epochs': 3\n", "a.yaml:4: key 'epochs' is given twice"),
        ("name: x\nfit: {a: 1}\nname: y\n", "a.yaml:3: key 'name' is given twice"),
        ("train:\n  - {path: x, path: y}\n", "a.yaml:2: key 'path' is given twice"),
        ("just words", "a.yaml: no mapping"),
        ("", "a.yaml: no mapping"),
        ("- a\n- b\n", "a.yaml: no mapping"),
        ("name: x\nfit:\n\tepochs: 3\n", "a.yaml:3: broken YAML"),
        ("name: x\ntrain: *.ann\n", "a.yaml:2: broken YAML"),
        ("name: x\n---\nname: y\n", "a.yaml:2: broken YAML"),
        ("name: !!python/object/apply:os.getcwd []\n", "a.yaml:1: broken YAML"),
        ("name: a\0b\n", "a.yaml: broken YAML"),
        ("seed: 1\nname: 2024-13-45\n", "a.yaml:2: '2024-13-45': month must be in 1..12"),
        ("name: &all [1, *all]\n", "a.yaml:1: a value that holds itself"),
        ("fit: &all\n  inner: *all\n", "a.yaml:1: a value that holds itself"),
        ("? [a, b]\n: c\n", "a.yaml:1: a key must be a word"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_its_line(text: str, message: str) -> None:
    assert error_of(text).startswith(message)


def test_an_error_in_an_extended_file_is_placed_there() -> None:
    write("base.yaml", "name: x\nname: y\n")
    assert error_of("extends: base.yaml\n").startswith("base.yaml:2: key 'name' is given twice")


def test_a_file_that_is_missing_is_named() -> None:
    with pytest.raises(DataError, match="none.yaml: no such file"):
        read_settings("none.yaml")


def test_overrides_apply_in_order_and_say_where_they_come_from() -> None:
    path = write("a.yaml", "fit:\n  epochs: 1\n")
    settings = read_settings(path, ["fit.epochs=3", "fit.epochs=4", "a.b.c={d: 5}", " name = وزير "])
    assert settings.values == {"fit": {"epochs": 4}, "a": {"b": {"c": {"d": 5}}}, "name": "وزير"}
    assert settings.place("fit.epochs") == "command line: fit.epochs=4"
    assert settings.place("a.b.c.d") == settings.place("a.b") == "command line: a.b.c={d: 5}"
    assert settings.place("fit") == "a.yaml:1"


def test_an_override_replaces_a_mapping_and_forgets_the_places_below_it() -> None:
    settings = read_settings(write("a.yaml", "base:\n  layers: 1\n  heads: 2\n"), ["base={layers: 3}"])
    assert settings.values == {"base": {"layers": 3}}
    assert settings.origin("base.layers") == "command line: base={layers: 3}"
    assert settings.origin("base.heads") is None


def test_an_override_leaves_the_settings_of_other_runs_alone() -> None:
    settings = read_settings(write("a.yaml", "fit: {epochs: 1}\n"))
    changed = with_value(settings, "fit.epochs", 2, "somewhere")
    assert (settings.values, changed.values) == ({"fit": {"epochs": 1}}, {"fit": {"epochs": 2}})
    assert (settings.place("fit.epochs"), changed.place("fit.epochs")) == ("a.yaml:1", "somewhere")


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("fit.epochs", "'fit.epochs' is not key=value"),
        ("=3", "'=3' is not key=value"),
        ("fit..epochs=3", "'fit..epochs=3' is not key=value"),
        ("name.first=x", "command line: name.first=x: name holds no keys of its own"),
        ("train.0=x", "command line: train.0=x: train holds no keys of its own"),
        ("deep.er.x=1", "command line: deep.er.x=1: deep.er holds no keys of its own"),
        ("name=[", "command line: name=[: broken YAML"),
        ("name={a: 1, a: 2}", "command line: name={a: 1, a: 2}: key 'a' is given twice"),
    ],
)
def test_an_override_that_cannot_be_applied_is_named(override: str, message: str) -> None:
    assert message in error_of("name: x\ntrain: [a]\ndeep: {er: 1}\n", override)


def test_the_origin_of_a_value_is_where_it_was_written_and_none_for_a_default() -> None:
    path = write("a.yaml", "train:\n  - a.ann\n  - path: b.ann\n    name: B\ndev: c.ann\ntest:\n  path: d.ann\n")
    origin = read_settings(path).origin
    assert origin("train.0.path") == "a.yaml:2"
    assert origin("train.1.path") == "a.yaml:3"
    assert origin("train.1.name") == "a.yaml:4"
    assert origin("dev.0.path") == "a.yaml:5"
    assert origin("test.0.path") == "a.yaml:7"
    for unwritten in (
        "train.0.name",
        "train.1.licence",
        "train.2.path",
        "dev.0.name",
        "dev.1.path",
        "held_out",
        "fit.x",
    ):
        assert origin(unwritten) is None, unwritten


def test_a_key_may_hold_a_dot() -> None:
    settings = read_settings(write("a.yaml", "weights:\n  LOC: 1\n  B.LOC: 2\n"))
    assert settings.origin("weights.B.LOC") == "a.yaml:3"


def test_values_by_alias_come_from_where_the_alias_stands() -> None:
    settings = read_settings(write("a.yaml", "common: &c\n  seed: 3\nfit:\n  <<: *c\n  epochs: 2\n"))
    assert settings.values["fit"] == {"seed": 3, "epochs": 2}
    assert settings.origin("fit.seed") == "a.yaml:3"
    assert settings.origin("fit.epochs") == "a.yaml:5"


_KEYS = st.sampled_from(["a", "b", "c"])
_TREES = st.dictionaries(
    _KEYS,
    st.recursive(
        st.integers(0, 3) | st.lists(st.integers(0, 3), max_size=2), lambda inner: st.dictionaries(_KEYS, inner)
    ),
)


def leaves(value: Any, key: str = "") -> dict[str, Any]:
    if not isinstance(value, dict) or not value:
        return {key: value}
    return {k: v for name, each in value.items() for k, v in leaves(each, f"{key}.{name}" if key else name).items()}


@given(_TREES, _TREES)
def test_each_value_of_a_merge_is_found_on_the_line_it_is_said_to_come_from(base: Any, changes: Any) -> None:
    files = {"base.yaml": yaml.safe_dump(base), "a.yaml": "extends: base.yaml\n" + yaml.safe_dump(changes)}
    if not changes:
        files["a.yaml"] = "extends: base.yaml\n"
    for name, text in files.items():
        write(name, text)
    settings = read_settings("a.yaml")
    for key, value in leaves(settings.values).items():
        if not key:
            continue
        name, _, line = settings.place(key).partition(":")
        written = files[name].splitlines()[int(line) - 1].strip()
        assert written.startswith(f"{key.rpartition('.')[2]}:")
        if isinstance(value, int):
            assert written.endswith(f": {value}")
        owner = changes if name == "a.yaml" else base
        assert leaves(owner).get(key, value) == value


def test_a_place_is_the_nearest_one_that_was_written() -> None:
    settings = Settings({"fit": {"epochs": 1}}, {"fit": "a.yaml:1", "fit.epochs": "a.yaml:2"}, "a.yaml")
    assert settings.place("fit.epochs") == "a.yaml:2"
    assert settings.place("fit.seed") == "a.yaml:1"
    assert settings.place("model.base") == settings.place("") == "a.yaml"
