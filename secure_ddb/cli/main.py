"""The command and its groups; `main` is what the installed script runs."""

from __future__ import annotations

import sys

# As click has it for what it refuses: 1 says that a trail has findings.
_CANNOT = 2

try:
    import click

    from secure_ddb.cli.audit_verify import verify_command
except ImportError as error:
    if error.name is None or error.name.partition(".")[0] not in ("click", "rich"):
        raise
    sys.stderr.write("secure-ddb needs click and rich: pip install 'secure-ddb[cli]'\n")
    sys.exit(_CANNOT)


@click.group()
@click.version_option(package_name="secure-ddb")
def main() -> None:
    """Tools for tables of the construct library secure_ddb."""


@main.group()
def audit() -> None:
    """What concerns the audit trail of a table."""


audit.add_command(verify_command)

if __name__ == "__main__":
    main()
