"""VPC endpoints for DynamoDB, and the route tables, subnets and network ACLs around them."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_list

if TYPE_CHECKING:
    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cloudformation.templates import Templates


class Gateway(NamedTuple):
    """A gateway endpoint for DynamoDB, with the ids of its route tables."""

    endpoint: Resource
    route_tables: tuple[str, ...]


class Network:
    """Endpoints reached from subnets."""

    def __init__(self, templates: Templates) -> None:
        """Store the templates."""
        self._templates = templates

    @cached_property
    def gateways(self) -> list[Gateway]:
        """The gateway endpoints for DynamoDB; those of other kinds have addresses of their own and no routes."""
        return [
            Gateway(
                endpoint,
                tuple(each for each in as_list(endpoint.properties.get("RouteTableIds")) if isinstance(each, str)),
            )
            for endpoint in self._templates.of_type(kinds.ENDPOINT)
            if str(endpoint.properties.get("ServiceName")).endswith(".dynamodb")
            # CloudFormation makes a gateway where no type is named.
            and endpoint.properties.get("VpcEndpointType", "Gateway") == "Gateway"
        ]

    @cached_property
    def gateways_on(self) -> dict[str, list[Resource]]:
        """Id of a route table to the gateway endpoints for DynamoDB that are on it."""
        found: defaultdict[str, list[Resource]] = defaultdict(list)
        for gateway in self.gateways:
            for route_table in dict.fromkeys(gateway.route_tables):
                found[route_table].append(gateway.endpoint)
        return found

    @cached_property
    def routes(self) -> dict[str, list[Resource]]:
        """Id of a route table to its routes."""
        return self._by("RouteTableId", kinds.ROUTE)

    @cached_property
    def subnets_on(self) -> dict[str, list[Resource]]:
        """Id of a route table to its subnet associations."""
        return self._by("RouteTableId", kinds.ROUTE_TABLE_ASSOCIATION)

    @cached_property
    def acls_of(self) -> dict[str, list[Resource]]:
        """Id of a subnet to its network ACL association."""
        return self._by("SubnetId", kinds.NETWORK_ACL_ASSOCIATION)

    @cached_property
    def acl_entries(self) -> dict[str, list[Resource]]:
        """Id of a network ACL to its entries."""
        return self._by("NetworkAclId", kinds.NETWORK_ACL_ENTRY)

    @cached_property
    def admitted_by(self) -> dict[str, list[Resource]]:
        """Id of a security group to the rules of inbound traffic that are resources of their own."""
        return self._by("GroupId", kinds.SECURITY_GROUP_INGRESS)

    def _by(self, name: str, kind: str) -> dict[str, list[Resource]]:
        found: defaultdict[str, list[Resource]] = defaultdict(list)
        for resource in self._templates.of_type(kind):
            found[str(resource.properties.get(name))].append(resource)
        return found
