"""States of a run that is under way: sealed when whole, so that a half-written one is never taken up again."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

#: Folder of an output folder in which an unfinished run keeps its states.
STATES = "states"
_PREFIX = "checkpoint-"
_SEAL = "sealed.json"


def seal(state: Path) -> None:
    """Flush a state to the disk and list its files and sizes in it."""
    sizes = {}
    for path in sorted(p for p in state.rglob("*") if p.is_file()):
        _flush(path)
        sizes[str(path.relative_to(state))] = path.stat().st_size
    part = state / (_SEAL + ".part")
    part.write_text(json.dumps(sizes, indent=1), encoding="utf-8")
    _flush(part)
    part.replace(state / _SEAL)


def is_whole(state: Path) -> bool:
    """Whether a state was sealed and has all its files."""
    try:
        sizes = json.loads((state / _SEAL).read_text(encoding="utf-8"))
        return all((state / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError, AttributeError):
        return False


def step_of(state: Path) -> int:
    """The optimiser step after which a state was written."""
    return int(state.name.removeprefix(_PREFIX))


def all_states(folder: Path) -> list[Path]:
    """States in a folder, whole or not, in the order of their steps."""
    found = (p for p in folder.glob(f"{_PREFIX}*") if p.name.removeprefix(_PREFIX).isdigit())
    return sorted(found, key=step_of)


def last_whole(folder: Path) -> Path | None:
    """The newest whole state in a folder, if there is one."""
    return next((state for state in reversed(all_states(folder)) if is_whole(state)), None)


def remove_broken(folder: Path) -> list[Path]:
    """Delete states that are not whole; returns them."""
    broken = [state for state in all_states(folder) if not is_whole(state)]
    for state in broken:
        shutil.rmtree(state, ignore_errors=True)
    return broken


def rotate(folder: Path, best: Path | None, keep: int = 2) -> None:
    """Delete all but the newest states and the best one."""
    for state in all_states(folder)[:-keep]:
        if best is None or state.resolve() != best.resolve():
            (state / _SEAL).unlink(missing_ok=True)  # what is left of it after a kill is not whole
            shutil.rmtree(state)


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
