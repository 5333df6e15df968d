"""Runs the emulator until standard input ends, and leaves neither a process nor a file behind.

Whoever starts this holds the other end of the pipe. However that process ends, the pipe is closed then, so even a kill
ends the emulator.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress


def main() -> int:
    """Start the emulator in a folder of its own; wait; kill all its processes; delete the folder."""
    folder = tempfile.mkdtemp(prefix="secure-ddb-e2e-")
    command = [sys.executable, "-m", "tests.e2e.harness.run", *sys.argv[1:]]
    try:
        emulator = subprocess.Popen(
            command,
            # Wherever the emulator or a Lambda function keeps something, it is there.
            env={**os.environ, "HOME": folder, "TMPDIR": folder, "STATE_DIR": folder},
            stdin=subprocess.DEVNULL,
            # Functions run in processes of its group, so that one signal reaches all of them.
            start_new_session=True,
        )
        threading.Thread(target=_kill_at_end_of_input, args=(emulator.pid,), daemon=True).start()
        status = emulator.wait()
        _kill(emulator.pid)
        return status
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _kill_at_end_of_input(group: int) -> None:
    sys.stdin.buffer.read()
    _kill(group)


def _kill(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
