"""Settings as plain values, each with its place: YAML files, what they extend, and `key=value` overrides."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from wazir.documents import read_text
from wazir.errors import DataError, WazirError, short

#: The key that names a file whose settings hold where the present one is silent.
EXTENDS = "extends"
_NO_MAPPING = "no mapping of keys to values. Start from one of the files in configs/."
_QUOTE = "Put quotes round text that begins with one of * & ! % @ [ { or holds a colon."


class ConfigError(WazirError):
    """A configuration that cannot be used."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Nested values, and where they were written.

    Attributes:
        values: Mappings, lists and plain values.
        places: ``file:line`` or the override of each dotted key that was written.
        source: Name of the whole.
    """

    values: dict[str, Any]
    places: dict[str, str]
    source: str

    def place(self, key: str) -> str:
        """Where a key, or else the nearest one above it, was written; the whole's name if nowhere."""
        return self.places.get(key) or self._place_above(".".join(self._written(key)[0]))

    def origin(self, key: str) -> str | None:
        """Where the value of a key was written; None if nowhere, so that it is a default."""
        path, whole = self._written(key)
        return self._place_above(".".join(path)) if whole and path else None

    def _place_above(self, key: str) -> str:
        while key:
            if key in self.places:
                return self.places[key]
            key = key.rpartition(".")[0]
        return self.source

    def _written(self, key: str) -> tuple[list[str], bool]:
        """The part of a key that was written, as it was written there, and whether that is all of it.

        One source may stand for a list of sources, and a path for a source: ``data.train.0.path`` may come from
        ``data.train``.
        """
        names = key.split(".")
        value: Any = self.values
        path: list[str] = []
        while names:
            name, is_text = names[0], isinstance(value, str)
            if isinstance(value, dict):  # whose keys may hold dots themselves
                size = next((i for i in range(len(names), 0, -1) if ".".join(names[:i]) in value), 1)
                name = ".".join(names[:size])
            if isinstance(value, dict) and name in value:
                value = value[name]
                path.append(name)
            elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
                value = value[int(name)]
                path.append(name)
            elif not ((path and (name == "0" and isinstance(value, dict | str))) or (name == "path" and is_text)):
                return path, False
            names = names[name.count(".") + 1 :]
        return path, True


def read_settings(path: str | Path, overrides: Sequence[str] = ()) -> Settings:
    """Read a YAML file, the files that it extends, and overrides such as ``fit.epochs=3``.

    Raises:
        DataError: the file cannot be read.
        ConfigError: broken YAML, a key given twice, an extended file that cannot be read, files that extend each
            other, or an override without ``=``.
    """
    settings = _read_file(Path(path), ())
    for override in overrides:
        settings = override_settings(settings, override)
    return settings


def override_settings(settings: Settings, override: str, place: str = "") -> Settings:
    """Apply an override such as ``fit.epochs=3``.

    Args:
        settings: What it changes; mappings and lists are replaced whole.
        override: A dotted key, ``=`` and a value in YAML.
        place: Where it was written; the command line by default.

    Raises:
        ConfigError: no ``=``, broken YAML, or a key below one that holds no keys.
    """
    place = place or f"command line: {override}"
    key, equals, text = override.partition("=")
    if not equals or not all(key.strip().split(".")):
        raise ConfigError(f"{place}: {override!r} is not key=value. Write for example fit.epochs=3.")
    return with_value(settings, key.strip(), _parse(text, place, lambda _: place)[0], place)


def with_value(settings: Settings, key: str, value: Any, place: str) -> Settings:
    """The settings with one dotted key set.

    Raises:
        ConfigError: the key lies below one that holds no keys.
    """
    *parents, last = key.split(".")
    values = level = dict(settings.values)
    for i, parent in enumerate(parents):
        child = level.get(parent)
        if child is not None and not isinstance(child, dict):
            above = ".".join(parents[: i + 1])
            raise ConfigError(f"{place}: {above} holds no keys of its own. Give its whole value: {above}=…")
        level[parent] = level = dict(child or {})
    level[last] = value
    made = {".".join(parents[: i + 1]): place for i in range(len(parents))}
    places = {name: written for name, written in settings.places.items() if not name.startswith(f"{key}.")}
    return Settings(values, {**made, **places, key: place}, settings.source)


def as_text(value: Any) -> str:
    """A value on one line: words as they are, the rest as JSON."""
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False, default=str)


def _read_file(path: Path, extended_by: tuple[Path, ...]) -> Settings:
    values, places = _parse(read_text(path), str(path), lambda line: f"{path}:{line}")
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: {_NO_MAPPING}")
    if EXTENDS not in values:
        return Settings(values, places, str(path))
    place, parent = places.pop(EXTENDS), values.pop(EXTENDS)
    if not isinstance(parent, str) or not parent:
        raise ConfigError(f"{place}: `{EXTENDS}:` takes the path of one YAML file, not {parent!r:.60}.")
    above = (*extended_by, path.resolve())
    if (path.parent / parent).resolve() in above:
        raise ConfigError(f"{place}: the file extends itself by way of {parent}. Take this line out.")
    try:
        base = _read_file(path.parent / parent, above)
    except DataError as error:
        raise ConfigError(f"{place}: {error}") from None
    merged = _merge(base.values, values)
    kept = {key: written for key, written in base.places.items() if _is_written(merged, base.values, key)}
    return Settings(merged, kept | places, str(path))


def _merge(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Mappings are merged, everything else is replaced."""
    merged = dict(base)
    for key, value in changes.items():
        old = merged.get(key)
        merged[key] = _merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _is_written(merged: Any, base: Any, key: str) -> bool:
    """Whether a key of ``base`` still says what it said there."""
    for name in key.split("."):
        if type(merged) is not type(base):
            return False
        step: Any = int(name) if isinstance(base, list) else name
        try:
            merged, base = merged[step], base[step]
        except (KeyError, IndexError, TypeError):
            return False
    return type(merged) is type(base) and (merged == base or isinstance(base, dict))


def _parse(text: str, source: str, place: Callable[[int], str]) -> tuple[Any, dict[str, str]]:
    """Values of a YAML text, and the place of each dotted key as ``place`` words its line."""
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        places = _Places(loader, place)
        if node is None:
            return None, {}
        places.walk(node, "")
        return loader.construct_document(node), places.found
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = source if mark is None else place(mark.line + 1)
        raise ConfigError(f"{line}: broken YAML, {' '.join(str(error.problem).split())}. {_QUOTE}") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{source}: broken YAML, {short(error)}. Save it as plain UTF-8 text.") from None


class _Places:
    """Collects the line of every key and list item, and refuses what plain settings cannot hold."""

    def __init__(self, loader: yaml.SafeLoader, place: Callable[[int], str]) -> None:
        self.found: dict[str, str] = {}
        self._loader = loader
        self._place = place
        self._open: list[yaml.Node] = []

    def walk(self, node: yaml.Node, key: str) -> None:
        here = self._place(node.start_mark.line + 1)
        if any(node is other for other in self._open):
            raise ConfigError(f"{here}: a value that holds itself. Write it out without the alias.")
        self._open.append(node)
        if isinstance(node, yaml.MappingNode):
            self._walk_mapping(node, key)
        elif isinstance(node, yaml.SequenceNode):
            for i, value in enumerate(node.value):
                self.found[f"{key}.{i}"] = self._place(value.start_mark.line + 1)
                self.walk(value, f"{key}.{i}")
        else:
            try:
                self._loader.construct_object(node)
            except ValueError as error:  # such as the date 2024-13-45
                raise ConfigError(f"{here}: {node.value!r:.60}: {short(error)}. Put quotes round it.") from None
        self._open.pop()

    def _walk_mapping(self, node: yaml.MappingNode, key: str) -> None:
        seen = set()
        for name, value in node.value:
            place = self._place(name.start_mark.line + 1)
            if not isinstance(name, yaml.ScalarNode):
                raise ConfigError(f"{place}: a key must be a word.")
            if name.value in seen:
                raise ConfigError(f"{place}: key '{name.value}' is given twice.")
            seen.add(name.value)
            child = f"{key}.{name.value}" if key else str(name.value)
            self.found[child] = place
            self.walk(value, child)
