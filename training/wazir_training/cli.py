"""The whole command line: inference, and what the extra ``train`` adds."""

from __future__ import annotations

from wazir.cli import app, run
from wazir_training.commands import (
    adapt,
    compare,
    convert,
    cross_validate,
    data,
    evaluate,
    export,
    publish,
    stats,
    sweep,
    train,
    trim,
)

# Importing them adds their commands.
__all__ = [
    "adapt",
    "compare",
    "convert",
    "cross_validate",
    "data",
    "evaluate",
    "export",
    "main",
    "publish",
    "stats",
    "sweep",
    "train",
    "trim",
]


def main() -> None:
    """Entry point of the command `wazir`."""
    run(app)
