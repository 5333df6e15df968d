"""Automation on tables: functions that EventBridge invokes, and AWS Systems Manager runbooks."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_list, at
from secure_ddb.iam.evaluation import allowed, assumed_by

if TYPE_CHECKING:
    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cloudformation.templates import Templates
    from secure_ddb.landscape.functions import Functions
    from secure_ddb.landscape.identities import Identities
    from secure_ddb.landscape.policies import Policies
    from secure_ddb.landscape.table import Table
    from secure_ddb.landscape.tables import Tables, TablesByResource

# With these, a runbook denies what it contains.
POLICY_CHANGES = ("dynamodb:PutResourcePolicy", "iam:PutRolePolicy", "iam:PutUserPolicy", "kms:PutKeyPolicy")
# With these, a function switches on again what was switched off.
RESTORING = ("dynamodb:UpdateContinuousBackups", "kms:EnableKey", "kms:EnableKeyRotation")


class Responses:
    """The functions and runbooks of the templates that act on tables."""

    def __init__(
        self, templates: Templates, tables: Tables, functions: Functions, identities: Identities, policies: Policies
    ) -> None:
        """Store the templates and their known metadata."""
        self._templates = templates
        self._tables = tables
        self._functions = functions
        self._identities = identities
        self._policies = policies

    def functions_that(self, *actions: str) -> list[tuple[Resource, Resource]]:
        """Return each function whose role has a policy that names any of some actions, with the role.

        A wildcard is no name: what may do everything is not meant for one thing.
        """
        wanted = {action.lower() for action in actions}
        return [(function, role) for function, role in self.roles_of_functions if wanted & self._named_by(role)]

    @cached_property
    def roles_of_functions(self) -> list[tuple[Resource, Resource]]:
        """Each function with its role, if that is in the templates."""
        found = (
            (function, self._templates.find(function.properties.get("Role"), function, kinds.ROLE))
            for function in self._templates.of_type(kinds.FUNCTION)
        )
        return [(function, role) for function, role in found if role is not None]

    def _named_by(self, role: Resource) -> set[str]:
        policies = self._identities.policies_of_role.get(role, ())
        return {action for policy in policies for statement in policy.allowing for action in statement.actions}

    @cached_property
    def remediators(self) -> list[tuple[Resource, Resource]]:
        """Each function meant to turn disabled guarantees of tables or keys on again, with its role."""
        return [each for each in self.functions_that(*RESTORING) if self.event_rules.get(each[0])]

    @cached_property
    def event_rules(self) -> dict[Resource, list[Resource]]:
        """Function to the rules of EventBridge that invoke it upon events."""
        found: defaultdict[Resource, list[Resource]] = defaultdict(list)
        for rule in self._templates.of_type(kinds.EVENT_RULE):
            for target in as_list(rule.properties.get("Targets")) if rule.properties.get("EventPattern") else ():
                function = self._functions.named(at(target, "Arn"), rule)
                if function is not None:
                    found[function].append(rule)
        return found

    @cached_property
    def runbook_roles(self) -> TablesByResource:
        """Each role with which Systems Manager changes policies, with the tables of its account and Region."""
        wanted = {action.lower() for action in POLICY_CHANGES}
        return {
            role: tables
            for role in self._templates.of_type(kinds.ROLE)
            if self._is_for_runbooks(role) and wanted & self._named_by(role) and (tables := self.near(role))
        }

    def _is_for_runbooks(self, role: Resource) -> bool:
        trust = self._policies.of(role, "AssumeRolePolicyDocument").statements
        return allowed(trust, assumed_by("ssm", role)) is not False

    @cached_property
    def runbooks(self) -> list[tuple[Resource, Resource]]:
        """Each runbook that runs with one of these roles, with the role."""
        found = (
            (document, self._templates.find(at(_content(document), "assumeRole"), document, kinds.ROLE))
            for document in self._templates.of_type(kinds.DOCUMENT)
        )
        return [(document, role) for document, role in found if role in self.runbook_roles]

    def near(self, resource: Resource) -> list[Table]:
        """Return the tables of a resource's account and Region."""
        place = (resource.account, resource.region)
        return [table for table, replica in self._tables.replicas if (table.resource.account, replica.region) == place]


def steps_of(document: Resource) -> list[Any]:
    """Return the steps of a runbook."""
    return as_list(at(_content(document), "mainSteps"))


def values_of(document: Resource, parameter: str) -> list[str]:
    """Return the values that a runbook takes for a parameter, if it lists them."""
    return [str(each) for each in as_list(at(_content(document), "parameters", parameter, "allowedValues"))]


def _content(document: Resource) -> Any:  # noqa: ANN401 - a value of a template
    return document.properties.get("Content")
