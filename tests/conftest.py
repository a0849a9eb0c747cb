"""Fixtures shared by all tests: a tiny trained checkpoint, the corpus, and the data that only builders have."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # several processes test at once
ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "training" / "corpus"
SEEDS = ROOT / "seeds"
#: Material of the builders; a bare checkout does not have it.
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session", autouse=True)
def _own_logs(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Runs of tests are not logged among the user's."""
    os.environ["TRACKIO_DIR"] = str(tmp_path_factory.mktemp("trackio"))


@pytest.fixture(scope="session")
def gold_data() -> Path:
    """The folder of gold data that may not enter the repository."""
    folder = SHARED / "data" / "gold"
    if not folder.is_dir():
        pytest.skip("no ../shared/data/gold here")
    return folder


@pytest.fixture(scope="session")
def smoke_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny checkpoint, trained by the command line for seconds and exported; it knows little."""
    folder = tmp_path_factory.mktemp("smoke") / "checkpoint"
    wazir = [sys.executable, "-m", "wazir_training"]
    for command in (["train", "configs/smoke.yaml", f"output={folder}"], ["export", str(folder)]):
        result = subprocess.run([*wazir, *command], cwd=ROOT, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
    return folder


def finish(process: subprocess.Popen[str], code: int = 0) -> str:
    """Wait for a command to end with an exit code; what it said on standard error."""
    _, errors = process.communicate(timeout=240)
    assert process.returncode == code, errors
    return errors
