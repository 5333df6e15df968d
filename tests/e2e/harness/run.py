"""The emulator's process. It is given our model of AWS first, unless it is to be bare.

What the model does is our reading of AWS's documentation and no evidence; docs/proven.md says what depends on it.
"""

from __future__ import annotations

import argparse
import sys

from ministack.app import main

from tests.e2e.harness import (
    alarms,
    aliases,
    backup_selections,
    creation_checks,
    documents,
    dropped_settings,
    environments,
    expiry,
    faults,
    global_tables,
    mappings,
    partiql,
    placeholders,
    platform_logs,
    request_context,
    template_urls,
)

PARTS = (
    alarms,
    aliases,
    backup_selections,
    creation_checks,
    documents,
    dropped_settings,
    environments,
    expiry,
    global_tables,
    mappings,
    partiql,
    placeholders,
    platform_logs,
    request_context,
    template_urls,
)


def prepare(arguments: list[str]) -> None:
    """Change the emulator as the arguments say."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--bare", action="store_true", help="leave the emulator as it is")
    parser.add_argument("--faults", type=int, metavar="SEED", help="let things go wrong while records are delivered")
    options = parser.parse_args(arguments)
    if options.bare:
        return
    for part in PARTS:
        part.install()
    if options.faults is not None:
        faults.install(options.faults)


if __name__ == "__main__":
    prepare(sys.argv[1:])
    # The emulator reads arguments of its own.
    del sys.argv[1:]
    main()
