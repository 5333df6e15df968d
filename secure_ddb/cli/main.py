"""The command and its groups; `main` is what the installed script runs."""

from __future__ import annotations

import sys

from secure_ddb.cli.extra import HINT, is_missing

# As click has it for what it refuses: 1 says that a trail has findings.
_CANNOT = 2

try:
    import click

    from secure_ddb.cli.adopt import adopt_command
    from secure_ddb.cli.audit_replay import replay_command
    from secure_ddb.cli.audit_verify import verify_command
    from secure_ddb.cli.check import check_command
    from secure_ddb.cli.cost import cost_command
    from secure_ddb.cli.plan import plan_command
    from secure_ddb.cli.report import report_command
except ImportError as error:
    if not is_missing(error):
        raise
    sys.stderr.write(f"{HINT}\n")
    sys.exit(_CANNOT)


@click.group()
@click.version_option(package_name="secure-ddb")
def main() -> None:
    """Tools for tables of the construct library secure_ddb."""


@main.group()
def audit() -> None:
    """What concerns the audit trail of a table."""


audit.add_command(replay_command)
audit.add_command(verify_command)
main.add_command(adopt_command)
main.add_command(check_command)
main.add_command(cost_command)
main.add_command(plan_command)
main.add_command(report_command)

if __name__ == "__main__":
    main()
