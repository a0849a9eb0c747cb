"""Several processes of one command on this machine."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import IO

#: Seconds that the other processes have to end after one has failed.
_GRACE = 5.0


def launch(processes: int, arguments: Sequence[str]) -> int:
    """Run `python -m wazir_training` several times, as the ranks of one run.

    Ctrl-C and requests to terminate are passed on. When a process fails, the others are ended. What the first one says
    is shown as it comes; what another says, if that one alone failed.

    Args:
        processes: Number of processes.
        arguments: Arguments of the command.

    Returns:
        The exit code of the process that failed first, or the greatest one.
    """
    others = [tempfile.TemporaryFile() for _ in range(processes - 1)]  # noqa: SIM115 (they outlive this line)
    port = _free_port()
    workers = [
        _start(rank, processes, port, arguments, others[rank - 1] if rank else None) for rank in range(processes)
    ]

    def pass_on(number: int, _: object) -> None:
        for worker in workers:
            if worker.poll() is None:
                worker.send_signal(number)

    former = {each: signal.signal(each, pass_on) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        while True:
            time.sleep(0.05)
            codes = [worker.poll() for worker in workers]
            failed = next((rank for rank, code in enumerate(codes) if code not in (None, 0, 130)), None)
            if failed is not None:
                return _end(workers, failed, others)
            if None not in codes:
                return max(code or 0 for code in codes)
    finally:
        for each, handler in former.items():
            signal.signal(each, handler)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _start(
    rank: int, processes: int, port: int, arguments: Sequence[str], errors: IO[bytes] | None
) -> subprocess.Popen[bytes]:
    environment = {
        "OMP_NUM_THREADS": str(max(1, (os.cpu_count() or 1) // processes)),
        **os.environ,
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "WORLD_SIZE": str(processes),
        "LOCAL_WORLD_SIZE": str(processes),
        "RANK": str(rank),
        "LOCAL_RANK": str(rank),
    }
    command = [sys.executable, "-m", "wazir_training", *arguments]
    return subprocess.Popen(command, env=environment, stderr=errors, start_new_session=True)


def _end(workers: Sequence[subprocess.Popen[bytes]], failed: int, others: Sequence[IO[bytes]]) -> int:
    deadline = time.monotonic() + _GRACE
    while time.monotonic() < deadline and any(worker.poll() is None for worker in workers):
        time.sleep(0.05)  # they may be about to fail alike, and say so
    for worker in workers:
        worker.kill()
        worker.wait()
    if failed and workers[0].returncode < 0:
        others[failed - 1].seek(0)
        sys.stderr.buffer.write(others[failed - 1].read())
    code = workers[failed].returncode
    return code if code > 0 else 128 - code
