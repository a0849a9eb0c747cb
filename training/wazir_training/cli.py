"""The whole command line: inference, and what the extra ``train`` adds."""

from __future__ import annotations

from wazir.cli import app, run
from wazir_training.commands import compare, evaluate, export, stats, train

__all__ = ["compare", "evaluate", "export", "main", "stats", "train"]  # importing them adds their commands


def main() -> None:
    """Entry point of the command `wazir`."""
    run(app)
