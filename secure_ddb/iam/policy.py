"""Statements of policies, in all spellings of the grammar.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation.values import as_list, is_unknown, unknown
from secure_ddb.iam.actions import actions_named
from secure_ddb.iam.policy_variables import VERSION
from secure_ddb.iam.wildcards import resource_like

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from secure_ddb.three_valued import Truth

# Everyone: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
_EVERYBODY = re.compile(r"\*|arn:[^:]*:iam::\*:root")
_ACCOUNT = re.compile(r"\d{12}|\$\{AWS\.AccountId\}|arn:.*:root")
_OF_ACCOUNT = re.compile(r"arn:[^:]*:(?:iam|sts)::([^:]*):")
_OPERATOR = re.compile(r"(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?")


@dataclass(frozen=True)
class Principal:
    """A principal of a statement: of the kind `AWS`, `Service`, `Federated` or `CanonicalUser`."""

    kind: str
    value: str

    @cached_property
    def is_everyone(self) -> bool:
        """Whether it means everyone, in all accounts."""
        return bool(_EVERYBODY.fullmatch(self.value))

    @cached_property
    def account(self) -> str:
        """The account that it belongs to; what does not say so stays as it is."""
        match = _OF_ACCOUNT.match(self.value)
        return match[1] if match else self.value

    @cached_property
    def is_account(self) -> bool:
        """Whether it means an account, which may delegate to its own principals."""
        return self.kind == "AWS" and bool(_ACCOUNT.fullmatch(self.value))


@dataclass(frozen=True)
class Condition:
    """One line of a condition block.

    Attributes:
        quantifier: `ForAllValues`, `ForAnyValue` or nothing.
        operator: Such as `StringEquals`.
        if_exists: Whether it holds where the key is missing.
        key: Such as `aws:sourceaccount`, in lower case, because IAM does not care.
        values: Values to compare with.

    One that is known only at deployment has no key and never holds for sure.
    """

    quantifier: str
    operator: str
    if_exists: bool
    key: str
    values: tuple[str, ...]

    @property
    def is_unknown(self) -> bool:
        """Whether only the deployment knows what it is."""
        return not self.key

    @property
    def is_negated(self) -> bool:
        """Whether it excludes its values."""
        return "Not" in self.operator

    @property
    def must_be_present(self) -> bool:
        """Whether a request without the key is left out."""
        if self.operator == "Null":
            return set(self.values) == {"false"}
        # Of no values all are as they should be, and not one of them is.
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
        lenient = self.is_negated if not self.quantifier else self.quantifier == "ForAllValues"
        return not (self.if_exists or lenient)


# It may hold for some requests, for all or for none.
_UNKNOWN_CONDITION = Condition(quantifier="", operator="", if_exists=True, key="", values=(unknown("condition"),))


class Statement:
    """A statement of a policy.

    Attributes:
        position: Its place in the policy.
        allows: Whether it allows something, or may do so.
        denies: Whether it denies something, or may do so.
        label: Its name in a waiver: its Sid, if it has one.
        actions: In lower case, because IAM does not care.
        excludes_actions: Whether it is about all actions but these; likewise for principals and resources.
        has_unknown_actions: Whether it may be about more actions, or about other ones; likewise for resources.
        is_open: Whether the deployment decides what it does at all: its effect, or all of its actions.
        knows_variables: Whether requests give values to the variables in it, which depends on the policy's version.


    One that is known only at deployment may allow anything, and deny anything.
    """

    def __init__(self, position: int, body: dict[str, Any], *, knows_variables: bool = True) -> None:
        """Read a statement whose values are resolved."""
        self.knows_variables = knows_variables
        self.position = position
        self.body = body
        self.effect = str(body.get("Effect", ""))
        self._has_unknown_effect = is_unknown(self.effect)
        self.allows = self.effect == "Allow" or self._has_unknown_effect
        self.denies = self.effect == "Deny" or self._has_unknown_effect
        self.sid = str(body.get("Sid") or "")
        self.label = self.sid or f"Statement{position}"
        self.excludes_principals = "NotPrincipal" in body
        self.excludes_actions = "NotAction" in body
        self.excludes_resources = "NotResource" in body
        named = as_list(body.get("NotAction" if self.excludes_actions else "Action"))
        self._actions = actions_named(tuple(map(str, named)), are_excluded=self.excludes_actions)
        self.actions = self._actions.names
        self.has_unknown_actions = self._actions.are_unknown
        self.is_open = self._has_unknown_effect or self._actions.have_no_name
        resources = body.get("NotResource" if self.excludes_resources else "Resource")
        self.resources = tuple(map(str, as_list(resources)))
        self.has_unknown_resources = any(map(is_unknown, self.resources))
        self.principals = tuple(_principals(body.get("NotPrincipal" if self.excludes_principals else "Principal")))
        self.conditions = tuple(_conditions(body.get("Condition")))

    @cached_property
    def is_unknown(self) -> bool:
        """Whether anything about it is known only at deployment."""
        return is_unknown(self.body)

    def is_for_everyone(self) -> bool:
        """Whether it is about principals of every account."""
        return self.excludes_principals or any(principal.is_everyone for principal in self.principals)

    def covers_action(self, action: str) -> bool:
        """Whether it is about an action for sure."""
        return self.is_about(action) is True

    def is_about(self, action: str) -> Truth:
        """Return whether it is about an action; None if only the deployment knows."""
        return None if self._has_unknown_effect else self._actions.include(action)

    def about(self, actions: tuple[str, ...]) -> Mapping[str, Truth]:
        """Return those of some actions that it is about, or that only the deployment knows of."""
        return dict.fromkeys(actions) if self._has_unknown_effect else self._actions.include_of(actions)

    def touches_actions(self, actions: tuple[str, ...]) -> list[str]:
        """Return those of some actions that it is about; all of them if only the deployment knows."""
        about = self.about(actions)
        return [action for action, answer in about.items() if answer] or list(about)

    def covers_resource(self, *names: str) -> bool:
        """Whether it is about a resource with these names: for sure, and for all that `ANY_NAME` stands for."""
        answers = (resource_like(pattern, name) for pattern in self.resources for name in names)
        return all(answer is False for answer in answers) if self.excludes_resources else True in answers

    def excluded_values(self, key: str) -> list[str]:
        """Return the values that its conditions on a key exclude."""
        negated = (condition for condition in self.conditions_on(key) if condition.is_negated)
        return [value for condition in negated for value in condition.values]

    def conditions_on(self, *keys: str) -> list[Condition]:
        """Return its conditions on some keys; one that ends in `/` stands for all keys that begin so."""
        wanted = [key.lower() for key in keys]
        begins = tuple(key for key in wanted if key.endswith("/"))
        return [each for each in self.conditions if each.key in wanted or each.key.startswith(begins)]


def statements(document: object) -> list[Statement]:
    """Return the statements of a policy whose values are resolved."""
    if isinstance(document, str) and document.lstrip().startswith("{"):
        with suppress(ValueError):
            document = json.loads(document)
    found = as_list(document.get("Statement")) if isinstance(document, dict) else as_list(document)
    knows_variables = isinstance(document, dict) and str(document.get("Version")) == VERSION
    # One that may or may not be there is not left out: it may allow everything.
    read = (
        (position, body if isinstance(body, dict) else _unknown_statement(body)) for position, body in enumerate(found)
    )
    return [Statement(position, body, knows_variables=knows_variables) for position, body in read if body is not None]


def _unknown_statement(body: object) -> dict[str, Any] | None:
    if not isinstance(body, str) or not is_unknown(body):
        return None
    anything = unknown(body)
    who = {"AWS": anything, "Service": anything}
    return {"Effect": anything, "Principal": who, "Action": anything, "Resource": anything, "Condition": anything}


def _principals(block: object) -> Iterable[Principal]:
    named = block.items() if isinstance(block, dict) else [("AWS", block)]
    return (_principal(kind, str(value)) for kind, values in named for value in as_list(values))


# The same principals and conditions are in many policies; results for one are cached.
_principal, _condition = lru_cache(maxsize=4096)(Principal), lru_cache(maxsize=4096)(Condition)


def _conditions(block: object) -> Iterable[Condition]:
    if not isinstance(block, dict):
        if is_unknown(block):
            yield _UNKNOWN_CONDITION
        return
    for operator, keys in block.items():
        match = _OPERATOR.fullmatch(str(operator))
        if not match or not isinstance(keys, dict):
            yield _UNKNOWN_CONDITION
            continue
        quantifier, name, if_exists = match.groups()
        for key, values in keys.items():
            texts = tuple(_text(value, name) for value in as_list(values))
            yield _condition(quantifier or "", name, bool(if_exists), str(key).lower(), texts)


def _text(value: object, operator: str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    # Of these the case does not matter.
    return str(value).lower() if operator in {"Bool", "Null"} and not is_unknown(value) else str(value)
