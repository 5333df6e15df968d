"""The permissions of roles, users and groups."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_list, is_unknown
from secure_ddb.iam.evaluation import answers, refusals
from secure_ddb.iam.managed_policies import SERVICES
from secure_ddb.three_valued import all_of, negate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cloudformation.templates import Templates
    from secure_ddb.iam.evaluation import Request
    from secure_ddb.iam.policy import Statement
    from secure_ddb.landscape.policies import Policies, Policy
    from secure_ddb.three_valued import Truth


class Identities:
    """The permissions of roles, users and groups."""

    def __init__(self, templates: Templates, policies: Policies) -> None:
        """Store the templates and their policies."""
        self._templates = templates
        self._policies = policies

    @cached_property
    def policies(self) -> list[Policy]:
        """Every policy in the templates of a role, user or group."""
        attachable = self._templates.of_type(
            kinds.POLICY, kinds.MANAGED_POLICY, kinds.ROLE_POLICY, kinds.GROUP_POLICY, kinds.USER_POLICY
        )
        inline = (
            self._policies.of(resource, "Policies", str(position), "PolicyDocument")
            for resource in self._templates.of_type(kinds.ROLE, kinds.USER, kinds.GROUP)
            for position, policy in enumerate(as_list(resource.properties.get("Policies")))
            if isinstance(policy, dict) or is_unknown(policy)
        )
        granting = (resource for resource in attachable if resource not in self._only_boundaries)
        of_sets = (self._policies.of(each, "InlinePolicy") for each in self._templates.of_type(kinds.PERMISSION_SET))
        return [*(self._policies.of(resource, "PolicyDocument") for resource in granting), *inline, *of_sets]

    @cached_property
    def boundaries(self) -> list[Resource]:
        """The managed policies in the templates that are permissions boundaries of roles or users."""
        holders = self._templates.of_type(kinds.ROLE, kinds.USER)
        found = (
            self._templates.find(each.properties.get("PermissionsBoundary"), each, kinds.MANAGED_POLICY)
            for each in holders
        )
        return list(dict.fromkeys(each for each in found if each))

    @cached_property
    def _only_boundaries(self) -> set[Resource]:
        """The boundaries that are not attached as policies, too, and so allow nothing.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
        """
        if not self.boundaries:
            return set()
        attached = {
            self._templates.find(arn, holder, kinds.MANAGED_POLICY)
            for holder in self._templates.of_type(kinds.ROLE, kinds.USER, kinds.GROUP)
            for arn in as_list(holder.properties.get("ManagedPolicyArns"))
        }
        holders = ("Roles", "Users", "Groups")
        return {
            each
            for each in self.boundaries
            if each not in attached and not any(each.properties.get(name) for name in holders)
        }

    @cached_property
    def policies_of_role(self) -> dict[Resource, list[Policy]]:
        """Role to its policies in the templates."""
        found: defaultdict[Resource, list[Policy]] = defaultdict(list)
        for policy in self.policies:
            for role in self._holders(policy.resource):
                found[role].append(policy)
        for role in self._templates.of_type(kinds.ROLE):
            for arn in as_list(role.properties.get("ManagedPolicyArns")):
                managed = self._templates.find(arn, role, kinds.MANAGED_POLICY)
                attached = self._policies.of(managed, "PolicyDocument") if managed else None
                if attached and attached not in found[role]:
                    found[role].append(attached)
        return found

    @cached_property
    def roles_of_policy(self) -> dict[tuple[Resource, str], list[Resource]]:
        """Policy, by its resource and place, to the roles that have it."""
        found: defaultdict[tuple[Resource, str], list[Resource]] = defaultdict(list)
        for role, policies in self.policies_of_role.items():
            for policy in policies:
                found[policy.resource, policy.path].append(role)
        return found

    def _holders(self, resource: Resource) -> Iterator[Resource]:
        if resource.type == kinds.ROLE:
            yield resource
            return
        for name in [*as_list(resource.properties.get("Roles")), resource.properties.get("RoleName")]:
            role = self._templates.find(name, resource, kinds.ROLE)
            if role:
                yield role

    def role_may(self, role: Resource, request: Request, *, granted: bool = False) -> dict[str, Truth]:
        """Return for each action whether a role's policies and its permissions boundary allow it.

        It is unknown where a policy that decides it is not in the templates. With `granted`, one of AWS's own policies
        allows all of them, so that only denials count.
        """
        refused = self.role_refuses(role, request)
        if granted:
            found = {action: negate(answer) for action, answer in refused.items()}
        else:
            found = answers(self._statements_of_role.get(role, ()), request)
            if False in found.values() and self._may_have_more(role, request):
                # No other policy lifts an explicit denial.
                found = {action: False if refused[action] else answer or None for action, answer in found.items()}
        bounded = self._boundary_lets(role, request)
        return {action: all_of(answer, bounded[action]) for action, answer in found.items()}

    def role_may_all(self, role: Resource, request: Request, *, granted: bool = False) -> Truth:
        """Return whether they allow all of the actions."""
        return all_of(*self.role_may(role, request, granted=granted).values())

    def role_refuses(self, role: Resource, request: Request) -> dict[str, Truth]:
        """Return for each action whether a role's policies deny it."""
        return refusals(self._statements_of_role.get(role, ()), request)

    @cached_property
    def _statements_of_role(self) -> dict[Resource, list[Statement]]:
        return {
            role: [statement for policy in policies for statement in policy.statements]
            for role, policies in self.policies_of_role.items()
        }

    def _may_have_more(self, role: Resource, request: Request) -> bool:
        """Tell whether a role has policies that are not in the templates, or not known yet, and may allow a request."""
        elsewhere = self.policies_elsewhere(role, request.actions)
        return bool(elsewhere) or any(policy.is_unknown for policy in self.policies_of_role.get(role, ()))

    def policies_elsewhere(self, role: Resource, actions: Iterable[str]) -> list[Any]:
        """Return the ARNs of a role's managed policies that are not in the templates and may allow an action."""
        asked = {action.partition(":")[0] for action in actions}
        attached = as_list(role.properties.get("ManagedPolicyArns"))
        elsewhere = [arn for arn in attached if not self._templates.find(arn, role, kinds.MANAGED_POLICY)]
        return [arn for arn in elsewhere if asked & SERVICES.get(_name_at_aws(arn), asked)]

    def _boundary_lets(self, role: Resource, request: Request) -> Mapping[str, Truth]:
        """Return for each action whether a role's permissions boundary, if it has one, leaves it."""
        named = role.properties.get("PermissionsBoundary")
        boundary = self._templates.find(named, role, kinds.MANAGED_POLICY) if named else None
        if boundary:
            return answers(self._policies.of(boundary, "PolicyDocument").statements, request)
        return dict.fromkeys(request.actions, None if named else True)


def attached_by(holder: Resource) -> str:
    """Return the property with the managed policies of a role, user, group or permission set."""
    return "ManagedPolicies" if holder.type == kinds.PERMISSION_SET else "ManagedPolicyArns"


def managed_by_aws(holder: Resource) -> list[str]:
    """Return the names of AWS's own policies that a role, user, group or permission set has."""
    return [name for name in map(_name_at_aws, as_list(holder.properties.get(attached_by(holder)))) if name]


def _name_at_aws(arn: object) -> str:
    """Return the name of AWS's own policy with this ARN; empty if it is not AWS's."""
    return str(arn).rsplit("/", 1)[-1] if ":iam::aws:policy/" in str(arn) else ""
