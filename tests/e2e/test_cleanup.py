"""Nothing of an emulator remains, however a run ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.e2e.emulator import ROOT

# A session with an emulator in use, whose Lambda has a process of its own.
SESSION = """
import io, sys, time, zipfile
from pathlib import Path

import pytest

from tests.e2e.emulator import running


@pytest.fixture(scope="session")
def emulator():
    with running(log=sys.__stdout__) as started:
        yield started


def test_uses_it(emulator):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("index.py", "import os\\ndef handler(event, context): return os.getpid()")
    client = emulator.client("lambda")
    client.create_function(
        FunctionName="function",
        Runtime="python3.14",
        Handler="index.handler",
        Role="arn:aws:iam::111122223333:role/function",
        Code={"ZipFile": content.getvalue()},
    )
    process = client.invoke(FunctionName="function")["Payload"].read().decode()
    Path("part").write_text(f"{emulator.address} {process}")
    Path("part").rename("running")
    ENDING
"""
ENDINGS = {
    "it passes": ("pass", None),
    "it fails": ("assert False", None),
    "Ctrl-C": ("time.sleep(600)", signal.SIGINT),
    "it is killed": ("time.sleep(600)", signal.SIGKILL),
}
SECONDS = 120


def wait_for(file: Path, session: subprocess.Popen[str]) -> None:
    until = time.monotonic() + SECONDS
    while not file.exists() and session.poll() is None and time.monotonic() < until:
        time.sleep(0.05)


def heed_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def is_running(process: int) -> bool:
    """Return whether there is such a process, other than one that nobody has asked for its exit status."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{process}/stat")
    return not (status.exists() and ") Z " in status.read_text(encoding="utf-8"))


def ends(process: int) -> bool:
    until = time.monotonic() + SECONDS
    while is_running(process) and time.monotonic() < until:
        time.sleep(0.05)
    return not is_running(process)


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("ending", ENDINGS)
def test_no_process_and_no_folder_remains(tmp_path: Path, ending: str) -> None:
    statement, end = ENDINGS[ending]
    kept = tmp_path / "temporary"
    kept.mkdir()
    (tmp_path / "test_session.py").write_text(SESSION.replace("ENDING", statement), encoding="utf-8")
    session = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-s", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(kept)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # A shell that runs the tests in the background has them ignore Ctrl-C, which children would inherit.
        preexec_fn=heed_ctrl_c,  # noqa: PLW1509 - nothing else runs in this process
    )
    with session:
        try:
            if end:
                wait_for(tmp_path / "running", session)
                session.send_signal(end)
            # The emulator's processes have this pipe, so that it ends when the last of them is gone.
            output, _ = session.communicate(timeout=SECONDS)
        finally:
            session.kill()
    assert (tmp_path / "running").exists(), output
    address, _, process = (tmp_path / "running").read_text(encoding="utf-8").partition(" ")
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", urlsplit(address).port or 0)) != 0
    assert ends(int(process))
    assert list(kept.iterdir()) == []
