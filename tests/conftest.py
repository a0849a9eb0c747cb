"""Fixtures shared by all tests: a tiny trained checkpoint, the corpus, and the data that only builders have."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from hub_server import HubServer

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


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A Hub of this test alone, which `huggingface_hub` talks to: here, and in processes with its `environment`.

    Nobody is logged in: pass its token, or set ``HF_TOKEN`` by `monkeypatch`. The client here does not wait before it
    tries again; `sleeps` says how long it would have.
    """
    import huggingface_hub

    with HubServer(tmp_path / "huggingface") as server:
        for name in [name for name in os.environ if name.startswith(("HF_", "HUGGING", "TRANSFORMERS_OFFLINE"))]:
            monkeypatch.delenv(name)
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        _turn_client(monkeypatch, server)
        huggingface_hub.close_session()
        yield server
        huggingface_hub.close_session()


def _turn_client(monkeypatch: pytest.MonkeyPatch, server: HubServer) -> None:
    """Let huggingface_hub see the environment, which it has read when it was imported, and wait for nothing."""
    from huggingface_hub import constants, file_download, hf_api
    from huggingface_hub.utils import _http

    now = runpy.run_path(constants.__file__)
    changed = {name: old for name, old in vars(constants).items() if name.isupper() and now[name] != old}
    for module in [module for name, module in sys.modules.items() if name.partition(".")[0] == "huggingface_hub"]:
        for name, old in changed.items():
            if vars(module).get(name, ...) is old:  # modules have copies, by `from constants import`
                monkeypatch.setattr(module, name, now[name])
    monkeypatch.setattr(hf_api.api, "endpoint", server.endpoint)  # of functions such as `huggingface_hub.create_repo`
    monkeypatch.setattr(hf_api.api, "_whoami_cache", {})
    for module in (file_download, _http):
        monkeypatch.setattr(module, "time", SimpleNamespace(**{**vars(time), "sleep": server.sleeps.append}))
