"""Policies that let others run the audit function, or write to its log."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import is_unknown, unknown
from secure_ddb.iam.policy import Statement
from secure_ddb.iam.wildcards import ANY_NAME, matches
from secure_ddb.landscape.policies import Policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cloudformation.templates import Templates
    from secure_ddb.landscape.audit import Audit
    from secure_ddb.landscape.functions import Functions
    from secure_ddb.landscape.policies import Policies
    from secure_ddb.landscape.table import Table

# A permission names everyone, an account or a principal of it in the same property as a service.
_NO_SERVICE = re.compile(r"\*|\d{12}|arn:.*|\$\{AWS\.AccountId\}")
_GROUP = re.compile(r"arn:[^:]*:logs:([^:]*):([^:]*):log-group:([^:]*)(?::.*)?")
# What Lambda makes of its properties.
# https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
_CONDITIONS = (
    ("SourceArn", "ArnLike", "aws:SourceArn"),
    ("SourceAccount", "StringEquals", "aws:SourceAccount"),
    ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
)


class AuditAccess:
    """Policies that let others run the audit function, or write to its log."""

    def __init__(self, templates: Templates, policies: Policies, functions: Functions, audit: Audit) -> None:
        """Store the templates, their policies and the recorders of changes."""
        self._templates = templates
        self._policies = policies
        self._functions = functions
        self._audit = audit

    @cached_property
    def policies(self) -> list[tuple[Policy, list[Table]]]:
        """The policies of audit functions and of their log groups, each with the tables."""
        return [*self._permissions(), *self._log_policies()]

    @cached_property
    def function_urls(self) -> list[tuple[Resource, list[Table], bool]]:
        """Each URL of an audit function, or of a possible one, with the tables and whether it certainly is one."""
        return list(self._about_functions(kinds.FUNCTION_URL, "TargetFunctionArn"))

    def _about_functions(self, kind: str, name: str) -> Iterator[tuple[Resource, list[Table], bool]]:
        for each in self._templates.of_type(kind):
            text = each.properties.get(name)
            function = self._functions.named(text, each)
            perhaps = [] if function else self._audit.functions_perhaps_named(text, each)
            if function in self._audit.functions:
                yield each, self._audit.functions[function], True
            elif perhaps:
                yield each, list(dict.fromkeys(table for one in perhaps for table in self._audit.functions[one])), False

    def _permissions(self) -> Iterator[tuple[Policy, list[Table]]]:
        for permission, tables, is_sure in self._about_functions(kinds.FUNCTION_PERMISSION, "FunctionName"):
            # One for another function allows nothing here.
            effect = "Allow" if is_sure else unknown(permission.logical_id)
            statement = _statement(permission, effect)
            yield (
                Policy(resource=permission, path="Properties", document=[statement.body], statements=[statement]),
                tables,
            )

    def _log_policies(self) -> Iterator[tuple[Policy, list[Table]]]:
        for group, tables in self._audit.log_groups.items():
            for policy in self._policies.on(group):
                yield policy, tables
        # Others belong to an account and a Region, and name log groups.
        for each in self._templates.of_type(kinds.LOG_POLICY):
            policy = self._policies.of(each, "PolicyDocument")
            near = [group for group in self._audit.log_groups if _place(group) == _place(each)]
            about = {statement: groups for statement in policy.statements if (groups := _groups(statement, near))}
            served = dict.fromkeys(
                table for groups in about.values() for group in groups for table in self._audit.log_groups[group]
            )
            if about:
                yield replace(policy, statements=list(about)), list(served)


def _place(resource: Resource) -> tuple[str, str]:
    return resource.account, resource.region


def _groups(statement: Statement, near: list[Resource]) -> list[Resource]:
    """Return the log groups that a statement is about, or may be."""
    if not statement.excludes_resources:
        return list(dict.fromkeys(group for text in statement.resources for group in _named(text, near)))
    # Unknown values exclude nothing for certain.
    known = (text for text in statement.resources if not is_unknown(text))
    left_out = {group for text in known for group in _named(text, near)}
    return [group for group in near if group not in left_out]


def _named(text: str, near: list[Resource]) -> list[Resource]:
    found = _GROUP.fullmatch(text)
    if is_unknown(text) or not found:
        return [group for group in near if is_unknown(text) or _covers(text, group)]
    region, account, name = found.groups()
    called = [group for group in near if matches(name, group.name)]
    return [group for group in called if _may_be(region, group.region) and _may_be(account, group.account)]


def _covers(pattern: str, group: Resource) -> bool:
    stream = f"{group.arn.removesuffix('*')}log-stream:{ANY_NAME}"
    return matches(pattern, group.arn) or matches(pattern, stream)


def _may_be(pattern: str, text: str) -> bool:
    return matches(pattern, text) or "${" in pattern + text


def _statement(permission: Resource, effect: str) -> Statement:
    """Return the statements that Lambda adds to a function's policy."""
    written = permission.properties
    principal = str(written.get("Principal"))
    who = {"AWS" if _NO_SERVICE.fullmatch(principal) else "Service": principal}
    conditions: defaultdict[str, dict[str, object]] = defaultdict(dict)
    for name, operator, key in _CONDITIONS:
        if name in written:
            conditions[operator][key] = written[name]
    action = written.get("Action")
    body = {
        "Sid": permission.logical_id,
        "Effect": effect,
        "Principal": who,
        "Action": action,
        "Condition": dict(conditions),
    }
    return Statement(0, body)
