"""Settings as plain values, each with its place: YAML files, what they extend, and `key=value` overrides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from wazir.documents import read_text
from wazir.errors import WazirError

#: The key that names a file whose settings hold where the present one is silent.
EXTENDS = "extends"
_NO_MAPPING = "no mapping of keys to values. Start from one of the files in configs/."


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

    def place(self, key: str, default: str | None = None) -> str:
        """Where a key, or else the nearest one above it, was written; the whole's name if nowhere."""
        while key:
            if key in self.places:
                return self.places[key]
            key = key.rpartition(".")[0]
        return self.source if default is None else default


def read_settings(path: str | Path, overrides: Sequence[str] = ()) -> Settings:
    """Read a YAML file, the files that it extends, and overrides such as ``fit.epochs=3``.

    Raises:
        DataError: a file cannot be read.
        ConfigError: broken YAML, a key given twice, files that extend each other, or an override without ``=``.
    """
    settings = _read_file(Path(path), ())
    for override in overrides:
        key, equals, text = override.partition("=")
        if not equals:
            raise ConfigError(f"{override!r} is not key=value. Write for example fit.epochs=3.")
        value, places = _parse(text, override, lambda _: f"command line: {override}")
        _set(settings, key, value, override)
        settings.places[key] = f"command line: {override}"
        settings.places.update({f"{key}.{name}": place for name, place in places.items()})
    return settings


def _read_file(path: Path, extended_by: tuple[Path, ...]) -> Settings:
    if path.resolve() in extended_by:
        raise ConfigError(f"{path}: extends itself by way of other files. Take one of the `{EXTENDS}:` lines out.")
    values, places = _parse(read_text(path), str(path), lambda line: f"{path}:{line}")
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: {_NO_MAPPING}")
    parent = values.pop(EXTENDS, None)
    if parent is None:
        return Settings(values, places, str(path))
    if not isinstance(parent, str):
        raise ConfigError(f"{places[EXTENDS]}: `{EXTENDS}:` takes the path of one YAML file, not {parent!r:.60}.")
    base = _read_file(path.parent / parent, (*extended_by, path.resolve()))
    merged = _merge(base.values, values)
    kept = {key: place for key, place in base.places.items() if _is_written(merged, base.values, key)}
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
        step: Any = int(name) if isinstance(base, list) else name
        try:
            merged, base = merged[step], base[step]
        except (KeyError, IndexError, TypeError):
            return False
    return merged == base or isinstance(base, dict)


def _parse(text: str, source: str, place: Any) -> tuple[Any, dict[str, str]]:
    """Values of a YAML text, and the place of each dotted key as ``place`` words its line."""
    places: dict[str, str] = {}

    def walk(node: yaml.Node, key: str) -> None:
        if isinstance(node, yaml.MappingNode):
            seen = set()
            for name, value in node.value:
                if name.value in seen:
                    raise ConfigError(f"{place(name.start_mark.line + 1)}: key '{name.value}' is given twice.")
                seen.add(name.value)
                child = f"{key}.{name.value}" if key else str(name.value)
                places[child] = place(name.start_mark.line + 1)
                walk(value, child)
        elif isinstance(node, yaml.SequenceNode):
            for i, value in enumerate(node.value):
                places[f"{key}.{i}"] = place(value.start_mark.line + 1)
                walk(value, f"{key}.{i}")

    try:
        node = yaml.compose(text, yaml.SafeLoader)
        if node is not None:
            walk(node, "")
        return yaml.safe_load(text), places
    except yaml.YAMLError as error:
        raise ConfigError(f"{source}: broken YAML ({' '.join(str(error).split())}).") from None


def _set(settings: Settings, key: str, value: Any, override: str) -> None:
    *parents, last = key.split(".")
    values: Any = settings.values
    for parent in parents:
        child = values.get(parent)
        if child is not None and not isinstance(child, dict):
            raise ConfigError(f"{override}: {parent} holds no keys of its own.")
        values[parent] = dict(child or {})  # not the mapping of a file that is extended
        values = values[parent]
    values[last] = value
