"""What a run is: settings and data, written beside its states, so that only it goes on from them; and what made it."""

from __future__ import annotations

import json
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from wazir.errors import short
from wazir_training.card import METRICS
from wazir_training.config import flatten
from wazir_training.settings import ConfigError

_RECORD = "run.json"
_LIBRARIES = ("wazir", "torch", "transformers", "tokenizers", "accelerate", "datasets", "numpy")
#: Keys of `metrics.json` that say what a model was made with, itself and what it was made from.
LINEAGE = ("commands", "text", "earlier_sources", "sources")
#: Settings that change no weight.
_FREE = ("output", "name", "licence", "log_to", "fit.save_steps")


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What must be the same for a run to go on.

    Attributes:
        settings: Dotted keys of the resolved configuration and their values.
        data: Fingerprint of each part of the data.
    """

    settings: Mapping[str, Any]
    data: Mapping[str, str]

    def save(self, states: Path) -> None:
        """Write it beside the states of its run."""
        states.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"settings": self.settings, "data": self.data}, ensure_ascii=False, indent=1)
        (states / _RECORD).write_text(text, encoding="utf-8")

    def check(self, states: Path) -> None:
        """Make sure that the states in a folder are those of this run.

        Raises:
            ConfigError: there is no record, or it differs; names what does.
        """
        path = states / _RECORD
        try:
            former = json.loads(path.read_text(encoding="utf-8"))
            settings, data = dict(former["settings"]), dict(former["data"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigError(
                f"{path}: damaged record of a run ({short(error)}). Delete {states} to begin anew."
            ) from None
        mine = json.loads(json.dumps(self.settings))
        keys = [k for k in {**settings, **mine} if not k.startswith(_FREE) and settings.get(k) != mine.get(k)]
        if keys:
            changes = "; ".join(f"{k} was {settings.get(k)!r:.60} and is {mine.get(k)!r:.60}" for k in keys[:5])
            raise ConfigError(
                f"{path}: the run that stopped had other settings: {changes}. Give the same ones to go on, or delete "
                f"{states} to begin anew."
            )
        changed = [k for k in {**data, **self.data} if data.get(k) != self.data.get(k)]
        if changed:
            raise ConfigError(
                f"{path}: the {' and '.join(changed)} data has changed since the run stopped. Bring it back to go on, "
                f"or delete {states} to begin anew."
            )


def record_of(config: Any, data: Mapping[str, str]) -> RunRecord:
    """The record of a configuration, a dataclass, on data with the given fingerprints."""
    return RunRecord(dict(flatten(asdict(config))), data)


def versions() -> dict[str, str]:
    """Versions of what a run was made with."""
    return {"python": platform.python_version()} | {name: version(name) for name in _LIBRARIES}


def machine() -> dict[str, Any]:
    """What a run was made on."""
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else platform.machine()
    return {"device": device, "threads": torch.get_num_threads()}


def git_commit() -> str | None:
    """Commit of the working folder, with a plus sign if files differ from it; None outside of git."""
    try:
        commit, status = (
            subprocess.run(["git", *arguments], capture_output=True, text=True, check=True, timeout=10).stdout.strip()
            for arguments in (["rev-parse", "HEAD"], ["status", "--porcelain", "--untracked-files=no"])
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return commit + ("+" if status else "")


def joined(made_of: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """What several models were made with, by key of `LINEAGE`: all entries, each once, in order."""
    return {key: _once([entry for each in made_of for entry in each.get(key, [])]) for key in LINEAGE}


def _once(entries: Sequence[Any]) -> list[Any]:
    return [entry for i, entry in enumerate(entries) if entry not in entries[:i]]


def lineage(base: object) -> dict[str, Any]:
    """What a base that this package made was made with, as `metrics.json` keeps it.

    Returns:
        ``commands`` that led to it, raw ``text`` that it read, and ``earlier_sources`` of marked text, each with name
        and licence; all empty for another base.
    """
    path = Path(base) / METRICS if isinstance(base, str) else None
    metrics = json.loads(path.read_text(encoding="utf-8")) if path and path.is_file() else {}
    return {
        "commands": list(metrics.get("commands", [])),
        "text": list(metrics.get("text", [])),
        "earlier_sources": [*metrics.get("earlier_sources", []), *metrics.get("sources", [])],
    }
