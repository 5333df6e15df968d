"""The emulator's process. It is given our model of AWS first, unless it is to be bare.

What the model does is our reading of AWS's documentation and no evidence; docs/proven.md says what depends on it.
"""

from __future__ import annotations

import sys

from ministack.app import main

from tests.e2e.harness import (
    alarms,
    aliases,
    backup_selections,
    global_tables,
    mappings,
    partiql,
    placeholders,
    platform_logs,
    template_urls,
)

PARTS = (
    alarms,
    aliases,
    backup_selections,
    global_tables,
    mappings,
    partiql,
    placeholders,
    platform_logs,
    template_urls,
)

if __name__ == "__main__":
    if sys.argv[1:] != ["--bare"]:
        for part in PARTS:
            part.install()
    # The emulator reads arguments of its own.
    del sys.argv[1:]
    main()
