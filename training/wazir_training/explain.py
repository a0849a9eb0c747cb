"""Every setting of a configuration, with where it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.table import Table
from rich.text import Text

from wazir_training.config import TrainConfig, flatten
from wazir_training.settings import Settings, as_text

_DEFAULT = "default"


def origins(settings: Settings, config: TrainConfig) -> Iterator[tuple[str, Any, str]]:
    """Dotted key, value and origin of each setting.

    Args:
        settings: What was written.
        config: What became of it.

    Yields:
        The origin is ``default``, ``file:line`` (also of a file that is extended), or ``command line: key=value``.
    """
    for key, value in flatten(asdict(config)):
        yield key, value, settings.origin(key) or _DEFAULT


def explain(settings: Settings, config: TrainConfig) -> Table:
    """The settings as a table for the terminal; nothing in it is cut. Arguments as of `origins`."""
    table = Table()
    table.add_column("setting", no_wrap=True)
    table.add_column("value", overflow="fold")
    table.add_column("from", overflow="fold")
    for key, value, origin in origins(settings, config):
        style = "dim" if origin == _DEFAULT else ""
        table.add_row(*(Text(text, style) for text in (key, as_text(value), origin)))
    return table


def explain_lines(settings: Settings, config: TrainConfig) -> list[str]:
    """The settings as plain lines ``key=value  # origin``, for a file or `diff`. Arguments as of `origins`."""
    return [f"{key}={as_text(value)}  # {origin}" for key, value, origin in origins(settings, config)]
