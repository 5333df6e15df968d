"""The jobs with which AWS Backup copies tables, and the EventBridge rules that learn how they end.

https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import at, is_unknown
from secure_ddb.landscape.backup import plan_rules
from secure_ddb.landscape.event_patterns import matches_event
from secure_ddb.landscape.event_selectors import table_in
from secure_ddb.landscape.tables import TablesByResource, tables_by_resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cloudformation.templates import Templates
    from secure_ddb.landscape.backup import Backup
    from secure_ddb.landscape.event_patterns import Event
    from secure_ddb.landscape.table import Table
    from secure_ddb.three_valued import Truth

BACKUP = "AWS/Backup"
VAULT_NAME = "BackupVaultName"
# The type of a resource, in events and as a dimension.
TABLES = "DynamoDB"
# In which a job ends without a recovery point.
BAD_ENDS = ("ABORTED", "EXPIRED", "FAILED")
_OF_ANY_JOB = {"source": "aws.backup", "detail-type": "Backup Job State Change"}


class Jobs(NamedTuple):
    """The jobs with which a plan copies a table to a vault, if the plan selects the table for sure or perhaps."""

    plan: Resource
    vault_name: str
    vault: Resource | None
    is_certain: bool


class End(NamedTuple):
    """Jobs that end without a recovery point, with the EventBridge rules whose patterns match them, or may do so."""

    state: str
    jobs: Jobs
    rules: list[tuple[Resource, Truth]]


class BackupJobs:
    """The jobs with which AWS Backup copies tables, and the EventBridge rules that learn how they end."""

    def __init__(self, templates: Templates, backup: Backup) -> None:
        """Store the templates and their backup plans."""
        self._templates = templates
        self._backup = backup

    @cached_property
    def of_tables(self) -> dict[Table, list[Jobs]]:
        """Table to the jobs of the plans in the app that select it, or may select it; one for each vault."""
        found: defaultdict[Table, dict[tuple[Resource, str], Jobs]] = defaultdict(dict)
        for table, selections in self._backup.selections.items():
            for selection, selects in selections:
                plan = self._backup.plan_of(selection)
                if plan is None:
                    continue
                for rule in plan_rules(plan) or [{}]:
                    name = str(rule.get("TargetBackupVault", ""))
                    vault = self._templates.find(name, plan, kinds.BACKUP_VAULT)
                    jobs = Jobs(plan, vault.name if vault else name, vault, selects is True)
                    known = found[table].get((plan, name))
                    if known is None or not known.is_certain:
                        found[table][plan, name] = jobs
        return {table: list(jobs.values()) for table, jobs in found.items()}

    @cached_property
    def tables_by_vault_name(self) -> dict[tuple[str, str, str], list[Table]]:
        """Account, Region and name of a vault to the tables that are copied to it."""
        found: defaultdict[tuple[str, str, str], dict[Table, None]] = defaultdict(dict)
        for table, each in self.of_tables.items():
            for jobs in each:
                found[jobs.plan.account, jobs.plan.region, jobs.vault_name][table] = None
        return {vault: list(tables) for vault, tables in found.items()}

    @cached_property
    def bad_ends(self) -> dict[Table, list[End]]:
        """Table to each way in which its jobs may end without a recovery point."""
        return {
            table: [
                End(state, jobs, list(self._matching(_event(table, jobs, state), jobs.plan, table)))
                for state in BAD_ENDS
                for jobs in each
            ]
            for table, each in self.of_tables.items()
        }

    @cached_property
    def event_rules(self) -> TablesByResource:
        """Each EventBridge rule that certainly matches jobs of tables that end without a recovery point."""
        return tables_by_resource(
            (rule, [table])
            for table, ends in self.bad_ends.items()
            for end in ends
            for rule, matches in end.rules
            if matches
        )

    def _matching(self, event: Event, near: Resource, table: Table) -> Iterator[tuple[Resource, Truth]]:
        for rule in (*self._rules_by_table.get(table_in(table.arn), ()), *self._rules_by_table.get(None, ())):
            if (rule.account, rule.region) == (near.account, near.region):
                answer = matches_event(rule.properties.get("EventPattern"), event)
                if answer is not False:
                    yield rule, answer

    @cached_property
    def _rules_by_table(self) -> dict[str | None, list[Resource]]:
        """Name of a table to the rules whose patterns name it; None to rules that must be compared."""
        found: defaultdict[str | None, list[Resource]] = defaultdict(list)
        for rule in self._templates.of_type(kinds.EVENT_RULE):
            pattern = rule.properties.get("EventPattern")
            if pattern is not None and matches_event(pattern, _OF_ANY_JOB) is not False:
                for name in dict.fromkeys(_tables_named(pattern)):
                    found[name].append(rule)
        return found


def _tables_named(pattern: Any) -> Iterator[str | None]:  # noqa: ANN401 - a value of a template
    arns = at(pattern, "detail", "resourceArn")
    if not isinstance(arns, list):
        yield None
        return
    for arn in arns:
        yield table_in(arn) if isinstance(arn, str) and not is_unknown(arn) else None


def _event(table: Table, jobs: Jobs, state: str) -> Event:
    """Return the known fields of the event of a job's end."""
    vault = {"backupVaultName": jobs.vault_name} if jobs.vault_name else {}
    if jobs.vault:
        vault["backupVaultArn"] = jobs.vault.arn
    replica = table.in_region(jobs.plan.region)
    return {
        **_OF_ANY_JOB,
        "account": jobs.plan.account,
        "region": jobs.plan.region,
        "detail": {
            "resourceArn": table.arn_of(replica) if replica else table.arn,
            "resourceType": TABLES,
            "state": state,
            **vault,
        },
    }
